"""From answers to a key result's number: units, formulas, a person's word, milestones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from okrsync.config.config import Config
from okrsync.errors import BadAnswer, NoValue, OutsideError
from okrsync.mapping.parser import parse
from okrsync.mapping.rules import Ask, Formula, Manual, Metric, Override, Rule, Step, Steps
from okrsync.model import Kind, Measurement, Milestone, Place, Value
from okrsync.state.records import ManualValue
from okrsync.sync.questions import Dating
from okrsync.sync.values import Valued, Values

RuleMaker = Callable[..., Rule]
ConfigMaker = Callable[..., Config]
Measured = Callable[..., Measurement]
PLACE = Place("mappings/team.toml", 3)


def formula(text: str, scores: Mapping[str, str] | None = None) -> Formula:
    expression = parse(text, "metrics")
    names = tuple((name.name, name.name) for name in expression.names)
    return Formula(text, expression, names, tuple((scores or {}).items()), PLACE)


def metric(name: str, unit: str = "") -> Metric:
    ask = Ask("sheet", f"rows of {name}", "value", "sum", None, "now", "", PLACE)
    return Metric(name, ask, PLACE, unit=unit)


def value_of(
    rule: Rule,
    config: Config,
    now: datetime,
    answers: Mapping[str, Measurement | OutsideError] | None = None,
    manual: Mapping[str, ManualValue] | None = None,
) -> Value:
    return valued_of(rule, config, now, answers, manual).value


def valued_of(
    rule: Rule,
    config: Config,
    now: datetime,
    answers: Mapping[str, Measurement | OutsideError] | None = None,
    manual: Mapping[str, ManualValue] | None = None,
) -> Valued:
    """``answers`` by metric, or by "own" for the key result's own question."""
    dating = Dating(config, as_of=now)
    period = rule.key_result.period
    asks = {name: config.metrics[name].rule for name in config.metrics}
    by_question = {}
    for name, answer in (answers or {}).items():
        ask = rule.value if name == "own" else asks[name]
        assert isinstance(ask, Ask)
        by_question[dating.question(ask, period)] = answer
    values = Values(
        config, by_question, dating, now=now, manual=manual or {}, score_of=lambda _: Decimal("0.5")
    )
    return values.of(rule)


def test_durations_are_converted_to_the_key_results_unit(
    make_rule: RuleMaker, make_config: ConfigMaker, measured: Measured, now: datetime
) -> None:
    rule = make_rule(unit="d")
    value = value_of(rule, make_config(rule), now, {"own": measured("36", unit="h")})
    assert (value.number, value.unit) == (Decimal("1.5"), "d")


def test_a_number_without_a_unit_counts_in_the_key_results(
    make_rule: RuleMaker, make_config: ConfigMaker, measured: Measured, now: datetime
) -> None:
    rule = make_rule(unit="SEK")
    value = value_of(rule, make_config(rule), now, {"own": measured("20000000")})
    assert (value.number, value.unit) == (Decimal(20000000), "SEK")


def test_currencies_convert_by_the_rates_table_or_not_at_all(
    make_rule: RuleMaker, make_config: ConfigMaker, measured: Measured, now: datetime
) -> None:
    rule = make_rule(unit="SEK")
    config = make_config(rule)
    answers = {"own": measured("100", unit="EUR")}
    with pytest.raises(NoValue) as refused:
        value_of(rule, config, now, answers)
    assert "[rates]" in refused.value.next_step
    rates = {"EUR": Decimal("11.5"), "SEK": Decimal(1)}
    assert value_of(rule, replace(config, rates=rates), now, answers).number == 1150


def test_arithmetic_names_every_number_it_was_made_of(
    make_rule: RuleMaker, make_config: ConfigMaker, measured: Measured, now: datetime
) -> None:
    rule = make_rule(value=formula("pct(won, closed)"), unit="%")
    config = replace(make_config(rule), metrics={"won": metric("won"), "closed": metric("closed")})
    old = now - timedelta(days=2)
    value = value_of(rule, config, now, {"won": measured("3"), "closed": measured("12", as_of=old)})
    assert value.number == 25
    assert value.as_of == old
    assert {operand.name for operand in value.operands} == {"won", "closed"}


@pytest.mark.parametrize("closed", ["0", None])
def test_nothing_to_divide_by_is_no_value_and_never_zero(
    make_rule: RuleMaker,
    make_config: ConfigMaker,
    measured: Measured,
    now: datetime,
    closed: str | None,
) -> None:
    rule = make_rule(value=formula("pct(won, closed)"), unit="%")
    config = replace(make_config(rule), metrics={"won": metric("won"), "closed": metric("closed")})
    answer = BadAnswer("the file was cut off") if closed is None else measured(closed)
    with pytest.raises(OutsideError):
        value_of(rule, config, now, {"won": measured("3"), "closed": answer})


def test_a_score_is_a_number_like_any_other(
    make_rule: RuleMaker, make_config: ConfigMaker, now: datetime
) -> None:
    scores = {"payments.trust": "payments.trust"}
    rule = make_rule(value=formula("mean(score('payments.trust'), 1)", scores))
    assert value_of(rule, make_config(rule), now).number == Decimal("0.75")


def test_an_override_counts_to_the_end_of_its_last_day(
    make_rule: RuleMaker, make_config: ConfigMaker, measured: Measured, now: datetime
) -> None:
    id_ = "team.grow.signups"
    last = Override(id_, Decimal(7), date(2026, 11, 22), "clean-up", "sales ops", PLACE)
    answers = {"own": measured("40")}
    rule = make_rule(override=last)
    today = value_of(rule, make_config(rule), now, answers)
    assert (today.number, today.origin) == (Decimal(7), "override")
    assert "clean-up" in today.remark
    rule = make_rule(override=replace(last, until=date(2026, 11, 21)))
    assert value_of(rule, make_config(rule), now, answers).number == 40


def test_what_a_person_said_stands_until_they_said_otherwise(
    make_rule: RuleMaker, make_config: ConfigMaker, now: datetime
) -> None:
    rule = make_rule(value=Manual(PLACE))
    id_ = rule.key_result.id
    with pytest.raises(NoValue) as nothing:
        value_of(rule, make_config(rule), now)
    assert nothing.value.next_step == f"okrsync set {id_} VALUE"
    said = ManualValue(id_, Decimal(12), None, "", "lead", now - timedelta(days=9))
    value = value_of(rule, make_config(rule), now, manual={id_: said})
    assert (value.number, value.as_of) == (Decimal(12), said.at)


def test_a_said_value_replaces_a_measured_one_only_with_an_end(
    make_rule: RuleMaker, make_config: ConfigMaker, measured: Measured, now: datetime
) -> None:
    rule = make_rule()
    id_ = rule.key_result.id
    said = ManualValue(id_, Decimal(12), date(2026, 11, 22), "double count", "lead", now)
    answers = {"own": measured("40")}
    config = make_config(rule)
    assert value_of(rule, config, now, answers, {id_: said}).number == 12
    tomorrow = now + timedelta(days=1)
    later = {"own": measured("40", as_of=tomorrow)}
    assert value_of(rule, config, tomorrow, later, {id_: said}).number == 40


def test_milestones_count_by_weight_and_formulas_may_decide_them(
    make_rule: RuleMaker, make_config: ConfigMaker, measured: Measured, now: datetime
) -> None:
    steps = Steps(PLACE, (Step(1, formula("bugs <= 5")),))
    rule = make_rule(
        value=steps,
        kind=Kind.MILESTONES,
        target=Decimal(4),
        milestones=(
            Milestone("Pilot", Decimal(1), done=True),
            Milestone("Few bugs", Decimal(2)),
            Milestone("Old one off", Decimal(1)),
        ),
    )
    config = replace(make_config(rule), metrics={"bugs": metric("bugs")})
    assert value_of(rule, config, now, {"bugs": measured("5")}).number == 3
    assert value_of(rule, config, now, {"bugs": measured("6")}).number == 1


def test_a_milestone_may_follow_one_that_a_source_keeps(
    make_rule: RuleMaker, make_config: ConfigMaker, measured: Measured, now: datetime
) -> None:
    rule = make_rule(
        value=Steps(PLACE, (Step(0, formula("epic"), followed=True),)),
        kind=Kind.MILESTONES,
        target=Decimal(1),
        milestones=(Milestone("New pipeline"),),
    )
    config = replace(make_config(rule), metrics={"epic": metric("epic")})
    due, done_on = date(2026, 11, 30), date(2026, 11, 20)

    def stepped(share: str) -> Milestone:
        answer = replace(measured(share), unit="%", due=due, done_on=done_on)
        valued = valued_of(rule, config, now, {"epic": answer})
        return valued.key_result.milestones[0]

    assert stepped("80") == Milestone("New pipeline", due=due)
    assert stepped("100") == Milestone("New pipeline", due=due, done=True, done_on=done_on)
