"""Requests as the settings describe them."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from okrsync.errors import BadAnswer, Refused
from okrsync.http import RefusedAnswer
from okrsync.http.paths import check_expected, rows_at, unexpected
from okrsync_http import answers
from okrsync_http.placeholders import Filler, Value
from okrsync_http.settings import Asked, Listed, Post

if TYPE_CHECKING:
    from okrsync.http import Answer, Door

_MOST_PAGES: Final = 200
_WORDS: Final = 160
_FORM: Final = {"content-type": "application/x-www-form-urlencoded"}


class Asker:
    """``secrets`` are those that texts of requests name, ``key`` the parameters of the sign-in."""

    def __init__(self, door: Door, secrets: Mapping[str, str], key: Mapping[str, str]) -> None:
        self._door = door
        self._secrets = secrets
        self._key = key

    def post(self, post: Post, values: Mapping[str, Value]) -> str:
        """Send a check-in; returns which path of ``expect`` the answer does not agree with."""
        answer = self._sent(post, Filler(values, self._secrets), safe=False)
        return unexpected(answer.json(), post.expect) if post.expect else ""

    def document(self, asked: Listed, values: Mapping[str, Value]) -> Any | None:
        """The answer; None for 404. Raises ``BadAnswer`` for one that is not as expected."""
        answer = self._sent(asked, Filler(values, self._secrets), safe=True)
        if answer.status == HTTPStatus.NOT_FOUND:
            return None
        return _expected(answer, asked)

    def rows(self, asked: Listed, values: Mapping[str, Value]) -> list[Any] | None:
        """The rows of all pages; None for 404."""
        found: list[Any] = []
        seen: set[str] = set()
        extra: dict[str, Any] = {}
        for _ in range(_MOST_PAGES):
            answer = self._sent(asked, Filler(values, self._secrets), safe=True, extra=extra)
            if answer.status == HTTPStatus.NOT_FOUND:
                return None
            document = _expected(answer, asked)
            found += rows_at(document, asked.rows)
            mark = answers.at(document, asked.cursor)
            if not mark:
                return found
            if str(mark) in seen:
                break
            seen.add(str(mark))
            extra = {asked.cursor_param: mark}
        raise BadAnswer(
            "the list does not come to an end",
            next_step="check cursor and cursor_param in the store's table",
        )

    def _sent(
        self, asked: Asked, filler: Filler, *, safe: bool, extra: Mapping[str, Any] | None = None
    ) -> Answer:
        params = {**filler.texts(asked.params), **self._key}
        body = None if asked.body is None else filler.table(asked.body) or {}
        if extra and body is not None and asked.method == "POST":
            body = {**body, **extra}
        elif extra:
            params |= {name: str(value) for name, value in extra.items()}
        form = None if asked.form is None else urlencode(filler.texts(asked.form)).encode()
        try:
            return self._door.request(
                asked.method,
                filler.path(asked.path),
                params=params or None,
                json=body,
                content=form,
                headers={**filler.texts(asked.headers), **(_FORM if form is not None else {})},
                safe=safe,
                expect="json" if safe or asked.expect else "bytes",
                accept=(HTTPStatus.NOT_FOUND,) if safe else (),
            )
        except RefusedAnswer as error:
            words = error.detail[:_WORDS]
            problem = Refused(
                f"{error.message}{': ' if words else ''}{words}", next_step=error.next_step
            )
        raise problem


def _expected(answer: Answer, asked: Listed) -> Any:
    document = answer.json()
    check_expected(document, asked.expect)
    return document
