"""The lines of a plan: a change turned into failed, held, left alone; and what they add up to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from okrsync.errors import OkrsyncError, OutsideError, Refused
from okrsync.mapping.rules import Rule
from okrsync.model import Change, KeyResult, OnConflict, Verdict
from okrsync.sync.guard import Hold


def failed(change: Change, error: Exception) -> Change:
    """A failure as a line of the plan. Only our own errors' texts are known to be safe to show."""
    if not isinstance(error, OkrsyncError):
        error = Refused(f"a bug: {type(error).__name__}")
    return replace(
        change,
        verdict=Verdict.FAILED,
        reason=error.message,
        code=error.code,
        cure=error.next_step,
        exit_code=error.exit_code,
    )


def held(change: Change, hold: Hold, cure: str) -> Change:
    return replace(
        change,
        verdict=Verdict.HELD,
        reason=hold.reason,
        code=hold.code,
        cure=cure,
        exit_code=3,
        check_in=None,
    )


def left_to_person(change: Change, rule: Rule, reason: str) -> Change:
    """A person's newer check-in stays: silently where the mapping says so, held otherwise."""
    if rule.on_conflict is OnConflict.THEIRS:
        return replace(change, reason=reason)
    cure = f'write on_conflict = "ours" or "theirs" at {rule.place}'
    return held(change, Hold("edited-by-person", reason), cure)


def approve(id_: str) -> str:
    return f'okrsync approve {id_} --reason "..."'


def still_unknown() -> OkrsyncError:
    return OutsideError(
        "an earlier check-in was sent and its outcome is still unknown",
        next_step="okrsync sync, once the store answers again",
    )


def not_in_store(key_result: KeyResult) -> OkrsyncError:
    return Refused(
        f"the store has no key result `{key_result.store_ref.id}`",
        next_step=f"write its store_id at {key_result.place}",
    )


def exit_code_of(changes: Sequence[Change]) -> int:
    """0, 3 for held or failed ones, 4 when a sign-in was refused."""
    return max(
        (max(c.exit_code, 3) for c in changes if c.verdict in (Verdict.HELD, Verdict.FAILED)),
        default=0,
    )


def summary_of(changes: Sequence[Change]) -> Mapping[str, int]:
    counts = dict.fromkeys((verdict.value for verdict in Verdict), 0)
    for change in changes:
        counts[change.verdict.value] += 1
    return counts
