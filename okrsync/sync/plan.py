"""Plan: one verdict for each key result, from answers and knowledge. No input or output here.

A key result's way through this file reads top to bottom: value, score, comparison, guard, verdict.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from okrsync.config.config import Config
from okrsync.errors import NoValue, OkrsyncError, OutsideError
from okrsync.mapping.rules import Rule
from okrsync.model import Change, KeyResult, OnConflict, Plan, Score, Status, Value, Verdict
from okrsync.scoring.rollup import weighted_mean
from okrsync.scoring.status import score_key_result
from okrsync.sync import verdicts
from okrsync.sync.breaker import breaker, crowds
from okrsync.sync.compare import Comparison, Standing
from okrsync.sync.conflict import let_stand, persons_value, word_of
from okrsync.sync.fingerprint import fingerprint
from okrsync.sync.gather import Answers
from okrsync.sync.judge import Case, Judge
from okrsync.sync.knowledge import Knowledge
from okrsync.sync.questions import Dating
from okrsync.sync.selection import sources_of
from okrsync.sync.values import Values
from okrsync.sync.verdicts import Decision

_NOTHING = Comparison(Standing.FIRST, None, "")
_NO_SCORE = Score(None, None, None, None, None, Status.UNKNOWN)


class Planner:
    def __init__(
        self,
        config: Config,
        knowledge: Knowledge,
        answers: Answers,
        dating: Dating,
        now: datetime,
    ) -> None:
        self._config = config
        self._knowledge = knowledge
        self._now = now
        self._judge = Judge(config, knowledge, now)
        self._values = Values(
            config, answers, dating, now=now, manual=knowledge.manual, score_of=self._score_of
        )
        self._changes: dict[str, Change] = {}
        self._rules: dict[str, Rule] = {}

    def plan(self, rules: Sequence[Rule], over: Sequence[Rule] = ()) -> Plan:
        """``over`` are key results that somebody asked for although their period is over."""
        self._rules = {rule.key_result.id: rule for rule in rules}
        for id_ in self._rules:
            self._change(id_)
        self._trip_breaker()
        made = [*(self._changes[id_] for id_ in self._rules), *map(self._over, over)]
        changes = tuple(sorted(made, key=lambda change: change.key_result))
        return Plan(made_at=self._now, changes=changes, fingerprint=fingerprint(changes))

    def _over(self, rule: Rule) -> Change:
        score = self._scored(rule, rule.key_result, None)
        return self._line(rule, None, score, _NOTHING, verdicts.closed(rule))

    def _change(self, id_: str) -> Change:
        """Made on demand, so that a key result that reads another's score comes after it."""
        known = self._changes.get(id_)
        if known is None:
            known = self._changes[id_] = self._decided(self._rules[id_])
        return known

    def _decided(self, rule: Rule) -> Change:
        """Whatever a number does to the arithmetic costs its own key result only."""
        try:
            return self._decide(rule)
        except OkrsyncError:
            raise
        except Exception as error:  # noqa: BLE001
            return self._line(rule, None, _NO_SCORE, _NOTHING, verdicts.fail(error))

    def _decide(self, rule: Rule) -> Change:
        try:
            valued = self._values.of(rule)
        except OutsideError as error:
            score = self._scored(rule, rule.key_result, None)
            return self._line(rule, None, score, _NOTHING, verdicts.fail(error))
        key_result = self._with_baseline(valued.key_result, valued.value)
        score = self._scored(rule, key_result, valued.value)
        case = Case(rule, key_result, valued.value, score)
        try:
            comparison = self._judge.compare(case)
        except OkrsyncError as error:
            return self._line(rule, case.value, score, _NOTHING, verdicts.fail(error))
        if comparison.standing is Standing.A_PERSONS and rule.on_conflict is OnConflict.THEIRS:
            return self._theirs(case, comparison)
        return self._line(
            rule, case.value, score, comparison, self._judge.verdict(case, comparison)
        )

    def _theirs(self, case: Case, comparison: Comparison) -> Change:
        """Where a person's word in the store stands, that is the value, and the score is its."""
        stored = self._knowledge.stored[case.key_result.store_ref]
        value = persons_value(stored, case.value, self._now)
        score = self._scored(case.rule, case.key_result, value)
        return self._line(case.rule, value, score, comparison, let_stand(stored))

    def _line(
        self,
        rule: Rule,
        value: Value | None,
        score: Score,
        comparison: Comparison,
        decision: Decision,
    ) -> Change:
        id_ = rule.key_result.id
        sent = self._knowledge.sent.get(id_)
        return Change(
            key_result=id_,
            title=rule.key_result.title,
            verdict=decision.verdict,
            reason=decision.reason,
            place=rule.place,
            value=value,
            score=score,
            stored=comparison.previous,
            stored_revision=comparison.base,
            last_sent=None if sent is None else sent.number,
            check_in=decision.check_in,
            code=decision.code,
            cure=decision.cure,
            exit_code=decision.exit_code,
            sources=tuple(sorted(sources_of(self._config, rule))),
            warnings=decision.warnings,
            word=word_of(self._knowledge.stored.get(rule.key_result.store_ref), sent),
        )

    def _with_baseline(self, key_result: KeyResult, value: Value) -> KeyResult:
        """ "first" is the first value of the period, frozen; today's, when this is the first."""
        if not key_result.baseline_first:
            return key_result
        frozen = self._knowledge.frozen_baseline(key_result.id, key_result.period.label)
        return replace(key_result, baseline=value.number if frozen is None else frozen)

    def _scored(self, rule: Rule, key_result: KeyResult, value: Value | None) -> Score:
        return score_key_result(
            key_result,
            value,
            self._knowledge.history(key_result),
            now=self._now,
            zone=self._config.timezone,
            max_age=rule.guard.max_age,
            judging=rule.judging,
        )

    def _trip_breaker(self) -> None:
        """Over a whole source: too large a share changing at once is held, each with its reason."""
        found = crowds(
            self._config, self._knowledge, self._changes.values(), self._waved_through, self._now
        )
        for id_, reason in breaker(found, self._config.limits).items():
            decision = verdicts.hold(reason, verdicts.approve(id_))
            self._changes[id_] = verdicts.amended(self._changes[id_], decision)

    def _waved_through(self, change: Change) -> bool:
        return change.value is not None and self._judge.approved(change.key_result, change.value)

    def _score_of(self, id_: str) -> Decimal:
        """The score of a key result or an objective: of this run, or else as last known."""
        if id_ in self._config.rules:
            return self._key_result_score(id_)
        objective = self._config.objectives[id_]
        return weighted_mean(
            (self._key_result_score(part), self._config.rules[part].key_result.weight)
            for part in objective.key_results
        )

    def _key_result_score(self, id_: str) -> Decimal:
        score = self._score_now(id_) if id_ in self._rules else self._last_score(id_)
        if score is None or score.score is None:
            raise NoValue(f"`{id_}` has no score yet", next_step=f"okrsync explain {id_}")
        return score.score

    def _score_now(self, id_: str) -> Score | None:
        """A held number must not reach the store through a roll-up: what the store shows counts."""
        change = self._change(id_)
        if change.verdict is not Verdict.HELD:
            return change.score
        if change.stored is None or change.value is None:
            return None
        rule = self._rules[id_]
        shown = replace(change.value, number=change.stored)
        return self._scored(rule, self._with_baseline(rule.key_result, shown), shown)

    def _last_score(self, id_: str) -> Score | None:
        outcome = self._knowledge.outcomes.get(id_)
        if outcome is None or outcome.verdict is Verdict.HELD:
            return None
        return outcome.score
