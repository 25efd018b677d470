"""[objective.*.kr.*] tables: what a key result is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from okrsync.config.checking import check_leniently
from okrsync.config.making import Draft, read_value
from okrsync.config.natures import nature_of
from okrsync.config.shapes import read_shape
from okrsync.config.steps import read_milestones, read_pace
from okrsync.config.tables import KEY_RESULT_KEYS, KeyResultTable
from okrsync.config.values import (
    check_note,
    check_schedule,
    read_grace,
    read_guard,
    read_period,
    read_weight,
)
from okrsync.config.wording import near
from okrsync.mapping.rules import Ask, Rule
from okrsync.mapping.units import Sort, sort_of
from okrsync.model import Ambition, KeyResult, OnConflict, StoreRef

if TYPE_CHECKING:
    from okrsync.config.documents import KeyPath
    from okrsync.config.natures import Nature
    from okrsync.config.scope import Scope
    from okrsync.config.shapes import Shape
    from okrsync.mapping.rules import Guard, Metric, ValueRule
    from okrsync.model import PacePoint, Period

ONE = Decimal(1)
NO_TITLE = {"title": "?"}


def read_key_result(
    scope: Scope,
    path: KeyPath,
    table: dict[str, Any],
    *,
    period: Period | None,
    metrics: Mapping[str, Metric],
) -> Rule | None:
    """The rule, or None where a problem was noted; ``period`` is the objective's."""
    rest = {key: value for key, value in table.items() if key not in KEY_RESULT_KEYS}
    own = {key: value for key, value in table.items() if key not in rest} if rest else table
    written, clean = check_leniently(KeyResultTable, own, scope.page, path, stand_in=NO_TITLE)
    clean = clean and (not rest or written.source is not None)
    period = _period(scope, path, written, period, clean=clean)
    milestones, steps = read_milestones(scope, path, written, period)
    draft = Draft(scope, path, written, rest, clean, milestones, steps)
    shape = read_shape(scope, path, written, clean=clean)
    value = read_value(draft)
    parts = _Parts(
        weight=read_weight(scope.page, (*path, "weight"), written.weight),
        pair=_pair(draft),
        pace=read_pace(scope, path, written, period),
        guard=read_guard(scope.page, (*path, "guard"), written.guard, scope.guard),
        grace=read_grace(scope.page, (*path, "grace"), written.grace),
    )
    check_schedule(scope.page, (*path, "schedule"), written.schedule)
    check_note(scope.page, (*path, "note"), written.note)
    if shape is None or value is None or period is None:
        return None
    _check_counted(draft, value, shape)
    nature = nature_of(written, value, metrics, shape)
    key_result = _key_result(draft, shape, period, parts, nature)
    return _rule(draft, key_result, value, parts)


def _check_counted(draft: Draft, value: ValueRule, shape: Shape) -> None:
    """A count of records is no percentage, no time and no money, whatever the target says."""
    if not isinstance(value, Ask) or value.agg not in {"count", "distinct"}:
        return
    if sort_of(shape.unit) in {Sort.PERCENT, Sort.DURATION, Sort.CURRENCY}:
        draft.scope.page.add(
            (*draft.path, "agg"),
            "different-units",
            f"`{value.agg}` counts records, and the target is {sort_of(shape.unit).value}",
            'count without a unit; for a share of the baseline write target = "-50 %"',
        )


@dataclass(slots=True)  # not frozen: that would cost more than all that is done with it
class _Parts:
    """What was read from single keys."""

    weight: Decimal | None
    pair: str | None
    pace: tuple[PacePoint, ...]
    guard: Guard
    grace: timedelta | None


def _period(
    scope: Scope, path: KeyPath, written: KeyResultTable, period: Period | None, *, clean: bool
) -> Period | None:
    if written.period is not None:
        return read_period(scope.world, scope.page, (*path, "period"), written.period)
    if period is None and clean and not scope.period_is_wrong:
        message = "nothing says which period this key result belongs to"
        cure = 'add period = "2026-Q4" at the top of the file, to the objective, or here'
        scope.page.add(path, "missing-period", message, cure, at="table")
    return period


def _rule(draft: Draft, key_result: KeyResult, value: ValueRule, parts: _Parts) -> Rule:
    written, defaults = draft.written, draft.scope.defaults
    on_conflict = written.on_conflict or defaults.on_conflict
    return Rule(
        key_result=key_result,
        value=value,
        guard=parts.guard,
        place=key_result.place,
        schedule=written.schedule or defaults.schedule,
        note=written.note or defaults.note,
        on_conflict=OnConflict(on_conflict) if on_conflict else OnConflict.HOLD,
        judging=draft.scope.judging,
        grace=draft.scope.grace if parts.grace is None else parts.grace,
    )


def _key_result(
    draft: Draft, shape: Shape, period: Period, parts: _Parts, nature: Nature
) -> KeyResult:
    scope, written, defaults = draft.scope, draft.written, draft.scope.defaults
    _, objective, _, name = map(str, draft.path)
    full_id = scope.id_of(objective, name)
    ambition = written.ambition or defaults.ambition
    return KeyResult(
        id=full_id,
        objective=scope.id_of(objective),
        title=written.title,
        kind=shape.kind,
        period=period,
        store_ref=StoreRef(scope.store, written.store_id or full_id),
        place=scope.place(draft.path),
        owner=written.owner or defaults.owner or "",
        unit=shape.unit,
        baseline=shape.baseline,
        baseline_first=shape.baseline_first,
        target=shape.target,
        low=shape.low,
        high=shape.high,
        strict=bool(written.strict),
        ambition=Ambition(ambition) if ambition else Ambition.ASPIRATIONAL,
        weight=parts.weight or (ONE if defaults.weight is None else Decimal(defaults.weight)),
        pair=parts.pair,
        milestones=draft.milestones,
        pace=parts.pace,
        sort=nature.sort,
        whole_numbers=nature.whole,
    )


def _pair(draft: Draft) -> str | None:
    scope, pair = draft.scope, draft.written.pair
    if pair is None:
        return None
    _, objective, _, name = map(str, draft.path)
    known = scope.world.names.key_results
    found = scope.resolve(f"{objective}.{pair}", known) or scope.resolve(pair, known)
    if found is not None and found != scope.id_of(objective, name):
        return found
    here = (*draft.path, "pair")
    if found is not None:
        message, cure = "a key result cannot be its own pair", "write the name of another one"
        scope.page.add(here, "unknown-pair", message, cure)
        return None
    siblings = f"{scope.id_of(objective)}."
    meant = near(pair, [*(k.removeprefix(siblings) for k in known), *scope.as_written(known)])
    message = "`pair` is not a key result"
    cure = "write the name of a key result of this objective, or a full id"
    scope.page.add(here, "unknown-pair", message, cure, suggestion=meant, show=bool(meant))
    return None
