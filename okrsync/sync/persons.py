"""A person's word: let a held value through, say a number."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from okrsync.config.config import Config
from okrsync.contracts import Clock
from okrsync.errors import UsageError
from okrsync.mapping.rules import Manual, Rule
from okrsync.mapping.units import UnitError, convert, parse_quantity
from okrsync.model import HoldCode, KeyResult, Kind, Outcome, Plan, Value, Verdict
from okrsync.state.records import Approval, ManualValue
from okrsync.sync.selection import one
from okrsync.sync.session import Session, writing

_NO_APPROVAL_HELPS = {
    HoldCode.EDITED_BY_PERSON,
    HoldCode.STORE_CANNOT_HOLD,
    HoldCode.AUTOMATED,
    HoldCode.PERIOD_CLOSED,
}
"""Why a value is held that no approval lets through: it would overwrite a person's, or not fit."""

_WORDS = {"done": Decimal(1), "yes": Decimal(1), "no": Decimal(0), "open": Decimal(0)}


def approve(
    config: Config, clock: Clock, ids: Sequence[str], *, reason: str, by: str
) -> tuple[Approval, ...]:
    """Let exactly the value through that each key result's last run held. Raises UsageError."""
    _needs_a_reason(reason, " ".join(ids))
    with writing(config, clock, "approve") as session:
        for id_ in ids:
            _refuse_closed(session, one(config, id_))
        outcomes = session.state.outcomes.all()
        approvals = tuple(
            _approval(id_, _held_value(config, id_, outcomes.get(id_)), reason, by, clock)
            for id_ in ids
        )
        for approval in approvals:
            session.state.words.approve(approval)
    return approvals


def approve_plan(
    config: Config, clock: Clock, plan: Plan, *, reason: str, by: str
) -> tuple[Approval, ...]:
    """Let every held value of a plan through: exactly those, not what they have become since."""
    _needs_a_reason(reason, "PLAN")
    held = [
        change
        for change in plan.changes
        if change.verdict is Verdict.HELD and change.value and change.code not in _NO_APPROVAL_HELPS
    ]
    if not held:
        raise UsageError(
            "this plan holds nothing back that an approval lets through",
            next_step="okrsync apply PLAN",
        )
    with writing(config, clock, "approve") as session:
        approvals = tuple(
            _approval(change.key_result, change.value, reason, by, clock)
            for change in held
            if change.value is not None
        )
        for approval in approvals:
            session.state.words.approve(approval)
    return approvals


def say(
    config: Config,
    clock: Clock,
    id_: str,
    text: str,
    *,
    until: date | None,
    reason: str,
    by: str,
) -> ManualValue:
    """A manual key result's number, or an override of a measured one, which needs an end."""
    rule = one(config, id_)
    today = clock().astimezone(config.timezone).date()
    _may_say(rule, until, reason, today)
    number = _number(config, rule, text)
    said = ManualValue(id_, number, until, reason, by, clock())
    with writing(config, clock, "set") as session:
        _refuse_closed(session, rule)
        session.state.words.say(said)
    return said


def _may_say(rule: Rule, until: date | None, reason: str, today: date) -> None:
    """A word that could not count is refused now, not found out about later."""
    id_ = rule.key_result.id
    how = f'okrsync set {id_} VALUE --until YYYY-MM-DD --reason "..."'
    written = rule.override
    if until is not None and until < today:
        raise UsageError(f"the last day, {until}, is over", next_step=how)
    if written is not None and written.until >= today:
        raise UsageError(
            f"the mapping's own override of `{id_}` counts until {written.until}",
            next_step=f"change it at {written.place}",
        )
    if isinstance(rule.value, Manual):
        return
    if until is None or not reason.strip():
        lacks = "a last day" if until is None else "a reason"
        raise UsageError(
            f"`{id_}` is measured: a value said in its place needs {lacks}", next_step=how
        )


def _needs_a_reason(reason: str, what: str) -> None:
    if not reason.strip():
        raise UsageError(
            "an approval needs a reason: it is kept and shown with the value",
            next_step=f'okrsync approve {what} --reason "..."',
        )


def _refuse_closed(session: Session, rule: Rule) -> None:
    """A word on a period whose numbers are frozen could never count."""
    period = rule.key_result.period.label
    if period in session.state.closings.labels():
        raise UsageError(
            f"`{rule.key_result.id}` is of {period}, which is closed: its numbers are frozen",
            next_step=f"okrsync close {period} shows them",
        )


def _held_value(config: Config, id_: str, outcome: Outcome | None) -> Value:
    one(config, id_)
    if outcome is None or outcome.verdict is not Verdict.HELD or outcome.value is None:
        raise UsageError(f"nothing is held back for `{id_}`", next_step=f"okrsync sync {id_}")
    if outcome.code in _NO_APPROVAL_HELPS:
        raise UsageError(
            f"no approval lets `{id_}` through: {outcome.reason}",
            next_step=outcome.cure or f"okrsync explain {id_}",
        )
    return outcome.value


def _approval(id_: str, value: Value, reason: str, by: str, clock: Clock) -> Approval:
    return Approval(id_, value.number, value.unit, reason, by, clock())


def _number(config: Config, rule: Rule, text: str) -> Decimal:
    key_result = rule.key_result
    if key_result.kind is Kind.DONE and text.lower() in _WORDS:
        return _WORDS[text.lower()]
    try:
        quantity = parse_quantity(text)
        if quantity.unit:
            quantity = convert(quantity, key_result.unit, config.rates)
    except (UnitError, ValueError) as error:
        raise _unreadable(key_result, str(error)) from None
    steps = key_result.target if key_result.kind in (Kind.DONE, Kind.MILESTONES) else None
    if steps is not None and not 0 <= quantity.value <= steps:
        raise _unreadable(key_result, f"it lies between 0 and {steps}")
    return quantity.value


def _unreadable(key_result: KeyResult, why: str) -> UsageError:
    done = " or done" if key_result.kind is Kind.DONE else ""
    return UsageError(
        f"the value for `{key_result.id}` cannot be taken: {why}",
        next_step=f"okrsync set {key_result.id} NUMBER{done}",
    )
