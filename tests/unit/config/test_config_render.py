"""How problems look to people, programs and GitHub."""

from __future__ import annotations

import json
from pathlib import Path

from okrsync.config.render import render
from okrsync.errors import Problem

UNKNOWN = Problem(
    file="mappings/platform.toml",
    line=21,
    column=1,
    code="unknown-key",
    message="unknown key `traget`",
    source_line="traget = ***",
    caret=0,
    width=6,
    suggestion="target",
    help=("write `target`",),
)
LATE = Problem(
    file="config.toml",
    line=3,
    column=9,
    code="override-over",
    message="100 %, late",
    help=("a\nb",),
    warning=True,
)


def test_text_points_at_the_place_and_ends_with_the_count() -> None:
    assert render([UNKNOWN], "text", Path()) == (
        "error[unknown-key]: unknown key `traget`\n"
        "  --> mappings/platform.toml:21:1\n"
        "   |\n"
        "21 | traget = ***\n"
        "   | ^^^^^^ did you mean `target`?\n"
        "   = help: write `target`\n"
        "\n"
        "1 error in mappings/platform.toml. Nothing was contacted."
    )


def test_the_count_tells_errors_from_warnings() -> None:
    last = render([UNKNOWN, UNKNOWN, LATE], "text", Path()).splitlines()[-1]
    assert last == "2 errors, 1 warning in mappings/platform.toml. Nothing was contacted."
    assert render([LATE], "text", Path()).splitlines()[-1].startswith("1 warning in config.toml")


def test_a_problem_of_a_whole_file_has_no_line() -> None:
    whole = Problem("config.toml", 0, 0, "no-such-file", "it is not there", help=("okrsync init",))
    assert " --> config.toml\n" in render([whole], "text", Path())


def test_json_is_a_list_of_objects() -> None:
    first, second = json.loads(render([UNKNOWN, LATE], "json", Path()))
    assert first["code"] == "unknown-key"
    assert first["line"] == 21
    assert first["severity"] == "error"
    assert second["severity"] == "warning"


def test_github_gets_one_escaped_command_a_problem() -> None:
    first, second = render([UNKNOWN, LATE], "github", Path("okr")).splitlines()
    assert first == (
        "::error file=okr/mappings/platform.toml,line=21,col=1,title=unknown-key"
        "::unknown key `traget`%0Adid you mean `target`?%0Awrite `target`"
    )
    assert second.startswith("::warning file=okr/config.toml,")
    assert second.endswith("::100 %25, late%0Aa%0Ab")
