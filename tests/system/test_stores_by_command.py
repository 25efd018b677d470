"""Asana, Operately and Linear by the command line: doctor, plan, sync, and a person in between."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.system.harness.in_process import InProcess
from tests.system.standins import asana, linear, operately
from tests.system.standins.stores import LEAD

pytestmark = pytest.mark.network


@contextmanager
def in_asana() -> Iterator[tuple[Any, str, str]]:
    with asana.Asana().start() as server:
        server.goal("1201")
        more = 'type = "asana"\nper_minute = 1500\nupdates = "always"'
        yield server, "1201", f'{more}\naddress = "{server.url}"'


@contextmanager
def in_operately() -> Iterator[tuple[Any, str, str]]:
    with operately.Operately().start() as server:
        server.goal("Fewer bugs", "Open bugs")
        ref = server.ref("Fewer bugs", "Open bugs")
        yield server, ref, f'type = "operately"\naddress = "{server.url}"'


@contextmanager
def in_linear() -> Iterator[tuple[Any, str, str]]:
    with linear.Linear().start() as server:
        server.add("initiative", "Reliable")
        ref = server.ref("initiative", "Reliable")
        yield server, ref, f'type = "linear"\naddress = "{server.url}"'


TOKENS = {"asana": asana.TOKEN, "operately": operately.TOKEN, "linear": linear.TOKEN}
SERVERS = {"asana": in_asana, "operately": in_operately, "linear": in_linear}


@pytest.mark.parametrize("name", SERVERS)
def test_a_store_by_the_command_line(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STORE_TOKEN", TOKENS[name])
    with SERVERS[name]() as (server, ref, store):
        project = InProcess(tmp_path, more=f'[store]\n{store}\ntoken = {{ env = "STORE_TOKEN" }}\n')
        project.source("sheet", 'path = "numbers.csv"')
        project.map(
            '[objective.o]\ntitle = "Reliable"\n[objective.o.kr.bugs]\n'
            'title = "Bugs from 42 to 10"\n'
            f'baseline = 42\ntarget = 10\nfrom = "sheet"\nmeasure = "bugs"\nstore_id = "{ref}"'
        )

        def measured(value: int) -> None:
            project.write("numbers.csv", f"bugs\n{value}\n")

        measured(31)
        doctor = project.run("doctor")
        assert doctor.code == 0, doctor
        plan = project.run("plan")
        assert plan.code == 0, plan
        assert server.history() == []
        assert project.run("sync", "--all").code == 0
        assert "31" in str(server.history()[0].value)
        written = len(server.history())
        assert project.run("sync", "--all").code == 0
        assert len(server.history()) == written
        server.person(ref, 28, text="Counted by hand")
        measured(30)
        held = project.run("sync", "--all")
        assert held.code == 3
        assert "Team lead" in held.words()
        assert server.history()[-1].by == LEAD
        for ended in (doctor, plan, held):
            assert TOKENS[name] not in ended.words()
