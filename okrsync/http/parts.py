"""Parts of a service's JSON answer, taken by name: what is not as it should be is no answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

from okrsync.errors import BadAnswer

MadeT = TypeVar("MadeT")
_DOCTOR = "okrsync doctor"


def instant(written: str) -> datetime | None:
    """None for what is no instant: a date that is only shown is not worth an answer."""
    try:
        return datetime.fromisoformat(written)
    except ValueError:
        return None


def readable(make: Callable[[Any], MadeT], entries: Iterable[Any]) -> Iterator[MadeT]:
    """What ``make`` makes of those entries of a list that it can read."""
    for entry in entries:
        with suppress(BadAnswer):
            yield make(entry)


@dataclass(frozen=True, slots=True)
class Parts:
    """``service`` is whose answers they are, for messages."""

    service: str

    def table(self, data: Any) -> Mapping[str, Any]:
        if not isinstance(data, dict):
            raise BadAnswer(
                f"{self.service}'s answer is not made as it should be", next_step=_DOCTOR
            )
        return data

    def text(self, data: Mapping[str, Any], name: str) -> str:
        """ "" where there is none."""
        found = data.get(name)
        if found is None:
            return ""
        if not isinstance(found, str):
            raise BadAnswer(f"{self.service}'s answer has no text as {name}", next_step=_DOCTOR)
        return found

    def number(self, data: Mapping[str, Any], name: str) -> Decimal | None:
        """None where there is none."""
        found = data.get(name)
        if found is None:
            return None
        if isinstance(found, bool) or not isinstance(found, int | Decimal):
            raise BadAnswer(f"{self.service}'s answer has no number as {name}", next_step=_DOCTOR)
        return Decimal(found)
