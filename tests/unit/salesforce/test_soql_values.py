"""Values in SOQL: whatever a mapping says stays a value, and is the same value when it is read."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from okrsync.conditions import AllOf, AnyOf, Comparison, Condition, Not
from okrsync.errors import SourceError
from okrsync_salesforce import literals
from okrsync_salesforce.conditions import Writer
from okrsync_salesforce.fields import Field
from tests.unit.salesforce.conftest import Oracle

STOCKHOLM = ZoneInfo("Europe/Stockholm")
KINDS = {
    "Name": "string",
    "StageName": "picklist",
    "OwnerId": "reference",
    "Amount": "currency",
    "Probability": "percent",
    "IsWon": "boolean",
    "CloseDate": "date",
    "CreatedDate": "datetime",
}
EARLIEST, LATEST = datetime(1700, 1, 2), datetime(3999, 1, 1)  # noqa: DTZ001 - zone follows
UNHURRIED = settings(deadline=None)  # the parser is a process of its own
ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
NASTY = st.one_of(
    st.text(max_size=40),
    st.text(alphabet="'\"\\%_{}@:();-/*\n\r\t\b\f ", max_size=20),
    st.sampled_from(
        [
            "' OR Name != '",
            "\\' OR Id != null OR Name = \\'",
            "x') OR (Name != '",
            "@{q0.totalSize}",
            "%27%20OR%20Id!=null",
            "''''",
            "\\",
            "a' LIMIT 1 --",
            "null",
            ":start",
            "\u2019 OR 1=1",
            "Ä\u0301\U0001d11e\u202e\u2028",
        ]
    ),
)


def find(name: str) -> Field:
    return Field(name, KINDS[name])


def counted(where: str) -> str:
    return f"SELECT COUNT() FROM Opportunity WHERE {where}"  # noqa: S608 - what is tested here


def writer(currency: str = "") -> Writer:
    return Writer(find, STOCKHOLM, lambda: currency)


def unescaped(literal: str) -> str:
    """By Salesforce's table of escapes, from the other side."""
    table = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
    return re.sub(
        r"\\(.)", lambda found: table.get(found[1], found[1]), literal[1:-1], flags=re.DOTALL
    )


def is_writable(value: str) -> bool:
    return not any(
        (ord(c) < 32 and c not in "\n\r\t\b\f")
        or c in "\x7f\u2028\u2029"
        or 0xD800 <= ord(c) <= 0xDFFF
        for c in value
    )


@UNHURRIED
@given(NASTY)
def test_a_text_is_one_text_to_a_parser_of_soql(oracle: Oracle, value: str) -> None:
    if not is_writable(value):
        with pytest.raises(SourceError):
            literals.text(value)
        return
    where = writer().exactly(Comparison("Name", "==", (value,)))
    parsed = oracle.parsed(counted(where))
    assert set(parsed["where"]) == {"left"}
    left = parsed["where"]["left"]
    assert (left["field"], left["operator"], left["literalType"]) == ("Name", "=", "STRING")
    assert unescaped(left["value"]) == value
    assert "limit" not in parsed


@UNHURRIED
@given(st.lists(NASTY.filter(is_writable), min_size=1, max_size=5))
def test_a_list_of_texts_is_one_list(oracle: Oracle, values: list[str]) -> None:
    where = writer().exactly(Comparison("StageName", "in", tuple(values)))
    left = oracle.parsed(counted(where))["where"]["left"]
    assert left["operator"] == "IN"
    assert [unescaped(value) for value in left["value"]] == values


@UNHURRIED
@given(NASTY.filter(is_writable).filter(bool))
def test_a_part_of_a_text_is_taken_letter_by_letter(oracle: Oracle, value: str) -> None:
    part = Comparison("Name", "contains", (value,))
    if "\\" in value:
        with pytest.raises(SourceError, match="backslash"):
            writer().exactly(part)
        return
    parsed = oracle.parsed(counted(writer().exactly(part)))
    assert set(parsed["where"]) == {"left"}
    pattern = parsed["where"]["left"]["value"]
    assert pattern.startswith("'%")
    assert pattern.endswith("%'")
    inside = pattern[2:-2]
    assert not re.search(r"(?<!\\)[%_]", inside)
    assert unescaped(f"'{inside}'") == value


@UNHURRIED
@given(st.decimals(allow_nan=True, allow_infinity=True))
def test_a_number_is_the_same_number_or_refused(oracle: Oracle, value: Decimal) -> None:
    try:
        written = literals.number(value)
    except SourceError:
        return
    assert Decimal(written) == value
    assert oracle.accepts(counted(f"Amount >= {written}"))


@UNHURRIED
@given(
    st.datetimes(EARLIEST, LATEST, timezones=st.just(UTC)),
    st.sampled_from(["<", "<=", ">", ">="]),
    st.integers(-200_000, 200_000),
)
def test_a_day_and_an_instant_part_the_records_where_okrsync_does(
    oracle: Oracle, bound: datetime, sign: str, seconds: int
) -> None:
    """A record of whole seconds, and one of whole days, near the bound."""
    order = ORDERS[sign]
    record = bound.replace(microsecond=0) + timedelta(seconds=seconds)
    written = literals.compared("CreatedDate", "datetime", sign, bound, STOCKHOLM)
    assert oracle.accepts(counted(written))
    told = datetime.fromisoformat(written.split()[-1])
    assert order(record, told) == order(record, bound)
    day = record.astimezone(STOCKHOLM).date()
    written = literals.compared("CloseDate", "date", sign, bound, STOCKHOLM)
    assert oracle.accepts(counted(written))
    midnight = datetime(day.year, day.month, day.day, tzinfo=STOCKHOLM)
    assert order(day, date.fromisoformat(written.split()[-1])) == order(midnight, bound)


def trees() -> st.SearchStrategy[Condition]:
    texts = st.sampled_from(["Name", "StageName"])
    text = NASTY.filter(is_writable).filter(lambda value: bool(value) and "\\" not in value)
    leaves: st.SearchStrategy[Condition] = st.one_of(
        st.builds(
            lambda column, sign, value: Comparison(column, sign, (value,)),
            texts,
            st.sampled_from(["==", "!=", "contains", "starts_with", "ends_with"]),
            text,
        ),
        st.builds(
            lambda sign, values: Comparison("StageName", sign, tuple(values)),
            st.sampled_from(["in", "not in"]),
            st.lists(text, min_size=1, max_size=3),
        ),
        st.builds(
            lambda sign, value: Comparison("Amount", sign, (value,)),
            st.sampled_from(["==", "!=", "<", "<=", ">", ">="]),
            st.decimals(-(10**9), 10**9, places=2),
        ),
        st.builds(
            lambda column, sign, value: Comparison(column, sign, (value,)),
            st.sampled_from(["CloseDate", "CreatedDate"]),
            st.sampled_from(["==", "!=", "<", "<=", ">", ">="]),
            st.dates(date(1990, 1, 1), date(2100, 1, 1)),
        ),
        st.builds(lambda value: Comparison("IsWon", "==", (value,)), st.booleans()),
        st.builds(lambda name: Comparison(name, "empty"), st.sampled_from(sorted(KINDS))),
    )
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.builds(lambda parts: AllOf(tuple(parts)), st.lists(inner, max_size=3)),
            st.builds(lambda parts: AnyOf(tuple(parts)), st.lists(inner, max_size=3)),
            st.builds(Not, inner),
        ),
        max_leaves=8,
    )


@UNHURRIED
@given(trees())
def test_every_condition_is_soql(oracle: Oracle, condition: Condition) -> None:
    where = writer().exactly(condition)
    assert oracle.accepts(counted(where)), where


def test_the_parser_sees_what_is_not_soql(oracle: Oracle) -> None:
    assert not oracle.accepts("SELECT COUNT() FROM Opportunity WHERE Name = 'x'y'")
    assert not oracle.accepts("SELECT COUNT() FROM Opportunity WHERE (Name = 'x'")


@pytest.mark.parametrize(
    ("condition", "soql"),
    [
        (Comparison("StageName", "==", ("Won",)), "StageName = 'Won'"),
        (Comparison("StageName", "!=", ("Won",)), "(StageName != 'Won' OR StageName = null)"),
        (
            Comparison("StageName", "not in", ("a", "b")),
            "(StageName NOT IN ('a', 'b') OR StageName = null)",
        ),
        (Comparison("Amount", "!=", (Decimal(5),)), "(Amount != 5 AND Amount != null)"),
        (Comparison("Amount", "<", (Decimal("-1.50"),)), "(Amount < -1.50 AND Amount != null)"),
        (
            Not(Comparison("Amount", "<", (Decimal(5),))),
            "((Amount >= 5 AND Amount != null) OR Amount = null)",
        ),
        (Comparison("IsWon", "==", (True,)), "IsWon = TRUE"),
        (Not(Comparison("IsWon", "==", (True,))), "IsWon != TRUE"),
        (Comparison("IsWon", "empty"), "Id = null"),
        (Comparison("Name", "empty"), "Name = null"),
        (Not(Comparison("Name", "empty")), "Name != null"),
        (
            Comparison("CloseDate", "<=", (date(2026, 12, 31),)),
            "(CloseDate < 2027-01-01 AND CloseDate != null)",
        ),
        (
            Comparison("CreatedDate", ">=", (date(2026, 10, 1),)),
            "(CreatedDate >= 2026-09-30T22:00:00Z AND CreatedDate != null)",
        ),
        (
            Comparison("CreatedDate", "!=", (date(2026, 10, 25),)),
            (
                "((CreatedDate < 2026-10-24T22:00:00Z OR CreatedDate >= 2026-10-25T23:00:00Z) "
                "AND CreatedDate != null)"
            ),
        ),
        (
            Comparison("CloseDate", "==", ("2026-10-01",)),
            "(CloseDate >= 2026-10-01 AND CloseDate < 2026-10-02 AND CloseDate != null)",
        ),
        (
            Not(Comparison("Name", "contains", ("a_b",))),
            r"((NOT Name LIKE '%a\_b%') OR Name = null)",
        ),
        (AllOf(()), "Id != null"),
        (AnyOf(()), "Id = null"),
    ],
)
def test_conditions_mean_in_soql_what_they_mean_to_okrsync(condition: Condition, soql: str) -> None:
    assert writer().exactly(condition) == soql


@pytest.mark.parametrize(
    "condition",
    [
        Comparison("Amount", "==", ("5",)),
        Comparison("Amount", "contains", ("5",)),
        Comparison("Name", "==", (Decimal(5),)),
        Comparison("Name", "<", (date(2026, 1, 1),)),
        Comparison("IsWon", "==", ("true",)),
        Comparison("CloseDate", "==", ("31.12.2026",)),
        Comparison("CreatedDate", "==", ("2026-12-31",)),
        Comparison("CreatedDate", "in", ("2026-12-31",)),
        Comparison("OwnerId", "contains", ("005",)),
    ],
)
def test_kinds_that_do_not_go_together_are_refused(condition: Condition) -> None:
    with pytest.raises(SourceError) as refused:
        writer().exactly(condition)
    assert refused.value.next_step


def test_amounts_are_compared_in_the_orgs_currency_where_it_has_several() -> None:
    more = Comparison("Amount", ">", (Decimal(1000),))
    assert writer("EUR").exactly(more) == "(Amount > EUR1000 AND Amount != null)"
    with pytest.raises(SourceError):
        writer("EUR").exactly(Comparison("Amount", ">", (Decimal(-5),)))


def test_free_text_is_said_to_be_compared_without_capitals() -> None:
    there = writer()
    there.exactly(
        AllOf(
            (
                Comparison("StageName", "==", ("Won",)),
                Comparison("OwnerId", "==", ("005000000000001AAA",)),
                Comparison("Name", "==", ("x",)),
            )
        )
    )
    assert there.blind == {"Name"}


def test_a_field_that_cannot_be_searched_is_refused() -> None:
    long_text = Field("Description", "textarea", filterable=False)
    there = Writer(lambda _: long_text, UTC, str)
    with pytest.raises(SourceError, match="Description"):
        there.exactly(Comparison("Description", "==", ("x",)))
