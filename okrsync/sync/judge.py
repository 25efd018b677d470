"""Judge: whether a key result's new value may go into its store, and as what check-in. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from okrsync.config.config import Config
from okrsync.contracts import Capabilities
from okrsync.mapping.periods import deadline
from okrsync.mapping.rules import Rule
from okrsync.model import CheckIn, HoldCode, KeyResult, OnConflict, Score, StoredKeyResult, Value
from okrsync.sync import verdicts
from okrsync.sync.capability import cannot_hold, losses, note_as_held, of_one
from okrsync.sync.compare import Comparison, Standing, compare
from okrsync.sync.conflict import covers, held_for_person
from okrsync.sync.fingerprint import check_in_key
from okrsync.sync.guard import Hold, hold, too_old
from okrsync.sync.knowledge import Knowledge
from okrsync.sync.note import write_note
from okrsync.sync.verdicts import Decision
from okrsync.sync.wild import hold_wild


@dataclass(slots=True)  # not frozen: one is made for each key result, and is gone at once
class Case:
    """One key result with its number, on its way to a verdict."""

    rule: Rule
    key_result: KeyResult
    value: Value
    score: Score


class Judge:
    def __init__(self, config: Config, knowledge: Knowledge, now: datetime) -> None:
        self._config = config
        self._knowledge = knowledge
        self._now = now
        self._can_hold = {name: store.capabilities for name, store in config.stores.items()}

    def compare(self, case: Case) -> Comparison:
        """What the store shows. Raises OkrsyncError when that is not known."""
        key_result = case.key_result
        failure = self._knowledge.unreadable(key_result.store_ref)
        if failure is not None:
            raise failure
        unsettled = self._knowledge.unsettled.of(key_result)
        if unsettled is not None:
            sent_to = unsettled.check_in.ref.store
            last = self._knowledge.outcomes.get(key_result.id)
            raise verdicts.still_unknown(sent_to, last, known=sent_to in self._config.stores)
        stored = self._knowledge.stored.get(key_result.store_ref)
        capabilities = self._capabilities(key_result)
        if stored is None and not capabilities.keeps_definitions:
            raise verdicts.not_in_store(key_result)
        sent = self._knowledge.sent.get(key_result.id)
        return compare(case.value, case.score.status, stored, sent, capabilities)

    def verdict(self, case: Case, comparison: Comparison) -> Decision:
        """Whether the new value may go into the store."""
        if comparison.standing is Standing.SAME:
            return self._still_old(case) or verdicts.ALREADY_THERE
        return self._store_says(case, comparison) or self._ours(case, comparison)

    def _still_old(self, case: Case) -> Decision | None:
        """A source that has died gives the same number for ever: nothing is written, and it is
        said."""
        if self._is_a_persons_word(case):
            return None
        held = too_old(case.rule.guard, case.value, self._last_moment(case))
        cure = verdicts.approve(case.key_result.id)
        return None if held is None else verdicts.hold(held, cure)

    def _store_says(self, case: Case, comparison: Comparison) -> Decision | None:
        """What in the store itself stands against it: its own arithmetic, a person, its limits."""
        stored = self._knowledge.stored.get(case.key_result.store_ref)
        if stored is not None and stored.automated:
            return verdicts.hold(*_computed_there(stored))
        if stored is not None and comparison.standing is Standing.A_PERSONS:
            held = self._persons(case, stored, comparison)
            if held is not None:
                return held
        closed = self._closed_there(case, stored)
        if closed is not None:
            return closed
        impossible = cannot_hold(case.value, self._capabilities(case.key_result))
        if impossible:
            cure = f"give it a target that counts upwards, or another store, at {case.rule.place}"
            return verdicts.hold(Hold(HoldCode.STORE_CANNOT_HOLD, impossible), cure)
        return None

    def _closed_there(self, case: Case, stored: StoredKeyResult | None) -> Decision | None:
        """The store's own period of this key result may be another one than the mapping's."""
        end = None if stored is None else stored.definition.end
        if end is None or self._day(self._now - case.rule.grace) < end:
            return None
        reason = f"in the store its period ended on {end - timedelta(days=1)}"
        cure = (
            f"write the store_id of the one for {case.key_result.period.label} at {case.rule.place}"
        )
        return verdicts.hold(Hold(HoldCode.PERIOD_CLOSED, reason), cure)

    def _persons(
        self, case: Case, stored: StoredKeyResult, comparison: Comparison
    ) -> Decision | None:
        approval = self._knowledge.approvals.get(case.key_result.id)
        first = comparison.sent is None and covers(approval, case.value, stored)
        if case.rule.on_conflict is not OnConflict.OURS and not first:
            return held_for_person(case.rule, stored, comparison)
        return None

    def _ours(self, case: Case, comparison: Comparison) -> Decision:
        held = self._hold(case, comparison)
        if held is not None:
            return verdicts.hold(held, verdicts.approve(case.key_result.id))
        note = self._note(case, comparison)
        check_in = self._check_in(case, comparison, note)
        capabilities = self._capabilities(case.key_result)
        data_of = self._day(case.value.as_of)
        earlier = None if data_of == self._day(self._now) else data_of
        lost = losses(check_in, case.value, note, capabilities, earlier)
        return verdicts.post(check_in, lost, first=comparison.standing is Standing.FIRST)

    def _hold(self, case: Case, comparison: Comparison) -> Hold | None:
        if self._is_a_persons_word(case):
            return None
        guard, key_result = case.rule.guard, case.key_result
        previous = self._previous_of_period(key_result, comparison)
        return hold(key_result, guard, case.value, previous, self._last_moment(case)) or hold_wild(
            key_result,
            guard,
            case.value,
            self._knowledge.history(key_result),
            lambda: self._knowledge.outcomes.get(key_result.id),
        )

    def _is_a_persons_word(self, case: Case) -> bool:
        """Guards are for measured numbers: what a person said or approved passes."""
        spoken = case.value.origin in ("manual", "override")
        return spoken or self.approved(case.key_result.id, case.value)

    def _last_moment(self, case: Case) -> datetime:
        """Of the period, up to now."""
        return min(self._now, deadline(case.key_result.period, self._config.timezone))

    def approved(self, id_: str, value: Value) -> bool:
        """Whether a person has let exactly this value through."""
        approval = self._knowledge.approvals.get(id_)
        return approval is not None and approval.number == value.number

    def _previous_of_period(self, key_result: KeyResult, comparison: Comparison) -> Decimal | None:
        """A value of an earlier period is no measure for a step: counters begin anew."""
        stored = self._knowledge.stored.get(key_result.store_ref)
        of_before = (
            stored is not None
            and stored.at is not None
            and self._day(stored.at) < key_result.period.start
        )
        return None if of_before else comparison.previous

    def _note(self, case: Case, comparison: Comparison) -> str:
        return write_note(
            case.rule.note,
            case.key_result,
            case.value,
            case.score,
            previous=comparison.previous,
            zone=self._config.timezone,
        )

    def _check_in(self, case: Case, comparison: Comparison, note: str) -> CheckIn:
        value, score = case.value, case.score
        confidence = score.confidence
        ref, capabilities = case.key_result.store_ref, self._capabilities(case.key_result)
        sent = self._knowledge.sent.get(case.key_result.id)
        last = "" if sent is None else sent.receipt.key
        held = capabilities.held(value.number)
        return CheckIn(
            key=check_in_key(
                self._config.tenant, ref, comparison.base, last, number=held, as_of=value.as_of
            ),
            key_result=case.key_result.id,
            ref=ref,
            base=comparison.base,
            value=held,
            unit=value.unit,
            as_of=value.as_of,
            score=score.score,
            confidence=None if confidence is None else confidence.probability,
            status=score.status,
            note=note_as_held(note, value, capabilities),
        )

    def _day(self, instant: datetime) -> date:
        return instant.astimezone(self._config.timezone).date()

    def _capabilities(self, key_result: KeyResult) -> Capabilities:
        ref = key_result.store_ref
        return of_one(self._knowledge.stored.get(ref), self._can_hold[ref.store])


def _computed_there(stored: StoredKeyResult) -> tuple[Hold, str]:
    reason = f"nobody may write it: the store says that it is {stored.automated}"
    cure = "let the store take its value by hand, or take it out of the mapping"
    return Hold(HoldCode.AUTOMATED, reason), cure
