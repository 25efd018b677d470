"""One word for how a key result stands, and the sentence that says why.

1. A value that is missing is unknown, and one past its freshness is stale: nothing beats that, and
   no confidence is made of it.
2. Once the period is over, a key result is achieved when its target is met or its score is green
   for its ambition (aspirational 0.7, committed 1), else missed. A met target that cannot be lost
   again is achieved at once.
3. Before, status follows confidence: an aspirational target is set for even odds, so 0.45 and more
   is on track and 0.25 and more at risk; a commitment needs 0.7 and 0.4.
4. With fewer than 8 earlier values inside the period it follows pace, because a confidence out of
   so little says no more: no further behind than 5 points is on track, 20 points at risk.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal

from okrsync.mapping.periods import deadline
from okrsync.model import Ambition, Confidence, KeyResult, Kind, Score, Status, Value
from okrsync.scoring.confidence import Point, cannot_be_lost, confidence
from okrsync.scoring.grade import Grade, grade
from okrsync.scoring.pace import expected
from okrsync.scoring.progress import ONE, clamped, is_threshold, met, progress, score

ON_TRACK_FROM = {Ambition.ASPIRATIONAL: 0.45, Ambition.COMMITTED: 0.7}
AT_RISK_FROM = {Ambition.ASPIRATIONAL: 0.25, Ambition.COMMITTED: 0.4}
ON_TRACK_BEHIND = Decimal("-0.05")
AT_RISK_BEHIND = Decimal("-0.20")
ENOUGH_HISTORY = 8
ALMOST_ALL = Decimal(99)


@dataclass(frozen=True, slots=True)
class Moment:
    """When a key result is judged, and by which freshness."""

    now: datetime
    zone: tzinfo
    max_age: timedelta | None = None


def score_key_result(
    key_result: KeyResult,
    value: Value | None,
    history: Sequence[Point],
    now: datetime,
    zone: tzinfo,
    *,
    max_age: timedelta | None = None,
) -> Score:
    """Score one key result as of ``now``; ``max_age`` None lets values of any age count."""
    moment = Moment(now, zone, max_age)
    if value is None:
        return _without_value(key_result, moment)
    if is_stale(key_result, value.as_of, moment):
        return _stale(key_result, value, moment)
    return judge(key_result, value, history, moment)


def judge(key_result: KeyResult, value: Value, history: Sequence[Point], moment: Moment) -> Score:
    """Score a value that is there and fresh."""
    share = progress(key_result, value.number)
    due = expected(key_result, moment.now, moment.zone)
    if share is None:
        return Score(None, None, due, None, None, Status.UNKNOWN, "no baseline or target yet")
    ahead, reached = share - due, met(key_result, value.number)
    chance = confidence(
        key_result, value.number, value.as_of, history, now=moment.now, zone=moment.zone
    )
    over = moment.now >= deadline(key_result.period, moment.zone)
    if over or (reached and cannot_be_lost(key_result)):
        status = _settled(key_result, value.number)
    else:
        status = _under_way(key_result, ahead, chance, _inside(key_result, history, moment))
    reason = _in_words(key_result, value.number, share, ahead, over=over)
    points = clamped(share, reached=reached)
    return Score(share, points, due, ahead, chance, status, reason)


def is_stale(key_result: KeyResult, as_of: datetime, moment: Moment) -> bool:
    """Whether the value is past its freshness. A value of the period's end stays fresh for ever:
    its age is counted up to the deadline."""
    if moment.max_age is None:
        return False
    return _age(key_result, as_of, moment) > moment.max_age


def _age(key_result: KeyResult, as_of: datetime, moment: Moment) -> timedelta:
    return min(moment.now, deadline(key_result.period, moment.zone)) - as_of


def _without_value(key_result: KeyResult, moment: Moment) -> Score:
    due = expected(key_result, moment.now, moment.zone)
    return Score(None, None, due, None, None, Status.UNKNOWN, "no value")


def _stale(key_result: KeyResult, value: Value, moment: Moment) -> Score:
    share = progress(key_result, value.number)
    age, allowed = _age(key_result, value.as_of, moment), moment.max_age or timedelta()
    then = "" if share is None else f"; {percent(share)} done then"
    return Score(
        progress=share,
        score=score(key_result, value.number),
        expected=expected(key_result, moment.now, moment.zone),
        pace=None,
        confidence=None,
        status=Status.STALE,
        reason=f"the value is {span(age)} old, {span(allowed)} allowed{then}",
    )


def _settled(key_result: KeyResult, value: Decimal) -> Status:
    reached = score(key_result, value) or Decimal(0)
    green = grade(reached, key_result.ambition) is Grade.GREEN
    return Status.ACHIEVED if green or met(key_result, value) else Status.MISSED


def _inside(key_result: KeyResult, history: Sequence[Point], moment: Moment) -> int:
    """How many earlier values lie inside the period."""
    if not history:
        return 0
    first = datetime.combine(key_result.period.start, datetime.min.time(), moment.zone)
    return sum(first <= point.at <= moment.now for point in history)


def _under_way(
    key_result: KeyResult, pace: Decimal, chance: Confidence | None, earlier: int
) -> Status:
    by_pace = chance is None or earlier < ENOUGH_HISTORY
    if by_pace and key_result.kind is not Kind.DONE and not is_threshold(key_result):
        return _band(pace >= ON_TRACK_BEHIND, pace >= AT_RISK_BEHIND)
    likely = 0.0 if chance is None else chance.probability
    ambition = key_result.ambition
    return _band(likely >= ON_TRACK_FROM[ambition], likely >= AT_RISK_FROM[ambition])


def _band(on_track: bool, at_risk: bool) -> Status:  # noqa: FBT001 - two bounds, best first
    if on_track:
        return Status.ON_TRACK
    return Status.AT_RISK if at_risk else Status.OFF_TRACK


def _in_words(
    key_result: KeyResult, value: Decimal, share: Decimal, pace: Decimal, *, over: bool
) -> str:
    if is_threshold(key_result) or key_result.kind is Kind.DONE:
        return _bound_in_words(key_result, value, share)
    done = f"{percent(share)} done"
    if over:
        return f"{done} at the end of the period"
    points = abs(pace * 100).to_integral_value()
    if points == 0:
        return f"{done}, at pace"
    plural = "point" if points == 1 else "points"
    return f"{done}, {points} {plural} {'ahead of' if pace > 0 else 'behind'} pace"


def _bound_in_words(key_result: KeyResult, value: Decimal, share: Decimal) -> str:
    if key_result.kind is Kind.DONE:
        return "done" if met(key_result, value) else "not done"
    if met(key_result, value):
        return "inside its bounds"
    miss = percent(1 - share)
    return f"outside its bounds by {miss}" if share < 1 else "on its bound, and that is not enough"


def percent(share: Decimal) -> str:
    """A share in whole percent; what is not all of it is never rounded up to 100 %."""
    whole = (share * 100).to_integral_value()
    if share < ONE:
        whole = min(whole, ALMOST_ALL)
    return f"{whole:,} %".replace(",", " ")


def span(length: timedelta) -> str:
    """An age in whole days, or in hours below two days."""
    if length >= timedelta(days=2):
        return f"{length.days} days"
    hours = length // timedelta(hours=1)
    return f"{hours} hour{'' if hours == 1 else 's'}"
