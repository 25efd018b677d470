"""One store, or several by name of which every mapping file chooses one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from okrsync.config.codes import CODES

ZONE = 'timezone = "UTC"\n'
COMPANY = '[store.company]\ntype = "ledger"\npath = "company"\n'
TEAM = '[store.team]\ntype = "ledger"\npath = "team"\n'
SEVERAL = ZONE + COMPANY + TEAM
HEAD = 'version = 1\nteam = "platform"\nperiod = "2026-Q4"\n'
KR = '[objective.o]\ntitle = "Trust"\n[objective.o.kr.k]\ntitle = "Fewer bugs"\ndone = true\n'
OTHER = KR.replace("[objective.o", "[objective.p")


def stores_of(config: Any) -> dict[str, str]:
    return {id_: rule.key_result.store_ref.store for id_, rule in config.rules.items()}


def test_without_a_table_and_with_one_there_is_one_store_as_ever(
    examined: Callable[..., Any],
) -> None:
    for text in (ZONE, ZONE + '[store]\ntype = "local"\n'):
        config = examined(text, a=HEAD + KR).config
        assert stores_of(config) == {"platform.o.k": "store"}
        assert list(config.stores) == ["store"]


def test_each_mapping_file_chooses_its_store(examined: Callable[..., Any]) -> None:
    first = HEAD + 'store = "team"\n' + KR
    second = HEAD.replace("platform", "sales") + 'store = "company"\n' + KR
    config = examined(SEVERAL, a=first, b=second).config
    assert stores_of(config) == {"platform.o.k": "team", "sales.o.k": "company"}
    assert config.stores["team"].settings.path == "team"


def test_one_named_store_needs_no_choice(examined: Callable[..., Any]) -> None:
    config = examined(ZONE + TEAM, a=HEAD + KR).config
    assert stores_of(config) == {"platform.o.k": "team"}


def test_a_file_of_metrics_needs_no_store(examined: Callable[..., Any]) -> None:
    metric = HEAD + '[metric.rows]\nfrom = "sheet"\nagg = "count"\n'
    config = SEVERAL + '[source.sheet]\ntype = "sheet"\npath = "numbers.csv"\n'
    assert examined(config, a=metric).problems == ()


IN_A_MAPPING = [
    (SEVERAL, HEAD + KR, "missing-store", 1, "", "company, team"),
    (SEVERAL, HEAD + 'store = "taem"\n' + KR, "unknown-store", 4, "team", "company, team"),
    (ZONE + TEAM, HEAD + 'store = "x"\n' + KR, "unknown-store", 4, "", "team"),
    (ZONE, HEAD + 'store = "team"\n' + KR, "unknown-store", 4, "", "take the line out"),
    (SEVERAL, HEAD + "store = 3\n" + KR, "wrong-type", 4, "", "text in quotes"),
    (SEVERAL, HEAD + KR + '[store.x]\ntype = "local"\n', "not-in-a-mapping", 9, "", "operator"),
]


@pytest.mark.parametrize(("config", "mapping", "code", "line", "suggestion", "cure"), IN_A_MAPPING)
def test_a_choice_that_cannot_be_made_is_told_at_its_line_with_the_names(
    examined: Callable[..., Any],
    config: str,
    mapping: str,
    code: str,
    line: int,
    suggestion: str,
    cure: str,
) -> None:
    (problem,) = examined(config, a=mapping).problems
    assert (problem.file, problem.line, problem.code) == ("mappings/a.toml", line, code)
    assert problem.suggestion == suggestion
    assert cure in " ".join(problem.help)


IN_THE_CONFIG = [
    ('[store]\ntype = "local"\n' + TEAM, "mixed-stores", 4, "[store.company]"),
    ('[store]\ntype = "ledger"\n[store.path]\ntype = "local"\n', "mixed-stores", 4,
     "[store.company]"),
    ('[store]\npath = "x"\n' + TEAM, "mixed-stores", 3, "table of the store"),
    (TEAM + '[store.company]\npath = "c"\n', "missing-key", 5, "type"),
    (TEAM + TEAM.replace("team]", "company]"), "same-store", 5, "keep one"),
    ('[store."a b"]\ntype = "local"\n', "bad-name", 2, "letters"),
    ('[store.team]\ntype = "ledgr"\npath = "t"\n', "unknown-connector", 3, "ledger"),
    ("[store.team]\ntype = 'ledger'\npaht = 't'\n", "unknown-key", 4, "path"),
]  # fmt: skip


@pytest.mark.parametrize(("tables", "code", "line", "cure"), IN_THE_CONFIG)
def test_a_mistake_in_the_stores(
    examined: Callable[..., Any], tables: str, code: str, line: int, cure: str
) -> None:
    (problem,) = [
        one for one in examined(ZONE + tables, a=HEAD + KR).problems if one.code != "missing-store"
    ]
    assert (problem.file, problem.line, problem.code) == ("config.toml", line, code)
    assert cure in " ".join(problem.help)
    assert problem.code in CODES


def test_two_key_results_of_the_same_time_cannot_be_one_in_the_store(
    examined: Callable[..., Any],
) -> None:
    same = 'store_id = "42"\n'
    (problem,) = examined(ZONE, a=HEAD + KR + same + OTHER + same).problems
    assert (problem.line, problem.code) == (15, "duplicate-store-id")
    assert "platform.o.k at mappings/a.toml:6" in problem.message


def test_the_same_id_in_another_store_or_in_the_next_period_is_fine(
    examined: Callable[..., Any],
) -> None:
    same = 'store_id = "42"\n'
    next_period = HEAD.replace("Q4", "Q3") + OTHER + same
    assert examined(ZONE, a=HEAD + KR + same, b=next_period).problems == ()
    first = HEAD + 'store = "team"\n' + KR + same
    second = HEAD + 'store = "company"\n' + OTHER + same
    assert examined(SEVERAL, a=first, b=second).problems == ()
