"""The dead man's switch, a real server on the loopback address; and what happens without it."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from tests.system.harness.project import Project

pytestmark = pytest.mark.network


class Watcher(ThreadingHTTPServer):
    """Writes down what it is told, as healthchecks.io does."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Told)
        self.told: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/c0ffee"


class _Told(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, Watcher)
        self.server.told.append(self.path.partition("?")[0].removeprefix("/c0ffee"))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Silence."""


@pytest.fixture
def watcher() -> Iterator[Watcher]:
    with Watcher() as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def watched(project: Project, url: str) -> Project:
    project.env["PING"] = url
    project.probe("signups", more='notify.ping = { env = "PING" }')
    project.script(signups="3")
    return project


def test_guarantee_24_the_watcher_hears_of_the_start_and_of_the_exit_code(
    project: Project, watcher: Watcher
) -> None:
    watched(project, watcher.url)
    assert project.run("sync").code == 0
    assert watcher.told in (["/start", ""], ["/start", "/0"])
    project.script(signups={"error": "Unreachable"})
    assert project.run("sync").code == 3
    assert watcher.told[2:] == ["/start", "/3"]


def test_guarantee_24_only_a_sync_says_something(project: Project, watcher: Watcher) -> None:
    watched(project, watcher.url)
    for command in (["plan"], ["sync", "--dry-run"], ["status"]):
        assert project.run(*command).code == 0
    assert watcher.told == []


def test_guarantee_24_a_watcher_that_is_down_changes_nothing(
    project: Project, watcher: Watcher
) -> None:
    watched(project, watcher.url)
    watcher.server_close()
    result = project.run("sync")
    assert result.code == 0
    assert project.check_ins() == {"signups": ["3"]}
    assert result.err.count("warning") == 1
    assert watcher.url not in result.out + result.err
    quiet = project.run("sync", "--quiet")
    assert (quiet.code, quiet.out, quiet.err) == (0, "", "")  # the watcher itself will alarm


def test_doctor_looks_whether_the_ping_has_an_address_and_sends_none(
    project: Project, watcher: Watcher
) -> None:
    watched(project, watcher.url)
    assert "ok    ping" in project.run("doctor").out
    assert watcher.told == []
    project.env["PING"] = "hc-ping.com/c0ffee"
    wrong = project.run("doctor")
    assert wrong.code == 2
    assert "fail  ping" in wrong.out
    assert "c0ffee" not in wrong.out + wrong.err
    assert project.run("sync", "--quiet").err == ""


def test_guarantee_24_a_missing_address_changes_nothing(project: Project) -> None:
    watched(project, "")
    assert project.run("sync").code == 0
