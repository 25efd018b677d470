"""A question to a source, as a metric or a key result writes it."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from datetime import UTC
from typing import TYPE_CHECKING, Any, Final

from okrsync.conditions import NO_VALUES
from okrsync.config.checking import check, safe_message, unknown_key
from okrsync.config.formulas import check_row_expression
from okrsync.config.tables import Asked
from okrsync.config.values import read_window
from okrsync.config.wording import near
from okrsync.contracts import UndatedQuestion
from okrsync.errors import SourceError
from okrsync.mapping.neutral import neutral
from okrsync.mapping.rules import Ask

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pydantic import BaseModel

    from okrsync.conditions import Condition
    from okrsync.config.config import Connection
    from okrsync.config.documents import KeyPath
    from okrsync.config.scope import Scope
    from okrsync.contracts import AnySourceSpec

DAYS: Final = ("days_with", "days_without")
AGGREGATIONS: Final = (
    *("count", "distinct", "sum", "avg", "median", "min", "max", "last", "first"),
    *DAYS,
)
PERCENTILE: Final = re.compile(r"p[1-9][0-9]?")
COUNTING: Final = frozenset({"count", "distinct", *DAYS})
ADDING: Final = COUNTING | {"sum"}
TIMELESS: Final = frozenset({"now", "all"})
SURE: Final = 0.8
ASKING_KEYS: Final = ("measure", "agg", "on", "window")


def read_ask(
    scope: Scope,
    path: KeyPath,
    written: Asked,
    rest: Mapping[str, Any],
    *,
    own_keys: frozenset[str],
    unit: str = "",
) -> Ask | None:
    """The question, or None where a problem was noted.

    ``rest`` holds the table's keys that are not okrsync's own: the source's query.
    """
    source = scope.world.sources.get(written.source or "")
    window = _check_measuring(scope, path, written, dated=_dates_itself(source))
    if source is None:
        _unknown_source(scope, path, written.source or "", rest, own_keys)
        return None
    query = _read_query(scope, path, source, rest, own_keys)
    if window is None or query is None:
        return None
    ask = Ask(
        source=source.name,
        query=query,
        measure=written.measure,
        agg=written.agg,
        on=written.on,
        window=window,
        unit=unit,
        place=scope.place(path),
    )
    return ask if _fits(scope, path, source, ask) else None


def note_query_without_source(
    scope: Scope, path: KeyPath, rest: Mapping[str, Any], own_keys: frozenset[str]
) -> None:
    """Keys that no source is asked for are unknown keys."""
    for key in rest:
        unknown_key(scope.page, (*path, key), own_keys)


def note_asking_without_source(scope: Scope, path: KeyPath, written: Asked) -> None:
    """``agg`` and its like say nothing unless a source is asked."""
    for key in ASKING_KEYS:
        if getattr(written, key) is not None:
            message = f"`{key}` belongs to a question, and no source is asked here"
            cure = f'add from = "..." with the name of a source, or take `{key}` out'
            scope.page.add((*path, key), "kind-contradiction", message, cure, at="key")


def _unknown_source(
    scope: Scope, path: KeyPath, name: str, rest: Mapping[str, Any], own_keys: frozenset[str]
) -> None:
    sources = scope.world.sources
    meant = near(name, sources)
    message = f"no [source.{name}] is defined" if meant else "`from` names no source"
    listed = ", ".join(sorted(sources)) or "none"
    scope.page.add(
        (*path, "from"),
        "unknown-source",
        message,
        f"defined sources: {listed}",
        suggestion=meant,
        show=bool(meant),
    )
    for key in rest:  # which keys the source takes is unknown: only clear slips are told
        if near(key, own_keys, cutoff=SURE):
            unknown_key(scope.page, (*path, key), own_keys)


def _dates_itself(source: Connection | None) -> bool:
    return source is not None and source.spec is not None and source.source_spec().dates_itself


def _check_measuring(scope: Scope, path: KeyPath, written: Asked, *, dated: bool) -> str | None:
    """The window as okrsync writes it; None when it or the aggregation is wrong."""
    agg, window = written.agg, read_window(scope, (*path, "window"), written.window)
    fine = window is not None
    if agg is not None and agg not in AGGREGATIONS and not PERCENTILE.fullmatch(agg):
        meant = near(agg, AGGREGATIONS)
        scope.page.add(
            (*path, "agg"),
            "bad-aggregation",
            "no aggregation has this name",
            f"write one of: {', '.join(AGGREGATIONS)}, or p1 to p99",
            suggestion=meant,
            show=bool(meant),
        )
        return None
    if agg in DAYS:
        return window if _check_days(scope, path, written, window) else None
    if agg is not None and agg != "count" and written.measure is None:
        message = f"`{agg}` needs to know which number it is made of"
        cure = 'add measure = "..." with a field, a column or a duration of the source'
        scope.page.add((*path, "agg"), "missing-measure", message, cure, show=True)
        fine = False
    return window if (dated or _check_on(scope, path, written, window)) and fine else None


def _check_days(scope: Scope, path: KeyPath, written: Asked, window: str | None) -> bool:
    """Days are those of a window, by a date."""
    if window in TIMELESS:
        message = f"`{written.agg}` counts the days of a window, and there is none"
        cure = 'add window = "period", or "last 28d"'
        scope.page.add((*path, "agg"), "missing-window", message, cure, show=True)
        return False
    if written.measure is not None:
        message = f"`{written.agg}` counts days, it takes no `measure`"
        scope.page.add((*path, "measure"), "kind-contradiction", message, "take it out", at="key")
        return False
    return _check_on(scope, path, written, window)


def _check_on(scope: Scope, path: KeyPath, written: Asked, window: str | None) -> bool:
    """``first`` and ``last`` do without: then the source's own order of records counts."""
    if written.on is not None or window is None or window in TIMELESS:
        return True
    message = "the window needs to know which date it reads"
    cure = 'add on = "..." with the name of a date field of the source'
    scope.page.add((*path, "window"), "missing-on", message, cure, at="key")
    return False


def _read_query(
    scope: Scope,
    path: KeyPath,
    source: Connection,
    rest: Mapping[str, Any],
    own_keys: frozenset[str],
) -> Hashable | None:
    if source.spec is None:
        return () if source.broken else None
    spec = source.source_spec()
    page = scope.page
    rest = _with_vars(scope, spec.query, rest)
    query = check(spec.query, rest, page, path, known=own_keys, code="bad-query")
    if query is None:
        return None
    before = len(page.findings.found)
    for name in spec.row_expressions:
        text = getattr(query, name, None)
        if isinstance(text, str):
            here = (*path, _as_written(spec.query, name))
            fine = check_row_expression(page, here, text, getattr(query, "vars", NO_VALUES))
            if fine and name in spec.check_conditions:
                _check_condition(scope, here, spec.check_conditions[name], query, text)
    if source.settings is not None and spec.check is not None:
        _connector_check(scope, path, spec, source, query)
    return query if len(page.findings.found) == before else None


def _fits(scope: Scope, path: KeyPath, source: Connection, ask: Ask) -> bool:
    """Whether the connector knows this measure, date and aggregation for its query."""
    if source.spec is None or source.settings is None:
        return True
    check_asking = source.source_spec().check_asking
    if check_asking is None:
        return True
    question = UndatedQuestion(ask.query, ask.measure, ask.agg, ask.on, ask.window)
    problems = list(check_asking(source.settings, question))
    _note_all(scope, path, problems, ask.query)
    return not problems


def _with_vars(scope: Scope, model: type[BaseModel], rest: Mapping[str, Any]) -> Mapping[str, Any]:
    """The query with the file's [vars] under its own, where its model takes any."""
    own = rest.get("vars", {})
    if not scope.vars or "vars" not in model.model_fields or not isinstance(own, dict):
        return rest
    return {**rest, "vars": {**scope.vars, **own}}


def _check_condition(
    scope: Scope,
    path: KeyPath,
    check_condition: Callable[[Any, Condition | SourceError], Iterable[str]],
    query: BaseModel,
    text: str,
) -> None:
    """Whether the service can be asked this condition, in the connector's own words."""
    asked: Condition | SourceError
    try:
        asked = neutral(
            text, UTC, getattr(query, "vars", NO_VALUES)
        )  # which zone it is makes no difference to what can be asked
    except SourceError as error:
        asked = error
    for message in check_condition(query, asked):
        safe = safe_message(message, query.model_dump(mode="python"))
        scope.page.add(path, "bad-query", safe, "see the connector's page for what `where` can say")


def _as_written(query: type[BaseModel], name: str) -> str:
    """The key as people write it."""
    field = query.model_fields.get(name)
    return name if field is None else field.alias or name


def _connector_check(
    scope: Scope, path: KeyPath, spec: AnySourceSpec, source: Connection, query: Any
) -> None:
    """What the connector itself finds wrong between its settings and this query."""
    if spec.check is not None:
        _note_all(scope, path, spec.check(source.settings, query), query)


def _note_all(scope: Scope, path: KeyPath, problems: Iterable[tuple[str, str]], query: Any) -> None:
    for key, message in problems:
        here = (*path, key) if key else path
        scope.page.add(
            here,
            "bad-query",
            safe_message(message, query.model_dump(mode="python", exclude_unset=True)),
            "see the connector's page for its query keys",
        )
