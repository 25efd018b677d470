"""The four perspectives of the balanced scorecard (Kaplan and Norton), however they are written."""

from __future__ import annotations

PERSPECTIVES = ("financial", "customer", "internal process", "learning and growth")
_SHORT = {
    "finance": "financial",
    "customers": "customer",
    "internal": "internal process",
    "process": "internal process",
    "internal processes": "internal process",
    "learning": "learning and growth",
    "growth": "learning and growth",
}


def perspective_name(text: str) -> str:
    """ "Learning & growth" is "learning and growth"; other names stay, in small letters."""
    plain = text.lower().replace("&", " and ").replace("-", " ").replace("_", " ")
    name = " ".join(plain.split())
    return _SHORT.get(name, name)
