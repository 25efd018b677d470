"""What a connector promises, and what okrsync lends it.

A connector is a package with one or two constants, ``SOURCE`` and ``STORE``, named by an entry
point in the group ``okrsync.sources`` or ``okrsync.stores``. There is no class to inherit from. A
connector imports this module, ``okrsync.addresses``, ``okrsync.conditions``,
``okrsync.standings``, ``okrsync.model``, ``okrsync.errors`` and ``okrsync.http``; all else comes
through the ``Toolbox``. Importing a connector must be cheap: settings and query models only, heavy
libraries inside ``open``.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal
from pathlib import Path
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Generic,
    Literal,
    Protocol,
    TypeVar,
    runtime_checkable,
)

from pydantic import BaseModel, ConfigDict, Field

from okrsync.conditions import NO_VALUES, Condition, Constant
from okrsync.errors import OutsideError, SourceError
from okrsync.model import (
    CheckIn,
    KeyResult,
    Measurement,
    Objective,
    Question,
    Receipt,
    StoredKeyResult,
    StoreRef,
    Window,
)

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from okrsync.http import Door

Clock = Callable[[], datetime]

SettingsT = TypeVar("SettingsT", bound=BaseModel)
QueryT = TypeVar("QueryT", bound=Hashable)
QueryT_contra = TypeVar("QueryT_contra", contravariant=True)
ItemT = TypeVar("ItemT")
AnswerT = TypeVar("AnswerT")

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]


class Settings(BaseModel):
    """Base of a connector's settings and query models: closed, frozen, hashable."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class FromEnvironment(Settings):
    env: Annotated[str, Field(min_length=1, description="Name of the environment variable.")]


class FromFile(Settings):
    file: Annotated[
        str, Field(min_length=1, description="Path of a file that only its owner may read (0600).")
    ]


class FromKeyring(Settings):
    keyring: Annotated[
        str, Field(pattern=r"^[^/]+/.+$", description='"service/user" in the system keyring.')
    ]


SecretRef = FromEnvironment | FromFile | FromKeyring
"""Where a secret is kept. The secret itself is read at the last moment, by ``Toolbox.secret``."""


class Source(Protocol[QueryT_contra]):
    def measure(
        self, questions: Sequence[Question[QueryT_contra]], /
    ) -> Sequence[Measurement | OutsideError]:
        """Answer every question, in order.

        One that cannot be answered gets its own error in its place; the others are still answered.
        Never zero for "could not look". Raising says that none of them can be answered.
        """


@runtime_checkable
class SelfExamining(Protocol):
    """A source or store that can say more of itself than one number: for ``okrsync doctor``."""

    def examine(self) -> Iterable[Remark]:
        """What works and what should be known: who is signed in, which rights, what expires."""


@dataclass(frozen=True, slots=True)
class Remark:
    """One line of ``okrsync doctor``; ``cure`` says what to do where all is not well."""

    message: str
    well: bool = True
    cure: str = ""


class Store(Protocol):
    def read(self, refs: Sequence[StoreRef], /) -> Mapping[StoreRef, StoredKeyResult]:
        """What the store shows now for each of ``refs``; one that it does not have is left out."""

    def post(self, check_in: CheckIn, /) -> Receipt:
        """Write one check-in; the same key twice changes nothing.

        Raises ``MovedOn`` when the store no longer stands at ``check_in.base``, and
        ``OutcomeUnknown`` when the request left and its answer was lost.
        """

    def find(self, check_in: CheckIn, /) -> Receipt | None:
        """Look for a check-in whose outcome is unknown; None when it is certainly not there."""

    def browse(self, /) -> Iterable[StoredKeyResult]:
        """All key results that the store holds, for linking and importing."""


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


@dataclass(frozen=True, slots=True)
class CellStyle:
    """How the cells of a table are written; None means: only what is beyond doubt."""

    decimal: Literal[".", ","] | None = None
    dates: Literal["day-first", "month-first"] | None = None


@dataclass(frozen=True, slots=True)
class RowQuestion:
    """A question over rows, in okrsync's own words; the same meaning for every source of rows.

    ``vars`` are what stands for :name in ``where``.
    """

    where: str | None
    measure: str | None
    agg: str | None
    on: str | None
    window: Window
    as_of: datetime
    vars: Mapping[str, Constant] = NO_VALUES

    @classmethod
    def of(
        cls,
        question: Question[Any],
        where: str | None = None,
        vars: Mapping[str, Constant] = NO_VALUES,  # noqa: A002 - as the field is named
    ) -> RowQuestion:
        """``question`` as it stands, over the rows that meet ``where``."""
        return cls(
            where,
            question.measure,
            question.agg,
            question.on,
            question.window,
            question.as_of,
            vars,
        )


@dataclass(frozen=True, slots=True)
class RowAnswer:
    """``rows`` is how many rows the value was made of, ``newest`` their latest ``on`` date."""

    value: Decimal
    unit: str
    rows: int
    newest: datetime | None = None


@dataclass(frozen=True, slots=True)
class RowBatch:
    """Consecutive rows of text cells; ``numbers`` are their places in the file, for errors."""

    rows: Sequence[Sequence[str]]
    numbers: Sequence[int]


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
        """Raise ``LeaseLost`` unless this run still holds the lease; call it before a write."""


@dataclass(frozen=True, slots=True)
class UndatedQuestion(Generic[QueryT]):
    """A question as a mapping writes it, before its window has dates; for checks offline."""

    query: QueryT
    measure: str | None
    agg: str | None
    on: str | None
    window: str


@dataclass(frozen=True, slots=True)
class SourceSpec(Generic[SettingsT, QueryT]):
    """The one object that an entry point of ``okrsync.sources`` names.

    ``settings`` validates [source.<name>], ``query`` the source's own keys in a mapping (those of
    okrsync's language are taken out before). ``row_expressions`` are the query's fields written in
    okrsync's row language, so that ``validate`` can check them offline. ``check`` returns what
    settings and a query together get wrong, as (key, message) pairs; ``check_asking`` the same of
    settings and a whole question: which measures, dates and aggregations there are for it.
    ``check_conditions`` says of some of the row expressions why the service cannot be asked them,
    an empty list where it can; each gets the query and the tree, or the error where the tree
    cannot say it. ``dates_itself`` says that a query can place the window's dates by itself
    (``:start``), so that ``on`` may be left out; the source then refuses a window that its query
    does not read.
    """

    name: str
    settings: type[SettingsT]
    query: type[QueryT]
    open: Callable[[SettingsT, Toolbox], AbstractContextManager[Source[QueryT]]]
    answers_past: bool = False
    dates_itself: bool = False
    row_expressions: frozenset[str] = frozenset()
    check: Callable[[SettingsT, QueryT], Iterable[tuple[str, str]]] | None = None
    check_asking: (
        Callable[[SettingsT, UndatedQuestion[QueryT]], Iterable[tuple[str, str]]] | None
    ) = None
    check_conditions: Mapping[str, Callable[[QueryT, Condition | SourceError], Iterable[str]]] = (
        field(default_factory=dict)
    )


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


AnySourceSpec = SourceSpec[Any, Any]
AnyStoreSpec = StoreSpec[Any]
