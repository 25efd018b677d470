"""One word for how a key result stands, and the sentence that says why.

1. A value that is missing is unknown, and one past its freshness is stale: nothing beats that, and
   no confidence is made of it.
2. Once the period is over, a key result is achieved when its target is met or its score is green
   for its ambition (aspirational 0.7, committed 1), else missed. A met target that cannot be lost
   again is achieved at once.
3. Before, status follows confidence as it is shown, in steps of 0.01: an aspirational target is
   set for even odds, so 0.45 and more is on track and 0.25 and more at risk; a commitment needs 0.7
   and 0.4. The mapping can set both.
4. With fewer than 8 earlier values inside the period it follows pace, because a confidence out of
   so little says no more: no further behind than 5 points is on track, 20 points at risk. Bounds to
   keep and done / not done have no pace, and follow confidence.
5. A status is left only when confidence is 0.05 beyond its bound: it does not flip on noise.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal

from okrsync.mapping.periods import deadline, elapsed
from okrsync.mapping.rules import BY_DEFAULT, Judging
from okrsync.model import Ambition, Flag, KeyResult, Kind, Score, Status, Value
from okrsync.scoring.confidence import Outlook, cannot_be_lost, outlook
from okrsync.scoring.flags import Standing, flags_of
from okrsync.scoring.grade import Grade, grade
from okrsync.scoring.history import NO_SERIES, History, Series, day_of, midnight
from okrsync.scoring.pace import expected
from okrsync.scoring.progress import clamped, is_threshold, met, progress, score
from okrsync.scoring.words import inside_words, percent, progress_words, span

ON_TRACK_FROM = {Ambition.ASPIRATIONAL: 0.45, Ambition.COMMITTED: 0.7}
AT_RISK_FROM = {Ambition.ASPIRATIONAL: 0.25, Ambition.COMMITTED: 0.4}
ON_TRACK_BEHIND = Decimal("-0.05")
AT_RISK_BEHIND = Decimal("-0.20")
ENOUGH_HISTORY = 8
BEYOND = 0.05
BEST_FIRST = (Status.ON_TRACK, Status.AT_RISK, Status.OFF_TRACK)


@dataclass(frozen=True, slots=True)
class Moment:
    """When a key result is judged, by which freshness, and how."""

    now: datetime
    zone: tzinfo
    max_age: timedelta | None = None
    judging: Judging = BY_DEFAULT


def score_key_result(
    key_result: KeyResult,
    value: Value | None,
    history: History,
    now: datetime,
    zone: tzinfo,
    *,
    max_age: timedelta | None = None,
    judging: Judging = BY_DEFAULT,
) -> Score:
    """Score one key result as of ``now``; ``max_age`` None lets values of any age count."""
    moment = Moment(now, zone, max_age, judging)
    if value is None:
        return _without_value(key_result, moment)
    if is_stale(key_result, value.as_of, moment):
        return _stale(key_result, value, moment)
    return judge(key_result, value, history, moment)


def judge(key_result: KeyResult, value: Value, history: History, moment: Moment) -> Score:
    """Score a value that is there and fresh."""
    share = progress(key_result, value.number)
    due = expected(key_result, moment.now, moment.zone)
    if share is None:
        return Score(None, None, due, None, None, Status.UNKNOWN, "no baseline or target yet")
    ahead = share - due
    view = outlook(
        key_result,
        value.number,
        value.as_of,
        history,
        now=moment.now,
        zone=moment.zone,
        judging=moment.judging,
    )
    seen = _inside(key_result, value, history, moment)
    if view.over or (view.reached and cannot_be_lost(key_result)):
        status = _settled(key_result, value.number)
    elif _is_by_pace(key_result, seen):
        status = _by_pace(ahead)
    else:
        status = _under_way(key_result, view, history, moment.judging)
    words = progress_words(key_result, value.number, share, ahead, over=view.over)
    inside = inside_words(key_result, seen)
    return Score(
        progress=share,
        score=clamped(share, reached=view.reached),
        expected=due,
        pace=ahead,
        confidence=view.confidence,
        status=status,
        reason=f"{words}; {inside}" if inside else words,
        forecast=view.fan,
        recent=view.recent,
        needed=view.needed,
        flags=() if view.over else _flags(key_result, view, seen, moment),
    )


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


def _inside(key_result: KeyResult, value: Value, history: History, moment: Moment) -> Series:
    """The values inside the period, the newest among them; none where it is the only one."""
    if not history.days:
        return NO_SERIES
    days, values = history.up_to(day_of(value.as_of), float(value.number))
    first = bisect_left(days, midnight(key_result.period.start, moment.zone))
    return Series(days[first:], values[first:])


def _flags(key_result: KeyResult, view: Outlook, seen: Series, moment: Moment) -> tuple[Flag, ...]:
    gone = elapsed(key_result.period, moment.now, moment.zone)
    return flags_of(Standing(key_result, view, gone, seen))


def _is_by_pace(key_result: KeyResult, seen: Series) -> bool:
    earlier = len(seen.values) - 1
    has_pace = key_result.kind is not Kind.DONE and not is_threshold(key_result)
    return has_pace and earlier < ENOUGH_HISTORY


def _by_pace(ahead: Decimal) -> Status:
    if ahead >= ON_TRACK_BEHIND:
        return Status.ON_TRACK
    return Status.AT_RISK if ahead >= AT_RISK_BEHIND else Status.OFF_TRACK


def _under_way(key_result: KeyResult, view: Outlook, history: History, judging: Judging) -> Status:
    if view.confidence is None:
        return Status.UNKNOWN
    ambition = key_result.ambition
    on_track = ON_TRACK_FROM[ambition] if judging.on_track is None else judging.on_track
    at_risk = AT_RISK_FROM[ambition] if judging.at_risk is None else judging.at_risk
    likely, bounds = round(view.confidence.probability, 2), (on_track, at_risk)
    plain = _band(likely, bounds)
    if abs(likely - on_track) > BEYOND and abs(likely - at_risk) > BEYOND:
        return plain
    return _without_flipping(likely, bounds, plain, history.last_status())


def _band(likely: float, bounds: tuple[float, float]) -> Status:
    on_track, at_risk = bounds
    if likely >= on_track:
        return Status.ON_TRACK
    return Status.AT_RISK if likely >= at_risk else Status.OFF_TRACK


def _without_flipping(
    likely: float, bounds: tuple[float, float], plain: Status, last: Status | None
) -> Status:
    """Near a bound the status that was shown last stays, or is neared by no more than needed."""
    if last is None or last not in BEST_FIRST or last is plain:
        return plain
    worse = BEST_FIRST.index(plain) > BEST_FIRST.index(last)
    return _band(likely + BEYOND if worse else likely - BEYOND, bounds)
