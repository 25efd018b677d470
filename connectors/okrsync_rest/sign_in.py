"""A key in a header of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class KeyHeader:
    name: str
    key: str = field(repr=False)

    def headers(self) -> Mapping[str, str]:
        return {self.name: self.key}

    def renew(self) -> bool:
        return False
