"""All rows of a list, page by page, or an error: never a part of them.

A page that repeats itself, a mark that comes twice, an empty page with more behind it, more pages
than were allowed, a row that came twice, and a total that does not fit are errors. A page that is
shorter than asked for proves nothing, since a server may have a limit of its own: page numbers and
offsets go on until a page is empty or the total is reached.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from okrsync.errors import BadAnswer
from okrsync.http import Answer
from okrsync.http.paths import MISSING, compiled, rows_at
from okrsync_rest.asking import Asker, Request
from okrsync_rest.reading import cells_of, number_at
from okrsync_rest.settings import Pages
from okrsync_rest.tables import EMPTY, sendable

_NOT_WHOLE = "narrow the query, or look how the API pages and correct `pages`"
Cells = dict[str, str]
Check = Callable[[Any], None]


@dataclass(frozen=True, slots=True)
class Step:
    """The next request; ``mark`` is what makes it another one."""

    request: Request
    params: dict[str, Any]
    body: Any
    mark: str


class Listing:
    """One list, to be read once. ``check`` looks at every answer."""

    def __init__(
        self, asker: Asker, request: Request, rows: str, pages: Pages | None, check: Check
    ) -> None:
        self._asker = asker
        self._request = request
        self._rows = rows
        self._pages = pages
        self._check = check
        self._seen = 0
        self._marks: set[str] = set()
        self._ids: set[str] = set()
        self._last_body = b""

    def pages(self) -> Iterator[list[Cells]]:
        step: Step | None = self._first()
        asked = 0
        while step is not None:
            asked += 1
            self._count(asked)
            answer = self._asker.ask(step.request, params=step.params, body=step.body)
            document = answer.json()
            self._check(document)
            rows = [cells_of(row) for row in rows_at(document, self._rows)]
            self._seen += len(rows)
            step = self._next(answer, document, len(rows))
            self._look_for_repeats(answer, rows, step)
            yield rows

    def _first(self) -> Step:
        pages = self._pages
        if pages is None or pages.style in {"link", "next", "cursor"}:
            return self._step(None, "")
        return self._step(self._start(pages), "first")

    def _start(self, pages: Pages) -> int:
        usual = 1 if pages.style == "page" else 0
        return usual if pages.first is None else pages.first

    def _step(self, value: Any, mark: str) -> Step:
        """A request with the paging parameters; ``value`` is that of ``param``."""
        pages, request = self._pages, self._request
        params = sendable(request.params)
        body = request.sent_body()
        if pages is not None:
            target = params if pages.place == "params" else body
            if pages.size_param:
                _put(target, pages.size_param, pages.size, pages)
            if value is not None:
                _put(target, pages.param, value, pages)
        return Step(request, params, body, mark)

    def _next(self, answer: Answer, document: Any, rows: int) -> Step | None:
        pages = self._pages
        if pages is None:
            return None
        total = number_at(document, pages.total) if pages.total else None
        if total is not None and self._seen > total:
            raise self._broken(f"more rows came than the {total} that the answer counts")
        step = self._going_on(pages, answer, document, rows, reached=total == self._seen)
        if step is None and total is not None and self._seen != total:
            raise self._broken(f"{self._seen} rows came, and the answer counts {total}")
        if step is not None:
            self._check_mark(step.mark, rows)
        return step

    def _going_on(
        self, pages: Pages, answer: Answer, document: Any, rows: int, *, reached: bool
    ) -> Step | None:
        match pages.style:
            case "link":
                return self._following(answer.links().get("next"))
            case "next":
                return self._following(_mark(document, pages.at))
            case "cursor":
                mark = _mark(document, pages.at)
                return None if mark is None else self._step(mark, str(mark))
        if rows == 0 or reached:
            return None
        start = self._start(pages)
        value = start + (len(self._marks) + 1 if pages.style == "page" else self._seen)
        return self._step(value, str(value))

    def _following(self, address: Any) -> Step | None:
        if address is None:
            return None
        if not isinstance(address, str):
            raise self._broken("the address of the next page is none")
        request = self._asker.follow(self._request, address)
        body = request.sent_body()
        return Step(request, sendable(EMPTY), body, address)

    def _check_mark(self, mark: str, rows: int) -> None:
        if rows == 0:
            raise self._broken("a page is empty, and the answer says that more follow")
        if mark in self._marks:
            raise self._broken("the answer leads to the same page again")
        self._marks.add(mark)

    def _look_for_repeats(self, answer: Answer, rows: list[Cells], step: Step | None) -> None:
        if self._pages is None:
            return
        if rows and answer.body == self._last_body:
            raise self._broken("two pages in a row are the same")
        self._last_body = answer.body if step is not None else b""
        for row in rows if self._pages.id else ():
            self._check_id(row, self._pages.id)

    def _check_id(self, row: Cells, column: str) -> None:
        known = row.get(column, "")
        if not known:
            raise self._broken(f"a row has no {column!r}")
        if known in self._ids:
            raise self._broken("a row came twice: the list changed while it was read")
        self._ids.add(known)

    def _count(self, asked: int) -> None:
        if self._pages is not None and asked > self._pages.most:
            raise self._broken(f"the list has more than {self._pages.most:,} pages")

    def _broken(self, what: str) -> BadAnswer:
        return BadAnswer(
            f"{self._request.method} {self._request.path}: {what}", next_step=_NOT_WHOLE
        )


def _mark(document: Any, path: str) -> Any:
    found = compiled(path).find(document)
    return None if found is MISSING or found is None or found in ("", False) else found


def _put(target: Any, name: str, value: Any, pages: Pages) -> None:
    """Into the parameters by its name, into the body by its path."""
    if target is None:
        raise BadAnswer("only a POST has a body", next_step='say place = "params" in `pages`')
    steps = name.split(".") if pages.place == "body" else [name]
    for step in steps[:-1]:
        target = target.setdefault(step, {})
    target[steps[-1]] = deepcopy(value)
