"""How many things a search finds: many searches in one GraphQL request, or one by one by REST."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from okrsync.contracts import Toolbox
from okrsync.errors import OutsideError
from okrsync_github import documents
from okrsync_github.answers import table, whole_number
from okrsync_github.graph import Graph, Reply, TooMuch
from okrsync_github.names import checked_name, named
from okrsync_github.rest import Rest
from okrsync_github.search import Search
from okrsync_github.settings import SearchIn


@dataclass(frozen=True, slots=True)
class Wanted:
    """A search whose hits are to be counted; equal ones are asked once."""

    search: Search
    search_in: SearchIn = "issues"


Counted = int | OutsideError


class Counting(Protocol):
    def counts(self, wanted: Sequence[Wanted], /) -> Sequence[Counted]:
        """A count or an error for each, in order. A hidden repository is an error, never 0."""


class ByGraph:
    def __init__(self, graph: Graph, toolbox: Toolbox, *, aliases: int, at_once: int) -> None:
        self._graph = graph
        self._toolbox = toolbox
        self._aliases = aliases
        self._at_once = at_once

    def counts(self, wanted: Sequence[Wanted], /) -> Sequence[Counted]:
        different = list(dict.fromkeys(wanted))
        bundles = [
            different[start : start + self._aliases]
            for start in range(0, len(different), self._aliases)
        ]
        found: dict[Wanted, Counted] = {}
        answers = self._toolbox.each(self._bundle, bundles, at_once=self._at_once)
        for bundle, answer in zip(bundles, answers, strict=True):
            if isinstance(answer, OutsideError):
                found.update(dict.fromkeys(bundle, answer))
            else:
                found.update(answer)
        return [found[one] for one in wanted]

    def _bundle(self, bundle: Sequence[Wanted]) -> dict[Wanted, Counted]:
        """Each one's own outcome; what was too much for one request is asked in two."""
        try:
            found = _from_reply(bundle, _Names(bundle), self._graph)
        except TooMuch as error:
            found = dict.fromkeys(bundle, error)
        again = [one for one, answer in found.items() if isinstance(answer, TooMuch)]
        if again and len(bundle) > 1:
            middle = (len(again) + 1) // 2
            for half in (again[:middle], again[middle:]):
                found.update(self._bundle(half) if half else {})
        return found


class _Names:
    """The repositories and owners that a bundle's searches name, each asked for once."""

    def __init__(self, bundle: Sequence[Wanted]) -> None:
        self.repositories = _distinct(one.search.repositories for one in bundle)
        self.owners = _distinct(one.search.owners for one in bundle)

    def variables(self) -> Iterator[tuple[str, str]]:
        for place, name in enumerate(self.repositories):
            owner, _, repo = name.partition("/")
            yield f"r{place}o", owner
            yield f"r{place}n", repo
        yield from ((f"o{place}", name) for place, name in enumerate(self.owners))

    def troubles(self, reply: Reply) -> Mapping[str, OutsideError]:
        """By name: why nothing that was counted there can be believed."""
        found: dict[str, OutsideError] = {}
        for prefix, names, key in (
            ("r", self.repositories, "nameWithOwner"),
            ("o", self.owners, "login"),
        ):
            for place, name in enumerate(names):
                try:
                    checked_name(name, reply.field(f"{prefix}{place}"), key)
                except OutsideError as error:
                    found[name] = error
        return found


def _from_reply(bundle: Sequence[Wanted], names: _Names, graph: Graph) -> dict[Wanted, Counted]:
    kinds = [one.search_in for one in bundle]
    document = documents.counts(kinds, len(names.repositories), len(names.owners))
    searches = {f"k{place}": one.search.text for place, one in enumerate(bundle)}
    reply = graph.ask(document, {**searches, **dict(names.variables())}, smallest=len(bundle) == 1)
    troubles = names.troubles(reply)
    return {one: _one(one, f"k{place}", reply, troubles) for place, one in enumerate(bundle)}


def _one(wanted: Wanted, alias: str, reply: Reply, troubles: Mapping[str, OutsideError]) -> Counted:
    search = wanted.search
    for name in (*search.repositories, *search.owners):
        if name in troubles:
            return named(troubles[name], name)
    count = documents.TYPES[wanted.search_in][1]
    try:
        return whole_number(table(reply.field(alias), "search").get(count), count)
    except OutsideError as error:
        return error


class ByRest:
    """One request for each search, thirty a minute: for servers that have GraphQL closed."""

    def __init__(self, rest: Rest, toolbox: Toolbox, *, at_once: int) -> None:
        self._rest = rest
        self._toolbox = toolbox
        self._at_once = at_once

    def counts(self, wanted: Sequence[Wanted], /) -> Sequence[Counted]:
        different = list(dict.fromkeys(wanted))
        names = _distinct((*one.search.repositories, *one.search.owners) for one in different)
        there = self._toolbox.each(self._check, names, at_once=self._at_once)
        troubles = {
            name: answer
            for name, answer in zip(names, there, strict=True)
            if isinstance(answer, OutsideError)
        }

        def ask(one: Wanted) -> int:
            for name in (*one.search.repositories, *one.search.owners):
                if name in troubles:
                    raise named(troubles[name], name)
            return self._rest.search(one.search.text, one.search_in, per_page=1).total

        answers = self._toolbox.each(ask, different, at_once=self._at_once)
        found = dict(zip(different, answers, strict=True))
        return [found[one] for one in wanted]

    def _check(self, name: str) -> bool:
        if "/" in name:
            self._rest.repository(name)
        else:
            self._rest.owner(name)
        return True


def _distinct(names: Iterator[Sequence[str]] | Sequence[Sequence[str]]) -> list[str]:
    return list(dict.fromkeys(name for several in names for name in several))
