"""What the reports need to know of one number of the history; a ``Reading`` of the state is one."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Protocol

from okrsync.model import Value


class Past(Protocol):
    """One number of the history; okrsync.state.records.Reading is one."""

    @property
    def subject(self) -> str: ...
    @property
    def number(self) -> Decimal: ...
    @property
    def unit(self) -> str: ...
    @property
    def as_of(self) -> datetime: ...
    @property
    def origin(self) -> str: ...
    @property
    def rows(self) -> int: ...
    @property
    def approximate(self) -> bool: ...
    def value(self) -> Value:
        """The number with all that it was made of."""
