"""Which kind of key result the keys describe, and its bounds in one unit."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from okrsync.config.values import in_unit, read_quantity, read_unit
from okrsync.mapping.problems import UnitError
from okrsync.mapping.relative import is_relative, resolve_target
from okrsync.model import Kind

if TYPE_CHECKING:
    from okrsync.config.documents import KeyPath
    from okrsync.config.scope import Scope
    from okrsync.config.tables import KeyResultTable
    from okrsync.model import Quantity

FAMILIES: Final = {
    "baseline": "way",
    "target": "way",
    "at_least": "at_least",
    "at_most": "at_most",
    "min": "range",
    "max": "range",
    "milestones": "milestones",
    "done": "done",
}
KINDS_OF: Final = {
    "way": ("increase", "decrease"),
    "at_least": ("at_least",),
    "at_most": ("at_most",),
    "range": ("range",),
    "milestones": ("milestones",),
    "done": ("done",),
}
KIND_CURE: Final = (
    "write baseline and target, at_least, at_most, min and max, milestones, done, or manual = true"
)
ZERO, ONE = Decimal(0), Decimal(1)


@dataclass(slots=True)  # not frozen: one is made for each key result, and is gone at once
class Shape:
    """The part of a key result that says when it is met."""

    kind: Kind
    unit: str = ""
    baseline: Decimal | None = None
    baseline_first: bool = False
    target: Decimal | None = None
    low: Decimal | None = None
    high: Decimal | None = None


def read_shape(
    scope: Scope, path: KeyPath, written: KeyResultTable, *, clean: bool
) -> Shape | None:
    """The shape, or None where a problem was noted.

    ``clean`` is False when keys were already found wrong: then none is called missing.
    """
    family = _family(scope, path, written, clean=clean)
    if family is None or not _kind_agrees(scope, path, written, family):
        return None
    if family in {"milestones", "done"}:
        return _counted(scope, path, written, Kind(family))
    if family == "range":
        return _range(scope, path, written, clean=clean)
    if family == "way":
        return _way(scope, path, written, clean=clean)
    bound = read_quantity(scope, (*path, family), getattr(written, family))
    if bound is None:
        return None
    unit = _unit(scope, path, written, bound)
    target = in_unit(scope, (*path, family), bound, unit)
    return None if target is None else Shape(Kind(family), unit, target=target)


def _family(scope: Scope, path: KeyPath, written: KeyResultTable, *, clean: bool) -> str | None:
    said = written.model_fields_set  # TOML knows no null, so what is set has a value
    keys = [key for key in FAMILIES if key in said]
    families = list(dict.fromkeys(FAMILIES[key] for key in keys))
    if len(families) > 1:
        other = next(key for key in keys if FAMILIES[key] != families[0])
        message = f"`{keys[0]}` and `{other}` describe different kinds of key results"
        cure = f"keep `{keys[0]}` or `{other}`, not both"
        if {keys[0], other} == {"at_least", "at_most"}:
            cure = "to stay between two bounds write min and max"
        _add(scope, (*path, other), "kind-contradiction", message, cure, key=True)
        return None
    if families:
        return families[0]
    if written.manual:
        return "done"
    if clean:
        message = "the keys do not say when this key result is met"
        scope.page.add(path, "kind-unclear", message, KIND_CURE, at="table")
    return None


def _kind_agrees(scope: Scope, path: KeyPath, written: KeyResultTable, family: str) -> bool:
    if written.kind is None or written.kind in KINDS_OF[family]:
        return True
    message = f"`kind` says {written.kind}, the keys say {' or '.join(KINDS_OF[family])}"
    cure = "correct `kind`, or take it out: the keys are enough"
    _add(scope, (*path, "kind"), "kind-contradiction", message, cure, show=True)
    return False


def _counted(scope: Scope, path: KeyPath, written: KeyResultTable, kind: Kind) -> Shape | None:
    if written.strict is not None:
        message = "`strict` is about a bound, and this key result has none"
        _add(scope, (*path, "strict"), "kind-contradiction", message, "take it out", key=True)
        return None
    if kind is Kind.DONE:
        return Shape(kind, baseline=ZERO, target=ONE)
    weights = [
        Decimal(1 if step.weight is None else step.weight) for step in written.milestones or ()
    ]
    if not weights:
        message, cure = "there is no milestone", 'write [{ title = "..." }, ...]'
        _add(scope, (*path, "milestones"), "bad-milestone", message, cure, key=True)
        return None
    return Shape(kind, baseline=ZERO, target=sum(weights, ZERO))


def _range(scope: Scope, path: KeyPath, written: KeyResultTable, *, clean: bool) -> Shape | None:
    if written.min is None or written.max is None:
        if clean:
            only, other = ("min", "at_least") if written.max is None else ("max", "at_most")
            message = f"a range needs both ends, and only `{only}` is there"
            cure = f"write the other end, or {other} for a single bound"
            _add(scope, (*path, only), "kind-unclear", message, cure, key=True)
        return None
    ends = _both(scope, path, written, ("min", written.min), ("max", written.max))
    if ends is None:
        return None
    unit, low, high = ends
    if low >= high:
        message = "the range is empty: `min` is not below `max`"
        cure = "write the lower bound as `min` and the higher one as `max`"
        _add(scope, (*path, "min"), "empty-range", message, cure, key=True)
        return None
    return Shape(Kind.RANGE, unit, low=low, high=high)


def _way(scope: Scope, path: KeyPath, written: KeyResultTable, *, clean: bool) -> Shape | None:
    if written.target is None or written.baseline is None:
        if clean:
            _note_half_a_way(scope, path, written)
        return None
    if written.baseline == "first":
        return _way_from_first(scope, path, written)
    if is_relative(written.target):
        return _relative_way(scope, path, written)
    ends = _both(scope, path, written, ("target", written.target), ("baseline", written.baseline))
    if ends is None:
        return None
    unit, target, baseline = ends
    return _directed(scope, path, written, unit=unit, baseline=baseline, target=target)


def _relative_way(scope: Scope, path: KeyPath, written: KeyResultTable) -> Shape | None:
    baseline = read_quantity(scope, (*path, "baseline"), written.baseline or ZERO)
    if baseline is None:
        return None
    unit = _unit(scope, path, written, baseline)
    start = in_unit(scope, (*path, "baseline"), baseline, unit)
    if start is None:
        return None
    try:
        target = resolve_target(type(baseline)(start, unit), written.target or ZERO)
    except UnitError as error:
        _add(scope, (*path, "target"), "relative-target", error.message, error.cure)
        return None
    return _directed(scope, path, written, unit=unit, baseline=start, target=target.value)


def _way_from_first(scope: Scope, path: KeyPath, written: KeyResultTable) -> Shape | None:
    if is_relative(written.target):
        message = 'a target relative to the baseline cannot be computed while that is "first"'
        cure = "write the target itself, or the baseline as a number"
        _add(scope, (*path, "target"), "relative-target", message, cure)
        return None
    target = read_quantity(scope, (*path, "target"), written.target or ZERO)
    if target is None:
        return None
    if written.kind is None:
        message = 'with baseline = "first" nothing says whether the value should rise or fall'
        cure = 'add kind = "increase" or kind = "decrease"'
        _add(scope, (*path, "baseline"), "kind-unclear", message, cure, show=True)
        return None
    unit = _unit(scope, path, written, target)
    number = in_unit(scope, (*path, "target"), target, unit)
    if number is None:
        return None
    return Shape(Kind(written.kind), unit, baseline_first=True, target=number)


def _directed(
    scope: Scope,
    path: KeyPath,
    written: KeyResultTable,
    *,
    unit: str,
    baseline: Decimal,
    target: Decimal,
) -> Shape | None:
    if baseline == target:
        message = "baseline and target are the same, so there is no way to go"
        cure = "write where it starts and where it should get; to keep a level write at_least"
        _add(scope, (*path, "target"), "baseline-is-target", message, cure, key=True)
        return None
    kind = Kind.INCREASE if target > baseline else Kind.DECREASE
    if written.kind is not None and written.kind != kind:
        message = f"`kind` says {written.kind}, baseline and target say {kind.value}"
        cure = "correct `kind`, or change baseline and target over"
        _add(scope, (*path, "kind"), "kind-contradiction", message, cure, show=True)
        return None
    return Shape(kind, unit, baseline=baseline, target=target)


def _note_half_a_way(scope: Scope, path: KeyPath, written: KeyResultTable) -> None:
    if written.target is None:
        message, cure = "a baseline needs a target", "add target = ..."
        _add(scope, (*path, "baseline"), "target-missing", message, cure, key=True)
    else:
        message = "a target needs a baseline to start from"
        cure = 'add baseline = ... or baseline = "first"; to keep a bound write at_least, at_most'
        _add(scope, (*path, "target"), "baseline-missing", message, cure, key=True)


def _both(
    scope: Scope,
    path: KeyPath,
    written: KeyResultTable,
    main: tuple[str, int | Decimal | str],
    other: tuple[str, int | Decimal | str],
) -> tuple[str, Decimal, Decimal] | None:
    """The unit, and both numbers in it; ``main`` has the first say about the unit."""
    first = read_quantity(scope, (*path, main[0]), main[1])
    second = read_quantity(scope, (*path, other[0]), other[1])
    if first is None or second is None:
        return None
    unit = _unit(scope, path, written, first if first.unit else second)
    numbers = (
        in_unit(scope, (*path, main[0]), first, unit),
        in_unit(scope, (*path, other[0]), second, unit),
    )
    if numbers[0] is None or numbers[1] is None:
        return None
    return unit, numbers[0], numbers[1]


def _unit(scope: Scope, path: KeyPath, written: KeyResultTable, bound: Quantity) -> str:
    explicit = read_unit(scope.page, (*path, "unit"), written.unit)
    if explicit or bound.unit:
        return explicit or bound.unit
    return read_unit(scope.page, (*path, "unit"), scope.defaults.unit) or ""


def _add(
    scope: Scope,
    path: KeyPath,
    code: str,
    message: str,
    cure: str,
    *,
    key: bool = False,
    show: bool = False,
) -> None:
    scope.page.add(path, code, message, cure, at="key" if key else "value", show=show)
