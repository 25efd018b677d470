"""What a person wrote in the store, in a sentence and in JSON: shown beside what was computed."""

from __future__ import annotations

from datetime import tzinfo

from okrsync.model import Confidence, PersonsWord, Score
from okrsync.report import numbers
from okrsync.report.export import plain

LONGEST = 200


def word_sentence(word: PersonsWord, zone: tzinfo, score: Score | None = None) -> str:
    """``team lead checked in 31, confidence 0.40 (computed 0.62), at risk, 2026-11-14: late``."""
    said = [f"{plain(word.author) or 'a person'} checked in"]
    said += [numbers.amount(word.value, word.unit)] if word.value is not None else []
    parts = [" ".join(said)]
    if word.confidence is not None:
        parts.append(f"confidence {word.confidence:.2f}{_computed(score)}")
    parts += [plain(word.status)] if word.status else []
    parts += [numbers.moment(word.at, zone)] if word.at is not None else []
    note = plain(" ".join(word.note.split()))
    text = note if len(note) <= LONGEST else f"{note[:LONGEST]}…"
    return ", ".join(parts) + (f": {text}" if text else "")


def word_item(word: PersonsWord | None) -> dict[str, object] | None:
    if word is None:
        return None
    return {
        "store": word.store,
        "author": word.author or None,
        "at": word.at,
        "value": word.value,
        "unit": word.unit or None,
        "confidence": word.confidence,
        "status": word.status or None,
        "note": word.note or None,
    }


def _computed(score: Score | None) -> str:
    confidence: Confidence | None = score.confidence if score else None
    return "" if confidence is None else f" (computed {confidence.probability:.2f})"
