"""What a quiet run tells: a trouble when it is new, and again once a day while it lasts. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from okrsync.model import Change, Outcome, Verdict

AGAIN_AFTER = timedelta(days=1)

_Trouble = tuple[str, Verdict, str]


def worth_telling(
    changes: Iterable[Change],
    kpis: Iterable[Outcome],
    before: Mapping[str, Outcome],
    now: datetime,
) -> bool:
    """Whether somebody should be woken; ``before`` are the last words of earlier runs.

    Trouble that no line shows, such as a check-in whose outcome is still unknown, always is.
    """
    troubles = list(_troubles(changes, kpis))
    return not troubles or any(_is_news(one, before.get(one[0]), now) for one in troubles)


def _troubles(changes: Iterable[Change], kpis: Iterable[Outcome]) -> Iterator[_Trouble]:
    for change in changes:
        if change.verdict in (Verdict.HELD, Verdict.FAILED):
            yield change.key_result, change.verdict, change.code
    for kpi in kpis:
        if kpi.verdict is Verdict.FAILED:
            yield kpi.subject, kpi.verdict, kpi.code


def _is_news(trouble: _Trouble, before: Outcome | None, now: datetime) -> bool:
    if before is None or trouble[1:] != (before.verdict, before.code):
        return True
    told = (before.at - before.since) // AGAIN_AFTER
    return (now - before.since) // AGAIN_AFTER > told
