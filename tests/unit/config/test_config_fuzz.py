"""Whatever the files hold: a Config or a ConfigError, nothing else."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import Field

from okrsync.config.config import Config
from okrsync.config.load import load
from okrsync.config.registry import SOURCES, NotInstalled
from okrsync.config.render import render
from okrsync.contracts import SecretRef, Settings, SourceSpec, StoreSpec
from okrsync.errors import ConfigError

CONFIG = (
    'version = 1\ntimezone = "Europe/Stockholm"\n[source.s]\ntype = "s"\n'
    'token = { env = "T" }\n[rates]\nEUR = 1\n[limits]\ndeadline = "5 min"\n'
)
MAPPING = """\
version = 1
team = "platform"
period = "2026-Q4"
[defaults]
owner = "team"
guard = { max_step = "25 %", max_age = "3d" }
[metric.bugs]
from = "s"
where = "state == 'open'"
agg = "count"
healthy = { max = 40 }
[objective.o]
title = "Customers trust us"
parent = "p"
[objective.o.kr.k]
title = "Fewer bugs"
baseline = "2 d"
target = "-15 %"
value = "bugs * 2"
pace = [{ day = 2026-11-01, progress = "50 %" }]
[objective.p]
title = "t"
[objective.p.kr.m]
title = "m"
milestones = [{ title = "a", weight = 2, due = 2026-11-01, when = "bugs < 3" }]
[objective.p.kr.r]
title = "r"
min = 1
max = 3
value = "score('o')"
[override."platform.o.k"]
value = 3
until = 2026-12-01
reason = "r"
by = "b"
"""
ODD = "[ ] { } \" ' \"\"\" ''' \\ = nan -inf 1e999 1979-05-27T07:32:00Z åäö \x00 [[metric.x]] true"
PIECES = sorted({*MAPPING.split(), *CONFIG.split(), *ODD.split(), "\n"})


class SourceSettings(Settings):
    token: SecretRef


class Query(Settings):
    where: str | None = Field(None, description="A condition.")


def never(*_: Any) -> Any:
    raise AssertionError


SOURCE = SourceSpec("s", SourceSettings, Query, open=never, row_expressions=frozenset({"where"}))
LOCAL = StoreSpec("local", Settings, open=never)


def find(group: str, type_: str, /) -> Any:
    if (group == SOURCES) != (type_ == "s") or type_ not in {"s", "local"}:
        raise NotInstalled(("local", "s"))
    return SOURCE if type_ == "s" else LOCAL


def outcome(config: bytes, mapping: bytes) -> Config | ConfigError:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "mappings").mkdir()
        (Path(folder) / "config.toml").write_bytes(config)
        (Path(folder) / "mappings" / "a.toml").write_bytes(mapping)
        try:
            return load(
                Path(folder) / "config.toml",
                clock=lambda: datetime(2026, 11, 22, tzinfo=UTC),
                find=find,
            )
        except ConfigError as error:
            problems = error
    check_problems(problems)
    return problems


def check_problems(error: ConfigError) -> None:
    assert error.problems
    for problem in error.problems:
        assert problem.help, problem
        assert 0 <= problem.caret <= len(problem.source_line), problem
    render(error.problems, "text", Path())
    render(error.problems, "github", Path())


def test_the_sample_that_is_mangled_is_good() -> None:
    found = outcome(CONFIG.encode(), MAPPING.encode())
    assert isinstance(found, Config), getattr(found, "problems", "")


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_guarantee_30_mangled_files_give_a_config_or_a_config_error(data: st.DataObject) -> None:
    texts = [CONFIG, MAPPING]
    which = data.draw(st.integers(0, 1))
    for _ in range(data.draw(st.integers(1, 4))):
        text = texts[which]
        start = data.draw(st.integers(0, len(text)))
        length = data.draw(st.integers(0, 30))
        piece = data.draw(st.sampled_from(PIECES) | st.text(max_size=6))
        texts[which] = text[:start] + piece + text[start + length :]
    raw = [text.encode("utf-8", "replace") for text in texts]
    assert isinstance(outcome(*raw), Config | ConfigError)


SCALARS = (
    st.booleans().map(lambda value: "true" if value else "false")
    | st.integers(-(10**20), 10**20).map(str)
    | st.sampled_from(["nan", "inf", "-0.0", "1e400", "2026-10-01", "07:30:00", "''", "[]", "{}"])
    | st.sampled_from(PIECES).map(lambda text: "'" + text.replace("'", "").replace("\n", "") + "'")
    .filter(lambda text: "\x00" not in text)
)  # fmt: skip
LINES = MAPPING.splitlines()


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(LINES) - 1), SCALARS)
@example(2, "{ from = 2026-10-01, to = 2026-09-01 }")
def test_guarantee_30_any_value_at_any_key_gives_a_config_or_a_config_error(
    line: int, value: str
) -> None:
    key, separator, _ = LINES[line].partition("=")
    changed = [*LINES]
    changed[line] = f"{key}= {value}" if separator else LINES[line]
    found = outcome(CONFIG.encode(), "\n".join(changed).encode())
    assert isinstance(found, Config | ConfigError)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60), st.booleans())
def test_guarantee_30_any_bytes_give_a_config_or_a_config_error(raw: bytes, first: bool) -> None:
    config = raw if first else CONFIG.encode()
    mapping = MAPPING.encode() if first else raw
    assert isinstance(outcome(config, mapping), Config | ConfigError)
