"""How far paired key results have moved lately, from the history: one that rises while its pair
falls was perhaps bought at its cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from okrsync.config.config import Config
from okrsync.mapping.periods import beginning
from okrsync.model import KeyResult
from okrsync.scoring.progress import progress
from okrsync.state.measurements import Measurements
from okrsync.state.records import Reading

LATELY = timedelta(days=14)


def recent_moves(config: Config, history: Measurements, now: datetime) -> Mapping[str, Decimal]:
    """Changes of progress over the last two weeks (0.1 is a tenth of the way), by key result; only
    of those that are paired."""
    moves: dict[str, Decimal] = {}
    for id_ in sorted(_paired(config)):
        key_result = config.rules[id_].key_result
        since = beginning(key_result.period, config.timezone)
        move = _move(key_result, history.history(id_, since=since), now)
        if move is not None:
            moves[id_] = move
    return moves


def _paired(config: Config) -> set[str]:
    pairs = {id_: rule.key_result.pair for id_, rule in config.rules.items()}
    return {id_ for pair in pairs.items() if pair[1] in pairs for id_ in pair if id_ is not None}


def _move(key_result: KeyResult, readings: Sequence[Reading], now: datetime) -> Decimal | None:
    """From where it stood two weeks ago, or at first where the period is younger, to the newest."""
    if not readings:
        return None
    earlier = [reading for reading in readings if reading.as_of <= now - LATELY]
    before = progress(key_result, (earlier[-1] if earlier else readings[0]).number)
    after = progress(key_result, readings[-1].number)
    return None if before is None or after is None else after - before
