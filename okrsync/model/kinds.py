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


class HoldCode(StrEnum):
    """Why a value was held back."""

    DATA_TOO_OLD = "data-too-old"
    FELL_TO_ZERO = "fell-to-zero"
    COUNTER_FELL = "counter-fell"
    STEP_TOO_LARGE = "step-too-large"
    WILD_VALUE = "wild-value"
    TOO_MANY_CHANGES = "too-many-changes"
    EDITED_BY_PERSON = "edited-by-person"
    CHECKED_IN_BEFORE = "checked-in-before"
    AUTOMATED = "automated"
    STORE_CANNOT_HOLD = "store-cannot-hold"
    PERIOD_CLOSED = "period-closed"


class OnConflict(StrEnum):
    HOLD = "hold"
    OURS = "ours"
    THEIRS = "theirs"
