"""A query in SOQL as the mapping writes it, with its :names bound."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from okrsync.conditions import Constant
from okrsync.contracts import RowQuestion, Toolbox
from okrsync.errors import SourceError
from okrsync.model import Window
from okrsync_salesforce import literals, reading
from okrsync_salesforce.asked import Asked, One, Records, SalesforceQuestion, Size
from okrsync_salesforce.fields import Field
from okrsync_salesforce.reading import AS_OF, DATES, END, START, Bind
from okrsync_salesforce.schema import Schema


@dataclass(frozen=True, slots=True)
class Binder:
    schema: Schema
    toolbox: Toolbox

    def asked(self, question: SalesforceQuestion) -> Asked:
        """Raises ``SourceError`` for what cannot be asked."""
        soql = str(question.query.soql)
        for problem in reading.problems(soql):
            raise SourceError(f"soql: {problem}", next_step="okrsync validate")
        names = {bind.name for bind in reading.binds(soql)}
        _check_dates(question, names, self.toolbox.clock())
        written = reading.bound(soql, lambda bind: self._literal(bind, question))
        return _shaped(question, written, notes=_notes(soql), dated=bool(names & {START, END}))

    def _literal(self, bind: Bind, question: SalesforceQuestion) -> str:
        if bind.name in DATES:
            return self._moment(bind, question)
        if bind.name not in question.query.vars:
            raise SourceError(
                "soql: a name after a colon is not defined", next_step="define it in [vars]"
            )
        return self._constant(question.query.vars[bind.name])

    def _constant(self, value: Constant) -> str:
        if isinstance(value, bool):
            return literals.truth(value)
        if isinstance(value, datetime):
            aware = value if value.tzinfo else value.replace(tzinfo=self.toolbox.zone)
            return literals.instant(aware)
        if isinstance(value, date):
            return literals.day(value)
        return literals.text(value) if isinstance(value, str) else literals.number(value)

    def _moment(self, bind: Bind, question: SalesforceQuestion) -> str:
        moments = {START: question.window.start, END: question.window.end, AS_OF: question.as_of}
        moment = moments[bind.name]
        if moment is None:
            raise SourceError(
                f"soql: the window {question.window.label!r} has no {bind.name}",
                next_step='say window = "period", or take the name out of the query',
            )
        kind = "date" if bind.field == "" else self._field(bind, question).kind
        if kind not in {"date", "datetime"}:
            raise SourceError(
                f"soql: :{bind.name} is compared with a field that is not a date",
                next_step="compare it with a field of type date or datetime",
            )
        sign = bind.sign if bind.sign in {"<", "<=", ">", ">="} else ">="
        return literals.compared("", kind, sign, moment, self.toolbox.zone).split()[-1]

    def _field(self, bind: Bind, question: SalesforceQuestion) -> Field:
        object_name = reading.object_of(str(question.query.soql))
        if bind.field is None or object_name is None:
            raise SourceError(
                f"soql: what :{bind.name} is compared with cannot be seen",
                next_step=f"write it behind its field: CloseDate >= :{bind.name}",
            )
        return self.schema.field(object_name, bind.field)


def _check_dates(question: SalesforceQuestion, names: set[str], now: datetime) -> None:
    """The window and the past are read by the query itself, or by ``on`` in its records."""
    counted = question.agg is None or (question.agg == "count" and question.measure is None)
    read = question.on is not None and not counted
    window = question.window
    for name, bound in ((START, window.start), (END, window.end)):
        if bound is not None and not read and name not in names:
            raise SourceError(
                f"the query does not read the {name} of its window",
                next_step=f"compare its date with :{name}, or take `window` out",
            )
    if question.is_past(now) and AS_OF not in names and not read:
        raise SourceError(
            "the query answers for now, not for an earlier day",
            next_step="compare its date with :as_of",
        )


def _shaped(
    question: SalesforceQuestion, soql: str, *, notes: tuple[str, ...], dated: bool
) -> Asked:
    counted = question.measure is None and question.agg in {None, "count"}
    if counted and (question.agg == "count" or reading.is_count(soql)):
        return Size(soql, notes)
    if question.agg is None:
        return One(soql, question.measure, "", notes)
    row = RowQuestion.of(question)
    if dated or question.on is None:
        # Its own WHERE has placed the window; ``on`` orders first and last.
        row = replace(row, window=Window(question.window.label))
    words = f"{question.agg} of {question.measure}, by okrsync"
    return Records(soql, row, columns=None, unit="", words=words, notes=notes)


def _notes(soql: str) -> tuple[str, ...]:
    word = reading.users_days(soql)
    if word is None:
        return ()
    return (f"{word.upper()} counts days in Salesforce's time zone: the user's, or UTC",)
