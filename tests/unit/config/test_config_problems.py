"""Every mistake is told with its code, at its place, with what to do; all of them at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from okrsync.config.codes import CODES
from okrsync.config.load import load
from okrsync.errors import ConfigError, Problem

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
START = HEAD + METRIC + OBJECTIVE + KR  # the key result's keys begin on line 12
WAY = "baseline = 42\ntarget = 10\n"
VALUE = 'value = "bugs"\n'
COUNTED = 'from = "tracker"\nagg = "count"\nsearch = "bugs"\n'
ASK = WAY + 'from = "tracker"\nsearch = "x"\n'
OVERRIDE = 'value = 1\nuntil = 2026-12-01\nreason = "r"\nby = "b"\n'
FINE = OBJECTIVE + KR + "done = true\n"

IN_A_KEY_RESULT = [
    # keys, code, line, column, suggestion
    (WAY + VALUE + "wieght = 2\n", "unknown-key", 15, 1, "weight"),
    ("baseline = 42\ntraget = 10\n" + VALUE, "unknown-key", 13, 1, "target"),
    ("start = 42\ntarget = 10\n" + VALUE, "unknown-key", 12, 1, "baseline"),
    (WAY + 'expr = "bugs"\n', "unknown-key", 14, 1, "value"),
    (WAY + 'value = "bugz"\n', "unknown-metric", 14, 10, "bugs"),
    (WAY + 'value = "2 * (bugs + bugz)"\n', "unknown-metric", 14, 22, "bugs"),
    (WAY + "value = \"score('platfrom.o')\"\n", "unknown-score", 14, None, "platform.o"),
    (WAY + 'value = "(bugs"\n', "bad-expression", 14, 10, ""),
    (WAY + 'from = "trakcer"\nsearch = "x"\n', "unknown-source", 14, 8, "tracker"),
    (WAY + 'from = "tracker"\nsaerch = "x"\n', "unknown-key", 15, 1, "search"),
    (WAY + 'from = "tracker"\n', "missing-key", 10, 2, ""),
    (ASK + 'agg = "avgg"\n', "bad-aggregation", 16, 7, "avg"),
    (ASK + 'agg = "p100"\n', "bad-aggregation", 16, 7, ""),
    (ASK + 'agg = "sum"\n', "missing-measure", 16, 7, ""),
    (ASK + 'agg = "count"\nwindow = "period"\n', "missing-on", 17, 1, ""),
    (ASK + 'window = "this_qarter"\n', "bad-window", 16, 10, "this_quarter"),
    (WAY + 'from = "tracker"\nsearch = "forbidden"\n', "bad-query", 15, 10, ""),
    (WAY + 'from = "sheet"\nwhere = "a ="\n', "bad-expression", 15, None, ""),
    (WAY + "from = \"sheet\"\nwhere = \"ends_with(a, 'x')\"\n", "bad-query", 15, 9, ""),
    (WAY + "from = \"sheet\"\nwhere = \"lower(a) == 'x'\"\n", "bad-query", 15, 9, ""),
    (WAY + 'from = "sheet"\nwhere = "a == :b"\n', "bad-expression", 15, None, ""),
    (WAY + 'from = "sheet"\nvars = { "b c" = 1 }\n', "bad-query", 15, 8, ""),
    (WAY, "value-missing", 10, 2, ""),
    (WAY + VALUE + "manual = true\n", "two-values", 15, 1, ""),
    (WAY + VALUE + 'agg = "count"\n', "kind-contradiction", 15, 1, ""),
    (VALUE, "kind-unclear", 10, 2, ""),
    ("baseline = 42\n" + VALUE, "target-missing", 12, 1, ""),
    ("target = 42\n" + VALUE, "baseline-missing", 12, 1, ""),
    ("baseline = 5\ntarget = 5.0\n" + VALUE, "baseline-is-target", 13, 1, ""),
    (WAY + "at_least = 4\n" + VALUE, "kind-contradiction", 14, 1, ""),
    ("at_least = 4\nat_most = 9\n" + VALUE, "kind-contradiction", 13, 1, ""),
    (WAY + VALUE + 'kind = "increase"\n', "kind-contradiction", 15, 8, ""),
    (WAY + VALUE + 'kind = "at_least"\n', "kind-contradiction", 15, 8, ""),
    (WAY + VALUE + 'kind = "decraese"\n', "bad-value", 15, 8, "decrease"),
    ('baseline = "first"\ntarget = 4\n' + VALUE, "kind-unclear", 12, 12, ""),
    ('baseline = "first"\ntarget = "+5 %"\n' + VALUE, "relative-target", 13, 10, ""),
    ('baseline = 0\ntarget = "+5 %"\n' + VALUE, "relative-target", 13, 10, ""),
    ("min = 5\nmax = 3\n" + VALUE, "empty-range", 12, 1, ""),
    ("min = 5\n" + VALUE, "kind-unclear", 12, 1, ""),
    ('baseline = "2 d"\ntarget = "3 EUR"\n' + VALUE, "different-units", 12, 12, ""),
    ('baseline = "2 SEK"\ntarget = "3 EUR"\n' + VALUE, "different-units", 12, 12, ""),
    ('baseline = 100\ntarget = "50 %"\n' + COUNTED, "different-units", 15, 7, ""),
    ('baseline = 100\ntarget = "50 h"\n' + COUNTED, "different-units", 15, 7, ""),
    ('baseline = "1,5"\ntarget = 3\n' + VALUE, "bad-number", 12, 12, ""),
    ("baseline = nan\ntarget = 3\n" + VALUE, "bad-number", 12, 12, ""),
    ("baseline = 1\ntarget = inf\n" + VALUE, "bad-number", 13, 10, ""),
    ("baseline = 1\ntarget = 1e400\n" + VALUE, "bad-number", 13, 10, ""),
    ("baseline = true\ntarget = 3\n" + VALUE, "wrong-type", 12, 12, ""),
    ("baseline = 2026-10-01\ntarget = 3\n" + VALUE, "wrong-type", 12, 12, ""),
    ("done = true\nstrict = true\n", "kind-contradiction", 13, 1, ""),
    ("milestones = []\n", "bad-milestone", 12, 1, ""),
    ('milestones = [{ title = "a", done = true, when = "bugs < 2" }]\n', "bad-milestone", 12, 43,
     ""),
    ('milestones = [{ title = "a", weigth = 2 }]\n', "unknown-key", 12, 30, "weight"),
    ('milestones = [{ title = "a", weight = 0 }]\n', "bad-weight", 12, 39, ""),
    (WAY + VALUE + "weight = -1\n", "bad-weight", 15, 10, ""),
    (WAY + VALUE + 'pair = "l"\n', "unknown-pair", 15, 8, ""),
    (WAY + VALUE + 'pair = "k"\n', "unknown-pair", 15, 8, ""),
    (WAY + VALUE + 'schedule = "sometimes"\n', "bad-schedule", 15, 12, ""),
    (WAY + VALUE + 'note = "{valeu}"\n', "bad-note", 15, 8, "value"),
    (WAY + VALUE + 'note = "{value:>9}"\n', "bad-note", 15, 8, ""),
    (WAY + VALUE + 'note = "{value.real}"\n', "bad-note", 15, 8, "value"),
    (WAY + VALUE + 'note = "{value"\n', "bad-note", 15, 8, ""),
    (WAY + VALUE + 'note = "{}"\n', "bad-note", 15, 8, ""),
    (WAY + VALUE + 'guard = { max_step = "a lot" }\n', "bad-guard", 15, 22, ""),
    (WAY + VALUE + 'guard = { max_age = "0 d" }\n', "bad-guard", 15, 21, ""),
    (WAY + VALUE + 'guard = { maxstep = "1 %" }\n', "unknown-key", 15, 11, "max_step"),
    (WAY + VALUE + 'period = "2026-Q5"\n', "bad-period", 15, 10, ""),
    (WAY + VALUE + "pace = [{ day = 2026-11-01, progress = 2 }]\n", "bad-pace", 15, 40, ""),
    (WAY + VALUE + "pace = [{ day = 2026-11-02, progress = 0.5 },\n"
     "{ day = 2026-11-01, progress = 0.6 }]\n", "bad-pace", 16, 1, ""),
]  # fmt: skip

IN_A_MAPPING = [
    (HEAD + "[objective.o]\n" + KR + "done = true\n", "missing-key", 4, 2, ""),
    (HEAD + OBJECTIVE, "no-key-results", 4, 2, ""),
    (HEAD + '[objective.o]\ntitle = "t"\nparent = "platform.oo"\n' + KR + "done = true\n",
     "unknown-parent", 6, 10, "platform.o"),
    (HEAD + '[objective.o]\ntitle = "t"\nparent = "o"\n' + KR + "done = true\n",
     "parent-cycle", 4, 2, ""),
    (HEAD + FINE + '[objective."o.p"]\ntitle = "t"\nkr.x = { title = "x", done = true }\n',
     "bad-name", 9, 2, ""),
    (HEAD + FINE + '[metric.a]\nvalue = "b"\n[metric.b]\nvalue = "a"\n', "cycle", 9, 2, ""),
    (HEAD + OBJECTIVE + KR + WAY + "value = \"score('o')\"\n", "cycle", None, None, ""),
    (HEAD + FINE + '[metric.a]\ntitle = "nothing"\n', "value-missing", 9, 2, ""),
    (HEAD + FINE + METRIC + "healthy = { min = 4, max = 3 }\n", "empty-range", 13, 1, ""),
    (HEAD + FINE + METRIC + "healthy = {}\n", "empty-range", 13, 1, ""),
    (HEAD + FINE + f'[override."platform.o.kk"]\n{OVERRIDE}', "unknown-override", 9, 2,
     "platform.o.k"),
    (HEAD + FINE + '[override."platform.o.k"]\nvalue = 1\nreason = "r"\nby = "b"\n',
     "missing-key", 9, 2, ""),
    (HEAD + FINE + '[store]\ntype = "local"\n', "not-in-a-mapping", 9, 2, ""),
    (HEAD + FINE + '[source.x]\ntype = "local"\n', "not-in-a-mapping", 9, 2, ""),
    (HEAD + FINE + "[limits]\n", "not-in-a-mapping", 9, 2, ""),
    (HEAD + FINE + '[objectiv.p]\ntitle = "x"\n', "unknown-key", 9, 2, "objective"),
    ('version = 2\nperiod = "2026"\n' + FINE, "bad-value", 1, 11, ""),
    ('team = "a"\n' + FINE, "missing-period", 4, 2, ""),
    ('team = "a b"\nperiod = "2026"\n' + FINE, "bad-name", 1, None, ""),
    ('period = "this_quater"\n' + FINE, "bad-period", 1, 10, "this_quarter"),
    (HEAD + "objective = 3\n", "wrong-type", 4, 1, ""),
    (HEAD + "[objective]\no = 3\n", "wrong-type", 5, 1, ""),
    (HEAD + OBJECTIVE + "kr = 3\n", "wrong-type", 6, 1, ""),
    (HEAD + "[objective.o]\ntitle = \n", "syntax", 5, None, ""),
    (HEAD + "[objective.o]\n[objective.o]\n", "syntax", 5, None, ""),
    (HEAD + "x = " + "[" * 500, "too-large", 0, None, ""),
    (HEAD + "x = " + "9" * 5000, "too-large", 0, None, ""),
]  # fmt: skip

IN_THE_CONFIG = [
    ("version = 1\n", "missing-key", 1, None, ""),
    ('timezone = "Europe/Stokholm"\n', "bad-timezone", 1, 12, "Europe/Stockholm"),
    ('timezone = "UTC"\nmappings = ["nothing/*.toml"]\n', "no-mappings", 2, None, ""),
    ('timezone = "UTC"\nmappings = ["../*.toml"]\n', "outside-root", 2, None, ""),
    ('timezone = "UTC"\nmappings = ["/etc/*.toml"]\n', "outside-root", 2, None, ""),
    ('timezone = "UTC"\nfiscal_year_starts = 13\n', "bad-value", 2, 22, ""),
    ('timezone = "UTC"\n[store]\ntype = "locall"\n', "unknown-connector", 3, 8, "local"),
    ('timezone = "UTC"\n[store]\npath = "x"\n', "missing-key", 2, 2, ""),
    ('timezone = "UTC"\n[state]\nurl = "mysql://host/okr"\n', "bad-value", 3, 7, ""),
    ('timezone = "UTC"\n[notify]\nping = "hc-ping.com/x"\n', "bad-value", 3, 8, ""),
    ('timezone = "UTC"\n[limits]\ndeadline = "soon"\n', "bad-duration", 3, 12, ""),
    ('timezone = "UTC"\n[limits]\nmax_changed = "300 %"\n', "bad-value", 3, 15, ""),
    ('timezone = "UTC"\n[rates]\nEUR = 0\n', "bad-number", 3, 7, ""),
    ('timezone = "UTC"\n[rates]\neuro = 1\n', "unknown-key", 3, 1, ""),
    ('timezone = "UTC"\n[objective.o]\ntitle = "t"\n', "not-in-config", 2, 2, ""),
    ('timezone = "UTC"\n[defaults]\nschedule = "never"\n', "bad-schedule", 3, 12, ""),
    ('timezone = "UTC"\n[defaults]\nconfidence = { on_track = 45 }\n', "bad-value", 3, 27, ""),
    (
        'timezone = "UTC"\n[defaults]\nconfidence = { on_track = 0.3, at_risk = 0.5 }\n',
        "bad-value",
        3,
        42,
        "",
    ),
    (('timezone = "UTC"\n[source.t]\ntype = "tracker"\nsite = "https://acme.example"\n'
     'token = { enviroment = "X" }\n'), "secret-reference", 5, 1, ""),
    (('timezone = "UTC"\n[source.t]\ntype = "tracker"\nsite = "http://acme.example"\n'
     'token = { env = "X" }\n'), "connector-setting", 4, 8, ""),
    (('timezone = "UTC"\n[source.t]\ntype = "tracker"\nsite = "https://acme.example"\n'
     'tokn = { env = "X" }\n'), "unknown-key", 5, 1, "token"),
]  # fmt: skip


def one_problem(found: tuple[Problem, ...], code: str) -> Problem:
    assert [problem.code for problem in found] == [code], found
    return found[0]


def check(problem: Problem, line: int | None, column: int | None, suggestion: str) -> None:
    assert line is None or problem.line == line
    assert column is None or problem.column == column
    assert problem.suggestion == suggestion
    assert problem.help, "a problem without a cure"
    assert problem.code in CODES
    assert problem.caret + problem.width <= max(1, len(problem.source_line))


def test_a_key_of_the_whole_file_below_a_table_is_sent_above_it(
    examined: Callable[..., Any],
) -> None:
    head = 'version = 1\nteam = "platform"\n[defaults]\nowner = "lead"\nperiod = "2026-Q4"\n'
    found = examined(CONFIG, a=head + FINE).problems
    (problem,) = [one for one in found if one.code == "unknown-key"]
    assert (problem.line, problem.column) == (5, 1)
    assert problem.help[0] == "move it above the first [table]"
    assert "schedule" in problem.help[1]
    assert "from, to" not in " ".join(problem.help)


@pytest.mark.parametrize(("keys", "code", "line", "column", "suggestion"), IN_A_KEY_RESULT)
def test_a_mistake_in_a_key_result(
    examined: Callable[..., Any],
    keys: str,
    code: str,
    line: int | None,
    column: int | None,
    suggestion: str,
) -> None:
    problem = one_problem(examined(CONFIG, a=START + keys).problems, code)
    check(problem, line, column, suggestion)
    assert problem.file == "mappings/a.toml"


@pytest.mark.parametrize(("text", "code", "line", "column", "suggestion"), IN_A_MAPPING)
def test_a_mistake_in_a_mapping(
    examined: Callable[..., Any],
    text: str,
    code: str,
    line: int | None,
    column: int | None,
    suggestion: str,
) -> None:
    check(one_problem(examined(CONFIG, a=text).problems, code), line, column, suggestion)


@pytest.mark.parametrize(("text", "code", "line", "column", "suggestion"), IN_THE_CONFIG)
def test_a_mistake_in_the_config(
    examined: Callable[..., Any],
    text: str,
    code: str,
    line: int | None,
    column: int | None,
    suggestion: str,
) -> None:
    problem = one_problem(examined(text, a=HEAD + FINE).problems, code)
    check(problem, line, column, suggestion)
    assert problem.file == "config.toml"


@pytest.mark.parametrize(
    ("keys", "code"),
    [
        ('milestones = [{ title = "a", due = 2027-02-01 }]\n', "due-outside"),
        ('milestones = [{ title = "a", done = 2026-12-20 }]\n', "bad-milestone"),
        (WAY + VALUE + "pace = [{ day = 2027-02-01, progress = 1 }]\n", "pace-outside"),
        ("done = true\n" + f'[override."platform.o.k"]\n{OVERRIDE}'.replace("2026-12", "2026-11"),
         "override-over"),
    ],
)  # fmt: skip
def test_a_warning_does_not_stop_the_config(
    examined: Callable[..., Any], keys: str, code: str
) -> None:
    found = examined(CONFIG, a=START + keys)
    assert found.config is not None
    assert one_problem(found.problems, code).warning


def test_all_mistakes_of_all_files_come_at_once(examined: Callable[..., Any]) -> None:
    config = CONFIG.replace("Stockholm", "Stokholm")
    first = START + "baseline = 4\ntraget = 5\n" + 'value = "bugz"\nguard = { max_age = "x" }\n'
    second = HEAD.replace("platform", "other") + OBJECTIVE + KR + 'at_least = "x y z"\n'
    found = examined(config, a=first, b=second).problems
    assert [(problem.file, problem.code) for problem in found] == [
        ("config.toml", "bad-timezone"),
        ("mappings/a.toml", "unknown-key"),
        ("mappings/a.toml", "unknown-metric"),
        ("mappings/a.toml", "bad-guard"),
        ("mappings/b.toml", "value-missing"),
        ("mappings/b.toml", "bad-number"),
    ]


def test_two_files_of_a_team_cannot_define_the_same_id(examined: Callable[..., Any]) -> None:
    found = examined(CONFIG, a=HEAD + FINE, b=HEAD + FINE).problems
    assert {problem.code for problem in found} == {"duplicate-id"}
    assert "mappings/a.toml:4" in found[0].message


def test_an_objective_cannot_have_the_id_of_a_key_result(examined: Callable[..., Any]) -> None:
    without_team = (
        'period = "2026"\n[objective.o]\ntitle = "t"\nkr.k = { title = "k", done = true }\n'
    )
    team = without_team.replace("objective.o", "objective.k")
    found = examined(CONFIG, a=without_team, b='team = "o"\n' + team).problems
    assert [problem.code for problem in found] == ["duplicate-id"]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    from datetime import UTC, datetime

    with pytest.raises(ConfigError) as caught:
        load(tmp_path / "config.toml", clock=lambda: datetime(2026, 11, 22, tzinfo=UTC))
    assert caught.value.exit_code == 2
    assert [problem.code for problem in caught.value.problems] == ["no-such-file"]


def test_bytes_that_are_not_utf8_are_named_with_their_line(examined: Callable[..., Any]) -> None:
    found = examined(CONFIG, a=HEAD.encode() + b'[objective.o]\ntitle = "\xe5"\n').problems
    problem = one_problem(found, "not-utf8")
    assert (problem.line, problem.column) == (5, 10)


def test_columns_are_counted_in_characters(examined: Callable[..., Any]) -> None:
    keys = 'milestones = [{ title = "åäö 日本", weigth = 2 }]\n'
    problem = one_problem(examined(CONFIG, a=START + keys).problems, "unknown-key")
    assert problem.column == len('milestones = [{ title = "åäö 日本", ') + 1


def test_a_mapping_behind_a_link_outside_the_folder_is_refused(
    examined: Callable[..., Any],
    write: Callable[..., Path],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "x.toml"
    outside.write_text(HEAD + FINE)
    folder = write(CONFIG, a=HEAD + FINE).parent
    (folder / "mappings" / "b.toml").symlink_to(outside)
    found = examined(CONFIG, a=HEAD + FINE).problems
    assert one_problem(found, "outside-root").file == "config.toml"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('title = "no end', "a text is not closed by the end of its line"),
        ('title = "\x07"', "illegal character"),
        ("title 1", "expected `=` after a key"),
        ("[objective.o", "expected `]`"),
    ],
)
def test_a_syntax_error_names_what_was_expected(
    examined: Callable[..., Any], line: str, says: str
) -> None:
    (problem,) = examined(CONFIG, platform=f"{HEAD}{line}\n").problems
    assert problem.code == "syntax"
    assert says in problem.message


def test_a_minus_sign_inside_a_name_is_explained(examined: Callable[..., Any]) -> None:
    text = START + WAY + 'value = "bugs-2"\n'
    (problem,) = examined(CONFIG, platform=text).problems
    assert "put spaces around it" in problem.help[0]


def test_every_code_is_explained_in_one_sentence() -> None:
    assert all(text.endswith(".") and code == code.lower() for code, text in CODES.items())


@pytest.mark.parametrize(("day", "done"), [("2026-10-02", True), ("2026-12-20", False)])
def test_a_milestone_is_done_on_a_day_that_has_come(
    examined: Callable[..., Any], day: str, done: bool
) -> None:
    config = examined(CONFIG, a=START + f'milestones = [{{ title = "a", done = {day} }}]\n').config
    (milestone,) = config.rules["platform.o.k"].key_result.milestones
    assert milestone.done is done
