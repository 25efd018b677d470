"""Who asks: what goes into a request so that the other side knows the account."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


class SignIn(Protocol):
    """Gives the headers that prove who asks; sent only to the origin of the door's base_url."""

    def headers(self) -> Mapping[str, str]:
        """The headers as they are to be sent now."""

    def renew(self) -> bool:
        """Called after a 401; True when ``headers`` is different now and worth one more try."""


@dataclass(frozen=True, slots=True)
class Basic:
    user: str
    password: str = field(repr=False)

    def headers(self) -> Mapping[str, str]:
        pair = f"{self.user}:{self.password}".encode()
        return {"Authorization": f"Basic {b64encode(pair).decode('ascii')}"}

    def renew(self) -> bool:
        return False


@dataclass(frozen=True, slots=True)
class Bearer:
    token: str = field(repr=False)

    def headers(self) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def renew(self) -> bool:
        return False


@dataclass(frozen=True, slots=True)
class KeyHeader:
    """A key in a header of its own."""

    name: str
    key: str = field(repr=False)

    def headers(self) -> Mapping[str, str]:
        return {self.name: self.key}

    def renew(self) -> bool:
        return False
