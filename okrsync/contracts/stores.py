"""What a store promises, what it can hold, and the manifest that names it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any, Generic, Literal, Protocol, TypeVar

from pydantic import BaseModel

from okrsync.contracts.toolbox import Toolbox
from okrsync.decimals import EXACT
from okrsync.errors import OutsideError
from okrsync.model import CheckIn, KeyResult, Objective, Receipt, StoredKeyResult, StoreRef

SettingsT = TypeVar("SettingsT", bound=BaseModel)


class Store(Protocol):
    def read(
        self, refs: Sequence[StoreRef], /
    ) -> Mapping[StoreRef, StoredKeyResult | OutsideError]:
        """What the store shows now for each of ``refs``; one that it does not have is left out.

        Where one cannot be read, the reason stands in its place, and it fails alone. Raise only
        where nothing can be read. A sign-in that was refused fails all of them either way.
        """

    def post(self, check_in: CheckIn, /) -> Receipt:
        """Write one check-in; the same key twice changes nothing.

        Raises ``MovedOn`` when the store no longer stands at ``check_in.base``, and
        ``OutcomeUnknown`` when the request left and its answer was lost.
        """

    def find(self, check_in: CheckIn, /) -> Receipt | None:
        """Look for a check-in whose outcome is unknown; None when it is certainly not there."""

    def browse(self, /) -> Iterable[StoredKeyResult]:
        """All key results that the store holds, for linking and importing.

        Raises ``Refused`` with a cure, or ``NotImplementedError``, where the service has no list.
        """


def all_read(
    shown: Mapping[StoreRef, StoredKeyResult | OutsideError],
) -> Mapping[StoreRef, StoredKeyResult]:
    """What ``read`` gave, where each could be read. Raises the failure of one that could not."""
    whole: dict[StoreRef, StoredKeyResult] = {}
    for ref, answer in shown.items():
        if isinstance(answer, OutsideError):
            raise answer
        whole[ref] = answer
    return whole


class DefiningStore(Store, Protocol):
    """A store that keeps objectives and key results as the mappings define them."""

    def declare(self, objectives: Sequence[Objective], key_results: Sequence[KeyResult], /) -> int:
        """Create and update definitions; returns how many changed. Never touches a check-in."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a store can hold. The plan says on its line what will be lost before it is sent.

    ``decimals`` are places after the point (of 25.4 where that is 25.4 %, on whatever scale it is
    kept), ``digits`` significant ones (15 where numbers are binary floats). ``keeps_history`` is
    false where a newer check-in can take an older one's place.
    """

    numbers: Literal["decimal", "integer", "none"] = "decimal"
    negative: bool = True
    decimals: int | None = None
    digits: int | None = None
    percent: Literal["0-100", "0-1"] = "0-100"
    statuses: tuple[str, ...] = ()
    confidence: bool = True
    note_length: int | None = None
    markup: Literal["plain", "markdown", "html"] = "plain"
    back_dating: bool = False
    keeps_history: bool = True
    notifies: bool = False
    keeps_definitions: bool = False

    def held(self, number: Decimal) -> Decimal:
        """``number`` as the store can hold it, half to even: what is sent, compared and read back.

        On okrsync's own scale, 25.4 for 25.4 %: what keeps percents from 0 to 1 divides afterwards.
        """
        if self.numbers == "none":
            return number
        if self.digits is not None:
            number = Context(prec=self.digits, rounding=ROUND_HALF_EVEN).plus(number)
            number = number if _exponent(number) <= 0 else EXACT.quantize(number, Decimal(1))
        places = 0 if self.numbers == "integer" else self.decimals
        if places is None or -_exponent(number) <= places:
            return number
        return EXACT.plus(EXACT.quantize(number, Decimal(1).scaleb(-places)))  # plus: never -0


def _exponent(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0


@dataclass(frozen=True, slots=True)
class StoreSpec(Generic[SettingsT]):
    """The one object that an entry point of ``okrsync.stores`` names.

    ``capabilities_of`` tells them of a store whose settings say what it can hold.
    """

    name: str
    settings: type[SettingsT]
    open: Callable[[SettingsT, Toolbox], AbstractContextManager[Store]]
    capabilities: Capabilities = field(default_factory=Capabilities)
    capabilities_of: Callable[[SettingsT], Capabilities] | None = None


AnyStoreSpec = StoreSpec[Any]
