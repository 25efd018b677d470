"""Asking the forty questions of many systems: each is a function from the deals to the answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from okrsync.contracts import AnySourceSpec, FromEnvironment
from okrsync.errors import NoValue
from okrsync.model import Measurement, Question
from okrsync.testing import FakeToolbox, frozen_clock
from okrsync_csv import SOURCE as CSV
from okrsync_csv.settings import CsvQuery, CsvSettings
from okrsync_hubspot import SOURCE as HUBSPOT
from okrsync_hubspot.settings import HubSpotSettings
from okrsync_pipedrive import SOURCE as PIPEDRIVE
from okrsync_pipedrive.settings import PipedriveSettings
from okrsync_salesforce import SOURCE as SALESFORCE
from okrsync_salesforce.settings import SalesforceSettings
from okrsync_sql import SOURCE as SQL
from okrsync_sql.settings import SqlQuery, SqlSettings
from tests.system.standins import crm_words, hubspot, many_deals, pipedrive, salesforce
from tests.system.standins.many_deals import NOBODYS_STAGE, NOW, STOCKHOLM, Deal, write_csv
from tests.system.standins.pace import Pace, PacedToolbox
from tests.system.standins.questions import FORTY, Answer, DealQuestion

CENT = Decimal("0.01")
TOKEN = FromEnvironment(env="TOKEN")
RATES = {"EUR": "11.25", "USD": "10.5"}
"""One unit in SEK, the company's own currency."""


def answered(
    spec: AnySourceSpec, settings: Any, toolbox: FakeToolbox, questions: Sequence[Question[Any]]
) -> list[Answer]:
    """None where the source says that there is no value; another error fails the test."""
    with toolbox, spec.open(settings, toolbox) as source:
        return [_number(answer) for answer in source.measure(questions)]


def _number(answer: object) -> Answer:
    if isinstance(answer, NoValue):
        return None
    assert isinstance(answer, Measurement), answer
    return to_the_cent(answer.value)


def to_the_cent(answer: Answer) -> Answer:
    return None if answer is None else answer.quantize(CENT)


def of_rows(
    spec: AnySourceSpec, settings: Any, folder: Path, queries: Sequence[Any]
) -> list[Answer]:
    """``queries`` choose the rows of each of the forty, okrsync does the rest."""
    questions = [
        Question("source", query, q.measure, q.agg, q.on, q.window, NOW)
        for q, query in zip(FORTY, queries, strict=True)
    ]
    toolbox = FakeToolbox(folder, "source", zone=STOCKHOLM, clock=frozen_clock(NOW))
    return answered(spec, settings, toolbox, questions)


# Files and databases


def in_a_file(folder: Path, rows: Sequence[Deal]) -> list[Answer]:
    write_csv(folder / "deals.csv", rows)
    queries = [CsvQuery(where=" and ".join(map(_in_rows, q.where)) or None) for q in FORTY]
    return of_rows(CSV, CsvSettings(path="deals.csv"), folder, queries)


def _in_rows(pair: tuple[str, str]) -> str:
    column, text = pair
    name = column.rstrip("!")
    if not text:
        return f"empty({name})"
    return f"{name} {'!=' if column.endswith('!') else '=='} '{text}'"


def in_tables(folder: Path, url: str) -> list[Answer]:
    """The database picks the deals, okrsync counts and sums them."""
    queries = [selected(question, "*") for question in FORTY]
    return of_rows(SQL, SqlSettings(url=url), folder, queries)


def selected(question: DealQuestion, what: str) -> SqlQuery:
    """Texts are bound, so that no quote in them matters."""
    words: list[str] = []
    values: dict[str, str | Decimal] = {}
    for number, (column, text) in enumerate(question.where):
        word, value = _in_sql(column, text, f"v{number}")
        words.append(word)
        values |= value
    where = f" WHERE {' AND '.join(words)}" if words else ""
    statement = f"SELECT {what} FROM deals{where}"  # noqa: S608 - all words are the test's own
    return SqlQuery.model_validate({"sql": statement, "vars": values})


def _in_sql(column: str, text: str, name: str) -> tuple[str, dict[str, Any]]:
    plain = column.rstrip("!")
    if not text:
        return f"{plain} IS NULL", {}
    sign = "<>" if column.endswith("!") else "="
    return f"{plain} {sign} :{name}", {name: text == "true" if plain == "archived" else text}


# CRMs, within the vendors' limits, on a clock that jumps over the waits


def in_hubspot(folder: Path, rows: Sequence[Deal]) -> list[Answer]:
    pace = Pace()
    with hubspot.serve(
        [many_deals.in_a_crm(deal, no_stage=crm_words.NO_STAGE) for deal in rows],
        home="SEK",
        rates=RATES,
        stages=[NOBODYS_STAGE],
        clock=pace.monotonic,
    ) as server:
        settings = HubSpotSettings(token=TOKEN, address=server.url)
        answers = _in_a_crm(HUBSPOT, settings, _paced(folder, pace, hubspot.TOKEN))
        assert set(server.statuses) == {200}
    return answers


def in_pipedrive(folder: Path, rows: Sequence[Deal]) -> list[Answer]:
    pace = Pace()
    with pipedrive.serve(
        [many_deals.in_a_crm(deal, no_stage=crm_words.NO_STAGE) for deal in rows],
        home="SEK",
        rates=RATES,
        zone=str(STOCKHOLM),
        stages=[NOBODYS_STAGE],
        clock=pace.monotonic,
    ) as server:
        settings = PipedriveSettings(token=TOKEN, address=server.url)
        answers = _in_a_crm(PIPEDRIVE, settings, _paced(folder, pace, pipedrive.TOKEN))
        assert set(server.statuses) == {200}
    return answers


def in_salesforce(folder: Path, rows: Sequence[Deal]) -> list[Answer]:
    """In an org with several currencies, asked by a user whose own is not the org's."""
    deals = map(many_deals.in_a_crm, rows)
    with salesforce.serve(deals, currencies=("SEK", "EUR"), rates=RATES) as org:
        settings = SalesforceSettings(
            login_url=org.address, client_id=org.CLIENT, client_secret=TOKEN
        )
        answers = _in_a_crm(SALESFORCE, settings, _paced(folder, Pace(), org.SECRET))
        assert org.refused == 0
    return answers


def _paced(folder: Path, pace: Pace, secret: str) -> PacedToolbox:
    return PacedToolbox(
        folder,
        "crm",
        zone=STOCKHOLM,
        clock=frozen_clock(NOW),
        secrets={TOKEN.env: secret},
        pace=pace,
    )


def _in_a_crm(spec: AnySourceSpec, settings: Any, toolbox: PacedToolbox) -> list[Answer]:
    words: Callable[[DealQuestion], crm_words.InWords] = getattr(crm_words, spec.name)
    asked = [words(question) for question in FORTY]
    questions = list(dict.fromkeys(part for each in asked for part in each.parts))
    answers = dict(zip(questions, answered(spec, settings, toolbox, questions), strict=True))
    return [_less(*(answers[part] for part in each.parts)) for each in asked]


def _less(first: Answer, second: Answer = Decimal(0)) -> Answer:
    return None if first is None or second is None else first - second
