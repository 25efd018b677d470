"""What a source promises, and the manifest that names it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from pydantic import BaseModel

from okrsync.conditions import Condition
from okrsync.contracts.toolbox import Toolbox
from okrsync.errors import OutsideError, SourceError
from okrsync.model import Measurement, Question

SettingsT = TypeVar("SettingsT", bound=BaseModel)


QueryT = TypeVar("QueryT", bound=Hashable)


QueryT_contra = TypeVar("QueryT_contra", contravariant=True)


class Source(Protocol[QueryT_contra]):
    def measure(
        self, questions: Sequence[Question[QueryT_contra]], /
    ) -> Sequence[Measurement | OutsideError]:
        """Answer every question, in order.

        One that cannot be answered gets its own error in its place; the others are still answered.
        Never zero for "could not look". Raising says that none of them can be answered.
        """


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


AnySourceSpec = SourceSpec[Any, Any]
