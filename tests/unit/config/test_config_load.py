"""Good files become one frozen Config."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from okrsync.config.config import Config
from okrsync.mapping.rules import Ask, Fixed, Formula, Guard, Judging, Manual, Rule, Steps
from okrsync.model import Ambition, Kind, MetricSort, OnConflict, Place, Prior

CONFIG = """\
version = 1
timezone = "Europe/Stockholm"
[source.tracker]
type = "tracker"
site = "https://acme.example"
token = { env = "TRACKER_TOKEN" }
[source.sheet]
type = "sheet"
path = "numbers.csv"
"""
HEAD = 'version = 1\nteam = "platform"\nperiod = "2026-Q4"\n'
METRIC = '[metric.bugs]\nfrom = "tracker"\nsearch = "is:bug"\nagg = "count"\n'
OBJECTIVE = '[objective.o]\ntitle = "Customers trust us"\n'
KR = '[objective.o.kr.k]\ntitle = "Fewer bugs"\n'
WAY = "baseline = 42\ntarget = 10\n"
BY_HAND = "manual = true\n"


@pytest.fixture
def config_of(examined: Callable[..., Any]) -> Callable[..., Config]:
    def read(*parts: str, config: str = CONFIG) -> Config:
        found = examined(config, a="".join(parts))
        assert found.config is not None, found.problems
        assert isinstance(found.config, Config)
        return found.config

    return read


@pytest.fixture
def rule_of(config_of: Callable[..., Config]) -> Callable[..., Rule]:
    """The one key result with the keys given, and no others."""

    def read(keys: str, *, before: str = METRIC, config: str = CONFIG) -> Rule:
        return config_of(HEAD, before, OBJECTIVE, KR, keys, config=config).rules["platform.o.k"]

    return read


def test_ids_carry_team_objective_and_key_result(config_of: Callable[..., Config]) -> None:
    config = config_of(HEAD, METRIC, OBJECTIVE, KR, WAY, 'value = "bugs"\n')
    assert list(config.rules) == ["platform.o.k"]
    assert list(config.metrics) == ["platform.bugs"]
    assert config.objectives["platform.o"].key_results == ("platform.o.k",)


def test_ids_without_a_team_begin_with_the_objective(config_of: Callable[..., Config]) -> None:
    config = config_of('period = "2026"\n', OBJECTIVE, KR, WAY, BY_HAND)
    assert list(config.rules) == ["o.k"]


def test_every_definition_knows_its_file_and_line(config_of: Callable[..., Config]) -> None:
    config = config_of(HEAD, METRIC, OBJECTIVE, KR, WAY, BY_HAND)
    assert config.metrics["platform.bugs"].place == Place("mappings/a.toml", 4)
    assert config.objectives["platform.o"].place == Place("mappings/a.toml", 8)
    assert config.rules["platform.o.k"].place == Place("mappings/a.toml", 10)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('[objective]\no = { title = "t", kr.k = { title = "k", done = true } }\n', 5),
        ('[objective.o]\ntitle = "t"\nkr.k.title = "k"\nkr.k.done = true\n', 6),
        (('[objective."o"]\ntitle = """\n[objective.o.kr.k]\n"""\n[objective.o.kr.k]\n'
         'title = "k"\ndone = true\n'), 8),
        (('[ objective . o ]\ntitle = "t"\n  [objective."o".kr.\'k\'] # here\ntitle = "k"\n'
         "done = true\n"), 6),
    ],
)  # fmt: skip
def test_the_line_is_right_however_the_table_is_written(
    config_of: Callable[..., Config], text: str, line: int
) -> None:
    assert config_of(HEAD, text).rules["platform.o.k"].place.line == line


@pytest.mark.parametrize(
    ("keys", "kind", "baseline", "target"),
    [
        ("baseline = 42\ntarget = 10\n", Kind.DECREASE, "42", "10"),
        ("baseline = 10\ntarget = 42.5\n", Kind.INCREASE, "10", "42.5"),
        ("at_least = 40\n", Kind.AT_LEAST, None, "40"),
        ('at_most = "3"\n', Kind.AT_MOST, None, "3"),
        ('baseline = 200\ntarget = "+25 %"\n', Kind.INCREASE, "200", "250"),
        ('baseline = 200\ntarget = "-15 %"\n', Kind.DECREASE, "200", "170"),
        ('baseline = "2 d"\ntarget = "2 h"\n', Kind.DECREASE, "48", "2"),
        ('baseline = 14\ntarget = "6 d"\n', Kind.DECREASE, "14", "6"),
        ('baseline = "10 MSEK"\ntarget = "20 MSEK"\n', Kind.INCREASE, "10000000", "20000000"),
    ],
)
def test_kind_and_direction_are_read_from_the_keys(
    rule_of: Callable[..., Rule], keys: str, kind: Kind, baseline: str | None, target: str
) -> None:
    found = rule_of(keys + BY_HAND).key_result
    assert found.kind is kind
    assert found.baseline == (None if baseline is None else Decimal(baseline))
    assert found.target == Decimal(target)


def test_a_range_has_two_ends(rule_of: Callable[..., Rule]) -> None:
    found = rule_of('min = "3 x"\nmax = 5\nmanual = true\n').key_result
    assert (found.kind, found.low, found.high) == (Kind.RANGE, Decimal(3), Decimal(5))


def test_the_unit_is_the_explicit_one_else_the_targets(rule_of: Callable[..., Rule]) -> None:
    assert rule_of('baseline = "2 d"\ntarget = "2 h"\nmanual = true\n').key_result.unit == "h"
    explicit = rule_of('baseline = "2 d"\ntarget = "2 h"\nunit = "days"\nmanual = true\n')
    assert explicit.key_result.unit == "d"
    assert explicit.key_result.baseline == Decimal(2)


def test_currencies_convert_by_the_rates_table(rule_of: Callable[..., Rule]) -> None:
    config = CONFIG.replace("[source.t", "[rates]\nEUR = 1\nSEK = 0.1\n[source.t", 1)
    keys = 'baseline = "100 SEK"\ntarget = "20 EUR"\nmanual = true\n'
    assert rule_of(keys, config=config).key_result.baseline == Decimal(10)


def test_first_baseline_waits_for_the_first_measurement(rule_of: Callable[..., Rule]) -> None:
    keys = 'kind = "decrease"\nbaseline = "first"\ntarget = 10\nvalue = "bugs"\n'
    found = rule_of(keys).key_result
    assert found.baseline_first
    assert found.baseline is None
    assert found.kind is Kind.DECREASE


def test_milestones_count_up_to_their_weights(rule_of: Callable[..., Rule]) -> None:
    rule = rule_of(
        'milestones = [{ title = "a", done = 2026-10-05 }, '
        '{ title = "b", weight = 2, due = 2026-11-01, when = "bugs < 5" }]\n'
    )
    found = rule.key_result
    assert (found.kind, found.target) == (Kind.MILESTONES, Decimal(3))
    assert found.milestones[0].done
    assert found.milestones[0].done_on == date(2026, 10, 5)
    assert isinstance(rule.value, Steps)
    assert [step.index for step in rule.value.computed] == [1]


def test_ways_to_a_value(rule_of: Callable[..., Rule]) -> None:
    assert isinstance(rule_of(WAY + 'value = "bugs"\n').value, Formula)
    assert isinstance(rule_of(WAY + 'from = "tracker"\nsearch = "x"\n').value, Ask)
    assert isinstance(rule_of(WAY + "manual = true\n").value, Manual)
    assert rule_of("done = true\n").value == Fixed(True, Place("mappings/a.toml", 10))
    assert isinstance(rule_of('done = "bugs < 5"\n').value, Formula)


def test_by_hand_without_a_target_is_done_or_not_done(rule_of: Callable[..., Rule]) -> None:
    found = rule_of("manual = true\n").key_result
    assert (found.kind, found.target) == (Kind.DONE, Decimal(1))


def test_a_question_holds_the_query_in_the_sources_words(rule_of: Callable[..., Rule]) -> None:
    ask = rule_of(
        WAY + 'from = "tracker"\nsearch = "is:bug"\nlabels = ["a"]\nmeasure = "age"\n'
        'agg = "p85"\non = "resolved"\nwindow = "last 4 weeks"\n'
    ).value
    assert isinstance(ask, Ask)
    assert (ask.measure, ask.agg, ask.on, ask.window) == ("age", "p85", "resolved", "last 4w")
    assert ask.query.search == "is:bug"  # type: ignore[attr-defined]
    hash(ask.query)


@pytest.mark.parametrize(
    ("agg", "window", "cumulative", "whole"),
    [
        ('agg = "count"', "period", True, True),
        ('agg = "sum"\nmeasure = "x"', "this_quarter", True, False),
        ('agg = "count"', "last 28d", False, True),
        ('agg = "avg"\nmeasure = "x"', "period", False, False),
    ],
)
@pytest.mark.parametrize("through_metric", [True, False])
def test_counts_within_the_period_only_grow(
    rule_of: Callable[..., Rule],
    agg: str,
    window: str,
    cumulative: bool,
    whole: bool,
    through_metric: bool,
) -> None:
    keys = f'from = "tracker"\nsearch = "x"\n{agg}\nwindow = "{window}"\non = "closed"\n'
    if through_metric:
        found = rule_of(WAY + 'value = "m"\n', before=f"[metric.m]\n{keys}").key_result
    else:
        found = rule_of(WAY + keys).key_result
    assert (found.cumulative, found.whole_numbers) == (cumulative, whole)


SHARE = 'baseline = "30 %"\ntarget = "45 %"\n'


@pytest.mark.parametrize(
    ("keys", "sort"),
    [
        (WAY + BY_HAND, MetricSort.LEVEL),
        (SHARE + BY_HAND, MetricSort.PERCENT),
        ('baseline = "90 %"\ntarget = "120 %"\n' + BY_HAND, MetricSort.LEVEL),
        (SHARE + BY_HAND + 'sort = "level"\n', MetricSort.LEVEL),
        (WAY + 'value = "bugs"\n', MetricSort.CUMULATIVE),
        (WAY + 'value = "bugs"\nsort = "level"\n', MetricSort.LEVEL),
        (WAY + 'value = "2 * bugs"\n', MetricSort.LEVEL),
    ],
)
def test_how_a_number_moves_is_said_by_the_mapping_or_read_from_it(
    rule_of: Callable[..., Rule], keys: str, sort: MetricSort
) -> None:
    found = rule_of(keys, before=METRIC + 'sort = "cumulative"\nwhole = false\n').key_result
    assert found.sort is sort
    assert not found.whole_numbers


def test_whole_numbers_can_be_said(rule_of: Callable[..., Rule]) -> None:
    assert rule_of(WAY + BY_HAND + "whole = true\n").key_result.whole_numbers


def test_how_confidence_is_read_stands_in_the_defaults(config_of: Callable[..., Config]) -> None:
    config = CONFIG + '[defaults]\nprior = "even"\nconfidence = { on_track = "60 %" }\n'
    plain = config_of(HEAD, OBJECTIVE, KR, WAY, BY_HAND, config=config).rules["platform.o.k"]
    assert plain.judging == Judging(Prior.EVEN, 0.6, None)
    own = "[defaults]\nconfidence = { on_track = 0.5, at_risk = 0.3 }\n"
    rule = config_of(HEAD, own, OBJECTIVE, KR, WAY, BY_HAND, config=config).rules["platform.o.k"]
    assert rule.judging == Judging(Prior.EVEN, 0.5, 0.3)


def test_defaults_of_the_mapping_win_over_those_of_the_config(
    config_of: Callable[..., Config],
) -> None:
    config = CONFIG + (
        '[defaults]\nowner = "company"\non_conflict = "ours"\n'
        'guard = { max_step = "25 %", max_age = "3d" }\n'
    )
    own = '[defaults]\nowner = "team"\nambition = "committed"\nguard = { max_age = "1d" }\n'
    keys = WAY + BY_HAND + "guard = { allow_zero = true }\n"
    rule = config_of(HEAD, own, OBJECTIVE, KR, keys, config=config).rules["platform.o.k"]
    assert rule.key_result.owner == "team"
    assert rule.key_result.ambition is Ambition.COMMITTED
    assert rule.on_conflict is OnConflict.OURS
    assert rule.guard == Guard(Decimal("0.25"), timedelta(days=1), allow_zero=True)


def test_a_period_may_stand_at_file_objective_and_key_result(
    config_of: Callable[..., Config],
) -> None:
    text = (
        'period = "2026"\n[objective.o]\ntitle = "t"\nperiod = "2026-H2"\n'
        '[objective.o.kr.a]\ntitle = "a"\ndone = true\n'
        '[objective.o.kr.b]\ntitle = "b"\ndone = true\n'
        "period = { from = 2026-10-01, to = 2026-12-15 }\n"
        '[objective.p]\ntitle = "p"\n[objective.p.kr.c]\ntitle = "c"\ndone = true\n'
    )
    rules = config_of(text).rules
    assert rules["o.a"].key_result.period.start == date(2026, 7, 1)
    assert rules["o.b"].key_result.period.end == date(2026, 12, 16)
    assert rules["p.c"].key_result.period.label == "2026"


def test_a_running_period_is_that_of_the_clock(config_of: Callable[..., Config]) -> None:
    config = config_of('period = "this_quarter"\n', OBJECTIVE, KR, "done = true\n")
    assert config.rules["o.k"].key_result.period.start == date(2026, 10, 1)


def test_today_is_counted_in_the_configs_zone(write: Callable[..., Path]) -> None:
    from datetime import UTC, datetime

    from okrsync.config.load import load

    path = write(
        'timezone = "Pacific/Auckland"\n',
        a='period = "this_month"\n' + OBJECTIVE + KR + "done = true\n",
    )

    def find(group: str, type_: str, /) -> Any:
        from okrsync.config.registry import Broken

        raise Broken(f"{group} {type_} is not needed here")

    config = load(path, clock=lambda: datetime(2026, 10, 31, 20, tzinfo=UTC), find=find)
    assert config.rules["o.k"].key_result.period.start == date(2026, 11, 1)


def test_names_reach_over_teams_and_own_names_come_first(examined: Callable[..., Any]) -> None:
    other = 'team = "growth"\nperiod = "2026"\n' + METRIC
    mine = HEAD + METRIC + OBJECTIVE + KR + WAY + 'value = "bugs + growth.bugs"\n'
    config = examined(CONFIG, a=mine, b=other).config
    assert config.rules["platform.o.k"].value.names == (
        ("bugs", "platform.bugs"),
        ("growth.bugs", "growth.bugs"),
    )


def test_scores_parents_and_pairs_are_resolved_to_full_ids(examined: Callable[..., Any]) -> None:
    company = (
        'team = "company"\nperiod = "2026"\n[objective.top]\ntitle = "t"\n'
        '[objective.top.kr.roll]\ntitle = "r"\nbaseline = 0\ntarget = 0.7\n'
        "value = \"mean(score('platform.o'), score('platform.o.k'))\"\n"
    )
    mine = (
        HEAD + '[objective.o]\ntitle = "t"\nparent = "company.top"\n' + KR + WAY + BY_HAND
        + 'pair = "l"\n[objective.o.kr.l]\ntitle = "l"\nat_least = 9\nmanual = true\n'
    )  # fmt: skip
    config = examined(CONFIG, a=mine, b=company).config
    assert config.objectives["platform.o"].parent == "company.top"
    assert config.rules["platform.o.k"].key_result.pair == "platform.o.l"
    assert config.rules["company.top.roll"].value.scores == (
        ("platform.o", "platform.o"),
        ("platform.o.k", "platform.o.k"),
    )


def test_an_override_is_laid_over_its_key_result(rule_of: Callable[..., Rule]) -> None:
    keys = 'baseline = "14 d"\ntarget = "6 d"\nmanual = true\n'
    over = (
        '[override."platform.o.k"]\nvalue = "48 h"\nuntil = 2026-11-30\n'
        'reason = "export was down"\nby = "data-team"\n'
    )
    override = rule_of(keys + over).override
    assert override is not None
    assert (override.value, override.until) == (Decimal(2), date(2026, 11, 30))


def test_an_override_of_done_is_true_or_false(rule_of: Callable[..., Rule]) -> None:
    over = '[override."platform.o.k"]\nvalue = true\nuntil = 2026-11-30\nreason = "r"\nby = "b"\n'
    override = rule_of("done = false\n" + over).override
    assert override is not None
    assert override.value == Decimal(1)


def test_limits_are_read_as_people_write_them(config_of: Callable[..., Config]) -> None:
    text = (
        '[limits]\ndeadline = "5 min"\nlease = "30 s"\nmax_changed = "50 %"\n'
        'max_changed_from = 3\nkeep_history = "400d"\nnetwork = "shared"\n'
        'allow_hosts = ["acme.example"]\n'
    )
    limits = config_of(HEAD, OBJECTIVE, KR, "done = true\n", config=CONFIG + text).limits
    assert limits.deadline == timedelta(minutes=5)
    assert limits.max_changed == Decimal("0.5")
    assert limits.allow_hosts == ("acme.example",)


def test_the_store_is_local_unless_said(config_of: Callable[..., Config]) -> None:
    config = config_of(HEAD, OBJECTIVE, KR, "done = true\n")
    assert {name: store.type for name, store in config.stores.items()} == {"store": "local"}
    assert config.rules["platform.o.k"].key_result.store_ref.id == "platform.o.k"


def test_a_relative_database_lies_beside_the_config(
    config_of: Callable[..., Config], tmp_path: Path
) -> None:
    text = CONFIG + '[state]\nurl = "sqlite:///data/okr.sqlite"\n'
    config = config_of(HEAD, OBJECTIVE, KR, "done = true\n", config=text)
    assert config.state_url == f"sqlite:///{tmp_path}/data/okr.sqlite"


def test_a_byte_order_mark_and_windows_line_ends_are_fine(examined: Callable[..., Any]) -> None:
    text = (HEAD + OBJECTIVE + KR + "done = true\n").replace("\n", "\r\n")
    config = examined(CONFIG, a=b"\xef\xbb\xbf" + text.encode()).config
    assert config.rules["platform.o.k"].place.line == 6


def test_a_broken_connector_breaks_only_what_uses_it(examined: Callable[..., Any]) -> None:
    config = CONFIG + '[source.lost]\ntype = "broken"\nanything = 1\n'
    text = (
        HEAD + METRIC + OBJECTIVE + KR + WAY + 'value = "bugs"\n'
        '[objective.o.kr.l]\ntitle = "l"\nbaseline = 1\ntarget = 2\nfrom = "lost"\nodd = 1\n'
    )
    found = examined(config, a=text).config
    assert "okrsync[broken]" in found.sources["lost"].broken
    assert found.rules["platform.o.l"].value.source == "lost"


def test_the_files_values_lie_under_a_querys_own(examined: Callable[..., Any]) -> None:
    text = (
        '[vars]\nregion = "EMEA"\nfloor = 1000\n'
        '[metric.big]\nfrom = "sheet"\nagg = "count"\nvars = { floor = 5 }\n'
        'where = "region == :region and amount >= :floor"\n'
        '[metric.bugs]\nfrom = "tracker"\nsearch = "is:bug"\nagg = "count"\n'
    )
    found = examined(a=HEAD + text)
    assert found.config is not None, found.problems
    asked = found.config.metrics["platform.big"].rule.query
    assert dict(asked.vars) == {"region": "EMEA", "floor": 5}
