"""The words that key results, check-ins and plans are sorted by."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    INCREASE = "increase"
    DECREASE = "decrease"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    RANGE = "range"
    MILESTONES = "milestones"
    DONE = "done"


class MetricSort(StrEnum):
    """How a number moves: it only grows within the period, moves both ways, or is a share between
    two bounds."""

    CUMULATIVE = "cumulative"
    LEVEL = "level"
    PERCENT = "percent"


class Prior(StrEnum):
    """What is believed before there is a history: half of all targets are reached (even), or as
    many as in real series (fitted)."""

    FITTED = "fitted"
    EVEN = "even"


class Ambition(StrEnum):
    ASPIRATIONAL = "aspirational"
    COMMITTED = "committed"


class Status(StrEnum):
    ACHIEVED = "achieved"
    ON_TRACK = "on_track"
    AT_RISK = "at_risk"
    OFF_TRACK = "off_track"
    MISSED = "missed"
    STALE = "stale"
    UNKNOWN = "unknown"


class Verdict(StrEnum):
    POST = "post"
    UNCHANGED = "unchanged"
    HELD = "held"
    FAILED = "failed"


class OnConflict(StrEnum):
    HOLD = "hold"
    OURS = "ours"
    THEIRS = "theirs"
