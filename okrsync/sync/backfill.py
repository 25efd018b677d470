"""History on day one: past values from the sources that can answer for the past. Posts nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from okrsync.config.config import Config
from okrsync.contracts import Clock
from okrsync.errors import NoValue, OutsideError, UsageError
from okrsync.mapping.periods import beginning, period_before
from okrsync.mapping.rules import Rule
from okrsync.model import Question, Value
from okrsync.state.records import Reading
from okrsync.sync.gather import gather
from okrsync.sync.questions import Dating, questions_of
from okrsync.sync.selection import select, sources_of
from okrsync.sync.session import Session, writing
from okrsync.sync.values import Values


@dataclass(frozen=True, slots=True)
class Backfilled:
    """``values`` by key result, oldest first; ``gaps`` says why a day has none."""

    run: str
    values: dict[str, list[Value]]
    gaps: dict[str, list[tuple[date, str]]]


def backfill(
    config: Config,
    clock: Clock,
    patterns: Sequence[str],
    *,
    since: date,
    until: date | None = None,
    every: timedelta = timedelta(days=7),
) -> Backfilled:
    """Measure as of the end of every ``every``-th day; all days of a source are asked at once."""
    rules = [rule for rule in select(config, patterns) if _answers_past(config, rule)]
    if not rules:
        raise UsageError(
            "none of these key results comes from a source that can answer for the past",
            next_step="okrsync history KR shows what has been measured",
        )
    days = list(_days(since, until or _yesterday(config, clock), every))
    if not days:
        raise UsageError(
            "there is no day between --from and --to, which is yesterday if not said",
            next_step=f"okrsync backfill --from {_yesterday(config, clock) - timedelta(weeks=12)}",
        )
    with writing(config, clock, "backfill") as session:
        run = session.state.runs.start("backfill", clock())
        filled = _fill(session, run, rules, days)
        readings = [
            Reading.of(id_, value, origin="backfill")
            for id_, values in filled.values.items()
            for value in values
        ]
        session.state.measurements.record(run, clock(), readings)
        _freeze_baselines(session, rules, filled)
        session.outfit.keep_memories()
        code = 3 if any(filled.gaps.values()) else 0
        session.state.runs.finish(run, clock(), code, {"backfilled": len(readings)})
    return filled


def _fill(session: Session, run: str, rules: Sequence[Rule], days: Sequence[date]) -> Backfilled:
    config = session.config
    datings = {day: Dating(config, as_of=_end_of(day, config)) for day in days}
    asked: dict[str, dict[Question[object], None]] = {}
    for day, dating in datings.items():
        for source, questions in questions_of(config, _in_play(rules, day), dating).items():
            asked.setdefault(source, {}).update(dict.fromkeys(questions))
    answers = gather(session.outfit, {source: list(of_it) for source, of_it in asked.items()})
    filled = Backfilled(run, {}, {})
    for day, dating in datings.items():
        values = Values(
            config, answers, dating, now=_end_of(day, config), manual={}, score_of=_no_scores
        )
        _fill_day(filled, values, _in_play(rules, day), day)
    return filled


def _fill_day(filled: Backfilled, values: Values, rules: Sequence[Rule], day: date) -> None:
    for rule in rules:
        id_ = rule.key_result.id
        try:
            filled.values.setdefault(id_, []).append(values.measured(rule))
        except OutsideError as error:
            why = f"{error.message}; {error.next_step}" if error.next_step else error.message
            filled.gaps.setdefault(id_, []).append((day, why))


def _freeze_baselines(session: Session, rules: Sequence[Rule], filled: Backfilled) -> None:
    """The oldest value of the period is its first one, unless one was frozen already."""
    for rule in rules:
        key_result = rule.key_result
        start = beginning(key_result.period, session.config.timezone)
        inside = (one for one in filled.values.get(key_result.id, ()) if one.as_of >= start)
        first = next(inside, None) if key_result.baseline_first else None
        if first is not None:
            session.state.measurements.freeze_baseline(
                key_result.id,
                key_result.period.label,
                Reading.of(key_result.id, first, origin="backfill"),
            )


def _answers_past(config: Config, rule: Rule) -> bool:
    connections = [config.sources[name] for name in sources_of(config, rule)]
    return bool(connections) and all(
        not connection.broken and connection.source_spec().answers_past
        for connection in connections
    )


def _in_play(rules: Sequence[Rule], day: date) -> list[Rule]:
    """Each with the period that the day lies in: a running count began anew with each."""
    return [_as_of(rule, day) for rule in rules if day < rule.key_result.period.end]


def _as_of(rule: Rule, day: date) -> Rule:
    key_result = rule.key_result
    if day >= key_result.period.start:
        return rule
    period = key_result.period
    while day < period.start:
        period = period_before(period)
    return replace(rule, key_result=replace(key_result, period=period))


def _days(since: date, until: date, every: timedelta) -> Iterator[date]:
    """Backwards from the newest, so that the most recent day is always among them."""
    count = (until - since) // every
    return (until - every * step for step in range(count, -1, -1)) if until >= since else iter(())


def _yesterday(config: Config, clock: Clock) -> date:
    return clock().astimezone(config.timezone).date() - timedelta(days=1)


def _end_of(day: date, config: Config) -> datetime:
    """The last instant that still belongs to ``day``."""
    midnight = datetime.combine(day + timedelta(days=1), time(), tzinfo=config.timezone)
    return midnight - timedelta(microseconds=1)


def _no_scores(id_: str) -> Decimal:
    raise NoValue(f"the score of `{id_}` is not known for the past")
