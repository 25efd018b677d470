"""The German expansion: five kinds of target, measured from the files of a Swedish office."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from tests.system.harness.in_process import InProcess

NBSP = "\u00a0"

ORDERS = f"""\
Orderdatum;Kund;Land;Status;Belopp
2026-10-05;Isar Maschinenbau;Tyskland;Betald;8{NBSP}500{NBSP}000,50 kr
2026-10-20;Neckar Förlag;Tyskland;Betald;1{NBSP}250{NBSP}000,00 kr
2026-10-28;Main Logistik;Tyskland;Betald;1{NBSP}000{NBSP}000,00 kr
2026-11-01;Spree Energi;Tyskland;Betald;4{NBSP}000{NBSP}000,00 kr
2026-11-02;Oder Möbler;Tyskland;Betald;3{NBSP}249{NBSP}999,00 kr
2026-11-03;Weser Stål;Tyskland;Betald;2{NBSP}000{NBSP}000,50 kr
2026-11-04;Fjord Shipping;Norge;Betald;9{NBSP}000{NBSP}000,00 kr
2026-11-05;Elbe Textil;Tyskland;Offert;7{NBSP}000{NBSP}000,00 kr
2026-09-30;Saale Papper;Tyskland;Betald;5{NBSP}000{NBSP}000,00 kr
"""
WEEKS = f"""\
Vecka som börjar;Visningar;Leads;Kännedom
2026-09-28;90{NBSP}000;150;7,5 %
2026-10-05;21{NBSP}500;40;8,0 %
2026-10-26;28{NBSP}500;75;12,5 %
2026-11-09;50{NBSP}000;85;20,0 %
Summa;190{NBSP}000;350;
"""
CONFIG = """\
[source.orders]
type = "csv"
path = "ekonomi/order.csv"
[source.weeks]
type = "csv"
path = "marknad/veckor.csv"
footer_rows = 1
"""
MAPPING = """\
[defaults]
owner = "sales-germany"

[objective.germany]
title = "Germany becomes our second home"

[objective.germany.kr.sales]
title = "20 MSEK of sales in Germany"
baseline = 0
target = "20 MSEK"
from = "orders"
where = "Land == 'Tyskland' and Status == 'Betald'"
measure = "Belopp"
agg = "sum"
on = "Orderdatum"
window = "period"

[objective.germany.kr.large-orders]
title = "5 orders over 1 MSEK each"
baseline = 0
target = 5
from = "orders"
where = "Land == 'Tyskland' and Status == 'Betald' and Belopp > 1000000"
agg = "count"
on = "Orderdatum"
window = "period"

[objective.germany.kr.views]
title = "100k views of the product pages"
baseline = 0
target = "100k"
from = "weeks"
measure = "Visningar"
agg = "sum"
on = "Vecka som börjar"
window = "period"

[objective.germany.kr.leads]
title = "200 leads from Germany"
baseline = 0
target = "200 leads"
from = "weeks"
measure = "Leads"
agg = "sum"
on = "Vecka som börjar"
window = "period"

[objective.germany.kr.recognition]
title = "20 % recognise the brand, from 8 %"
baseline = "8 %"
target = "20 %"
from = "weeks"
measure = "Kännedom"
agg = "last"
on = "Vecka som börjar"
"""

NUMBERS = {
    "sales": (20_000_000, "SEK"),  # the paid German orders of the quarter
    "large-orders": (5, None),  # one of the six is exactly 1 MSEK, which is not over it
    "views": (100_000, None),
    "leads": (200, "leads"),
    "recognition": (20, "%"),
}


@pytest.fixture(params=["cp1252", "utf-8", "utf-8-sig", "utf-16"])
def synced(request: pytest.FixtureRequest, tmp_path: Path) -> InProcess:
    project = InProcess(tmp_path, more=CONFIG)
    project.write("ekonomi/order.csv", ORDERS.encode(request.param))
    project.write("marknad/veckor.csv", WEEKS.replace("\n", "\r\n").encode(request.param))
    project.map(MAPPING, team="company")
    assert project.run("validate").code == 0
    assert project.run("sync").code == 0
    return project


def test_swedish_files_give_the_right_five_numbers(synced: InProcess) -> None:
    items = {id_.rpartition(".")[2]: item for id_, item in synced.items().items()}
    assert {id_: (item["value"], item["unit"]) for id_, item in items.items()} == NUMBERS
    assert {item["score"] for item in items.values()} == {Decimal(1)}
    # what only grows is reached for good; what people recognise can be forgotten again
    assert [id_ for id_, item in items.items() if item["status"] == "achieved"] == [
        *("sales", "large-orders", "views", "leads"),
    ]


def test_each_number_says_which_rows_it_was_made_of(synced: InProcess) -> None:
    explained = synced.run("explain", "company.germany.sales").words()
    assert "20 MSEK" in explained
    assert "6 rows" in explained
    assert "2026-10-01" in explained
    assert "Orderdatum" in explained
