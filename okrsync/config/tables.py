"""The tables of a mapping file, as written: types and descriptions, no meaning yet.

These models also feed the JSON Schema and the tables of keys in the documentation.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

Number = Annotated[
    int | Decimal | str, WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string"}]})
]
"""A number, or a number as people write it: "100k", "20 MSEK", "2 d", "60 %"."""

Constant = Annotated[
    str | bool | int | Decimal | datetime | date,
    WithJsonSchema(
        {"anyOf": [{"type": "string"}, {"type": "boolean"}, {"type": "number"}]},
    ),
]
PlainNumber = Annotated[int | Decimal, WithJsonSchema({"type": "number"})]
Words = Annotated[str, Field(min_length=1)]
OnConflictWord = Literal["hold", "ours", "theirs"]
AmbitionWord = Literal["aspirational", "committed"]
SortWord = Literal["cumulative", "level", "percent"]
PriorWord = Literal["fitted", "even"]
KindWord = Literal["increase", "decrease", "at_least", "at_most", "range", "milestones", "done"]


class Table(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        hide_input_in_errors=True,
        protected_namespaces=(),
    )


# For the tables of whole files: they are described in the schema, and checked part by part.
ONLY_DESCRIBED = ConfigDict(defer_build=True)


class GuardTable(Table):
    """What holds a value back. A guard never alters a value."""

    max_step: Number | None = Field(
        None,
        description="Largest step from one check-in to the next, as a share of the way from "
        'baseline to target: "25 %".',
    )
    max_age: Words | None = Field(None, description='Oldest data that counts: "3d", "12 h".')
    allow_zero: bool | None = Field(None, description="Let a fall to zero through.")
    allow_fall: bool | None = Field(None, description="Let a counter fall that should only rise.")
    allow_jump: bool | None = Field(
        None, description="Let a value through that is far away from all before it."
    )


class StatusTable(Table):
    """The least confidence (0-1) of a status."""

    on_track: Number | None = Field(
        None, description="On track from here: 0.45 for an aspiration, 0.7 for a commitment."
    )
    at_risk: Number | None = Field(
        None, description="At risk from here, below it off track: 0.25 and 0.4."
    )


class DefaultsTable(Table):
    """What holds where a definition says nothing; the mapping's own wins over config.toml's."""

    owner: Words | None = Field(None, description="Who answers for it: a role or a team.")
    guard: GuardTable | None = Field(None, description="Guards, merged key by key.")
    schedule: Words | None = Field(
        None, description='When it is due: "daily 06:00", "weekdays 06:00", or a cron line.'
    )
    note: Words | None = Field(None, description="Template of a check-in's note.")
    ambition: AmbitionWord | None = Field(
        None, description="aspirational: 0.7 is green; committed: only 1.0 is green."
    )
    weight: PlainNumber | None = Field(None, description="Weight in the objective's score.")
    on_conflict: OnConflictWord | None = Field(
        None, description="What to do about a person's newer check-in: hold, ours or theirs."
    )
    grace: Words | None = Field(
        None,
        description='How long after its period\'s end late data still counts: "7d"; not at all.',
    )
    level: Words | None = Field(None, description="company, department, team or individual.")
    perspective: Words | None = Field(
        None, description="Side of the balanced scorecard: financial, customer, internal, learning."
    )
    unit: Words | None = Field(None, description='Unit: "%", "h", "d", a currency, or any word.')
    confidence: StatusTable | None = Field(
        None, description="From which confidence on a key result is on track or at risk."
    )
    prior: PriorWord | None = Field(
        None,
        description="What confidence believes without a history: fitted (what real targets came "
        "to) or even (half of them).",
    )


class PeriodTable(Table):
    """Any two days; both count."""

    first: date | str = Field(alias="from", description="First day, or first month.")
    last: date | str = Field(alias="to", description="Last day or month, which still counts.")


PeriodValue = int | str | PeriodTable
PERIOD_DESCRIPTION = (
    "2026, 2026-H2, 2026-Q4, 2026-10, this_month, this_quarter, this_half, this_year, "
    "or { from = 2026-10-01, to = 2026-12-15 }."
)


class Asked(Table):
    """The keys with which a metric or a key result asks a source."""

    source: Words | None = Field(
        None, alias="from", description="Name of the [source] table to ask."
    )
    measure: Words | None = Field(
        None, description="The field, column or duration that the number is made of."
    )
    agg: Words | None = Field(
        None,
        description="count, distinct, sum, avg, median, min, max, last, first, p1 to p99, "
        "days_with or days_without.",
    )
    on: Words | None = Field(None, description="The date field that the window reads.")
    window: Words | None = Field(
        None,
        description='now, period, this_ or last_ week, month, quarter or year, "last 28d", or all.',
    )
    value: Words | None = Field(
        None, description="A metric's name, or arithmetic over metrics, instead of asking."
    )
    unit: Words | None = Field(None, description='Unit: "%", "h", "d", a currency, or any word.')
    sort: SortWord | None = Field(
        None,
        description="How it moves, for the forecast: cumulative, level or percent; else read from "
        "agg, window and unit.",
    )
    whole: bool | None = Field(
        None, description="true: it only takes whole numbers; else read from agg."
    )
    title: Words | None = Field(None, description="What it says, for people.")
    owner: Words | None = Field(None, description="Who answers for it: a role or a team.")
    guard: GuardTable | None = Field(None, description="Guards, merged over the defaults.")


class HealthyTable(Table):
    """The range in which a KPI is well."""

    min: Number | None = Field(None, description="Lowest healthy value.")
    max: Number | None = Field(None, description="Highest healthy value.")


class MetricTable(Asked):
    """A number with a name, used by key results or watched as a KPI."""

    perspective: Words | None = Field(None, description="Side of the balanced scorecard.")
    healthy: HealthyTable | None = Field(
        None, description="Watch it as a KPI: { min = 10, max = 40 }."
    )


class MilestoneTable(Table):
    """A dated step."""

    title: Words = Field(description="What is reached.")
    weight: PlainNumber | None = Field(None, description="Its share of the whole; 1 if not said.")
    due: date | None = Field(None, description="Day by which it should be reached.")
    done: bool | date | None = Field(None, description="true, false, or the day it was reached.")
    when: Words | None = Field(
        None, description="Reached as soon as this expression over metrics is true."
    )
    metric: Words | None = Field(
        None,
        description="Metric of a milestone that a source keeps (an epic, a version): "
        "reached at 100 %, dated as there.",
    )


class PaceTable(Table):
    """A point of the expected way."""

    day: date = Field(description="At the end of this day")
    progress: Number = Field(description='this much is expected: 0.5 or "50 %".')


class KeyResultTable(Asked):
    """The measurable proof of an objective."""

    title: Words = Field(description="What is proved, for people: from where to where.")
    kind: KindWord | None = Field(None, description="Said to be strict; else read from the keys.")
    baseline: Number | None = Field(
        None, description='Where it starts: a number, or "first" for the first one measured.'
    )
    target: Number | None = Field(
        None, description='Where it should get: a number, or "+25 %" of the baseline.'
    )
    at_least: Number | None = Field(None, description="A floor to keep.")
    at_most: Number | None = Field(None, description="A ceiling to keep.")
    min: Number | None = Field(None, description="Lower end of the range to stay in.")
    max: Number | None = Field(None, description="Upper end of the range to stay in.")
    strict: bool | None = Field(
        None, description="true: exactly the target is not enough (the title says under, over)."
    )
    milestones: tuple[MilestoneTable, ...] | None = Field(
        None, strict=False, description="Dated steps with weights."
    )
    done: bool | Words | None = Field(
        None, description="true or false, or an expression that says when it is done."
    )
    manual: Literal[True] | None = Field(None, description="A person says the value: okrsync set.")
    weight: PlainNumber | None = Field(None, description="Weight in the objective's score.")
    pair: Words | None = Field(
        None, description="Key result that must not fall while this one rises."
    )
    ambition: AmbitionWord | None = Field(None, description="aspirational or committed.")
    schedule: Words | None = Field(None, description="When it is due.")
    note: Words | None = Field(None, description="Template of its check-ins' note.")
    on_conflict: OnConflictWord | None = Field(None, description="hold, ours or theirs.")
    grace: Words | None = Field(
        None, description='How long after its period\'s end late data still counts: "7d".'
    )
    store_id: Words | None = Field(None, description="Its id in the store, if not its own.")
    pace: tuple[PaceTable, ...] | None = Field(
        None, strict=False, description="Expected progress, when it is not a straight line."
    )
    period: PeriodValue | None = Field(None, description=PERIOD_DESCRIPTION)


class ObjectiveHead(Table):
    """An objective without its key results."""

    title: Words = Field(description="Where we want to go.")
    owner: Words | None = Field(None, description="Who answers for it: a role or a team.")
    level: Words | None = Field(None, description="company, department, team or individual.")
    perspective: Words | None = Field(None, description="Side of the balanced scorecard.")
    parent: Words | None = Field(None, description="Id of the objective that it supports.")
    weight: PlainNumber | None = Field(None, description="Weight among its siblings.")
    period: PeriodValue | None = Field(None, description=PERIOD_DESCRIPTION)


class ObjectiveTable(ObjectiveHead):
    """Where we want to go; its key results say how we know that we got there."""

    model_config = ONLY_DESCRIBED

    kr: dict[str, KeyResultTable] = Field(description="Key results by name.")


class OverrideTable(Table):
    """A person's value in place of the measured one, for a while."""

    value: bool | Number = Field(description="The value that counts meanwhile.")
    until: date = Field(description="The last day it counts.")
    reason: Words = Field(description="Why; shown wherever the value is shown.")
    by: Words = Field(description="Who says so.")


class MappingHead(Table):
    """A mapping file without its definitions."""

    version: Literal[1] = Field(1, description="Version of the mapping language.")
    team: Words | None = Field(None, description="First part of all ids of this file.")
    store: Words | None = Field(
        None, description="Name of the [store.NAME] table to write to, where there are several."
    )
    period: PeriodValue | None = Field(None, description=PERIOD_DESCRIPTION)
    level: Words | None = Field(None, description="company, department, team or individual.")
    perspective: Words | None = Field(None, description="Side of the balanced scorecard.")
    defaults: DefaultsTable = Field(
        DefaultsTable(), description="What holds where a definition says nothing."
    )
    vars: dict[str, Constant] = Field(
        {}, description="Values by name, which a source's queries take as :name."
    )


class MappingTable(MappingHead):
    """A team's file: metrics, objectives with key results, overrides."""

    model_config = ONLY_DESCRIBED

    metric: dict[str, MetricTable] = Field({}, description="Numbers with a name.")
    objective: dict[str, ObjectiveTable] = Field({}, description="Objectives by name.")
    override: dict[str, OverrideTable] = Field(
        {}, description='Overrides by the full id of a key result: [override."team.objective.kr"].'
    )


def keys_of(model: type[BaseModel]) -> frozenset[str]:
    """The keys of a table as people write them."""
    return frozenset(info.alias or name for name, info in model.model_fields.items())


METRIC_KEYS = keys_of(MetricTable)
KEY_RESULT_KEYS = keys_of(KeyResultTable)
OBJECTIVE_KEYS = keys_of(ObjectiveTable)
MAPPING_KEYS = keys_of(MappingTable)
