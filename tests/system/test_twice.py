"""The same data twice: the second run has nothing to do and says nothing."""

from __future__ import annotations

from tests.system.harness.project import Project


def test_guarantee_04_a_second_sync_of_the_same_data_writes_nothing(project: Project) -> None:
    project.probe("signups", "visits")
    project.script(signups="3", visits="40")
    first = project.run_program("sync")
    before = project.check_ins()
    second = project.run_program("sync", "--quiet")
    assert first.code == 0
    assert before == {"signups": ["3"], "visits": ["40"]}
    assert (second.code, second.out, second.err) == (0, "", "")
    assert project.check_ins() == before
