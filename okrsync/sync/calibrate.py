"""How often the stated confidence came true, from the state's own closed periods. Only looks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from okrsync.config.config import Config
from okrsync.contracts import Clock
from okrsync.mapping.periods import beginning, deadline, elapsed
from okrsync.model import CheckIn, KeyResult, Place, StoreRef
from okrsync.scoring.calibration import Calibration, Stated, calibration
from okrsync.scoring.progress import met, progress
from okrsync.state.aims import Aim
from okrsync.state.codec import decimal, instant
from okrsync.state.measurements import Point
from okrsync.state.records import Reading
from okrsync.state.state import State
from okrsync.sync.selection import select
from okrsync.sync.session import reading


def calibrate(config: Config, clock: Clock, patterns: Sequence[str] = ()) -> Calibration:
    """Over all check-ins with a confidence, of every period that is over; with patterns, of the
    key results that they name."""
    chosen = {rule.key_result.id for rule in select(config, patterns)} if patterns else None
    with reading(config, clock) as session:
        today = clock().astimezone(config.timezone).date()
        closed = [
            aim
            for aim in session.state.aims.all()
            if aim.period.end <= today and (chosen is None or aim.key_result in chosen)
        ]
        return calibration(list(_stated(session.state, closed, config)))


def _stated(state: State, closed: Sequence[Aim], config: Config) -> Iterator[Stated]:
    said: dict[str, list[CheckIn]] = {}
    for sent in state.outbox.sent():
        said.setdefault(sent.check_in.key_result, []).append(sent.check_in)
    history = state.measurements.series(_since(closed, config))
    baselines = state.measurements.baselines()
    for aim in closed:
        key_result = _key_result(aim, _baseline(baselines, aim))
        final = _final(history.get(aim.key_result, ()), aim, config)
        if final is not None:
            came_true = met(key_result, final)
            for check_in in said.get(aim.key_result, ()):
                yield from _one(check_in, key_result, config, came_true=came_true)


def _one(
    check_in: CheckIn, key_result: KeyResult, config: Config, *, came_true: bool
) -> Iterator[Stated]:
    zone, period = config.timezone, key_result.period
    share = progress(key_result, check_in.value)
    if check_in.confidence is None or share is None:
        return
    if beginning(period, zone) <= check_in.as_of < deadline(period, zone):
        yield Stated(
            key_result.id,
            period.label,
            check_in.confidence,
            float(share),
            float(elapsed(period, check_in.as_of, zone)),
            came_true,
        )


def _final(points: Sequence[Point], aim: Aim, config: Config) -> Decimal | None:
    """The last number measured inside the period; what came after says nothing about it."""
    zone = config.timezone
    start, end = instant(beginning(aim.period, zone)), instant(deadline(aim.period, zone))
    inside = [point for point in points if start <= point.as_of < end]
    return decimal(inside[-1].number) if inside else None


def _since(closed: Sequence[Aim], config: Config) -> dict[str, datetime]:
    """By key result: when the oldest of its closed periods began."""
    since: dict[str, datetime] = {}
    for aim in reversed(closed):  # oldest first, so that it has the last word
        since[aim.key_result] = beginning(aim.period, config.timezone)
    return since


def _baseline(known: Mapping[tuple[str, str], Reading], aim: Aim) -> Decimal | None:
    if aim.newest.baseline is not None:
        return aim.newest.baseline
    frozen = known.get((aim.key_result, aim.period.label))
    return None if frozen is None else frozen.number


def _key_result(aim: Aim, baseline: Decimal | None) -> KeyResult:
    """As much of it as tells whether a number meets it."""
    bounds = aim.newest
    return KeyResult(
        id=aim.key_result,
        objective="",
        title="",
        kind=bounds.kind,
        period=aim.period,
        store_ref=StoreRef("", aim.key_result),
        place=Place("", 0),
        baseline=baseline,
        target=bounds.target,
        low=bounds.low,
        high=bounds.high,
        strict=bounds.strict,
    )
