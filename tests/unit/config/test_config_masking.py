"""No value of any file is echoed, wherever somebody may have put a secret by mistake."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from okrsync.config.render import Format, render
from okrsync.config.wording import is_ordinary, looks_secret, shown

CANARIES = [
    "ghp_Zq8RkT2mVb5XnL7wCy3PdH9s",
    "hunter2-Zq8RkT2mVb5X",
    "ATATT3xFfGF0Zq8RkT2mVb5XnL7w",
    "sk-live-Zq8RkT2mVb5XnL7wCy3P",
    "correcthorsebatterystaplecorrecthorse",
    "0f8fad5b-d9cb-469f-a165-70867728950e",
]
HEAD = 'version = 1\nteam = "platform"\nperiod = "2026-Q4"\n'
KR = '[objective.o]\ntitle = "t"\n[objective.o.kr.k]\ntitle = "k"\n'
SOURCE = 'timezone = "UTC"\n[source.tracker]\ntype = "tracker"\nsite = "https://acme.example"\n'

IN_THE_CONFIG = [
    SOURCE + 'token = "@@"\n',
    SOURCE + 'tokne = "@@"\n',
    SOURCE + 'password = "@@"\n',
    SOURCE + 'token = { env = "T" }\napi = { key = "@@" }\n',
    SOURCE + 'token = { value = "@@" }\n',
    SOURCE + 'token = { env = "T", file = "@@" }\n',
    SOURCE + 'token = ["@@"]\n',
    SOURCE + "token = @@\n",
    SOURCE + 'token = "@@\n',
    SOURCE + "token @@\n",
    SOURCE + "@@\n",
    SOURCE + '"@@" = 1\n',
    SOURCE + '@@ = "x"\n',
    SOURCE + 'pages = "@@"\ntoken = { env = "T" }\n',
    SOURCE + 'token = { env = "T" } # @@\nbad = 1\n',
    SOURCE.replace("https://acme.example", "http://@@.example") + 'token = { env = "T" }\n',
    SOURCE + 'token = { env = "T" }\n["@@"]\nx = 1\n',
    SOURCE + 'token = { env = "T" }\n[source."@@"]\nx = 1\n',
    SOURCE + 'token = { env = "T" }\n[source.x]\ntype = "@@"\n',
    SOURCE + 'token = { env = "T" }\n[state]\nurl = "postgresql://okr:@@@db/okr"\n',
    SOURCE + 'token = { env = "T" }\n[state]\nurl = "@@"\n',
    SOURCE + 'token = { env = "T" }\n[notify]\nping = ["@@"]\n',
    SOURCE + 'token = { env = "T" }\n[rates]\n"@@" = 1\n',
    SOURCE + 'token = { env = "T" }\n[limits]\ndeadline = "@@"\nnetwork = "@@"\n',
    SOURCE + 'token = { env = "T" }\n[defaults]\nschedule = "@@"\nnote = "{@@}"\n',
    'timezone = "@@"\n',
    'timezone = "UTC"\nmappings = ["@@"]\n',
    'timezone = "UTC"\nfiscal_year_starts = "@@"\n',
    'timezone = "UTC"\nnote = """\n@@\n"""\n',
    'timezone = "UTC"\nx = [\n"@@",\n"@@"]\n',
]
IN_A_MAPPING = [
    HEAD + '[store]\ntoken = "@@"\n' + KR + "done = true\n",
    HEAD + '[source.x]\ntoken = "@@"\n' + KR + "done = true\n",
    'period = "@@"\n' + KR + "done = true\n",
    'team = "@@ x"\nperiod = "2026"\n' + KR + "done = true\n",
    HEAD + '[objective."@@"]\n',
    HEAD + '[objective."x @@"]\ntitle = "t"\n',
    HEAD + '[metric."@@"]\n',
    HEAD + '[override."@@"]\nvalue = 1\n',
    HEAD + KR + 'baseline = "@@"\ntarget = "@@"\nmanual = true\n',
    HEAD + KR + 'baseline = "5 @@"\ntarget = "6 EUR"\nmanual = true\n',
    HEAD + KR + 'baseline = "5"\ntarget = "6"\nmanual = true\nunit = "5@@"\n',
    HEAD + KR + 'at_least = 5\nvalue = "@@"\n',
    HEAD + KR + "at_least = 5\nvalue = \"score('@@')\"\n",
    HEAD + KR + 'at_least = 5\nvalue = "1 + @@ 5"\n',
    HEAD + KR + 'at_least = 5\nfrom = "@@"\nsearch = "x"\n',
    HEAD + KR + 'at_least = 5\nfrom = "tracker"\nsearch = "forbidden @@"\n',
    HEAD + KR + 'at_least = 5\nfrom = "tracker"\nserach = "@@"\n',
    HEAD + KR + 'at_least = 5\nfrom = "tracker"\nsearch = ["@@"]\n',
    HEAD + KR + 'at_least = 5\nfrom = "tracker"\nsearch = "x"\nlabels = [1, "@@"]\n',
    HEAD + KR + 'at_least = 5\nfrom = "tracker"\nsearch = "x"\nagg = "@@"\nwindow = "@@"\n',
    HEAD + KR + 'at_least = 5\nfrom = "sheet"\nwhere = "x == \'@@\' )"\n',
    HEAD + KR + 'done = true\npair = "@@"\nkind = "@@"\nschedule = "@@"\n',
    HEAD + KR + 'done = true\nnote = "{@@}"\n',
    HEAD + KR + 'done = true\nguard = { max_step = "@@", max_age = "@@", "@@" = 1 }\n',
    HEAD + KR + 'milestones = [{ title = "@@", wheight = 1 }, { "@@" = 2 }, "@@"]\n',
    HEAD + '[objective.o]\ntitle = "t"\nparent = "@@"\nkr = "@@"\n',
    HEAD + KR + 'done = "@@',
    HEAD + KR + "done = @@",
    HEAD + '"""\n@@\n',
]
FORMATS: list[Format] = ["text", "json", "github"]


def planted(text: str, canary: str) -> str:
    return text.replace("@@", canary)


def assert_masked(found: Any, canary: str) -> None:
    assert found.config is None, "the canary was taken for a good value"
    assert found.problems
    for format_ in FORMATS:
        written = render(found.problems, format_, Path())
        assert canary not in written, written
        assert canary.casefold() not in written.casefold(), written
        assert canary[4:20] not in written, written


@pytest.mark.parametrize("canary", CANARIES)
@pytest.mark.parametrize("text", IN_THE_CONFIG)
def test_guarantee_26_a_secret_misplaced_in_the_config_is_never_shown(
    examined: Callable[..., Any], text: str, canary: str
) -> None:
    assert_masked(examined(planted(text, canary), a=HEAD + KR + "done = true\n"), canary)


@pytest.mark.parametrize("canary", CANARIES)
@pytest.mark.parametrize("text", IN_A_MAPPING)
def test_guarantee_26_a_secret_misplaced_in_a_mapping_is_never_shown(
    examined: Callable[..., Any], text: str, canary: str
) -> None:
    config = SOURCE + 'token = { env = "T" }\n[source.sheet]\ntype = "sheet"\npath = "x"\n'
    assert_masked(examined(config, a=planted(text, canary)), canary)


def test_guarantee_25_a_plain_secret_is_told_with_its_cure(examined: Callable[..., Any]) -> None:
    found = examined(SOURCE + 'token = "abc"\n', a=HEAD + KR + "done = true\n").problems
    assert [problem.code for problem in found] == ["plain-secret"]
    assert found[0].source_line == 'token = "***"'
    assert "env" in found[0].help[0]


def test_a_near_miss_is_shown(examined: Callable[..., Any]) -> None:
    config = SOURCE + 'token = { env = "T" }\n'
    text = HEAD + KR + 'at_least = 5\nfrom = "trakcer"\nsearch = "x"\n'
    problem = examined(config, a=text).problems[0]
    assert problem.source_line == 'from = "trakcer"'
    assert (problem.caret, problem.width) == (7, 9)


def test_other_values_on_the_line_of_a_problem_stay_masked(examined: Callable[..., Any]) -> None:
    config = SOURCE + 'token = { env = "T" }\n'
    text = HEAD + KR + 'milestones = [{ title = "plan for Q4", wieght = 2 }] # secret plan\n'
    problem = examined(config, a=text).problems[0]
    assert problem.source_line == 'milestones = [{ title = "***", wieght = *** }]'
    assert problem.source_line[problem.caret :].startswith("wieght")


@pytest.mark.parametrize("name", ["reduce-p85-cycle-time", "fewer-bugs", "jqll", "dealStage", "Q4"])
def test_names_made_of_words_are_ordinary(name: str) -> None:
    assert is_ordinary(name)
    assert not looks_secret(name)


@pytest.mark.parametrize("name", CANARIES)
def test_names_that_look_like_secrets_are_masked(name: str) -> None:
    assert shown(name) == "`***`"
    assert looks_secret(name)
