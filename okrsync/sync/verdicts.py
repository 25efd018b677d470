"""The verdicts: written, left alone, held, failed; and what a plan's verdicts add up to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from okrsync.config.secrets import masked
from okrsync.config.stores import ONLY
from okrsync.errors import OkrsyncError, OutcomeUnknown, OutsideError, Refused
from okrsync.mapping.rules import Rule
from okrsync.model import Change, CheckIn, HoldCode, KeyResult, Outcome, Verdict
from okrsync.sync.guard import Hold

_HELD_OR_FAILED = 3


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict with its reason; ``cure`` is what to do about it."""

    verdict: Verdict
    reason: str
    code: str = ""
    cure: str = ""
    exit_code: int = 0
    check_in: CheckIn | None = None
    warnings: tuple[str, ...] = ()


ALREADY_THERE = Decision(Verdict.UNCHANGED, "the store already shows this value")


def post(check_in: CheckIn, warnings: tuple[str, ...], *, first: bool) -> Decision:
    reason = "first check-in" if first else "the value has changed"
    return Decision(Verdict.POST, reason, check_in=check_in, warnings=warnings)


def fail(error: Exception) -> Decision:
    """Only our own errors' texts are known to be safe to show."""
    if not isinstance(error, OkrsyncError):
        told = "report it, together with what okrsync explain shows of this key result"
        error = Refused(f"a bug: {type(error).__name__}", next_step=told)
    error.hide(masked)
    return Decision(Verdict.FAILED, error.message, error.code, error.next_step, error.exit_code)


def hold(held: Hold, cure: str) -> Decision:
    return Decision(Verdict.HELD, held.reason, held.code.value, cure, _HELD_OR_FAILED)


def closed(rule: Rule) -> Decision:
    """Nothing is checked in into a period that is over."""
    period = rule.key_result.period
    reason = f"{period.label} ended on {period.end - timedelta(days=1)}: its check-ins are closed"
    cure = f'write grace = "7d" for data that comes late, or a later period, at {rule.place}'
    return hold(Hold(HoldCode.PERIOD_CLOSED, reason), cure)


def amended(change: Change, decision: Decision) -> Change:
    """The same line with another verdict, decided after the line was made."""
    return replace(
        change,
        verdict=decision.verdict,
        reason=decision.reason,
        code=decision.code,
        cure=decision.cure,
        exit_code=decision.exit_code,
        check_in=None if decision.verdict is Verdict.HELD else change.check_in,
    )


def approve(id_: str) -> str:
    return f'okrsync approve {id_} --reason "..."'


def still_unknown(store: str, last: Outcome | None, *, known: bool) -> OkrsyncError:
    """The outcome can only be looked up in the store that the check-in was sent to; ``last`` is
    the last run's word, in which the store may have said what it takes there."""
    if not known:
        return OutsideError(
            f"an earlier check-in was sent to the store `{store}`, which config.toml has no more, "
            "and its outcome is still unknown",
            next_step=f"write its table under this name again, [store.{store}], for one run",
        )
    cure = last.cure if last is not None and last.code == OutcomeUnknown.code else ""
    return OutcomeUnknown(
        "an earlier check-in was sent and its outcome is still unknown",
        next_step=cure or "okrsync sync, once the store answers again",
    )


def not_in_store(key_result: KeyResult) -> OkrsyncError:
    """`link` finds it there; where it does not, it names the line for a `store_id`."""
    ref = key_result.store_ref
    choice = "" if ref.store == ONLY else f" --store {ref.store}"
    return Refused(f"the store has no key result `{ref.id}`", next_step=f"okrsync link{choice}")


def exit_code_of(changes: Sequence[Change]) -> int:
    """0, 3 for held or failed ones, 4 when a sign-in was refused."""
    worst = max((change.exit_code for change in changes), default=0)
    held_or_failed = any(c.verdict in (Verdict.HELD, Verdict.FAILED) for c in changes)
    return max(worst, _HELD_OR_FAILED) if held_or_failed else 0


def summary_of(changes: Sequence[Change]) -> Mapping[str, int]:
    counts = dict.fromkeys((verdict.value for verdict in Verdict), 0)
    for change in changes:
        counts[change.verdict.value] += 1
    return counts
