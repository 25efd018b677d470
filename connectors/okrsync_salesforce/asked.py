"""A question as it is put to Salesforce, and what its answer will look like."""

from __future__ import annotations

from dataclasses import dataclass

from okrsync.contracts import RowQuestion
from okrsync.model import Question
from okrsync_salesforce.durations import Span
from okrsync_salesforce.fields import Field
from okrsync_salesforce.settings import SalesforceQuery

SalesforceQuestion = Question[SalesforceQuery]

ROWS_BEHIND, FILLED, VALUE = "n", "k", "v"
"""Names of the columns in an aggregated answer: records, those with a value, the value."""


@dataclass(frozen=True, slots=True)
class Size:
    """The answer is how many records match: the answer's size."""

    soql: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Aggregated:
    """One record with the columns above. ``average``: the value is a sum, to be divided."""

    soql: str
    measure: str
    unit: str
    average: bool = False
    zero_is_true: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class One:
    """One record and one number in it; ``measure`` names its column, None where there is one."""

    soql: str
    measure: str | None
    unit: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """A column for okrsync's own aggregation, as the mapping names it.

    With ``span`` it is the time between two dates, in seconds.
    """

    name: str
    field: Field
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Records:
    """Records to be read to the end; ``columns`` is None where the query itself names them.

    The answer to a question about durations comes in seconds and is told in days.
    """

    soql: str
    row: RowQuestion
    columns: tuple[Column, ...] | None
    unit: str
    words: str
    in_seconds: bool = False
    notes: tuple[str, ...] = ()


Asked = Size | Aggregated | One | Records
