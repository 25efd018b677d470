"""Exact places of keys, values and parts of texts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from okrsync.config.documents import KeyPath
from okrsync.config.positions import Positions, Span

TEXT = """\
version = 1
"odd key".sub = 'x'
[objective."re l".kr.x]
guard = { max_step = "25 %", deep.er = 1 }
steps = [ { title = "å", due = 2026-10-01 },
  "b", 1.5 ]
note = \"\"\"
many
lines\"\"\"
[[list]]
a = true
[[list]]
a = false
"""
KR: KeyPath = ("objective", "re l", "kr", "x")


@pytest.mark.parametrize(
    ("path", "key", "value"),
    [
        (("version",), (1, "version"), (1, "1")),
        (("odd key", "sub"), (2, "sub"), (2, "'x'")),
        ((*KR, "guard", "max_step"), (4, "max_step"), (4, '"25 %"')),
        ((*KR, "guard", "deep", "er"), (4, "er"), (4, "1")),
        ((*KR, "steps", 0, "due"), (5, "due"), (5, "2026-10-01")),
        ((*KR, "steps", 2), (5, "steps"), (6, "1.5")),
        (("list", 1, "a"), (13, "a"), (13, "false")),
    ],
)
def test_keys_and_values(path: KeyPath, key: tuple[int, str], value: tuple[int, str]) -> None:
    positions = Positions(TEXT)
    for span, (line, text) in ((positions.value(path), value), (positions.key(path), key)):
        if len(path) > 5 and path[-1] == 2 and text == "steps":
            continue  # an element of a list has no key of its own
        assert (span.line, positions.lines[span.line - 1][span.start : span.end]) == (line, text)


def test_a_table_is_at_its_header_or_at_the_nearest_one_around() -> None:
    positions = Positions(TEXT)
    assert positions.table(KR).line == 3
    assert positions.table((*KR, "nothing", "here")).line == 3
    assert positions.table(("nothing",)) == Span(1, 0, 1)


@pytest.mark.parametrize(
    ("literal", "offset", "width", "part"),
    [
        ('"bugs + bugz"', 7, 4, "bugz"),
        (r'"say \"x\" bugz"', 8, 4, "bugz"),
        (r'"\u00e5 bugz"', 2, 4, "bugz"),
        ("'a\\b bugz'", 4, 4, "bugz"),
        ('"bugz"', 90, 4, '"'),
    ],
)
def test_a_part_of_a_text_counts_the_characters_it_stands_for(
    literal: str, offset: int, width: int, part: str
) -> None:
    positions = Positions(f"value = {literal}\n")
    span = positions.inside(("value",), offset, width)
    assert positions.lines[0][span.start : span.end] == part


def test_a_text_over_lines_is_masked_in_all_of_them() -> None:
    positions = Positions(TEXT)
    assert positions.quote(Span(7, 0, 4), (), ()).text == 'note = "***"'
    assert positions.quote(Span(8, 0, 4), (), ()).text == "***"


def test_thousands_of_dots_do_not_break_it() -> None:
    deep = ".".join("a" * 5000)
    quoted = Positions(f"{deep} = 'secret'\n").quote(Span(1, 0, 1), (), ())
    assert "secret" not in quoted.text


def test_good_files_load_without_the_heavy_libraries(tmp_path: Path) -> None:
    (tmp_path / "mappings").mkdir()
    (tmp_path / "config.toml").write_text('timezone = "UTC"\n')
    (tmp_path / "mappings" / "a.toml").write_text(
        'period = "2026"\n[objective.o]\ntitle = "t"\n'
        '[objective.o.kr.k]\ntitle = "k"\ndone = true\n'
    )
    code = (
        "import sys; from pathlib import Path; from okrsync.clock import system_clock\n"
        "from okrsync.config.load import load; from okrsync.config.registry import Broken\n"
        "def find(group, type_, /): raise Broken('not needed')\n"
        "load(Path(sys.argv[1]), clock=system_clock, find=find)\n"
        "heavy = {'httpx', 'sqlalchemy', 'tenacity', 'tree_sitter', 'requests', 'keyring'}\n"
        "sys.exit(str(heavy & set(sys.modules)) if heavy & set(sys.modules) else 0)\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "config.toml")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
