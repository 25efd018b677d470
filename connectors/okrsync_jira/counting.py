"""Counts: Jira's own estimate on Cloud, or every id; the exact total on Data Center."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from okrsync.errors import BadAnswer, NoValue, OutsideError, SourceError
from okrsync.model import Measurement
from okrsync_jira.asked import REOPENED, Asker, JiraQuestion
from okrsync_jira.issues import IDS_A_PAGE, count_ids
from okrsync_jira.jql import all_of, condition_of, split
from okrsync_jira.paging import whole
from okrsync_jira.site import Site

ESTIMATE = "approximate: Jira's estimate, which may lag behind; exact = true counts issue by issue"


@dataclass(frozen=True, slots=True)
class Count:
    """One request that gives one number; equal ones are asked once."""

    jql: str
    exact: bool


Counted = Mapping[Count, int | OutsideError]


@dataclass(frozen=True, slots=True)
class Counting:
    """A question that is answered by one count, or as the share of one in another."""

    question: JiraQuestion
    part: Count
    whole: Count | None = None

    @property
    def counts(self) -> tuple[Count, ...]:
        return (self.part,) if self.whole is None else (self.part, self.whole)


def prepared(asker: Asker, question: JiraQuestion) -> Counting:
    """Raises ``OutsideError`` where the question cannot be put to Jira."""
    query = question.query
    exact = query.exact or not asker.site.cloud
    jql, _ = asker.condition(question, query.jql or "")
    if question.measure != "share":
        return Counting(question, Count(jql, exact))
    if query.of is None:
        raise SourceError("a share needs its whole", next_step='say of = "..." (JQL)')
    wider, _ = asker.condition(question, query.of)
    inside, _ = split(condition_of(query.jql or ""))
    # The part is counted inside the whole: a share is never above 100 %.
    narrow, _ = asker.condition(question, all_of([split(condition_of(query.of))[0], inside]))
    return Counting(question, Count(narrow, exact), Count(wider, exact))


def counted(asker: Asker, counts: Sequence[Count], *, at_once: int) -> Counted:
    """Every different count once, side by side."""
    distinct = list(dict.fromkeys(counts))
    answers = asker.toolbox.each(lambda count: _count(asker.site, count), distinct, at_once=at_once)
    found = dict(zip(distinct, answers, strict=True))
    _tell(asker, found)
    return found


def answer(asker: Asker, counting: Counting, found: Counted) -> Measurement | OutsideError:
    numbers: list[int] = []
    for count in counting.counts:
        number = found[count]
        if isinstance(number, OutsideError):
            return number
        numbers.append(number)
    try:
        value, unit = _value(numbers)
    except OutsideError as error:
        return error
    question, exact = counting.question, counting.part.exact
    return Measurement(
        value=value,
        unit=unit,
        as_of=question.as_of,
        rows=numbers[-1],
        evidence=asker.evidence(
            question, _words(counting), counting.part.jql, tuple(_notes(asker, counting))
        ),
        approximate=not exact,
    )


def _count(site: Site, count: Count) -> int:
    number = _asked(site, count)
    if number == 0:
        # Nothing is what the public sees: a zero counts only when Jira knows who asks.
        _ = site.account
    return number


def _asked(site: Site, count: Count) -> int:
    if not site.cloud:
        body = {"jql": count.jql, "maxResults": 0, "fields": ["id"]}
        return whole(site.post(f"{site.api}/search", body), "total")
    if count.exact:
        return count_ids(site, count.jql)
    return whole(site.post(f"{site.api}/search/approximate-count", {"jql": count.jql}), "count")


def _value(numbers: Sequence[int]) -> tuple[Decimal, str]:
    if len(numbers) == 1:
        return Decimal(numbers[0]), ""
    part, total = numbers
    if total == 0:
        raise NoValue("no issue matches `of`, so there is nothing to take a share of")
    if part > total:
        raise BadAnswer(
            "Jira's estimates contradict each other: the part is larger than the whole",
            next_step="say exact = true",
        )
    return Decimal(100 * part) / Decimal(total), "%"


def _words(counting: Counting) -> str:
    if counting.whole is None:
        return counting.part.jql
    return f"share of {counting.part.jql} in {counting.whole.jql}"


def _notes(asker: Asker, counting: Counting) -> Iterator[str]:
    if not counting.part.exact:
        yield ESTIMATE
    if counting.question.on == "resolved" and counting.question.is_past(asker.now):
        yield REOPENED


def _tell(asker: Asker, found: Counted) -> None:
    if not asker.site.cloud:
        return
    exact = [n for count, n in found.items() if count.exact and not isinstance(n, OutsideError)]
    if exact:
        ids = sum(exact)
        pages = sum(max(1, -(-number // IDS_A_PAGE)) for number in exact)
        asker.toolbox.tell(
            f"exact counts page {ids:,} ids in {pages:,} request{'' if pages == 1 else 's'} "
            f"({ids + pages:,} points of an OAuth app's hour)"
        )
    estimates = sum(not count.exact for count in found)
    if estimates:
        asker.toolbox.tell(f"approximate counts: {estimates}, one request each")
