"""What other systems' answers must be before anything is worked out from them. Pure."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Final

from okrsync.errors import BadAnswer, OutsideError
from okrsync.model import StoredKeyResult, StoreRef

MOST_DIGITS: Final = 100
"""Before the decimal point, and behind it. Nobody measures more; arithmetic ends somewhere."""


def is_number(value: object) -> bool:
    """Finite, and of a length that can be meant."""
    if not isinstance(value, Decimal) or not value.is_finite():
        return False
    exponent = value.as_tuple().exponent
    return value.adjusted() < MOST_DIGITS and isinstance(exponent, int) and exponent >= -MOST_DIGITS


def sound(ref: StoreRef, shown: object) -> StoredKeyResult | OutsideError:
    """What a store shows of one key result, or why it cannot be compared with anything."""
    if isinstance(shown, OutsideError):
        return shown
    if not isinstance(shown, StoredKeyResult):
        return _unsound(ref, "something that is no key result")
    if shown.value is not None and not is_number(shown.value):
        return _unsound(ref, f"a value that is no finite number of at most {MOST_DIGITS} digits")
    if shown.at is not None and shown.at.tzinfo is None:
        return _unsound(ref, "a time without a time zone")
    if shown.confidence is not None and not _is_finite(shown.confidence):
        return _unsound(ref, "a confidence that is not a finite number")
    if shown.decimals is not None and shown.decimals < 0:
        return _unsound(ref, "a number of decimals below 0")
    return shown


def _is_finite(value: object) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)


def _unsound(ref: StoreRef, what: str) -> BadAnswer:
    return BadAnswer(
        f"the store `{ref.store}` shows {what} for {ref.id}",
        next_step="correct it in the store; if it is right there, report it to the connector's "
        "author",
    )
