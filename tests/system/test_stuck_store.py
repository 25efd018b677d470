"""A store that does not answer, beside one that does, under the real command line."""

from __future__ import annotations

import json
import signal
import time

import pytest

from tests.system.harness.project import EVER, Project

NAMES = ("signups", "visits")


@pytest.fixture
def project(project: Project) -> Project:
    """Two key results in a store that hangs at its first check-in, two in okrsync's own."""
    project.write(
        "config.toml",
        'version = 1\ntimezone = "UTC"\nmappings = ["mappings/*.toml"]\n'
        '[store.a-stuck]\ntype = "stuck"\n[store.mine]\ntype = "local"\n'
        '[source.probe]\ntype = "probe"\n[limits]\ndeadline = "2 s"\n',
    )
    for team, store in (("far", "a-stuck"), ("near", "mine")):
        tables = [
            f'[objective.o.kr.{name}]\ntitle = "From 0 to 1000 {name}"\nbaseline = 0\n'
            f'target = 1000\nfrom = "probe"\nprobe = "{name}"\nstore_id = "{team}.o.{name}"\n'
            for name in NAMES
        ]
        project.write(
            f"mappings/{team}.toml",
            f'version = 1\nteam = "{team}"\nperiod = {EVER}\nstore = "{store}"\n'
            '[objective.o]\ntitle = "People find us"\n' + "".join(tables),
        )
    project.script(signups="3", visits="4")
    project.write("stuck", "")
    return project


def in_the_stuck_store(project: Project) -> list[tuple[str, str]]:
    kept = project.folder / "stuck.json"
    return [(id_, value) for id_, _, value in json.loads(kept.read_text())] if kept.exists() else []


def test_guarantees_14_15_a_store_that_hangs_ends_with_the_run_and_holds_up_no_other(
    project: Project,
) -> None:
    ended = project.run("sync")
    assert ended.code == 3
    assert project.check_ins() == {"signups": ["3"], "visits": ["4"]}
    assert in_the_stuck_store(project) == []
    assert "Failed      far.o.signups, far.o.visits" in ended.out
    (project.folder / "stuck").unlink()
    again = project.run("sync")
    assert again.code == 0, again
    assert sorted(in_the_stuck_store(project)) == [("far.o.signups", "3"), ("far.o.visits", "4")]
    assert project.check_ins() == {"signups": ["3"], "visits": ["4"]}


def test_guarantee_34_asked_to_stop_while_a_store_is_silent_it_leaves_and_loses_nothing(
    project: Project,
) -> None:
    config = project.folder / "config.toml"
    config.write_text(config.read_text().replace('"2 s"', '"10 min"'))
    running = project.start("sync")
    while not (project.folder / "posting").exists():
        time.sleep(0.01)
    asked = time.monotonic()
    running.signal(signal.SIGTERM)
    stopped = running.wait()
    assert time.monotonic() - asked < 5  # the promise itself
    assert (stopped.code, "Traceback" in stopped.err) == (3, False)
    assert "the next run does the rest" in stopped.err
    (project.folder / "stuck").unlink()
    assert project.run("sync").code == 0
    assert sorted(in_the_stuck_store(project)) == [("far.o.signups", "3"), ("far.o.visits", "4")]


def test_guarantee_34_the_write_under_way_is_finished_when_the_run_is_asked_to_stop(
    project: Project,
) -> None:
    running = project.start("sync")
    while not (project.folder / "posting").exists():
        time.sleep(0.01)
    running.signal(signal.SIGTERM)
    (project.folder / "stuck").unlink()
    assert running.wait().code == 3
    assert in_the_stuck_store(project) == [("far.o.signups", "3")]
    assert project.query("SELECT state FROM intent WHERE key_result = 'far.o.signups'") == [
        ("sent",)
    ]
