"""How a key result's value is made: asked, computed, counted from milestones, or said by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from okrsync.config.asks import note_asking_without_source, note_query_without_source, read_ask
from okrsync.config.formulas import read_condition, read_formula
from okrsync.config.tables import KEY_RESULT_KEYS
from okrsync.mapping.rules import Fixed, Manual, Steps

if TYPE_CHECKING:
    from okrsync.config.documents import KeyPath
    from okrsync.config.scope import Scope
    from okrsync.config.tables import KeyResultTable
    from okrsync.mapping.rules import ValueRule
    from okrsync.model import Milestone


@dataclass(slots=True)  # not frozen: one is made for each key result, and is gone at once
class Draft:
    """A key result while it is read: ``rest`` are the keys that are not okrsync's own, ``clean``
    is False when keys were already found wrong, so that none is called missing."""

    scope: Scope
    path: KeyPath
    written: KeyResultTable
    rest: dict[str, Any]
    clean: bool
    milestones: tuple[Milestone, ...] = ()
    steps: Steps | None = None


def read_value(draft: Draft) -> ValueRule | None:
    """The one way in which the value is made; None where a problem was noted."""
    written, scope, path = draft.written, draft.scope, draft.path
    said = {
        "milestones": written.milestones,
        "done": written.done,
        "from": written.source,
        "value": written.value,
        "manual": written.manual,
    }
    ways = [key for key, value in said.items() if value is not None]
    if written.source is None:
        note_query_without_source(scope, path, draft.rest, KEY_RESULT_KEYS)
        note_asking_without_source(scope, path, written)
    if len(ways) > 1:
        message = f"`{ways[0]}` and `{ways[1]}` both say where the value comes from"
        cure = f"keep `{ways[0]}` or `{ways[1]}`, not both"
        scope.page.add((*path, ways[1]), "two-values", message, cure, at="key")
        return None
    if not ways and draft.clean:
        message = "nothing says where the value comes from"
        cure = 'add from = "..." with a query, value = "..." over metrics, or manual = true'
        scope.page.add(path, "value-missing", message, cure, at="table")
    return _made(draft, ways[0]) if ways else None


def _made(draft: Draft, way: str) -> ValueRule | None:
    scope, path, written = draft.scope, draft.path, draft.written
    if way == "from":
        return read_ask(scope, path, written, draft.rest, own_keys=KEY_RESULT_KEYS)
    if way == "milestones":
        return draft.steps
    if way == "manual":
        return Manual(scope.place(path))
    if isinstance(written.done, bool):
        return Fixed(written.done, scope.place(path))
    if way == "done":
        return read_condition(scope, (*path, way), written.done or "", path)
    return read_formula(scope, (*path, way), written.value or "", path)
