"""Nouns go to text and come back equal, whatever is in them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from okrsync.model import (
    CheckIn,
    Confidence,
    Evidence,
    Measurement,
    Operand,
    Score,
    Status,
    StoreRef,
    Value,
)
from okrsync.state import codec

ZONES = st.integers(-14 * 60, 14 * 60).map(lambda m: timezone(timedelta(minutes=m)))
INSTANTS = st.datetimes(datetime(1900, 1, 2), datetime(9000, 1, 1), timezones=ZONES)  # noqa: DTZ001 - bounds are naive
NUMBERS = st.decimals(allow_nan=False, allow_infinity=False)
SHARES = st.floats(0, 1)
TEXT = st.text()

EVIDENCE = st.builds(
    Evidence,
    source=TEXT,
    query=TEXT,
    window=TEXT,
    zone=TEXT,
    read_at=INSTANTS,
    link=st.none() | TEXT,
    notes=st.lists(TEXT, max_size=2).map(tuple),
)
MEASUREMENTS = st.builds(
    Measurement,
    value=NUMBERS,
    unit=TEXT,
    as_of=INSTANTS,
    rows=st.integers(0),
    evidence=EVIDENCE,
    approximate=st.booleans(),
)
OPERANDS = st.lists(st.builds(Operand, TEXT, MEASUREMENTS), max_size=2).map(tuple)
VALUES = st.builds(
    Value,
    number=NUMBERS,
    unit=TEXT,
    as_of=INSTANTS,
    origin=TEXT,
    operands=OPERANDS,
    approximate=st.booleans(),
    remark=TEXT,
)
SCORES = st.builds(
    Score,
    progress=st.none() | NUMBERS,
    score=st.none() | NUMBERS,
    expected=st.none() | NUMBERS,
    pace=st.none() | NUMBERS,
    confidence=st.none() | st.builds(Confidence, SHARES, TEXT, TEXT),
    status=st.sampled_from(Status),
    reason=TEXT,
    forecast=st.lists(st.tuples(SHARES, NUMBERS), max_size=3).map(tuple),
)
CHECK_INS = st.builds(
    CheckIn,
    key=TEXT,
    key_result=TEXT,
    ref=st.builds(StoreRef, TEXT, TEXT),
    base=TEXT,
    value=NUMBERS,
    unit=TEXT,
    as_of=INSTANTS,
    score=st.none() | NUMBERS,
    confidence=st.none() | SHARES,
    status=st.sampled_from(Status),
    note=TEXT,
)


@settings(max_examples=60, deadline=None)
@given(VALUES)
def test_values(value: Value) -> None:
    text = codec.encode_value(value)
    again = codec.decode_value(text)
    assert again == value
    assert str(again.number) == str(value.number)
    assert text.isascii()


@settings(max_examples=60, deadline=None)
@given(SCORES)
def test_scores(score: Score) -> None:
    assert codec.decode_score(codec.encode_score(score)) == score


@settings(max_examples=60, deadline=None)
@given(CHECK_INS)
def test_check_ins(check_in: CheckIn) -> None:
    assert codec.decode_check_in(codec.encode_check_in(check_in)) == check_in


@settings(max_examples=60, deadline=None)
@given(OPERANDS, TEXT)
def test_proofs(operands: tuple[Operand, ...], remark: str) -> None:
    assert codec.decode_proof(codec.encode_proof(operands, remark)) == (operands, remark)


@given(INSTANTS, INSTANTS)
def test_instants_sort_as_text(one: datetime, other: datetime) -> None:
    assert (one < other) == (codec.instant(one) < codec.instant(other))
    assert codec.moment(codec.instant(one)) == one


def test_numbers_keep_their_digits() -> None:
    for written in ("0.10", "-0", "1E+30", "12345678901234567890.000001"):
        value = Value(Decimal(written), "", datetime.now(timezone.utc), "measured")  # noqa: UP017
        assert str(codec.decode_value(codec.encode_value(value)).number) == written
