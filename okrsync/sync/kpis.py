"""Metrics watched as KPIs: a healthy range, no target, no deadline, no check-in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from okrsync.config.config import Config
from okrsync.errors import NoValue, OutsideError, SignInRefused
from okrsync.mapping.rules import Metric
from okrsync.mapping.units import show
from okrsync.model import Outcome, Period, Question, Score, Status, Value, Verdict
from okrsync.sync.gather import Answers
from okrsync.sync.questions import Dating
from okrsync.sync.selection import asks_of
from okrsync.sync.values import Values


def watched(config: Config) -> Iterator[Metric]:
    return (metric for metric in config.metrics.values() if metric.watched)


def period_of(metric: Metric, today: date) -> Period:
    """A watched metric's own period; one without any is only valid where no window needs it."""
    return metric.period or Period("today", today, today + timedelta(days=1))


def questions(config: Config, dating: Dating, now: datetime) -> Iterator[Question[object]]:
    today = now.astimezone(config.timezone).date()
    for metric in watched(config):
        for ask in asks_of(config, metric.rule):
            yield dating.question(ask, period_of(metric, today))


def watch(config: Config, answers: Answers, dating: Dating, now: datetime) -> tuple[Outcome, ...]:
    values = Values(config, answers, dating, now=now, manual={}, score_of=_no_scores)
    today = now.astimezone(config.timezone).date()
    return tuple(_outcome(values, metric, today, now) for metric in watched(config))


def warnings(kpis: Iterable[Outcome]) -> tuple[str, ...]:
    """One sentence for each that could not be measured, and what to type."""
    return tuple(
        f"metric {kpi.subject} has no value: {kpi.reason}; next: {kpi.cure or _see(kpi)}"
        for kpi in kpis
        if kpi.verdict is Verdict.FAILED
    )


def exit_code(kpis: Iterable[Outcome]) -> int:
    """0, 3 when one could not be measured, 4 when a sign-in was refused."""
    codes = {kpi.code for kpi in kpis if kpi.verdict is Verdict.FAILED}
    if SignInRefused.code in codes:
        return SignInRefused.exit_code
    return OutsideError.exit_code if codes else 0


def _see(kpi: Outcome) -> str:
    return f"okrsync history {kpi.subject}"


def _outcome(values: Values, metric: Metric, today: date, now: datetime) -> Outcome:
    blank = Outcome(
        subject=metric.id, run="", at=now, verdict=Verdict.UNCHANGED, reason="", since=now
    )
    try:
        quantity, operands = values.metric(metric.id, period_of(metric, today))
    except OutsideError as error:
        return replace(
            blank,
            verdict=Verdict.FAILED,
            reason=error.message,
            code=error.code,
            cure=error.next_step,
            score=_judged(Status.UNKNOWN, "no value"),
        )
    value = Value(
        number=quantity.value,
        unit=metric.unit or quantity.unit,
        as_of=min((o.measurement.as_of for o in operands), default=now),
        origin="measured",
        operands=operands,
        approximate=any(o.measurement.approximate for o in operands),
    )
    return replace(blank, value=value, score=_health(metric, value, now))


def _health(metric: Metric, value: Value, now: datetime) -> Score:
    if metric.guard.max_age is not None and now - value.as_of > metric.guard.max_age:
        return _judged(Status.STALE, "the data is older than `max_age`")
    low, high = metric.healthy_min, metric.healthy_max
    if low is not None and value.number < low:
        return _judged(Status.OFF_TRACK, f"below the healthy {show(low, value.unit)}")
    if high is not None and value.number > high:
        return _judged(Status.OFF_TRACK, f"above the healthy {show(high, value.unit)}")
    return _judged(Status.ON_TRACK, "inside its healthy range")


def _judged(status: Status, reason: str) -> Score:
    return Score(None, None, None, None, None, status, reason)


def _no_scores(id_: str) -> Decimal:
    raise NoValue(f"a watched metric cannot read the score of `{id_}`")
