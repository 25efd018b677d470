"""How a key result ended: the number that counts, its score, and what stands in the way. Pure.

A value that okrsync held or could not measure does not count: what the store shows does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal

from okrsync.contracts import Capabilities
from okrsync.mapping.periods import beginning, deadline
from okrsync.mapping.rules import Rule
from okrsync.mapping.schedule import due, parse_schedule
from okrsync.mapping.units import show
from okrsync.model import (
    Closing,
    Confidence,
    FinalWord,
    KeyResult,
    Outcome,
    Score,
    Status,
    StoredKeyResult,
    Value,
    Verdict,
)
from okrsync.scoring.history import NO_HISTORY
from okrsync.scoring.progress import met
from okrsync.scoring.status import Moment, is_stale, judge, score_key_result
from okrsync.state.records import Intent, Reading, Sent
from okrsync.sync.capability import of_one
from okrsync.sync.compare import Standing, compare, is_ours

_LONG = timedelta(days=7)
_UNWELL = (Verdict.HELD, Verdict.FAILED)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a key result should not be frozen yet; ``kind`` is held, failed, pending or stale."""

    kind: str
    reason: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is known of a key result at the end of its period."""

    rule: Rule
    outcome: Outcome | None = None
    stored: StoredKeyResult | None = None
    store_failure: str = ""
    sent: Sent | None = None
    unsettled: Intent | None = None
    capabilities: Capabilities = field(default_factory=Capabilities)


def with_baseline(rule: Rule, frozen: Mapping[tuple[str, str], Reading]) -> Rule:
    """`baseline = "first"` as the number that was frozen for it in the period."""
    key_result = rule.key_result
    first = frozen.get((key_result.id, key_result.period.label))
    if not key_result.baseline_first or first is None:
        return rule
    return replace(rule, key_result=replace(key_result, baseline=first.number))


def trouble_of(known: Evidence, now: datetime, zone: tzinfo) -> Trouble | None:
    """The first reason against freezing it, None where all is well."""
    outcome = known.outcome
    if known.unsettled is not None:
        return Trouble("pending", "a check-in was sent and its outcome is unknown")
    if outcome is None:
        return Trouble("pending", "it was never measured")
    other = _of_another_period(known.rule.key_result, outcome, zone)
    if other:
        return Trouble("pending", other)
    if outcome.verdict in _UNWELL:
        return Trouble(outcome.verdict.value, outcome.reason)
    return _of_store(known, outcome) or _of_age(known.rule, outcome, now, zone)


def _of_another_period(key_result: KeyResult, outcome: Outcome, zone: tzinfo) -> str:
    """A period that moves on by itself leaves numbers of the next one under the same name."""
    began = beginning(key_result.period, zone)
    ended = deadline(key_result.period, zone)
    if outcome.at < began:
        return f"its last run was on {outcome.at.astimezone(zone).date()}, before the period"
    if outcome.value is not None and outcome.value.as_of > ended:
        day = outcome.value.as_of.astimezone(zone).date()
        return f"its last value is of {day}, after the period"
    return ""


def _of_store(known: Evidence, outcome: Outcome) -> Trouble | None:
    """The store must show what okrsync holds for the last word."""
    stored, value = known.stored, outcome.value
    if known.store_failure:
        return Trouble("failed", f"the store could not be read: {known.store_failure}")
    if value is None:
        return Trouble("failed", outcome.reason or "it has no value")
    if known.capabilities.numbers == "none":
        unsent = known.sent is None or known.sent.number != value.number
        posted = outcome.verdict is Verdict.POST
        return Trouble("pending", "its last value was not written") if posted and unsent else None
    status = Status.UNKNOWN if outcome.score is None else outcome.score.status
    able = of_one(stored, known.capabilities)
    standing = compare(value, status, stored, known.sent, able)
    if standing.standing is Standing.SAME:
        return None
    if standing.standing is Standing.FIRST:
        return Trouble("pending", "the store shows no check-in")
    who = (stored.author if stored else "") or "a person"
    if standing.standing is Standing.OURS:
        who = "okrsync"
    there = "nothing" if standing.previous is None else show(standing.previous, value.unit)
    had = show(value.number, value.unit)
    reason = f"the store shows {there}, by {who}; the last run had {had}"
    return Trouble("held", reason)


def _of_age(rule: Rule, outcome: Outcome, now: datetime, zone: tzinfo) -> Trouble | None:
    """What was looked at long before the end says little about the end."""
    value, moment = outcome.value, Moment(now, zone, rule.guard.max_age)
    if value is not None and is_stale(rule.key_result, value.as_of, moment):
        day = value.as_of.astimezone(zone).date()
        return Trouble("stale", f"its last value is of {day}, older than the guard allows")
    end = min(now, deadline(rule.key_result.period, zone))
    if end - outcome.at <= _LONG or not _a_run_was_due(rule, outcome.at, end, zone):
        return None
    day, days = outcome.at.astimezone(zone).date(), (end - outcome.at).days
    return Trouble("stale", f"its last run was on {day}, {days} days before the end")


def _a_run_was_due(rule: Rule, since: datetime, end: datetime, zone: tzinfo) -> bool:
    if rule.schedule is None:
        return True
    return due(parse_schedule(rule.schedule), since, end, zone) is not None


def final(
    known: Evidence, trouble: Trouble | None, at: datetime, by: str, zone: tzinfo
) -> FinalWord:
    """The last word, frozen; with ``trouble`` as what it is."""
    rule = known.rule
    outcome = known.outcome or _never(rule, at)
    verdict, reason = _word(outcome, trouble)
    value = _counting(known, outcome, verdict)
    believed, believed_at = _belief(known, outcome)
    closing = Closing(
        at=at,
        by=by,
        author=_author(known),
        revision="" if known.stored is None else known.stored.revision,
        believed=believed,
        believed_at=believed_at,
        came_true=None if value is None else met(rule.key_result, value.number),
    )
    ended = replace(
        outcome,
        verdict=verdict,
        reason=reason,
        cure="",
        value=value,
        score=_score(rule, value, at, zone),
        stored=_shown(known, outcome),
        closed=closing,
    )
    return FinalWord(rule.key_result, ended)


def _word(outcome: Outcome, trouble: Trouble | None) -> tuple[Verdict, str]:
    if trouble is None or trouble.kind == "stale":
        return outcome.verdict, outcome.reason
    if trouble.kind == "pending":
        return Verdict.FAILED, f"pending: {trouble.reason}"
    return Verdict(trouble.kind), trouble.reason


def _never(rule: Rule, at: datetime) -> Outcome:
    return Outcome(rule.key_result.id, "", at, Verdict.FAILED, "never measured", at, runs=0)


def _counting(known: Evidence, outcome: Outcome, verdict: Verdict) -> Value | None:
    if verdict not in _UNWELL:
        return outcome.value
    stored = known.stored
    if stored is None or stored.value is None:
        return None
    return Value(
        number=stored.value,
        unit=known.rule.key_result.unit,
        as_of=stored.at or outcome.at,
        origin="store",
        remark=f"what the store shows, by {_author(known) or 'nobody known'}",
    )


def _shown(known: Evidence, outcome: Outcome) -> Decimal | None:
    return outcome.stored if known.stored is None else known.stored.value


def _author(known: Evidence) -> str:
    stored = known.stored
    if stored is None or not stored.revision:
        return ""
    return "okrsync" if is_ours(stored, known.sent) else stored.author or "a person"


def _score(rule: Rule, value: Value | None, at: datetime, zone: tzinfo) -> Score:
    """Judged as a period that is over is, also when it was closed early; nothing is left to be
    confident about."""
    key_result = rule.key_result
    if value is None:
        return Score(None, None, None, None, None, Status.UNKNOWN, "no value")
    moment = Moment(at, zone, rule.guard.max_age, rule.judging)
    if is_stale(key_result, value.as_of, moment):
        return score_key_result(key_result, value, NO_HISTORY, at, zone, max_age=rule.guard.max_age)
    over = replace(moment, now=max(at, deadline(key_result.period, zone)))
    judged = judge(key_result, value, NO_HISTORY, over)
    return replace(judged, confidence=None, forecast=(), recent=None, needed=None, flags=())


def _belief(known: Evidence, outcome: Outcome) -> tuple[Confidence | None, datetime | None]:
    """The confidence of the last check-in: a person's, else okrsync's own."""
    stored, sent, score = known.stored, known.sent, outcome.score
    if stored is not None and stored.confidence is not None and _author(known) != "okrsync":
        return Confidence(stored.confidence, "human", f"by {_author(known)}"), stored.at
    if sent is not None and sent.check_in.confidence is not None:
        return Confidence(sent.check_in.confidence), sent.at
    if score is not None and score.confidence is not None:
        return score.confidence, outcome.at
    return None, None
