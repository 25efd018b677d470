"""What Pipedrive adds up in one currency, and its records that are no deals."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest

from okrsync.contracts import FromEnvironment
from okrsync.errors import BadAnswer, OutsideError, SourceError
from okrsync.model import Measurement, Question, Window
from okrsync.testing import frozen_clock
from okrsync_pipedrive import SOURCE
from okrsync_pipedrive.settings import PipedriveQuery, PipedriveSettings
from tests.system.standins import pipedrive
from tests.system.standins.pace import Pace, PacedToolbox
from tests.system.standins.pipedrive import PipedriveStandIn
from tests.system.standins.salesforce import a_deal
from tests.system.standins.serving import Asked, Reply

pytestmark = pytest.mark.network

NOW: Final = datetime(2026, 11, 20, 12, tzinfo=UTC)
QUARTER: Final = Window(
    "period", datetime(2026, 10, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
)
ALL: Final = Window("all")


def won(number: int, amount: str, currency: str, day: str, **more: Any) -> dict[str, Any]:
    more = {"status": "won", "closed": f"{day}T09:00:00Z", **more}
    return {**a_deal(number, amount=amount, currency=currency, **more), "id": str(number)}


DEALS: Final = [
    won(1, "100.00", "EUR", "2026-10-05"),
    won(2, "1000", "SEK", "2026-11-02"),
    won(3, "70.00", "EUR", "2026-09-30"),
    won(4, "40", "EUR", "2026-10-09", archived=True),
    won(5, "500", "SEK", "", status="open", closed="", created="2026-10-07T09:00:00Z"),
]
ACTIVITIES: Final = [
    {"id": number, "type": type_, "owner_id": owner, "done": done, "is_deleted": gone, **held}
    for number, type_, owner, done, gone, held in (
        (1, "meeting", 1, True, False, {"marked_as_done_time": "2026-10-05T09:00:00Z"}),
        (2, "meeting", 1, True, False, {"marked_as_done_time": "2026-09-30T09:00:00Z"}),
        (3, "meeting", 1, True, True, {"marked_as_done_time": "2026-10-06T09:00:00Z"}),
        (4, "call", 1, True, False, {"marked_as_done_time": "2026-10-06T09:00:00Z"}),
        (5, "meeting", 2, True, False, {"marked_as_done_time": "2026-11-06T09:00:00Z"}),
        (6, "meeting", 1, False, False, {"marked_as_done_time": None}),
    )
]
ORGANIZATIONS: Final = [
    {"id": number, "name": f"Customer {number}", "owner_id": 1, "employee_count": count}
    for number, count in ((1, 10), (2, None), (3, 250))
]


@pytest.fixture
def company() -> Iterator[PipedriveStandIn]:
    pace = Pace()
    others = {"activities": ACTIVITIES, "organizations": ORGANIZATIONS}
    with pipedrive.serve(
        DEALS, rates={"SEK": "0.09"}, others=others, clock=pace.monotonic
    ) as serving:
        yield serving


def asked(company: PipedriveStandIn, folder: Path, *questions: Question[Any]) -> list[Any]:
    secrets = {"TOKEN": pipedrive.TOKEN}
    settings = PipedriveSettings(token=FromEnvironment(env="TOKEN"), address=company.url)
    toolbox = PacedToolbox(folder, "crm", clock=frozen_clock(NOW), secrets=secrets)
    with toolbox, SOURCE.open(settings, toolbox) as source:
        return list(source.measure(questions))


def of(agg: str, measure: str | None, on: str | None, **query: Any) -> Question[Any]:
    window = QUARTER if on else ALL
    return Question("crm", PipedriveQuery(**query), measure, agg, on, window, NOW)


WON: Final = of("sum", "value", "won_time", status="won", convert=True)


@pytest.mark.parametrize(
    ("question", "sum_in_euro"),
    [
        (WON, "190"),
        (of("sum", "value", "won_time", status="won", convert=True, archived=True), "230"),
        (of("sum", "weighted_value", "add_time", status="open", convert=True), "18"),
        (of("sum", "value", None, status="won", convert=True), "260"),
    ],
)
def test_amounts_of_all_currencies_are_added_up_in_the_users_own(
    company: PipedriveStandIn, tmp_path: Path, question: Question[Any], sum_in_euro: str
) -> None:
    [answer] = asked(company, tmp_path, question)
    assert isinstance(answer, Measurement), answer
    assert (answer.value, answer.unit) == (Decimal(sum_in_euro), "EUR")
    assert "converted by Pipedrive to EUR" in answer.evidence.notes


def test_a_converted_sum_with_a_part_left_out_is_no_number(
    company: PipedriveStandIn, tmp_path: Path
) -> None:
    def without_the_last(request: Asked, reply: Reply) -> Reply:
        if request.path == "/v1/deals/timeline/archived":
            del reply.body["data"][0]["totals_converted"]
        return reply

    company.twist = without_the_last
    query = WON.query.model_copy(update={"archived": True})
    [answer] = asked(company, tmp_path, of("sum", "value", "won_time", **query.model_dump()))
    assert isinstance(answer, BadAnswer)
    assert "no converted sum" in answer.message


def test_a_count_has_no_currency_to_convert(company: PipedriveStandIn, tmp_path: Path) -> None:
    [answer] = asked(company, tmp_path, of("count", None, "won_time", status="won", convert=True))
    assert isinstance(answer, Measurement), answer
    assert (answer.value, answer.unit) == (Decimal(2), "")


def test_activities_and_organizations_are_looked_at_one_by_one(
    company: PipedriveStandIn, tmp_path: Path
) -> None:
    held = {"object": "activities", "rows": True, "where": "type == 'meeting' and done"}
    meetings, by_one, staff = asked(
        company,
        tmp_path,
        of("count", None, "marked_as_done_time", **held),
        of("count", None, "marked_as_done_time", **held, user=2),
        of("sum", "employee_count", None, object="organizations", rows=True),
    )
    assert [answer.value for answer in (meetings, by_one, staff)] == [2, 1, 260]
    assert meetings.evidence.query.startswith("count: GET /api/v2/activities")
    assert not any("archived" in note for note in meetings.evidence.notes)
    assert company.spent == 10 + 10 + 10


def test_deals_of_several_currencies_are_read_once(
    company: PipedriveStandIn, tmp_path: Path
) -> None:
    said = {"status": "won", "rows": True}
    euro, kronor, large = asked(
        company,
        tmp_path,
        of("sum", "value", None, **said, currency="EUR"),
        of("sum", "value", None, **said, currency="SEK"),
        of("count", None, None, **said, currency="EUR", where="value > 80 or value == 1000"),
    )
    assert [(answer.value, answer.unit) for answer in (euro, kronor)] == [
        (Decimal(170), "EUR"),
        (Decimal(1000), "SEK"),
    ]
    assert large.value == 1
    assert company.spent == 10


def test_a_column_that_activities_do_not_have_is_an_error(
    company: PipedriveStandIn, tmp_path: Path
) -> None:
    said = {"object": "activities", "rows": True}
    staged, custom = asked(
        company,
        tmp_path,
        of("count", None, None, **said, where="stage == 'Proposal'"),
        of("count", None, None, **said, where=f"row['{'a' * 40}'] == 'x'", user=1),
    )
    assert isinstance(staged, OutsideError)
    assert "stage" in staged.message
    assert isinstance(custom, SourceError)
    assert "custom fields of activities" in custom.message
