"""Nouns as JSON text and back, exactly: decimals as text, instants as ISO 8601 in UTC.

Written by hand because ten thousand of them are read and written in each run, and because what is
in the database must not change when a class does. pydantic_core writes and reads JSON in less than
half the time of the standard library.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache, wraps
from typing import Any, Final, TypeVar

from pydantic_core import PydanticSerializationError, from_json, to_json

from okrsync.errors import StateDamaged
from okrsync.model import (
    CheckIn,
    Confidence,
    Evidence,
    Flag,
    Measurement,
    Operand,
    Score,
    Status,
    StoreRef,
    Value,
)

Json = dict[str, Any]
Written = TypeVar("Written")
Noun = TypeVar("Noun")


def legible(read: Callable[[Written], Noun]) -> Callable[[Written], Noun]:
    """What okrsync wrote it can read again: anything else was damaged or written by others."""

    @wraps(read)
    def read_or_refuse(written: Written) -> Noun:
        try:
            return read(written)
        except (ArithmeticError, KeyError, TypeError, ValueError):
            raise _damaged(read.__doc__ or "something") from None

    return read_or_refuse


def decimal(text: str) -> Decimal:
    """A number in a column of its own. Raises StateDamaged."""
    try:
        return Decimal(text)
    except (ArithmeticError, TypeError, ValueError):
        raise _damaged("a number") from None


def _damaged(what: str) -> StateDamaged:
    return StateDamaged(
        f"the state database holds {what} that cannot be read",
        next_step="restore a backup, or move the database away and run again: okrsync sync",
    )


def json_text(data: Json) -> str:
    """One line of JSON in ASCII, so that it fits into a database of any encoding."""
    try:
        text = to_json(data)
    except PydanticSerializationError:  # half a surrogate pair, which only an escape can write
        return _in_ascii(data)
    return text.decode() if text.isascii() else _in_ascii(data)


_in_ascii: Final = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


def read_json(text: str) -> Any:
    """What ``json_text`` wrote. Raises ValueError."""
    try:
        return from_json(text)
    except ValueError:  # half a surrogate pair, see above
        return json.loads(text)


@lru_cache(maxsize=1024)  # one run writes few instants, each of them thousands of times
def instant(moment: datetime) -> str:
    """In UTC and always of the same width, so that sorting the text sorts the time."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


@lru_cache(maxsize=1024)
def moment(text: str) -> datetime:
    """Raises StateDamaged."""
    try:
        return datetime.fromisoformat(text)
    except (TypeError, ValueError):
        raise _damaged("a time") from None


def _number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _written(number: Decimal | None) -> str | None:
    return None if number is None else str(number)


def encode_value(value: Value) -> str:
    return json_text(
        {
            "number": str(value.number),
            "unit": value.unit,
            "as_of": instant(value.as_of),
            "origin": value.origin,
            "operands": _operands_out(value.operands),
            "approximate": value.approximate,
            "remark": value.remark,
        }
    )


@legible
def decode_value(text: str) -> Value:
    """a value"""
    data = read_json(text)
    return Value(
        number=Decimal(data["number"]),
        unit=data["unit"],
        as_of=moment(data["as_of"]),
        origin=data["origin"],
        operands=_operands_in(data["operands"]),
        approximate=data["approximate"],
        remark=data["remark"],
    )


def encode_proof(operands: tuple[Operand, ...], remark: str = "") -> str:
    """What a number was made of: a value without its number."""
    return json_text({"operands": _operands_out(operands), "remark": remark})


@legible
def decode_proof(text: str) -> tuple[tuple[Operand, ...], str]:
    """a number's evidence"""
    data = read_json(text)
    return _operands_in(data["operands"]), data["remark"]


def _operands_out(operands: tuple[Operand, ...]) -> list[Json]:
    return [{"name": operand.name, **_measurement_out(operand.measurement)} for operand in operands]


def _operands_in(data: list[Json]) -> tuple[Operand, ...]:
    return tuple(Operand(entry["name"], _measurement_in(entry)) for entry in data)


def _measurement_out(measurement: Measurement) -> Json:
    evidence = measurement.evidence
    return {
        "value": str(measurement.value),
        "unit": measurement.unit,
        "as_of": instant(measurement.as_of),
        "rows": measurement.rows,
        "approximate": measurement.approximate,
        "source": evidence.source,
        "query": evidence.query,
        "window": evidence.window,
        "zone": evidence.zone,
        "read_at": instant(evidence.read_at),
        "link": evidence.link,
        "notes": evidence.notes,
    }


def _measurement_in(data: Json) -> Measurement:
    return Measurement(
        value=Decimal(data["value"]),
        unit=data["unit"],
        as_of=moment(data["as_of"]),
        rows=data["rows"],
        approximate=data["approximate"],
        evidence=Evidence(
            source=data["source"],
            query=data["query"],
            window=data["window"],
            zone=data["zone"],
            read_at=moment(data["read_at"]),
            link=data["link"],
            notes=tuple(data["notes"]),
        ),
    )


def encode_score(score: Score) -> str:
    confidence = score.confidence
    return json_text(
        {
            "progress": _written(score.progress),
            "score": _written(score.score),
            "expected": _written(score.expected),
            "pace": _written(score.pace),
            "confidence": confidence
            and [confidence.probability, confidence.origin, confidence.reason],
            "status": score.status.value,
            "reason": score.reason,
            "forecast": [[quantile, str(value)] for quantile, value in score.forecast],
            "recent": _written(score.recent),
            "needed": _written(score.needed),
            "flags": [[flag.kind, flag.message] for flag in score.flags],
        }
    )


@legible
def decode_score(text: str) -> Score:
    """a score"""
    data = read_json(text)
    return Score(
        progress=_number(data["progress"]),
        score=_number(data["score"]),
        expected=_number(data["expected"]),
        pace=_number(data["pace"]),
        confidence=data["confidence"] and Confidence(*data["confidence"]),
        status=Status(data["status"]),
        reason=data["reason"],
        forecast=tuple((quantile, Decimal(value)) for quantile, value in data["forecast"]),
        # what okrsync 0.1.0 wrote has none of these
        recent=_number(data.get("recent")),
        needed=_number(data.get("needed")),
        flags=tuple(Flag(kind, message) for kind, message in data.get("flags", ())),
    )


def encode_check_in(check_in: CheckIn) -> str:
    return json_text(
        {
            "key": check_in.key,
            "key_result": check_in.key_result,
            "store": check_in.ref.store,
            "id": check_in.ref.id,
            "base": check_in.base,
            "value": str(check_in.value),
            "unit": check_in.unit,
            "as_of": instant(check_in.as_of),
            "score": _written(check_in.score),
            "confidence": check_in.confidence,
            "status": check_in.status.value,
            "note": check_in.note,
        }
    )


@legible
def decode_check_in(text: str) -> CheckIn:
    """a check-in"""
    data = read_json(text)
    return CheckIn(
        key=data["key"],
        key_result=data["key_result"],
        ref=StoreRef(data["store"], data["id"]),
        base=data["base"],
        value=Decimal(data["value"]),
        unit=data["unit"],
        as_of=moment(data["as_of"]),
        score=_number(data["score"]),
        confidence=data["confidence"],
        status=Status(data["status"]),
        note=data["note"],
    )


def sent_number(text: str) -> Decimal:
    """The value in a check-in's text, cut out of it: no other text can hold a quote unescaped."""
    return Decimal(text.partition('"value":"')[2].partition('"')[0])


_STATUSES: Final = {status.value: status for status in Status}


@legible
def score_status(text: str) -> Status:
    """a status"""
    return _STATUSES[text.partition('"status":"')[2].partition('"')[0]]
