"""Small texts inside a table, read by the mapping language; None where there was a problem."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from decimal import Decimal
from functools import lru_cache
from string import Formatter
from typing import TYPE_CHECKING, Final, TypeVar

from okrsync.config.tables import DefaultsTable, GuardTable, PeriodTable
from okrsync.config.wording import is_ordinary, is_ordinary_number, is_ordinary_period, near, shown
from okrsync.mapping.periods import parse_period
from okrsync.mapping.problems import MappingTextError
from okrsync.mapping.rules import BY_DEFAULT, Guard, Judging
from okrsync.mapping.schedule import parse_schedule
from okrsync.mapping.units import (
    canonical_unit,
    convert,
    parse_duration,
    parse_quantity,
    parse_share,
)
from okrsync.mapping.windows import check_window
from okrsync.model import Prior

if TYPE_CHECKING:
    from okrsync.config.documents import KeyPath
    from okrsync.config.findings import Page
    from okrsync.config.scope import Scope, World
    from okrsync.model import Period, Quantity

ReadT = TypeVar("ReadT")


LONGEST_GRACE = timedelta(days=366)


def never(_: str, /) -> bool:
    """No text is ordinary where anything may be written."""
    return False


NOTE_FIELDS: Final = frozenset(
    {
        *("value", "previous", "delta", "target", "unit", "progress", "score", "confidence"),
        *("source", "link", "read_at", "as_of", "title"),
    }
)
SPANS: Final = ("week", "month", "quarter", "year")
WINDOW_WORDS: Final = (
    *("now", "all", "period"),
    *(f"this_{span}" for span in SPANS),
    *(f"last_{span}" for span in SPANS),
)
PERIOD_WORDS: Final = ("this_month", "this_quarter", "this_half", "this_year")

# Ten thousand key results repeat the same few texts. typed: True and 1 are equal to a dictionary.
_quantity = lru_cache(maxsize=8192, typed=True)(parse_quantity)
_unit = lru_cache(maxsize=1024)(canonical_unit)
_window = lru_cache(maxsize=1024)(check_window)
_share = lru_cache(maxsize=1024, typed=True)(parse_share)
_schedule = lru_cache(maxsize=1024)(parse_schedule)


def attempt(
    read: Callable[[], ReadT],
    code: str,
    page: Page,
    path: KeyPath,
    *,
    written: object = None,
    ordinary: Callable[[str], bool] = never,
    words: Iterable[str] = (),
) -> ReadT | None:
    """What ``read`` gives; a text it cannot read becomes a problem.

    The text ``written`` is shown when it is ``ordinary`` or a near miss of one of ``words``.
    """
    try:
        return read()
    except MappingTextError as error:
        cure = error.cure or "change this value"
        text = written if isinstance(written, str) else ""
        meant = near(text, words, cutoff=0.7)
        show = bool(meant) or ordinary(text)
        page.add(path, code, error.message, cure, show=show, suggestion=meant)
        return None


def read_quantity(scope: Scope, path: KeyPath, written: int | Decimal | str) -> Quantity | None:
    return attempt(
        lambda: _quantity(written),
        "bad-number",
        scope.page,
        path,
        written=written,
        ordinary=is_ordinary_number,
    )


def read_unit(page: Page, path: KeyPath, written: str | None) -> str | None:
    if written is None:
        return None
    return attempt(lambda: _unit(written), "bad-number", page, path)


def in_unit(scope: Scope, path: KeyPath, quantity: Quantity, unit: str) -> Decimal | None:
    """The number in ``unit``; one that was written without a unit is meant in it."""
    if quantity.unit in {"", unit}:
        return quantity.value
    try:
        return convert(quantity, unit, scope.world.rates).value
    except MappingTextError as error:
        readable = is_ordinary(quantity.unit) or quantity.unit == "%"
        readable = readable and (is_ordinary(unit) or unit in {"", "%"})
        message = error.message if readable else "the two numbers are of different units"
        cure = error.cure if readable and error.cure else "write both numbers in the same unit"
        scope.page.add(path, "different-units", message, cure)
        return None


def read_period(
    world: World, page: Page, path: KeyPath, written: int | str | PeriodTable | None
) -> Period | None:
    if written is None:
        return None
    known = world.periods.get(written)
    if known is None:
        known = attempt(
            lambda: parse_period(
                _as_mapping(written),
                fiscal_year_starts=world.fiscal_year_starts,
                today=world.today,
            ),
            "bad-period",
            page,
            path,
            written=written,
            ordinary=is_ordinary_period,
            words=PERIOD_WORDS,
        )
    if known is not None:
        world.periods[written] = known
    return known


def _as_mapping(written: int | str | PeriodTable) -> object:
    if isinstance(written, PeriodTable):
        return {"from": written.first, "to": written.last}
    return written


def read_window(scope: Scope, path: KeyPath, written: str | None) -> str | None:
    if written is None:
        return "now"
    return attempt(
        lambda: _window(written),
        "bad-window",
        scope.page,
        path,
        written=written,
        words=WINDOW_WORDS,
    )


def check_schedule(page: Page, path: KeyPath, written: str | None) -> None:
    if written is not None:
        attempt(lambda: _schedule(written), "bad-schedule", page, path)


def check_note(page: Page, path: KeyPath, written: str | None) -> None:
    """Note a template that could not be filled in: unknown names, formats, attributes."""
    if written is None or ("{" not in written and "}" not in written):
        return
    cure = f"names are: {', '.join(f'{{{name}}}' for name in sorted(NOTE_FIELDS))}"
    try:
        parts = list(Formatter().parse(written))
    except ValueError:
        message = "a brace in the note is not closed; a brace itself is written {{ or }}"
        page.add(path, "bad-note", message, cure)
        return
    for _, name, spec, conversion in parts:
        if name is None:
            continue
        if spec or conversion:
            message = "a name in the note has no format and no conversion"
            page.add(path, "bad-note", message, cure)
        elif name not in NOTE_FIELDS:
            meant = near(name, NOTE_FIELDS)
            message = f"the note has no name {shown(name, NOTE_FIELDS)}"
            page.add(path, "bad-note", message, cure, suggestion=meant)


def read_weight(page: Page, path: KeyPath, written: int | Decimal | None) -> Decimal | None:
    if written is None:
        return None
    weight = Decimal(written)
    if not weight.is_finite() or weight <= 0 or weight > 10**9:
        message, cure = "a weight is a number above zero", "write a number such as 1 or 2.5"
        page.add(path, "bad-weight", message, cure)
        return None
    return weight


def read_guard(page: Page, path: KeyPath, written: GuardTable | None, base: Guard) -> Guard:
    """``base`` with what the table says laid over it, key by key."""
    if written is None:
        return base
    return Guard(
        max_step=_max_step(page, (*path, "max_step"), written.max_step) or base.max_step,
        max_age=_max_age(page, (*path, "max_age"), written.max_age) or base.max_age,
        allow_zero=base.allow_zero if written.allow_zero is None else written.allow_zero,
        allow_fall=base.allow_fall if written.allow_fall is None else written.allow_fall,
        allow_jump=base.allow_jump if written.allow_jump is None else written.allow_jump,
    )


def read_grace(page: Page, path: KeyPath, written: str | None) -> timedelta | None:
    if written is None:
        return None
    grace = attempt(lambda: parse_duration(written), "bad-duration", page, path)
    if grace is not None and not timedelta(0) <= grace <= LONGEST_GRACE:
        message, cure = "grace is at most a year", 'write a time such as "7d"'
        page.add(path, "bad-duration", message, cure)
        return None
    return grace


def grace_of(defaults: DefaultsTable) -> timedelta:
    """As [defaults] say that ``read_grace`` has seen."""
    try:
        return timedelta(0) if defaults.grace is None else parse_duration(defaults.grace)
    except MappingTextError:
        return timedelta(0)


def check_judging(page: Page, path: KeyPath, defaults: DefaultsTable) -> None:
    """Note bounds of a status that are none."""
    written, here = defaults.confidence, (*path, "confidence")
    if written is None:
        return
    bounds = {
        key: _bound(page, (*here, key), getattr(written, key)) for key in ("on_track", "at_risk")
    }
    on_track, at_risk = bounds.values()
    if on_track is not None and at_risk is not None and at_risk > on_track:
        message, cure = "at risk would be better than on track", "write the smaller one as at_risk"
        page.add((*here, "at_risk"), "bad-value", message, cure)


def _bound(page: Page, path: KeyPath, written: int | Decimal | str | None) -> Decimal | None:
    if written is None:
        return None
    share = attempt(lambda: _share(written), "bad-number", page, path)
    if share is not None and not 0 <= share <= 1:
        message, cure = "a confidence lies between 0 and 1", 'write 0.45 or "45 %"'
        page.add(path, "bad-value", message, cure)
        return None
    return share


def judging_of(defaults: DefaultsTable) -> Judging:
    """How confidence is made and read, as [defaults] say that ``check_judging`` has seen."""
    prior = Prior(defaults.prior) if defaults.prior else BY_DEFAULT.prior
    written = defaults.confidence
    if written is None:
        return Judging(prior)
    return Judging(prior, _readable(written.on_track), _readable(written.at_risk))


def _readable(written: int | Decimal | str | None) -> float | None:
    try:
        return None if written is None else float(_share(written))
    except MappingTextError:
        return None


def _max_step(page: Page, path: KeyPath, written: int | Decimal | str | None) -> Decimal | None:
    if written is None:
        return None
    share = attempt(lambda: _share(written), "bad-guard", page, path)
    if share is not None and share <= 0:
        message, cure = "a step of nothing would hold every value", 'write a share such as "25 %"'
        page.add(path, "bad-guard", message, cure)
    return share


def _max_age(page: Page, path: KeyPath, written: str | None) -> timedelta | None:
    if written is None:
        return None
    age = attempt(lambda: parse_duration(written), "bad-guard", page, path)
    if age is not None and age <= timedelta(0):
        message, cure = "an age of nothing would hold every value", 'write a time such as "3d"'
        page.add(path, "bad-guard", message, cure)
    return age
