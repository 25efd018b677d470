"""GitHub's search syntax, as far as it must be understood: what a search names, and its limits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from okrsync_github.settings import OWNER, REPO, SearchIn

LONGEST = 256
MOST_OPERATORS = 5

_TOKEN = re.compile(
    r"""(?P<operator>\b(?:AND|OR|NOT)\b(?![:\w]))
    | (?P<bracket>[()])
    | (?P<negative>-)?(?P<name>[A-Za-z][A-Za-z-]*):(?P<value>(?:"(?:[^"\\]|\\.)*"|[^\s()"])+)
    | "(?:[^"\\]|\\.)*"
    | (?P<stray>")
    | [^\s()"]+""",
    re.VERBOSE,
)
_PULLS = frozenset({"pr", "pull-request", "prs"})
_ISSUES = frozenset({"issue", "issues"})


@dataclass(frozen=True, slots=True)
class Term:
    """``name:value`` in a search, and where it stands; names and values in lower case."""

    name: str
    value: str
    written: str
    negative: bool
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Search:
    """A search as written. ``operators`` counts AND, OR and NOT; ``grouped`` says brackets."""

    text: str
    terms: tuple[Term, ...]
    operators: int
    grouped: bool
    broken: str = ""

    def values(self, *names: str) -> tuple[str, ...]:
        """What the search demands of these qualifiers, as written; excluded ones are left out."""
        found = (term for term in self.terms if term.name in names and not term.negative)
        return tuple(part for term in found for part in term.written.split(","))

    def has(self, *names: str) -> bool:
        return any(term.name in names for term in self.terms)

    @property
    def kinds(self) -> frozenset[str]:
        """ "issue", "pr" or both, as far as the search says so."""
        said = {value.lower() for value in self.values("is", "type")}
        found = {"pr"} if said & _PULLS else set()
        return frozenset(found | ({"issue"} if said & _ISSUES else set()))

    @property
    def scoped(self) -> bool:
        return self.has("repo", "org", "user")

    @property
    def repositories(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self.values("repo")))

    @property
    def owners(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for name in self.values("org", "user") if name != "@me"))


def read(text: str) -> Search:
    text = text.strip()
    terms: list[Term] = []
    operators = 0
    grouped = False
    broken = ""
    for match in _TOKEN.finditer(text):
        operators += match["operator"] is not None
        grouped = grouped or match["bracket"] is not None
        if match["stray"]:
            broken = "a quotation mark is not closed"
        if match["name"]:
            terms.append(_term(match))
    return Search(text, tuple(terms), operators, grouped, broken)


def scoped(search: Search, scope: str) -> Search:
    """The search with the source's scope before it, where it names no repository and no owner."""
    if not scope or search.scoped:
        return search
    return read(f"{'repo' if '/' in scope else 'org'}:{scope} {search.text}")


def problems(search: Search, search_in: SearchIn) -> Iterator[str]:
    """What GitHub would refuse or silently answer with 0, as far as it can be seen offline."""
    if search.broken:
        yield search.broken
    if any(ord(letter) < ord(" ") for letter in search.text):
        yield "a search is one line, without control characters"
    if search.operators > MOST_OPERATORS:
        yield f"GitHub allows at most {MOST_OPERATORS} of AND, OR and NOT in one search"
    if len(search.text) > LONGEST:
        yield (
            f"GitHub refuses searches of more than {LONGEST} characters; this one has "
            f"{len(search.text)}, the source's scope included"
        )
    yield from _misnamed(search)
    yield from _kind_problems(search, search_in)


def _misnamed(search: Search) -> Iterator[str]:
    if not all(REPO.fullmatch(name) for name in search.repositories):
        yield "repo: wants owner and name, repo:acme/shop"
    if not all(OWNER.fullmatch(name) for name in search.owners):
        yield "org: and user: want the name of one owner, org:acme"


def _kind_problems(search: Search, search_in: SearchIn) -> Iterator[str]:
    if search_in != "issues":
        return
    if not search.kinds:
        yield (
            "GitHub wants to know whether issues or pull requests are meant: add is:issue or "
            'is:pr (or say search_in = "discussions" or "repositories")'
        )
    if len(search.kinds) > 1 and not search.operators:
        yield "nothing is an issue and a pull request at once: keep is:issue or is:pr"


def _term(match: re.Match[str]) -> Term:
    written = match["value"].replace('"', "")
    return Term(
        name=match["name"].lower(),
        value=written.lower(),
        written=written,
        negative=match["negative"] is not None,
        start=match.start(),
        end=match.end(),
    )
