"""[metric.*] tables: numbers with a name."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from okrsync.config.asks import (
    note_asking_without_source,
    note_query_without_source,
    read_ask,
)
from okrsync.config.checking import check_leniently
from okrsync.config.formulas import read_formula
from okrsync.config.tables import METRIC_KEYS, MetricTable
from okrsync.config.values import in_unit, read_guard, read_quantity, read_unit
from okrsync.mapping.rules import Metric
from okrsync.model import MetricSort

if TYPE_CHECKING:
    from okrsync.config.documents import KeyPath
    from okrsync.config.scope import Scope
    from okrsync.mapping.rules import Ask, Formula


def read_metric(scope: Scope, name: str, table: dict[str, Any]) -> Metric | None:
    """The metric, or None where a problem was noted."""
    path: KeyPath = ("metric", name)
    page = scope.page
    own = {key: value for key, value in table.items() if key in METRIC_KEYS}
    rest = {key: value for key, value in table.items() if key not in METRIC_KEYS}
    written, clean = check_leniently(MetricTable, own, page, path)
    unit = read_unit(page, (*path, "unit"), written.unit) or ""
    rule = _rule(scope, path, written, rest, unit, clean=clean)
    low, high = _healthy(scope, path, written, unit)
    guard = read_guard(page, (*path, "guard"), written.guard, scope.guard)
    if rule is None:
        return None
    return Metric(
        id=scope.id_of(name),
        rule=rule,
        place=scope.place(path),
        title=written.title or "",
        unit=unit,
        owner=written.owner or scope.defaults.owner or "",
        perspective=written.perspective or scope.perspective,
        healthy_min=low,
        healthy_max=high,
        guard=guard,
        period=scope.period,
        sort=MetricSort(written.sort) if written.sort else None,
        whole=written.whole,
    )


def _rule(
    scope: Scope,
    path: KeyPath,
    written: MetricTable,
    rest: dict[str, Any],
    unit: str,
    *,
    clean: bool,
) -> Ask | Formula | None:
    page = scope.page
    if written.source is not None and written.value is not None:
        message = "`from` and `value` both say where the number comes from"
        cure = "keep `from` to ask a source, or `value` to compute it from other metrics"
        page.add((*path, "value"), "two-values", message, cure, at="key")
        return None
    if written.source is not None:
        return read_ask(scope, path, written, rest, own_keys=METRIC_KEYS, unit=unit)
    note_query_without_source(scope, path, rest, METRIC_KEYS)
    if written.value is not None:
        note_asking_without_source(scope, path, written)
        return read_formula(scope, (*path, "value"), written.value, path)
    if clean and not rest:
        message = "nothing says where the metric's value comes from"
        cure = 'add from = "..." with a query, or value = "..." over other metrics'
        page.add(path, "value-missing", message, cure, at="table")
    return None


def _healthy(
    scope: Scope, path: KeyPath, written: MetricTable, unit: str
) -> tuple[Decimal | None, Decimal | None]:
    if written.healthy is None:
        return None, None
    here = (*path, "healthy")
    low = _bound(scope, (*here, "min"), written.healthy.min, unit)
    high = _bound(scope, (*here, "max"), written.healthy.max, unit)
    if low is not None and high is not None and low >= high:
        message = "the healthy range is empty: `min` is not below `max`"
        cure = "write the lower bound as `min` and the higher one as `max`"
        scope.page.add(here, "empty-range", message, cure, at="key")
    if written.healthy.min is None and written.healthy.max is None:
        message, cure = "the healthy range has no bound", "write { min = 10 }, { max = 40 } or both"
        scope.page.add(here, "empty-range", message, cure, at="key")
    return low, high


def _bound(
    scope: Scope, path: KeyPath, written: int | Decimal | str | None, unit: str
) -> Decimal | None:
    if written is None:
        return None
    quantity = read_quantity(scope, path, written)
    if quantity is None:
        return None
    return in_unit(scope, path, quantity, unit) if unit else quantity.value
