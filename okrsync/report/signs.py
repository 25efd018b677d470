"""Signs, words and colours. A colour never stands alone: a sign and a word are beside it."""

from __future__ import annotations

from okrsync.model import Status, Verdict
from okrsync.report.table import Paint

WORDS = {
    Status.ACHIEVED: "achieved",
    Status.ON_TRACK: "on track",
    Status.AT_RISK: "at risk",
    Status.OFF_TRACK: "off track",
    Status.MISSED: "missed",
    Status.STALE: "stale",
    Status.UNKNOWN: "unknown",
}
SIGNS = {
    Status.ACHIEVED: "✓",
    Status.ON_TRACK: "●",
    Status.AT_RISK: "▲",
    Status.OFF_TRACK: "■",
    Status.MISSED: "✗",
    Status.STALE: "○",
    Status.UNKNOWN: "?",
}
VERDICT_SIGNS = {Verdict.POST: "~", Verdict.UNCHANGED: "=", Verdict.HELD: "!", Verdict.FAILED: "x"}
VERDICT_WORDS = {
    Verdict.POST: "to check in",
    Verdict.UNCHANGED: "unchanged",
    Verdict.HELD: "held",
    Verdict.FAILED: "failed",
}
_STATUS_CODES = {
    Status.ACHIEVED: "32",
    Status.ON_TRACK: "32",
    Status.AT_RISK: "33",
    Status.OFF_TRACK: "31",
    Status.MISSED: "31",
    Status.STALE: "35",
    Status.UNKNOWN: "35",
}
_VERDICT_CODES = {
    Verdict.POST: "32",
    Verdict.UNCHANGED: "2",
    Verdict.HELD: "33",
    Verdict.FAILED: "31",
}


def of_status(status: Status, *, colour: bool) -> Paint:
    return _paint(_STATUS_CODES[status], colour=colour)


def of_verdict(verdict: Verdict, *, colour: bool) -> Paint:
    return _paint(_VERDICT_CODES[verdict], colour=colour)


def heading(*, colour: bool) -> Paint:
    return _paint("1", colour=colour)


def _paint(code: str, *, colour: bool) -> Paint:
    def painted(text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m"

    return painted if colour else str
