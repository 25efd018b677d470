"""The hits of one search of at most 1,000, page by page, each hit exactly once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from okrsync.errors import BadAnswer
from okrsync_github import documents
from okrsync_github.answers import rows, table, text, whole_number
from okrsync_github.graph import Graph, TooMuch
from okrsync_github.rest import PAGE, Rest
from okrsync_github.search import LONGEST
from okrsync_github.slicing import Slice

Node = Mapping[str, Any]
_SORTED = " sort:created-asc"
SMALLEST_PAGE = 5
_TRIES = 2


@dataclass(frozen=True, slots=True)
class Page:
    total: int
    nodes: Sequence[Node]
    next: str | None


class Pages(Protocol):
    def first_size(self, measures: frozenset[str], /) -> int:
        """How many hits to ask for at once."""

    def page(self, search: str, measures: frozenset[str], size: int, after: str | None, /) -> Page:
        """The hits after the cursor ``after``; raises ``TooMuch`` for a page that is too large."""


def hits(pages: Pages, one: Slice, measures: frozenset[str]) -> list[Node]:
    """All hits of a slice, read a second time where the list moved under the first reading."""
    for _ in range(_TRIES):
        found, total = _read(pages, one.search.text, measures)
        if len(found) == total:
            return list(found.values())
    raise BadAnswer(
        f"GitHub says that the search finds {total}, and listed {len(found)}",
        next_step="run again: the list changed while it was read",
    )


def _read(pages: Pages, search: str, measures: frozenset[str]) -> tuple[dict[str, Node], int]:
    found: dict[str, Node] = {}
    cursors: set[str] = set()
    total, after = 0, None
    size = pages.first_size(measures)
    while True:
        try:
            page = pages.page(search, measures, size, after)
        except TooMuch:
            if size <= SMALLEST_PAGE:
                raise
            size = max(SMALLEST_PAGE, size // 2)
            continue
        total = page.total
        found.update((text(node.get("id"), "id"), node) for node in page.nodes)
        if page.next is None:
            return found, total
        if page.next in cursors or not page.nodes:
            raise BadAnswer("GitHub's list of hits goes round in circles", next_step="run again")
        cursors.add(page.next)
        after = page.next


class GraphPages:
    def __init__(self, graph: Graph) -> None:
        self._graph = graph

    def first_size(self, measures: frozenset[str], /) -> int:
        return 50 if "time_to_first_review" in measures else 100

    def page(self, search: str, measures: frozenset[str], size: int, after: str | None, /) -> Page:
        asked = {"q": _in_order(search), "first": size, "after": after}
        reply = self._graph.ask(
            documents.listing(measures), asked, smallest=size <= SMALLEST_PAGE
        ).whole()
        found = table(reply.field("search"), "search")
        info = table(found.get("pageInfo"), "pageInfo")
        more = info.get("hasNextPage")
        if not isinstance(more, bool):
            raise BadAnswer(
                "GitHub's answer does not say whether it goes on", next_step="run again"
            )
        return Page(
            whole_number(found.get("issueCount"), "issueCount"),
            [table(node, "hit") for node in rows(found.get("nodes"), "nodes")],
            text(info.get("endCursor"), "endCursor") if more else None,
        )


class RestPages:
    def __init__(self, rest: Rest) -> None:
        self._rest = rest

    def first_size(self, _measures: frozenset[str], /) -> int:
        return PAGE

    def page(self, search: str, _: frozenset[str], size: int, after: str | None, /) -> Page:
        number = int(after or 1)
        found = self._rest.search(search, "issues", per_page=size, page=number)
        more = number * size < found.total and len(found.items) == size
        return Page(
            found.total, [_node(item) for item in found.items], str(number + 1) if more else None
        )


def _node(item: Mapping[str, Any]) -> Node:
    """A REST hit under GraphQL's names."""
    pull = item.get("pull_request")
    return {
        "id": text(item.get("node_id"), "node_id"),
        "createdAt": item.get("created_at"),
        "closedAt": item.get("closed_at"),
        "updatedAt": item.get("updated_at"),
        "mergedAt": pull.get("merged_at") if isinstance(pull, dict) else None,
    }


def _in_order(search: str) -> str:
    """Oldest first, where the length allows it: the order of best matches moves."""
    longer = search + _SORTED
    return longer if len(longer) <= LONGEST and "sort:" not in search else search
