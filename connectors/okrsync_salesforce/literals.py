"""Values as SOQL writes them. Nothing else puts a value into a query.

A text that SOQL has no way to write, one with a control character that has no escape, is refused:
a query about another text would be a wrong answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from typing import Final

from okrsync.errors import SourceError

# Salesforce's documentation, "Quoted String Escape Sequences".
_ESCAPES: Final = str.maketrans(
    {
        "\\": r"\\",
        "'": r"\'",
        '"': r"\"",
        "\n": r"\n",
        "\r": r"\r",
        "\t": r"\t",
        "\b": r"\b",
        "\f": r"\f",
    }
)
_WILD: Final = str.maketrans({"%": r"\%", "_": r"\_"})
_ESCAPED: Final = frozenset("\n\r\t\b\f")
_UNSURE: Final = frozenset("\x7f\u2028\u2029")  # line ends to some parsers, letters to others
_DIGITS: Final = 30


def text(value: str) -> str:
    return f"'{_writable(value).translate(_ESCAPES)}'"


def pattern(value: str, *, before: str = "", after: str = "") -> str:
    """``value`` for LIKE, taken letter by letter; ``before`` and ``after`` may be "%"."""
    if "\\" in value:
        raise SourceError(
            "a part of a text with a backslash in it cannot be asked of Salesforce",
            next_step="say rows = true, so that okrsync looks for it in the records",
        )
    return f"'{before}{_writable(value).translate(_ESCAPES).translate(_WILD)}{after}'"


def number(value: Decimal) -> str:
    written = format(value, "f")
    if not value.is_finite() or len(written) > _DIGITS:
        raise SourceError(
            "a number of this size cannot be asked of Salesforce", next_step="write a smaller one"
        )
    return written


def truth(value: bool) -> str:  # noqa: FBT001  (the value is what is written)
    return "TRUE" if value else "FALSE"


def several(values: Iterable[str]) -> str:
    return f"({', '.join(values)})"


def day(value: date) -> str:
    return value.isoformat()


def instant(value: datetime) -> str:
    return value.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def first_second(value: datetime) -> datetime:
    """The first whole second that is not before ``value``: Salesforce keeps whole seconds."""
    whole = last_second(value)
    return whole if whole == value else whole + timedelta(seconds=1)


def last_second(value: datetime) -> datetime:
    """The last whole second that is not after ``value``."""
    return value.astimezone(UTC).replace(microsecond=0)


def first_day(value: datetime, zone: tzinfo) -> date:
    """The first day whose midnight in ``zone`` is not before ``value``."""
    today = last_day(value, zone)
    begun = datetime.combine(today, time(), zone) == value
    return today if begun else today + timedelta(days=1)


def last_day(value: datetime, zone: tzinfo) -> date:
    """The last day whose midnight in ``zone`` is not after ``value``."""
    return value.astimezone(zone).date()


def compared(field: str, kind: str, sign: str, value: datetime, zone: tzinfo) -> str:
    """A date or datetime field next to an instant; ``sign`` is one of < <= > >=.

    A day counts as its midnight in ``zone``, as everywhere in okrsync.
    """
    upwards = sign in {"<", ">="}  # both part the line just before the bound
    if kind == "date":
        bound = first_day(value, zone) if upwards else last_day(value, zone)
        return f"{field} {sign} {day(bound)}"
    moment = first_second(value) if upwards else last_second(value)
    return f"{field} {sign} {instant(moment)}"


def _writable(value: str) -> str:
    if any((c < " " and c not in _ESCAPED) or c in _UNSURE for c in value):
        raise _unwritable("control characters")
    if any(0xD800 <= ord(c) <= 0xDFFF for c in value):  # noqa: PLR2004  (halves of a character)
        raise _unwritable("half characters")
    return value


def _unwritable(what: str) -> SourceError:
    return SourceError(
        f"a text with {what} in it cannot be asked of Salesforce",
        next_step="take them out of the value",
    )
