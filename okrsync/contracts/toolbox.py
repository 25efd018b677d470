"""What okrsync lends a connector for one run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Protocol, TypeVar

from pydantic import Field

from okrsync.conditions import Condition, Constant
from okrsync.contracts.rows import CellStyle, RowAnswer, RowBatch, RowQuestion
from okrsync.contracts.settings import SecretRef, Settings
from okrsync.errors import OutsideError
from okrsync.model import CheckIn, Receipt, StoreRef

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from okrsync.http import Door


Clock = Callable[[], datetime]


ItemT = TypeVar("ItemT")


AnswerT = TypeVar("AnswerT")


Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class WorkingDays(Settings):
    """Which days count in a duration that is measured in working time."""

    holidays: Annotated[
        str,
        Field(
            pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$",
            description="Country, or country and region, whose public holidays do not count: "
            "SE, DE-BY. Needs the extra okrsync[holidays].",
        ),
    ] = ""
    week: Annotated[
        tuple[Weekday, ...],
        Field(min_length=1, description="The days of the week that count."),
    ] = ("mon", "tue", "wed", "thu", "fri")


Elapsed = Callable[[datetime, datetime], timedelta]
"""The time from one instant to a later one, as it counts."""


class Memory(Protocol):
    """What one connector keeps from run to run: small texts by key, lost without harm."""

    def recall(self, key: str, /) -> str | None:
        """What was last remembered under ``key``."""

    def remember(self, key: str, text: str, /) -> None:
        """Keep ``text`` for later runs. A run that writes nothing forgets it at its end."""


class Toolbox(Protocol):
    """What okrsync lends a connector for one run."""

    @property
    def name(self) -> str:
        """The name of the connector's table in config.toml, for messages."""

    @property
    def root(self) -> Path:
        """The folder of config.toml: relative paths in settings start here."""

    @property
    def zone(self) -> tzinfo:
        """The config's time zone."""

    @property
    def clock(self) -> Clock:
        """The one clock of the run."""

    def secret(self, reference: SecretRef, /) -> str:
        """Read a secret where it is kept. From then on it is masked in every output.

        Raises ``SignInRefused`` when it is not there or readable by others.
        """

    def http(self, **settings: Any) -> Door:
        """The one door to the network; ``settings`` are those of ``okrsync.http.Door``.

        ``ca_file`` is relative to ``root``, and ``proxy`` may be a ``SecretRef``.
        """

    def admit(self, host: str, port: int, /) -> None:
        """Raise ``Refused`` unless [limits] lets this host be contacted.

        For a driver that opens its own connections; ``http`` asks by itself.
        """

    def aggregate(
        self,
        questions: Sequence[RowQuestion],
        header: Sequence[str],
        batches: Iterable[RowBatch],
        style: CellStyle = ...,
    ) -> Sequence[RowAnswer | OutsideError]:
        """Answer many questions in one pass over rows, in memory that does not grow with them."""

    def condition(self, text: str, values: Mapping[str, Constant] = ..., /) -> Condition:
        """A condition in okrsync's row language as a tree, to write it in the service's own words.

        ``values`` are what stands for :name in it, the query's ``vars``. Raises ``SourceError``
        for what the tree cannot say: arithmetic, functions of a column.
        """

    def each(
        self, ask: Callable[[ItemT], AnswerT], items: Sequence[ItemT], *, at_once: int = 8
    ) -> Sequence[AnswerT | OutsideError]:
        """``ask`` every item in ``at_once`` threads, for a service that answers one by one.

        The answers come in the items' order; what ``ask`` raises of ``OutsideError`` stands in its
        item's place, anything else ends it all.
        """

    def elapsed(self, days: WorkingDays | None, /) -> Elapsed:
        """Durations in working time, a working day being 24 h; None: by the clock.

        Raises ``SourceError`` for a country whose holidays are not known here.
        """

    @property
    def memory(self) -> Memory:
        """Texts that this connector keeps from run to run, such as an answer and its ETag."""

    def tell(self, note: str, /) -> None:
        """Say in the plan what asking costs: "48 tokens; 14,952 of today's 15,000 are left"."""

    def sent(self) -> Mapping[StoreRef, tuple[CheckIn, Receipt]]:
        """What okrsync itself last wrote into this store: all there is to go by in a store that
        cannot be read."""

    def database(self) -> Engine:
        """The state database, for a store that lives in it."""

    def fence(self) -> None:
        """Raise ``LeaseLost`` unless this run still holds the lease. The door asks it before each
        write; one that does not go through the door asks it itself."""
