"""Map: from answers to the number of each key result, in the key result's unit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from okrsync.config.config import Config
from okrsync.errors import NoValue, OutsideError
from okrsync.mapping.evaluate import evaluate, evaluate_truth, gives_truth
from okrsync.mapping.rules import Ask, Fixed, Formula, Manual, Override, Rule, Step, Steps
from okrsync.mapping.units import UnitError, convert, show
from okrsync.model import KeyResult, Measurement, Milestone, Operand, Period, Quantity, Value
from okrsync.state.records import ManualValue
from okrsync.sync.gather import Answers
from okrsync.sync.questions import Dating

WHOLE = Decimal(100)

ScoreOf = Callable[[str], Decimal]


@dataclass(slots=True)  # not frozen: one is made for each key result, and is gone at once
class Valued:
    """A key result with its value; its milestones brought up to what the formulas say."""

    key_result: KeyResult
    value: Value


class Values:
    """Numbers of metrics and key results as of one instant. Raises OutsideError for "no value"."""

    def __init__(
        self,
        config: Config,
        answers: Answers,
        dating: Dating,
        *,
        now: datetime,
        manual: Mapping[str, ManualValue],
        score_of: ScoreOf,
    ) -> None:
        self._config = config
        self._answers = answers
        self._dating = dating
        self._now = now
        self._today = now.astimezone(config.timezone).date()
        self._manual = manual
        self._score_of = score_of

    def of(self, rule: Rule) -> Valued:
        """A person's active override first, then what the mapping's rule measures."""
        key_result = rule.key_result
        override = self._override(rule)
        if override is not None:
            return Valued(key_result, override)
        return self._by_rule(rule)

    def measured(self, rule: Rule) -> Value:
        """What the mapping's rule says, whatever a person may have said."""
        return self._by_rule(rule).value

    def _by_rule(self, rule: Rule) -> Valued:
        key_result = rule.key_result
        match rule.value:
            case Formula() as condition if gives_truth(condition.expression):
                return Valued(key_result, self._decided(key_result, condition))
            case Ask() | Formula() as made:
                return Valued(key_result, self._measured(key_result, made))
            case Manual():
                return Valued(key_result, self._said(key_result))
            case Steps() as steps:
                return self._stepped(key_result, steps)
            case Fixed(done=done):
                return Valued(
                    key_result, self._plain(key_result, Decimal(int(done)), "", "milestones")
                )

    def metric(self, id_: str, period: Period) -> tuple[Quantity, tuple[Operand, ...]]:
        """A metric's number and the measurements at its leaves."""
        metric = self._config.metrics[id_]
        quantity, operands = self._made(metric.rule, period, name=id_)
        return self._in_unit(quantity, metric.unit), operands

    def _override(self, rule: Rule) -> Value | None:
        written = rule.override
        if written is not None and self._today <= written.until:
            return self._overridden(written, rule.key_result)
        said = self._manual.get(rule.key_result.id)
        if said is None or isinstance(rule.value, Manual):
            return None
        if said.until is None or self._today > said.until:
            return None
        return self._by_person(said, rule.key_result, "override")

    def _overridden(self, override: Override, key_result: KeyResult) -> Value:
        remark = f"override until {override.until} by {override.by}: {override.reason}"
        return self._plain(key_result, override.value, key_result.unit, "override", remark)

    def _said(self, key_result: KeyResult) -> Value:
        said = self._manual.get(key_result.id)
        if said is None or (said.until is not None and self._today > said.until):
            raise NoValue(
                "nobody has said a value yet" if said is None else "the last said value ran out",
                next_step=f"okrsync set {key_result.id} VALUE",
            )
        return self._by_person(said, key_result, "manual")

    def _by_person(self, said: ManualValue, key_result: KeyResult, origin: str) -> Value:
        until = f" until {said.until}" if said.until else ""
        reason = f": {said.reason}" if said.reason else ""
        remark = f"set{until} by {said.by}{reason}"
        value = self._plain(key_result, said.number, key_result.unit, origin, remark)
        return replace(value, as_of=min(said.at, value.as_of)) if origin == "manual" else value

    def _plain(
        self, key_result: KeyResult, number: Decimal, unit: str, origin: str, remark: str = ""
    ) -> Value:
        as_of = self._dating.as_of(key_result.period)
        return Value(number=number, unit=unit, as_of=as_of, origin=origin, remark=remark)

    def _measured(self, key_result: KeyResult, made: Ask | Formula) -> Value:
        quantity, operands = self._made(made, key_result.period, name=key_result.id)
        number = self._in_unit(quantity, key_result.unit).value
        counted = key_result.unit and isinstance(made, Ask) and not made.unit and not quantity.unit
        if counted:
            operands = tuple(_counted_in(operand, key_result.unit) for operand in operands)
        value = self._made_of(key_result, number, operands, "measured")
        if isinstance(made, Formula) and made.scores:
            return replace(value, remark=self._scores_in_words(made))
        return value

    def _scores_in_words(self, formula: Formula) -> str:
        scores = (f"{id_} {self._score_of(id_):.2f}" for _, id_ in formula.scores)
        return f"from the scores of {', '.join(scores)}"

    def _decided(self, key_result: KeyResult, condition: Formula) -> Value:
        """Done or not done, as a condition over metrics says."""
        done, operands = self._truth(condition, key_result.period)
        return self._made_of(key_result, Decimal(int(done)), operands, "measured")

    def _made_of(
        self, key_result: KeyResult, number: Decimal, operands: tuple[Operand, ...], origin: str
    ) -> Value:
        """As old as the oldest number in it."""
        found = [operand.measurement for operand in operands]
        return Value(
            number=number,
            unit="" if origin == "milestones" else key_result.unit,
            as_of=min(
                [measurement.as_of for measurement in found],
                default=self._dating.as_of(key_result.period),
            ),
            origin=origin,
            operands=operands,
            approximate=True in [measurement.approximate for measurement in found],
        )

    def _stepped(self, key_result: KeyResult, steps: Steps) -> Valued:
        milestones = list(key_result.milestones)
        operands: list[Operand] = []
        for step in steps.computed:
            milestone, used = self._reached(step, milestones[step.index], key_result.period)
            milestones[step.index] = milestone
            operands += used
        within = tuple(_within(milestone, key_result.period) for milestone in milestones)
        number = sum((m.weight for m in within if m.done), Decimal(0))
        value = self._made_of(key_result, number, tuple(operands), "milestones")
        return Valued(replace(key_result, milestones=within), value)

    def _reached(
        self, step: Step, milestone: Milestone, period: Period
    ) -> tuple[Milestone, tuple[Operand, ...]]:
        if not step.followed:
            done, operands = self._truth(step.when, period)
            return replace(milestone, done=done), operands
        share, operands = self._calculated(step.when, period)
        done = self._in_unit(share, "%").value >= WHOLE
        kept = [operand.measurement for operand in operands]
        due = milestone.due or next((one.due for one in kept if one.due), None)
        done_on = next((one.done_on for one in kept if one.done_on), None) if done else None
        return replace(milestone, done=done, due=due, done_on=done_on), operands

    def _made(
        self, made: Ask | Formula, period: Period, name: str
    ) -> tuple[Quantity, tuple[Operand, ...]]:
        if isinstance(made, Formula):
            return self._calculated(made, period)
        measurement = self._answer(made, period)
        quantity = self._in_unit(Quantity(measurement.value, measurement.unit), made.unit)
        return quantity, (Operand(name, measurement),)

    def _answer(self, ask: Ask, period: Period) -> Measurement:
        answer = self._answers.get(self._dating.question(ask, period))
        if answer is None:
            raise NoValue(f"source `{ask.source}` was not asked", next_step="okrsync sync --all")
        if isinstance(answer, OutsideError):
            raise answer
        self._refuse_later(answer, period)
        return answer

    def _refuse_later(self, answer: Measurement, period: Period) -> None:
        """What a source says of a time after the period's end does not count into it."""
        ended = self._dating.ended(period)
        if ended is not None and answer.as_of > ended:
            raise NoValue(
                f"the data is of {answer.as_of.date()}, and {period.label} was over before",
                next_step="a window that ends with the period, or a source that keeps its past",
            )

    def _calculated(self, formula: Formula, period: Period) -> tuple[Quantity, tuple[Operand, ...]]:
        operands: dict[str, Operand] = {}
        quantity = evaluate(
            formula.expression,
            self._metrics_of(formula, period, operands),
            self._scores_of(formula),
            self._config.rates,
        )
        return quantity, tuple(operands.values())

    def _truth(self, formula: Formula, period: Period) -> tuple[bool, tuple[Operand, ...]]:
        operands: dict[str, Operand] = {}
        truth = evaluate_truth(
            formula.expression,
            self._metrics_of(formula, period, operands),
            self._scores_of(formula),
            self._config.rates,
        )
        return truth, tuple(operands.values())

    def _metrics_of(
        self, formula: Formula, period: Period, operands: dict[str, Operand]
    ) -> Callable[[str], Quantity]:
        """A look-up by the name as written that notes down every measurement it hands out."""
        full_ids = dict(formula.names)

        def metric(name: str) -> Quantity:
            quantity, used = self.metric(full_ids[name], period)
            operands.update((operand.name, operand) for operand in used)
            return quantity

        return metric

    def _scores_of(self, formula: Formula) -> ScoreOf:
        full_ids = dict(formula.scores)
        return lambda name: self._score_of(full_ids[name])

    def _in_unit(self, quantity: Quantity, unit: str) -> Quantity:
        """A number without a unit is taken as counted in ``unit``; any other must convert."""
        if quantity.unit == unit:
            return quantity
        if not unit or not quantity.unit:
            return Quantity(quantity.value, unit or quantity.unit)
        try:
            return convert(quantity, unit, self._config.rates)
        except UnitError as error:
            raise NoValue(
                f"{show(quantity.value, quantity.unit)} cannot be counted in {unit}",
                next_step=str(error),
            ) from None


def _within(milestone: Milestone, period: Period) -> Milestone:
    """One that was reached after the period's last day was not reached in it."""
    late = milestone.done_on is not None and milestone.done_on >= period.end
    return replace(milestone, done=False, done_on=None) if late else milestone


def _counted_in(operand: Operand, unit: str) -> Operand:
    """The same number; field by field, because ``replace`` is slow and most operands come here."""
    found = operand.measurement
    counted = Measurement(
        found.value,
        unit,
        found.as_of,
        found.rows,
        found.evidence,
        found.approximate,
        found.due,
        found.done_on,
    )
    return Operand(operand.name, counted)
