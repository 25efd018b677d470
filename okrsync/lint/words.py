"""Words in titles: activities in place of results, and abbreviations that only insiders know."""

from __future__ import annotations

import re

from okrsync.mapping.currencies import CODES

_ACTIVITY_VERBS = (
    "attend|build|conduct|create|define|deliver|deploy|design|develop|document|draft|establish"
    "|evaluate|execute|explore|finish|hold|host|implement|install|introduce|investigate|kick off"
    "|launch|migrate|organise|organize|plan|prepare|present|publish|release|research|roll out|run"
    "|schedule|send|set up|ship|start|test|train|update|work on|write"
)
_ACTIVITY = re.compile(rf"\s*(?P<word>{_ACTIVITY_VERBS})\b(?!-)", re.IGNORECASE)
_BUSY = re.compile(
    r"\b(?P<word>meetings|workshops|trainings|presentations|interviews held)\b", re.IGNORECASE
)
_CAPITALS = re.compile(r"(?<![\w-])[A-Z][A-Z0-9&]*[A-Z][A-Z0-9]*(?![\w])")

# What colleagues of any team can be expected to know.
_KNOWN_WORDS = (
    "AI API B2B B2C CEO CFO CRM CSV CTO EU FAQ GDP GDPR HR ID ISO IT KPI NPS OK OKR OKRS PDF PR QA"
    " ROI SEO SLA SMS SQL TV UI UK UN URL US USA UX VAT VIP WIFI ARR MRR H1 H2 Q1 Q2 Q3 Q4"
)
KNOWN = frozenset(_KNOWN_WORDS.split()) | CODES
_MONEY = re.compile(r"[MTK](?:SEK|EUR|USD|NOK|DKK|GBP|CHF)")


def activity(title: str) -> str:
    """The first word that names something to do rather than something achieved, or ""."""
    found = _ACTIVITY.match(title) or _BUSY.search(title)
    return found["word"].lower() if found else ""


def abbreviations(title: str) -> list[str]:
    """Runs of capitals that a stranger may not know. A title all in capitals has none."""
    if title.isupper() and " " in title:
        return []
    return [word for word in dict.fromkeys(_CAPITALS.findall(title)) if not _is_known(word)]


def _is_known(word: str) -> bool:
    return word in KNOWN or _MONEY.fullmatch(word) is not None
