"""All questions of a run, in as few calls as the org allows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from okrsync.contracts import CellStyle, Remark, RowAnswer, Toolbox, measurement, together
from okrsync.errors import OutsideError
from okrsync.model import Measurement
from okrsync_salesforce import answers, examining, paging, reading
from okrsync_salesforce.account import Account
from okrsync_salesforce.answers import AVERAGES
from okrsync_salesforce.asked import Aggregated, Asked, One, Records, SalesforceQuestion, Size
from okrsync_salesforce.binding import Binder
from okrsync_salesforce.building import Builder
from okrsync_salesforce.calls import Calls, Outcome
from okrsync_salesforce.currencies import Currencies
from okrsync_salesforce.durations import SECONDS_A_DAY, Timing
from okrsync_salesforce.schema import Schema
from okrsync_salesforce.settings import SalesforceSettings

Answer = Measurement | OutsideError
_SHARING = "as the connected user may see it: sharing rules hide other records"
_STYLE = CellStyle(decimal=".")
_AT_ONCE = 2  # queries that are read to the end; each page is answered quickly


@dataclass(frozen=True, slots=True)
class Open:
    """What stands once the sign-in is done."""

    account: Account
    calls: Calls
    schema: Schema
    builder: Builder
    binder: Binder


class SalesforceSource:
    def __init__(self, settings: SalesforceSettings, toolbox: Toolbox) -> None:
        self._settings = settings
        self._toolbox = toolbox
        self._open: Open | None = None

    def measure(self, questions: Sequence[SalesforceQuestion], /) -> Sequence[Answer]:
        if not questions:
            return []
        there = self._opened()
        there.schema.learn(_objects(questions))
        asked = [self._asked(there, question) for question in questions]
        numbers = self._answered(there, [each for each in asked if not _failed(each)])
        self._tell(there, len(questions))
        return [
            each if isinstance(each, OutsideError) else self._answer(there, question, each, numbers)
            for question, each in zip(questions, asked, strict=True)
        ]

    def examine(self) -> Iterator[Remark]:
        there = self._opened()
        yield from examining.remarks(there.calls, there.account.user)

    def _opened(self) -> Open:
        if self._open is None:
            settings, toolbox = self._settings, self._toolbox
            account = Account(settings, toolbox)
            calls = Calls(
                account,
                toolbox,
                version=settings.api_version,
                per_call=settings.queries_per_call,
                floor=settings.floor,
            )
            schema = Schema(calls, toolbox, settings.api_version)
            currencies = Currencies(calls, settings.currency, account.user)
            builder = Builder(schema, currencies, toolbox)
            self._open = Open(account, calls, schema, builder, Binder(schema, toolbox))
        return self._open

    def _asked(self, there: Open, question: SalesforceQuestion) -> Asked | OutsideError:
        try:
            if question.query.soql is not None:
                return there.binder.asked(question)
            return there.builder.asked(question)
        except OutsideError as error:
            return error

    def _answered(
        self, there: Open, asked: Sequence[Asked | OutsideError]
    ) -> dict[Asked, RowAnswer | OutsideError]:
        """Equal questions are asked once."""
        singles = dict.fromkeys(each for each in asked if isinstance(each, Size | Aggregated | One))
        texts = list(dict.fromkeys(each.soql for each in singles))
        bodies = dict(zip(texts, there.calls.queries(texts), strict=True))
        numbers: dict[Asked, RowAnswer | OutsideError] = {
            each: _number(bodies[each.soql], each) for each in singles
        }
        return numbers | self._records(
            there, [*dict.fromkeys(each for each in asked if isinstance(each, Records))]
        )

    def _records(
        self, there: Open, asked: Sequence[Records]
    ) -> dict[Asked, RowAnswer | OutsideError]:
        """Questions over the same records are answered in one pass over them."""
        numbers = together(
            self._toolbox,
            asked,
            lambda each: (each.soql, each.columns),
            lambda _, group: self._read(there, group),
            at_once=_AT_ONCE,
        )
        return dict(zip(asked, numbers, strict=True))

    def _read(self, there: Open, group: Sequence[Records]) -> Sequence[RowAnswer | OutsideError]:
        most = self._settings.max_rows
        header, batches = paging.table(there.calls, group[0], most, self._timing())
        rows = [each.row for each in group]
        found = self._toolbox.aggregate(rows, header, batches, _STYLE)
        return [
            answer if isinstance(answer, OutsideError) else _of_rows(each, answer)
            for each, answer in zip(group, found, strict=True)
        ]

    def _timing(self) -> Timing:
        working = self._settings.durations == "working"
        days = self._settings.working_days if working else None
        return Timing(self._toolbox.elapsed(days), self._toolbox.zone, working)

    def _answer(
        self,
        there: Open,
        question: SalesforceQuestion,
        asked: Asked,
        numbers: Mapping[Asked, RowAnswer | OutsideError],
    ) -> Answer:
        number = numbers[asked]
        if isinstance(number, OutsideError):
            return number
        return measurement(
            question,
            number,
            self._toolbox,
            query=f"{asked.soql}, {asked.words}" if isinstance(asked, Records) else asked.soql,
            read_at=self._toolbox.clock(),
            link=_link(there.account.address, question),
            notes=(_SHARING,),
        )

    def _tell(self, there: Open, count: int) -> None:
        asked = f"{count} question{'' if count == 1 else 's'}"
        calls = f"{there.calls.made} call{'' if there.calls.made == 1 else 's'}"
        self._toolbox.tell(f"{asked} in {calls}; {there.calls.allowance.words()}")


def _failed(asked: Asked | OutsideError) -> bool:
    return isinstance(asked, OutsideError)


def _objects(questions: Sequence[SalesforceQuestion]) -> Iterator[str]:
    """Those whose fields must be known: all but the objects of queries that bind no date."""
    for question in questions:
        if question.query.object is not None:
            yield question.query.object
        elif question.query.soql is not None and _binds_a_date(question.query.soql):
            found = reading.object_of(question.query.soql)
            if found is not None:
                yield found


def _binds_a_date(soql: str) -> bool:
    return any(bind.name in reading.DATES for bind in reading.binds(soql))


def _number(body: Outcome, asked: Size | Aggregated | One) -> RowAnswer | OutsideError:
    if isinstance(body, OutsideError):
        return body
    try:
        match asked:
            case Size():
                return answers.size(body, asked)
            case Aggregated():
                return answers.aggregated(body, asked)
            case One():
                return answers.one(body, asked)
    except OutsideError as error:
        return error


def _of_rows(asked: Records, answer: RowAnswer) -> RowAnswer:
    notes = (*asked.notes, *answer.notes)
    if asked.in_seconds:
        days = AVERAGES.divide(answer.value, Decimal(SECONDS_A_DAY))
        return replace(answer, value=days, unit="d", notes=notes)
    return replace(answer, unit=answer.unit or asked.unit, notes=notes)


def _link(address: str, question: SalesforceQuestion) -> str:
    """A page of the org: the object's list. Salesforce has no page for a query."""
    query = question.query
    name = query.object or reading.object_of(query.soql or "")
    return f"{address}/lightning/o/{name}/list" if name else address
