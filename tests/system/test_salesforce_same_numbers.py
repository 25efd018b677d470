"""The same questions of the same deals give the same numbers as a CSV file of them does."""

from __future__ import annotations

import csv
import io
import os
import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from okrsync.errors import OutsideError
from okrsync.model import Measurement, Question
from okrsync.testing.samples import NOON
from okrsync_csv import SOURCE as CSV
from okrsync_csv.settings import CsvQuery, CsvSettings
from tests.system.harness.salesforce import ALL, QUARTER, Asking, asking, deals
from tests.system.standins.salesforce import serve

pytestmark = pytest.mark.network

# The file has the deals under the names that they have in Salesforce.
NAMES = {
    "DealId__c": "id",
    "Name": "title",
    "Amount": "amount",
    "Currency__c": "currency",
    "StageName": "stage",
    "Status__c": "status",
    "Pipeline__c": "pipeline",
    "CreatedDate": "created",
    "ClosedAt__c": "closed",
    "Owner__c": "owner",
    "Owner.Name": "owner",
    "Archived__c": "archived",
}
TITLES = [
    "Öland's 100 %",
    "öland's 100 %",
    'say "no"',
    "a\\b",
    "under_score",
    "underXscore",
    "",
    "x",
]
# Around both edges of the quarter in Stockholm, and at the hour that comes twice in October.
EDGES = [
    "2026-09-30T21:59:59+00:00",
    "2026-09-30T22:00:00+00:00",
    "2026-10-25T00:30:00+00:00",
    "2026-10-25T01:30:00+00:00",
    "2026-11-02T12:00:00+00:00",
    "2026-11-02T12:00:01+00:00",
]


def make(count: int) -> list[dict[str, Any]]:
    dice = random.Random(11)  # noqa: S311 - the same deals every time
    start = datetime(2026, 6, 1, tzinfo=UTC)
    made = []
    for number in range(count):
        status = dice.choice(["open", "won", "lost"])
        moment = start + timedelta(seconds=dice.randrange(180 * 86_400))
        closed = dice.choice([*EDGES, moment.isoformat()]) if status != "open" else ""
        made.append(
            {
                "id": f"D-{number}",
                "title": dice.choice(TITLES),
                "amount": dice.choice(["", "0.00", f"{dice.randrange(10**9) / 100:.2f}"]),
                "currency": dice.choice(["SEK", "EUR"]),
                "stage": dice.choice(["Lead", "Proposal", "Signed"]),
                "status": status,
                "pipeline": dice.choice(["New business", "Renewal"]),
                "created": moment.isoformat(),
                "closed": closed,
                "owner": dice.choice(["north", "South", "south", ""]),
                "archived": dice.random() < 0.1,
            }
        )
    return made


DEALS = make(2_500)

CONDITIONS = [
    None,
    "Status__c == 'won'",
    "Status__c != 'won'",
    "Status__c == 'won' and Currency__c == 'SEK' and not Archived__c",
    "StageName in ['Lead', 'Signed'] or Pipeline__c == 'Renewal'",
    "StageName not in ['Lead', 'Signed']",
    "not (StageName == 'Lead' or Amount > 1000000)",
    "Amount > 5000000.5",
    "Amount != 0",
    "not (Amount < 100)",
    "Amount in [0, 1]",
    "empty(Amount)",
    "not empty(ClosedAt__c)",
    "ClosedAt__c <= '2026-09-30'",
    "ClosedAt__c > '2026-09-30'",
    "date(ClosedAt__c) == '2026-10-25'",
    "date(ClosedAt__c) != '2026-10-01'",
    "Archived__c",
    "Archived__c == false",
    'Name == "Öland\'s 100 %"',
    'Name != "Öland\'s 100 %"',
    "Name == ''",
    "contains(Name, '100 %')",
    "contains(Name, 'öland')",
    "not contains(Name, '_')",
    "starts_with(Name, 'under_')",
    "ends_with(Name, '\"')",
    "row['Owner.Name'] == 'south'",
    "row['Owner.Name'] in ['south', '']",
    "row['Owner.Name'] not in ['south'] and Status__c == 'won'",
]
AGGREGATIONS = [
    ("count", None),
    ("count", "Amount"),
    ("sum", "Amount"),
    ("avg", "Amount"),
    ("min", "Amount"),
    ("max", "Amount"),
    ("median", "Amount"),
    ("p85", "Amount"),
    ("distinct", "StageName"),
    ("distinct", "Name"),
    ("distinct", "Amount"),
]
PLACES = [(None, ALL), ("ClosedAt__c", ALL), ("ClosedAt__c", QUARTER), ("CreatedDate", QUARTER)]


def questions() -> list[Question[Any]]:
    asked = [
        deals(where, agg, measure) for where in CONDITIONS for agg, measure in AGGREGATIONS[:4]
    ]
    asked += [
        deals("Status__c == 'won'", agg, measure, on=on, window=window)
        for agg, measure in AGGREGATIONS
        for on, window in PLACES
    ]
    only_one = "DealId__c == 'D-7'"
    return [*asked, deals(only_one, None, "Amount"), deals("Name == 'nobody'", "sum", "Amount")]


@pytest.fixture(scope="module")
def there(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asking]:
    with serve(DEALS) as org, asking(org, tmp_path_factory.mktemp("org")) as opened:
        yield opened


def in_csv(root: Path, there: Asking, asked: Sequence[Question[Any]]) -> list[Any]:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(NAMES)
    for deal in DEALS:
        cells = [deal[key] for key in NAMES.values()]
        writer.writerow([str(cell).lower() if isinstance(cell, bool) else cell for cell in cells])
    (root / "deals.csv").write_text(text.getvalue(), "utf-8")
    os.utime(root / "deals.csv", (NOON.timestamp(), NOON.timestamp()))
    same = [
        Question(q.source, CsvQuery(where=q.query.where), q.measure, q.agg, q.on, q.window, q.as_of)
        for q in asked
    ]
    there.toolbox.root = root
    with CSV.open(CsvSettings(path="deals.csv", decimal="."), there.toolbox) as source:
        return list(source.measure(same))


def shown(answer: Measurement | OutsideError) -> tuple[object, ...]:
    if isinstance(answer, OutsideError):
        return (answer.code,)
    return (answer.value, answer.rows)


def test_every_question_gets_the_same_number(there: Asking, tmp_path: Path) -> None:
    asked = questions()
    expected = [shown(answer) for answer in in_csv(tmp_path, there, asked)]
    answered = [shown(answer) for answer in there.source.measure(asked)]
    differing = [
        (question.query.where, question.agg, question.measure, question.on, ours, theirs)
        for question, ours, theirs in zip(asked, answered, expected, strict=True)
        if ours != theirs
    ]
    assert differing == []
    assert sum(len(answer) > 1 for answer in expected) > 100
    assert there.org.refused == 0
