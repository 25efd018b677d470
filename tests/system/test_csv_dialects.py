"""Files as spreadsheets and exports write them: each must give the number that a person reads.

The same question everywhere: the sum of the column ``Belopp``, or what the case asks instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.system.harness.in_process import InProcess

NBSP, NARROW = "\u00a0", "\u202f"


@dataclass(frozen=True)
class File:
    """``asks`` overrides single keys of the question, ``settings`` are the source's."""

    name: str
    content: bytes
    value: str
    settings: str = ""
    asks: tuple[tuple[str, str], ...] = ()


def text(name: str, content: str, value: str, settings: str = "", **asks: str) -> File:
    return File(name, content.encode(), value, settings, tuple(asks.items()))


def encoded(name: str, encoding: str, content: str, value: str, **asks: str) -> File:
    """In an encoding that is found out, save Latin-1, which reads every file there is."""
    settings = 'encoding = "latin-1"' if encoding == "latin-1" else ""
    return File(name, content.encode(encoding), value, settings, tuple(asks.items()))


def of_november(name: str, rows: str, value: str, settings: str = "") -> File:
    return text(name, f"Dag;Belopp\n{rows}", value, settings, on="Dag", window="this_month")


FILES = [
    # encodings
    encoded("utf-8-with-a-mark", "utf-8-sig", "Belopp;Ort\n1;Malmö\n2;Malmö\n", "3"),
    encoded("excel-unicode-text", "utf-16", "Belopp\tOrt\r\n1,5\tÅre\r\n2\tÅre\r\n", "3.5"),
    encoded("cp1252", "cp1252", "Ort;Belopp\nMalmö €;1\nÅre;2,5\n", "2.5", where="Ort == 'Åre'"),
    encoded("latin-1", "latin-1", "Ort;Belopp\nÅre;3\nLund;4\n", "3", where="Ort == 'Åre'"),
    # separators
    text("comma", "Ort,Belopp\nÅre,1.5\nLund,2\n", "3.5"),
    text("semicolon", "Ort;Belopp\nÅre;1,5\nLund;2\n", "3.5"),
    text("tab", "Ort\tBelopp\nÅre\t1.5\nLund\t2\n", "3.5"),
    text("bar", "Ort|Belopp\nÅre|1.5\nLund|2\n", "3.5"),
    text("separator-in-quotes", 'Ort,Belopp\n"Åre, nere","1,234.5"\nLund,2\n', "1236.5"),
    # numbers
    text("space", "Belopp;x\n1 234,5;\n-1 000;\n", "234.5"),
    text("no-break-space", f"Belopp;x\n1{NBSP}234,5;\n", "1234.5"),
    text("narrow-no-break-space", f"Belopp;x\n1{NARROW}234{NARROW}567,5;\n", "1234567.5"),
    text("dot-groups", "Belopp;x\n1.234,5;\n1.000;\n", "2234.5"),
    text("comma-groups", "Belopp|x\n1,234.5|\n1,000|\n", "2234.5"),
    text("apostrophe", "Belopp;x\n1'234.5;\n1\u2019000;\n", "2234.5"),
    text("decided-by-the-settings", "Belopp;x\n1.234;\n", "1234", 'decimal = ","'),
    text("brackets", "Belopp;x\n(1 000);\n1 250;\n", "250"),
    text("minus-behind", "Belopp;x\n1 000-;\n1 250;\n", "250"),
    text("long-minus", "Belopp;x\n\u22121 000;\n1 250;\n", "250"),
    text("kronor", f"Belopp;x\n1{NBSP}000 kr;\n50:-;\n2 tkr;\n", "3050"),
    # rows
    text("line-break-in-quotes", 'Ort;Belopp\n"Åre\nnere";1\nLund;2\n', "3"),
    text("empty-lines", "Ort;Belopp\n\nÅre;1\n;\n\nLund;2\n\n", "3"),
    text("footer", "Ort;Belopp\nÅre;1\nLund;2\nSumma;3\n", "3", "footer_rows = 1"),
    text("title-above", "Rapport för oktober\n\nOrt;Belopp\nÅre;1\nLund;2\n", "3", "header = 3"),
    text("units-below", "Ort;Belopp\n;kr\nÅre;1\nLund;2\n", "3", "skip_rows = 1"),
    text("two-of-a-name", "Belopp;Belopp\n1;10\n2;20\n", "30", measure="Belopp#2"),
    text("renamed", "Ort;Summa 2026\nÅre;1\n", "1", 'rename = { "Summa 2026" = "Belopp" }'),
    # dates
    of_november("iso", "2026-11-09;1\n2026-10-31;2\n", "1"),
    of_november("dots", "09.11.2026;1\n31.10.2026;2\n", "1"),
    of_november("slashes-year-first", "2026/11/9;1\n2026/10/31;2\n", "1"),
    of_november("day-first", "09/11/2026;1\n11/10/2026;2\n", "1", 'dates = "day-first"'),
    of_november("month-first", "11/09/2026;1\n10/11/2026;2\n", "1", 'dates = "month-first"'),
    of_november("instants", "2026-10-31T23:30:00Z;1\n2026-10-31T22:30:00Z;2\n", "1"),
]  # fmt: skip

REFUSED = {
    "1.234;\n": 'say decimal = "," or decimal = "."',
    "1,5;\n1.5;\n": "decimal",
    "12 enheter;\n": "its unit is unknown",
    "1,2,3;\n": "is no number",
}


def ask_all(project: InProcess, files: Sequence[File]) -> None:
    tables = ['[objective.o]\ntitle = "Where to"\n']
    for file in files:
        project.write(f"data/{file.name}.csv", file.content)
        project.source(file.name, f'path = "data/{file.name}.csv"\n{file.settings}')
        question = {"measure": "Belopp", "agg": "sum"} | dict(file.asks)
        asks = "".join(f'{key} = "{value}"\n' for key, value in question.items())
        tables.append(
            f'[objective.o.kr.{file.name}]\ntitle = "{file.name}"\nbaseline = 0\n'
            f'target = 1000000\nfrom = "{file.name}"\n{asks}'
        )
    project.map("".join(tables))


@pytest.fixture(scope="module")
def synced(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    project = InProcess(tmp_path_factory.mktemp("dialects"))
    ask_all(project, FILES)
    return project.synced()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_file_gives_the_number_that_a_person_reads(file: File, synced: dict[str, Any]) -> None:
    assert str(synced[file.name]) == file.value


@pytest.mark.parametrize(("rows", "says"), REFUSED.items())
def test_what_can_be_read_in_two_ways_is_refused_with_a_cure(
    rows: str, says: str, tmp_path: Path
) -> None:
    project = InProcess(tmp_path)
    ask_all(project, [text("file", f"Belopp;x\n{rows}", "")])
    ended = project.run("sync")
    assert ended.code == 3
    assert says in ended.words()
    assert project.items()["t.o.file"]["value"] is None
