"""JSON text in which every decimal keeps all of its digits.

The standard encoder only knows binary floats; here a ``Decimal`` becomes a JSON number digit for
digit, so that a reader who parses numbers as decimals gets exactly what okrsync holds.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal

from okrsync.decimals import plain

STEP = "  "


def encode(value: object, indent: str = "") -> str:
    """Objects and lists over several lines, instants in ISO 8601, enums by their value."""
    match value:
        case None | bool() | int():
            return json.dumps(value)
        case str():
            return json.dumps(str(value), ensure_ascii=False)
        case Decimal():
            return exact(value)
        case float():
            return json.dumps(round(value, 6)) if math.isfinite(value) else "null"
        case datetime() | date():
            return json.dumps(value.isoformat())
        case Mapping():
            inner = (
                f"{json.dumps(str(key), ensure_ascii=False)}: {encode(item, indent + STEP)}"
                for key, item in value.items()
            )
            return _enclosed("{", inner, "}", indent)
        case list() | tuple():
            return _enclosed("[", (encode(item, indent + STEP) for item in value), "]", indent)
        case _:
            raise TypeError(f"{type(value).__name__} has no place in JSON")


def exact(number: Decimal) -> str:
    """The digits without an exponent; null for what is no number."""
    return plain(number) if number.is_finite() else "null"


def _enclosed(opening: str, items: Iterable[str], closing: str, indent: str) -> str:
    inner = f",\n{indent}{STEP}".join(items)
    return f"{opening}\n{indent}{STEP}{inner}\n{indent}{closing}" if inner else opening + closing
