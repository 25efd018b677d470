"""The sentence that goes with a check-in. Plain replacement of known names, nothing more."""

from __future__ import annotations

from datetime import datetime, tzinfo
from decimal import Decimal

from okrsync.mapping.units import show
from okrsync.model import KeyResult, Operand, Score, Value

DEFAULT_NOTE = "{value} (was {previous}, target {target}). {source}"


def write_note(
    template: str | None,
    key_result: KeyResult,
    value: Value,
    score: Score,
    *,
    previous: Decimal | None,
    zone: tzinfo,
) -> str:
    """Fill a template whose names the loader has checked; a person's words come along."""
    note = template or DEFAULT_NOTE
    words = _words(key_result, value, score) | _moments(value, zone)
    words["previous"] = _shown(previous, value.unit)
    words["delta"] = "-" if previous is None else show(value.number - previous, value.unit)
    for name, text in words.items():
        note = note.replace("{" + name + "}", text)
    return f"{note} ({value.remark})" if value.remark else note


def _words(key_result: KeyResult, value: Value, score: Score) -> dict[str, str]:
    links = [o.measurement.evidence.link for o in value.operands if o.measurement.evidence.link]
    confidence = score.confidence
    return {
        "title": key_result.title,
        "value": show(value.number, value.unit),
        "target": _shown(key_result.target, value.unit),
        "unit": value.unit,
        "progress": _percent(score.progress),
        "score": "-" if score.score is None else f"{score.score:.2f}",
        "confidence": "-" if confidence is None else f"{confidence.probability:.2f}",
        "source": "; ".join(map(_origin, value.operands)) or value.origin,
        "link": links[0] if links else "",
    }


def _moments(value: Value, zone: tzinfo) -> dict[str, str]:
    read = [operand.measurement.evidence.read_at for operand in value.operands]
    return {
        "read_at": _moment(max(read), zone) if read else "-",
        "as_of": _moment(value.as_of, zone),
    }


def _origin(operand: Operand) -> str:
    evidence = operand.measurement.evidence
    about = "about " if operand.measurement.approximate else ""
    return f"{about}{evidence.source}: {evidence.query}"


def _shown(number: Decimal | None, unit: str) -> str:
    return "-" if number is None else show(number, unit)


def _percent(share: Decimal | None) -> str:
    return "-" if share is None else f"{100 * share:.0f} %"


def _moment(instant: datetime, zone: tzinfo) -> str:
    return instant.astimezone(zone).strftime("%Y-%m-%d %H:%M %Z")
