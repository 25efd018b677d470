"""CSV files as people have them, through the connector's public face."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from okrsync.errors import BadAnswer, OutsideError
from okrsync.model import Measurement, Question, Window
from okrsync.testing.toolbox import FakeToolbox
from okrsync_csv import SOURCE
from okrsync_csv.settings import CsvQuery, CsvSettings

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
ALL = Window("all")


def ask(
    where: str | None = None,
    measure: str | None = None,
    agg: str | None = "count",
    on: str | None = None,
    window: Window = ALL,
    as_of: datetime = NOW,
    file: str | None = None,
) -> Question[CsvQuery]:
    return Question("sheet", CsvQuery(where=where, file=file), measure, agg, on, window, as_of)


@dataclass
class Bench:
    root: Path
    zone: tzinfo = field(default_factory=lambda: ZoneInfo("Europe/Stockholm"))

    def write(self, data: str | bytes, name: str = "data.csv", at: datetime = NOW) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        os.utime(path, (at.timestamp(), at.timestamp()))
        return path

    def answers(
        self, *questions: Question[CsvQuery], path: str = "data.csv", **settings: Any
    ) -> list[Measurement | OutsideError]:
        toolbox = FakeToolbox(self.root, name="sheet", zone=self.zone, clock=lambda: NOW)
        with SOURCE.open(CsvSettings(path=path, **settings), toolbox) as source:
            return list(source.measure(questions))

    def value(self, question: Question[CsvQuery], **settings: Any) -> Measurement:
        (answer,) = self.answers(question, **settings)
        assert isinstance(answer, Measurement), answer
        return answer

    def error(self, question: Question[CsvQuery], **settings: Any) -> OutsideError:
        (answer,) = self.answers(question, **settings)
        assert isinstance(answer, OutsideError), answer
        return answer


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def numbers(answers: list[Measurement | OutsideError]) -> list[str]:
    return [
        f"{a.value.normalize():f} {a.unit}".strip() if isinstance(a, Measurement) else a.code
        for a in answers
    ]


SWEDISH = """\
Datum;Mått;Status;Belopp;Andel
2026-10-05;order;vunnen;8 500 000,50 kr;
2026-10-20;order;vunnen;1 250 000,00 kr;
2026-11-01;order;vunnen;4 000 000,00 kr;
2026-11-02;order;vunnen;5 249 999,50 kr;
2026-11-03;order;vunnen;1 000 000,00 kr;
2026-11-04;order;förlorad;9 000 000,00 kr;
2026-10-31;visningar;;62 500;
2026-11-15;visningar;;37 500;
2026-10-31;leads;;120;
2026-11-15;leads;;80;
2026-09-30;leads;;900;
2026-11-15;kännedom;;;20,0 %
"""
SWEDISH_QUESTIONS = [
    ask("Mått == 'order' and Status == 'vunnen'", "Belopp", "sum"),
    ask("Mått == 'order' and Status == 'vunnen' and Belopp > 1000000", None, "count"),
    ask("Mått == 'visningar'", "Belopp", "sum"),
    ask(
        "Mått == 'leads'",
        "Belopp",
        "sum",
        "Datum",
        Window("period", datetime(2026, 10, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)),
    ),
    ask("Mått == 'kännedom'", "Andel", "last", "Datum"),
]


@pytest.mark.parametrize("space", [" ", "\xa0", "\u202f"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_five_numbers_of_a_swedish_file(
    bench: Bench, encoding: str, space: str, ending: str
) -> None:
    if space == "\u202f" and encoding == "cp1252":
        space = "\xa0"  # a narrow no-break space does not exist there
    rows = [";".join(_spaced(cell, space) for cell in row.split(";")) for row in _lines(SWEDISH)]
    bench.write((ending.join(rows) + ending).encode(encoding))
    answers = bench.answers(*SWEDISH_QUESTIONS)
    assert numbers(answers) == ["20000000", "4", "100000", "200", "20 %"]


def _lines(text: str) -> list[str]:
    return text.splitlines()


def _spaced(cell: str, space: str) -> str:
    return cell.replace(" ", space)


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_found_out(bench: Bench, separator: str) -> None:
    rows = [["name", "amount", "status"], ["a, b; c", "5", "won"], ["d", "7", "won"]]
    text = "".join(separator.join(f'"{cell}"' for cell in row) + "\n" for row in rows)
    bench.write(text)
    assert bench.value(ask(measure="amount", agg="sum")).value == 12


def test_a_file_that_two_separators_fit_is_an_error_with_a_cure(bench: Bench) -> None:
    bench.write("name;amount,x\na;1,5\nb;2,5\n")
    error = bench.error(ask())
    assert "split at" in error.message
    assert "separator" in error.next_step
    assert bench.value(ask(), separator=";").value == 2


def test_what_excel_says_about_the_separator_is_followed(bench: Bench) -> None:
    bench.write("sep=;\nname;amount\na;1,5\nb;2,5\n")
    assert bench.value(ask(measure="amount", agg="sum")).value == 4


def test_quoted_cells_may_hold_line_breaks_quotes_and_separators(bench: Bench) -> None:
    bench.write('name,amount\n"a\r\nb, ""c""",5\nd,7\n')
    assert bench.value(ask("contains(name, 'c')", "amount", "sum")).value == 5
    assert bench.value(ask()).rows == 2


def test_empty_lines_and_rows_of_separators_only_are_not_rows(bench: Bench) -> None:
    bench.write("name,amount\n\na,5\n,\n , \n\nb,7,\n\n")
    assert bench.value(ask()).value == 2


def test_a_short_row_is_an_error_that_names_it(bench: Bench) -> None:
    bench.write("name,amount\na,5\nb\nc,7\n")
    assert "row 3" in bench.error(ask()).message


def test_footers_are_left_out_when_the_config_says_so(bench: Bench) -> None:
    bench.write("name,amount\na,5\nb,7\nTotal,12\nas of today\n")
    assert bench.value(ask(measure="amount", agg="sum"), footer_rows=2).value == 12


def test_a_total_in_the_last_row_is_never_silently_counted(bench: Bench) -> None:
    bench.write("name,amount\na,5\nb,7\nSumma,12\n")
    question = ask(measure="amount", agg="sum")
    assert "footer_rows" in bench.error(question).next_step
    assert bench.value(question, footer_rows=1).value == 12
    assert bench.value(question, footer_rows=0).value == 24


def test_a_header_further_down(bench: Bench) -> None:
    bench.write("Export of the day\n\nname,amount\n(text),(SEK)\na,5\n")
    question = ask(measure="amount", agg="sum")
    assert bench.value(question, header=3, skip_rows=1).value == 5


def test_headers_are_trimmed_and_may_be_renamed(bench: Bench) -> None:
    bench.write("\ufeff Old\xa0 name ,amount\na,5\n")
    assert bench.value(ask("row['Old name'] == 'a'")).value == 1
    assert bench.value(ask("name == 'a'"), rename={"Old name": "name"}).value == 1


def test_a_column_that_is_there_twice_needs_its_number(bench: Bench) -> None:
    bench.write("amount,name,amount\n1,a,2\n")
    error = bench.error(ask(measure="amount", agg="sum"))
    assert "1 and 3" in error.message
    assert bench.value(ask(measure="amount#2", agg="sum")).value == 2


def test_an_unknown_column_is_met_with_a_suggestion_and_stops_no_other(bench: Bench) -> None:
    bench.write("name,Amount\na,5\n")
    wrong, right = bench.answers(ask(measure="amont", agg="sum"), ask(measure="Amount", agg="sum"))
    assert isinstance(wrong, OutsideError)
    assert "Amount" in wrong.next_step
    assert numbers([right]) == ["5"]


@pytest.mark.parametrize("cell", ["NaN", "inf", "1e400", "n/a", "#REF!", "1_000"])
def test_guarantee_21_an_unreadable_cell_is_an_error_that_names_its_place(
    bench: Bench, cell: str
) -> None:
    bench.write(f"name,amount\na,5\nb,{cell}\n")
    wrong, without = bench.answers(
        ask(measure="amount", agg="sum"), ask("name == 'a'", "amount", "sum")
    )
    assert isinstance(wrong, BadAnswer)
    assert "row 3" in wrong.message
    assert "'amount'" in wrong.message
    assert cell not in wrong.message
    assert numbers([without]) == ["5"]


def test_guarantee_21_empty_is_no_value_and_never_zero(bench: Bench) -> None:
    bench.write("name,amount\na,4\nb,\nc,-0\n")
    average = bench.value(ask(measure="amount", agg="avg"))
    assert (average.value, average.rows) == (Decimal(2), 2)
    assert any("empty" in note for note in average.evidence.notes)
    assert bench.error(ask("name == 'b'", "amount", "sum")).code == "no-value"
    assert bench.error(ask("name == 'zz'", "amount", "sum")).code == "no-value"
    assert bench.value(ask("name == 'zz'")).value == 0
    assert bench.value(ask("amount == 0")).value == 1


def test_guarantee_21_a_column_that_can_be_read_two_ways_is_not_read(bench: Bench) -> None:
    bench.write("name;amount\na;1.234\nb;2.500\n")
    question = ask(measure="amount", agg="sum")
    assert "decimal" in bench.error(question).next_step
    assert bench.value(question, decimal=",").value == 3734
    assert str(bench.value(question, decimal=".").value) == "3.734"


def test_guarantee_21_one_cell_beyond_doubt_settles_its_column(bench: Bench) -> None:
    bench.write("name;amount\na;1.234\nb;2.500\nc;10,5\n")
    assert str(bench.value(ask(measure="amount", agg="sum")).value) == "3744.5"


def test_guarantee_21_both_decimal_marks_in_one_column_are_an_error(bench: Bench) -> None:
    bench.write("name;amount\na;1,5\nb;1.5\n")
    assert "decimal" in bench.error(ask(measure="amount", agg="sum")).message


def test_guarantee_21_units_are_never_mixed(bench: Bench) -> None:
    bench.write("name;amount\na;5 EUR\nb;5 SEK\n")
    assert "units" in bench.error(ask(measure="amount", agg="sum")).message
    answer = bench.value(ask("name == 'a'", "amount", "sum"))
    assert (answer.value, answer.unit) == (Decimal(5), "EUR")


def test_an_ambiguous_date_is_an_error_that_names_the_cure(bench: Bench) -> None:
    bench.write("day,amount\n03/04/2026,5\n")
    question = ask("day >= '2026-04-01'")
    assert "dates" in bench.error(question).next_step
    assert bench.value(question, dates="day-first").value == 1
    assert bench.value(question, dates="month-first").value == 0


def test_days_of_a_window_are_days_in_the_zone_and_its_end_is_outside(bench: Bench) -> None:
    zone = bench.zone
    window = Window(
        "period", datetime(2026, 10, 1, tzinfo=zone), datetime(2026, 11, 1, tzinfo=zone)
    )
    bench.write(
        "day,n\n2026-09-30T21:59:59Z,1\n2026-09-30T22:00:00Z,2\n2026-10-31,4\n2026-11-01,8\n"
    )
    answer = bench.value(ask(measure="n", agg="sum", on="day", window=window))
    assert answer.value == 6
    assert answer.evidence.window == "period: day from 2026-10-01 and before 2026-11-01"


def test_rows_without_a_date_are_in_no_window_and_it_is_said(bench: Bench) -> None:
    bench.write("day,n\n2026-10-02,1\n,2\n")
    answer = bench.value(ask(measure="n", agg="sum", on="day"))
    assert answer.value == 1
    assert any("without a date" in note for note in answer.evidence.notes)


def test_guarantee_22_the_age_of_the_file_is_the_age_of_the_number(bench: Bench) -> None:
    old = NOW - timedelta(days=9)
    bench.write("name\na\n", at=old)
    assert bench.value(ask()).as_of == old


def test_the_past_is_answered_from_the_dates_in_the_rows(bench: Bench) -> None:
    bench.write("day,n\n2026-10-01,1\n2026-10-15,2\n2026-11-01,4\n")
    past = datetime(2026, 10, 20, tzinfo=UTC)
    answer = bench.value(ask(measure="n", agg="sum", on="day", as_of=past))
    assert (answer.value, answer.as_of) == (Decimal(3), past)
    assert "on =" in bench.error(ask(measure="n", agg="sum", as_of=past)).next_step


def test_last_goes_by_date_and_then_by_place(bench: Bench) -> None:
    bench.write("day,n\n2026-10-02,1\n2026-10-05,2\n2026-10-05,3\n2026-10-01,4\n")
    assert bench.value(ask(measure="n", agg="last", on="day")).value == 3
    assert bench.value(ask(measure="n", agg="first", on="day")).value == 4
    assert bench.value(ask(measure="n", agg="last")).value == 4


def test_without_an_aggregation_exactly_one_row_must_match(bench: Bench) -> None:
    bench.write("name,n\na,1\na,2\nb,3\n")
    assert bench.value(ask("name == 'b'", "n", None)).value == 3
    assert "2 rows" in bench.error(ask("name == 'a'", "n", None)).message
    assert bench.error(ask("name == 'c'", "n", None)).code == "no-value"


def test_the_evidence_says_the_question_in_words(bench: Bench) -> None:
    bench.write("Status,Amount\nwon,5\n", "sales.csv")
    answer = bench.value(ask("Status == 'won'", "Amount", "sum"), path="sales.csv")
    assert answer.evidence.query == "sales.csv where Status == 'won', sum of Amount"
    assert answer.evidence.source == "sheet"
    assert answer.evidence.link is None


def test_a_guessed_encoding_is_said_in_the_evidence(bench: Bench) -> None:
    bench.write("name\nÅsa\n".encode("cp1252"))
    assert any("cp1252" in note for note in bench.value(ask("name == 'Åsa'")).evidence.notes)


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "no names"),
        (b"\n\n", "no names"),
        (b"name,n\na,\x00\n", "NUL"),
        ("name,n\na,1\n".encode("utf-16-le"), "NUL"),
        ("name,n\nå,1\n".encode() + b"\xe5,2\n", "UTF-8"),
        (b"name,n\n\x81\xe5,2\n", "cp1252"),
        (b"name,n\n\xc3", "middle of a character"),
        (b'name,n\n"a,1\nb,2\n', "never closed"),
        (b'name,n\n"a"b,1\n', "closing quote"),
        (b"PK\x03\x04xx", "Excel"),
        (b"\x1f\x8bxx", "gzip"),
        (b"<!DOCTYPE html><html><body>Sign in</body></html>", "web page"),
        (b"name,n\n" + b"x" * 200_000 + b",1\n", "a cell of more than"),
        (b"name,n\n" + b"x" * 10_000_000, "a line of more than"),
        (b"name,n\n" + b'"' + b"x\n" * 200_000, "a cell of more than"),
        (b"name,n\n" + b'"\n",' * 2_000_000, "a record of more than"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_guarantee_29_what_is_no_table_is_a_clear_error(
    bench: Bench, data: bytes, word: str
) -> None:
    bench.write(data)
    error = bench.error(ask(measure="n", agg="sum"))
    assert isinstance(error, BadAnswer)
    assert word in error.message
    assert error.next_step


def test_guarantee_29_size_and_rows_have_caps(bench: Bench) -> None:
    bench.write("name\n" + "a\n" * 100)
    assert "max_size" in bench.error(ask(), max_size=50).next_step
    assert "max_rows" in bench.error(ask(), max_rows=99).next_step
    assert bench.value(ask(), max_rows=100).value == 100


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    data=st.binary(max_size=300)
    | st.text(alphabet='a1,;\t|"\n\r .%å-()', max_size=200).map(str.encode)
    | st.binary(max_size=120).map(lambda tail: b"name,n\na,1\n" + tail)
)
def test_guarantee_21_any_bytes_give_a_number_or_a_clear_error(bench: Bench, data: bytes) -> None:
    bench.write(data)
    for answer in bench.answers(
        ask(), ask(measure="n", agg="sum"), ask("n > 1"), ask(measure="name", agg="last", on="n")
    ):
        assert isinstance(answer, OutsideError) or answer.value.is_finite()


def test_the_newest_file_of_a_pattern_wins(bench: Bench) -> None:
    bench.write("n\n1\n", "out/pipeline-1.csv", NOW - timedelta(days=1))
    bench.write("n\n2\n", "out/pipeline-2.csv", NOW - timedelta(days=3))
    bench.write("n\n3\n", "out/other.csv", NOW)
    question = ask(measure="n", agg="sum")
    answer = bench.value(question, path="out/pipeline-*.csv")
    assert (answer.value, answer.as_of) == (Decimal(1), NOW - timedelta(days=1))
    assert bench.value(question, path="o*/pipe*-2.csv").value == 2
    assert "no file matches" in bench.error(question, path="out/none-*.csv").message


def test_a_folder_is_asked_file_by_file_each_read_once(bench: Bench) -> None:
    bench.write("n\n1\n", "data/a.csv")
    bench.write("n\n2\n", "data/b.csv")
    answers = bench.answers(
        ask(measure="n", agg="sum", file="b.csv"),
        ask(measure="n", agg="sum", file="a.csv"),
        ask(measure="n", agg="max", file="b.c*"),
        ask(measure="n", agg="sum", file="c.csv"),
        path="data",
    )
    assert numbers(answers) == ["2", "1", "2", "source"]


def test_a_folder_without_a_file_is_refused_with_the_cure(bench: Bench) -> None:
    bench.write("n\n1\n", "data/a.csv")
    assert "file =" in bench.error(ask(), path="data").next_step
    assert "file =" in bench.error(ask(), path=str(bench.root)).next_step


def test_many_key_results_pick_their_rows_by_one_column(bench: Bench) -> None:
    rows = [f"k{number % 50},{number}.5,2026-10-{1 + number % 28:02d}" for number in range(1000)]
    bench.write("key,n,day\n" + "\n".join(rows) + "\n")
    questions = [ask(f"key == 'k{key}'", "n", "sum", "day") for key in range(60)]
    answers = bench.answers(*questions)
    expected = [sum(range(key, 1000, 50)) + 10 for key in range(50)]
    assert numbers(answers) == [str(number) for number in expected] + ["no-value"] * 10
