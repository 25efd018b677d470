"""What came back."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from okrsync.errors import BadAnswer
from okrsync.http.body import decoded_text, parsed_json

_GOOD = 200
_CHARSET = re.compile(r"""charset\s*=\s*["']?([\w.:-]{1,40})""", re.IGNORECASE)


@dataclass(frozen=True)
class Answer:
    """A whole answer; ``headers`` are looked up in any case. Its repr shows the status alone."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def good(self) -> bool:
        """True for 2xx."""
        return _GOOD <= self.status < _GOOD + 100

    def json(self) -> Any:
        """The body as JSON, numbers with a point or exponent as Decimal; raises ``BadAnswer``."""
        return self._value

    def json_or_none(self) -> Any:
        """The same, None for a body that is no JSON: for a refusal, whose words are a help only."""
        try:
            return self._value
        except BadAnswer:
            return None

    def text(self) -> str:
        """The body as text; raises ``BadAnswer`` when it is not in the charset that it claims."""
        charset = _CHARSET.search(self.headers.get("content-type", ""))
        return decoded_text(self.body, charset[1] if charset else "")

    def links(self) -> Mapping[str, str]:
        """The addresses of the ``Link`` header by their relation: ``links().get("next")``."""
        # The library's own parser of this header; loaded already where answers come from.
        from httpx import Response

        found = Response(200, headers={"link": self.headers.get("link", "")}).links
        return {rel: link["url"] for rel, link in found.items() if rel and "url" in link}

    def says_html(self) -> bool:
        return "html" in self.headers.get("content-type", "").lower()

    def is_web_page(self) -> bool:
        """True for HTML: the sign-in page or the error page of something in between."""
        return self.says_html() or self.body[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")

    @cached_property
    def _value(self) -> Any:
        return parsed_json(self.body)
