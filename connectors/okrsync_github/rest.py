"""REST reads: search by pages, and single objects, fetched again only where they have changed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from okrsync.contracts import Toolbox
from okrsync.errors import BadAnswer, OutsideError, Refused
from okrsync_github.answers import rows, table, whole_number
from okrsync_github.limits import is_limited
from okrsync_github.names import checked_name
from okrsync_github.settings import SearchIn

if TYPE_CHECKING:
    from okrsync.http import Answer, Door

PAGE: Final = 100
MOST_PAGES: Final = 500
_MESSAGE: Final = re.compile(r'"message"\s*:\s*"([^"\\]{1,300})"')


@dataclass(frozen=True, slots=True)
class Found:
    """One page of a search: how many there are in all, and those on the page."""

    total: int
    items: Sequence[Mapping[str, Any]]


class Rest:
    """``door`` is for objects, ``searching`` for the search, which has a budget of its own."""

    def __init__(self, door: Door, searching: Door, toolbox: Toolbox) -> None:
        self._door = door
        self._searching = searching
        self._toolbox = toolbox

    def search(
        self, asked: str, search_in: SearchIn, *, per_page: int = PAGE, page: int = 1
    ) -> Found:
        """Raises ``BadAnswer`` where GitHub ran out of time and counted a part only."""
        params: dict[str, str | int] = {"q": asked, "per_page": per_page, "page": page}
        if per_page > 1:
            params |= {"sort": "created", "order": "asc"}
        with _in_githubs_words("GitHub refused the search"):
            answer = self._searching.get(f"search/{search_in}", params=params, limited=is_limited)
        body = table(answer.json(), "search result")
        if body.get("incomplete_results") is not False:
            raise BadAnswer(
                "GitHub ran out of time and searched a part only (incomplete_results)",
                next_step="narrow the search, or run again later",
            )
        items = rows(body.get("items"), "items")
        return Found(
            whole_number(body.get("total_count"), "total_count"),
            [table(item, "item") for item in items],
        )

    def repository(self, name: str) -> Mapping[str, Any]:
        """Raises ``Refused`` for one that is hidden, not there, or has another name now."""
        return self._named(name, "repos", "full_name")

    def owner(self, name: str) -> Mapping[str, Any]:
        """Raises ``Refused`` like ``repository``."""
        return self._named(name, "users", "login")

    def milestones(self, repo: str) -> Iterator[Mapping[str, Any]]:
        return self._pages(f"repos/{repo}/milestones", {"state": "all"})

    def releases(self, repo: str) -> Iterator[Mapping[str, Any]]:
        return self._pages(f"repos/{repo}/releases", {})

    def alerts(
        self, place: str, kind: str, params: Mapping[str, str]
    ) -> Iterator[Mapping[str, Any]]:
        """Alerts of a repository or an owner, along the addresses that GitHub itself names."""
        home = f"repos/{place}" if "/" in place else f"orgs/{place}"
        url: str | None = f"{home}/{kind}/alerts"
        asked: dict[str, Any] | None = {**params, "per_page": PAGE}
        seen: set[str] = set()
        while url is not None:
            if url in seen or len(seen) >= MOST_PAGES:
                raise _endless()
            seen.add(url)
            with _in_githubs_words("GitHub refused to list the alerts"):
                answer = self._door.get(url, params=asked, limited=is_limited)
            yield from (table(one, "alert") for one in rows(answer.json(), "alerts"))
            url, asked = answer.links().get("next"), None

    def runs(self, repo: str, workflow: str, params: Mapping[str, str]) -> int:
        """How many runs there are; GitHub finds at most 1,000 of them."""
        home = f"repos/{repo}/actions"
        if workflow != "all":
            home += f"/workflows/{quote(workflow, safe='')}"
        with _in_githubs_words("GitHub refused to count the runs"):
            answer = self._door.get(
                f"{home}/runs", params={**params, "per_page": 1}, limited=is_limited
            )
        return whole_number(table(answer.json(), "answer").get("total_count"), "total_count")

    def _pages(self, url: str, params: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
        """By number: an answer out of the memory has no addresses of further pages."""
        for page in range(1, MOST_PAGES + 1):
            found = rows(self._fresh(url, {**params, "per_page": PAGE, "page": page}), "list")
            yield from (table(one, "entry") for one in found)
            if len(found) < PAGE:
                return
        raise _endless()

    def _named(self, name: str, kind: str, key: str) -> Mapping[str, Any]:
        answer: Answer = self._door.fresh(
            f"{kind}/{name}",
            self._toolbox.memory,
            accept={HTTPStatus.NOT_FOUND},
            limited=is_limited,
        )
        there = table(answer.json(), kind) if answer.good else None
        return checked_name(name, there, key)

    def _fresh(self, url: str, params: Mapping[str, Any] | None = None) -> Any:
        answer: Answer = self._door.fresh(
            url, self._toolbox.memory, params=params, limited=is_limited
        )
        return answer.json()


@contextmanager
def _in_githubs_words(what: str) -> Iterator[None]:
    """Puts GitHub's own words into the error of a refused request: they name the cure."""
    from okrsync.http import RefusedAnswer

    try:
        yield
    except RefusedAnswer as error:
        words = "; ".join(_MESSAGE.findall(error.detail))
        if not words:
            raise
        said, step = f"{what} ({error.status}): {words}", error.next_step
    else:
        return
    raise Refused(said, next_step=step)


def _endless() -> OutsideError:
    return BadAnswer(
        f"the list does not end within {MOST_PAGES} pages",
        next_step="narrow what is asked for",
    )
