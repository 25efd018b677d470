"""What okrsync writes into its own column: by it the row is known again, and people's cells too.

    3f2a9c1b7d4e8a90 31 s=1f09ab c=77e2d0 n=-

The key, the number, and a short digest of what okrsync wrote into the columns for status,
confidence and note. Where the number has changed since, a person has checked in. A status,
confidence or note that no longer has its digest is a person's, and is left as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import sha256
from typing import Final

WORDS: Final[Mapping[str, str]] = {"status": "s", "confidence": "c", "note": "n"}
"""The columns that people and okrsync share, and their letters."""

_MARK: Final = re.compile(r"(?P<key>\S+) (?P<number>-?[0-9.]+)(?P<seen>(?: [scn]=[0-9a-f-]+)*)")
_NOBODYS: Final = "-"


@dataclass(frozen=True, slots=True)
class Mark:
    key: str
    number: Decimal
    seen: Mapping[str, str] = field(default_factory=dict)

    def written(self) -> str:
        digests = "".join(f" {letter}={digest}" for letter, digest in self.seen.items())
        return f"{self.key} {self.number:f}{digests}"

    def wrote(self, column: str, shown: str) -> bool:
        """Whether what ``column`` shows is what okrsync put there."""
        return self.seen.get(WORDS[column]) == digest(shown)


def read(text: str) -> Mark | None:
    """None for what is no mark."""
    found = _MARK.fullmatch(text.strip())
    if found is None or not _is_number(found["number"]):
        return None
    seen = dict(pair.split("=") for pair in found["seen"].split())
    return Mark(found["key"], Decimal(found["number"]), seen)


def digest(shown: str) -> str:
    return sha256(shown.encode()).hexdigest()[:6] if shown else _NOBODYS


def _is_number(text: str) -> bool:
    return text.count(".") <= 1 and any(letter.isdigit() for letter in text)
