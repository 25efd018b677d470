"""A real tracker through the real command line: its counts follow what happens in it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from tests.system import trackers
from tests.system.harness.project import Project
from tests.system.trackers import Tracker

pytestmark = pytest.mark.network

pytest.importorskip("roundup", reason="Roundup is not installed: pip install roundup")

RESOLVED = "8"
PAGES = """pages = { style = "next", at = 'data."@links".next[0].uri' }"""
LISTED = f'rows = "data.collection"\n{PAGES}'
PARAMS = '{ "@page_size" = 3, "@verbose" = 2, "@fields" = "id,title,status,activity", %s }'
KEY_RESULTS = {
    "by-total": """path = "issue"
params = { "@page_size" = 1, status = ":status" }
number = 'data."@total_size"'
expect = { "data.collection" = { exists = true } }""",
    "by-header": """path = "issue"
params = { "@page_size" = 1, status = ":status" }
header = "X-Count-Total" """,
    "by-pages": f"""path = "issue"
params = {PARAMS % 'status = ":status"'}
{LISTED}
agg = "count" """,
    "by-where": f"""path = "issue"
params = {PARAMS % '"@sort" = "id"'}
{LISTED}
where = "row['status.name'] == 'resolved' or row['status.id'] == '8'"
agg = "count" """,
}


def tracker(folder: str, **limits: int) -> Any:
    path = Path(folder)
    path.chmod(0o755)
    return trackers.roundup(path, **limits)


@pytest.fixture
def roundup() -> Iterator[Tracker]:
    with TemporaryDirectory(prefix="okrsync-roundup-") as folder, tracker(folder) as running:
        yield running


def configured(project: Project, running: Tracker, *, more: str = "") -> None:
    project.env["TRACKER_PASSWORD"] = trackers.PASSWORD
    project.configure(
        f'[source.tracker]\ntype = "rest"\nurl = "{running.url}"\n'
        f'headers = {{ "X-Requested-With" = "rest" }}\n{more}'
        '[source.tracker.auth]\nuser = "admin"\npassword = { env = "TRACKER_PASSWORD" }\n',
    )
    project.map(
        {name: f'from = "tracker"\n{lines}' for name, lines in KEY_RESULTS.items()},
        head=f'[vars]\nstatus = "{RESOLVED}"\n',
    )


def resolve(running: Tracker, issue: int) -> None:
    tag = running.send("GET", f"issue/{issue}")["data"]["@etag"]
    with_tag = Tracker(running.url, {**running.headers, "If-Match": tag})
    with_tag.send("PUT", f"issue/{issue}/status", {"data": RESOLVED})


def test_counts_follow_what_happens_in_the_tracker(project: Project, roundup: Tracker) -> None:
    for number in range(8):
        roundup.send("POST", "issue", {"title": f"Login fails, {number}"})
    resolve(roundup, 1)
    configured(project, roundup)
    assert project.run("validate").code == 0
    first = project.run("sync")
    assert first.code == 0, first.err
    assert project.check_ins() == {name: ["1"] for name in KEY_RESULTS}
    for issue in (2, 5, 7, 8):
        resolve(roundup, issue)
    second = project.run("sync", "--all")
    assert second.code == 0, second.err
    assert project.check_ins() == {name: ["1", "5"] for name in KEY_RESULTS}


def test_a_wrong_password_posts_nothing(project: Project, roundup: Tracker) -> None:
    configured(project, roundup)
    project.env["TRACKER_PASSWORD"] = "not-the-one"
    refused = project.run("sync")
    assert refused.code in {3, 4}, refused
    assert "not-the-one" not in refused.out + refused.err
    assert project.check_ins() == {}


def test_its_own_rate_limiter_is_obeyed(project: Project) -> None:
    """Two calls in six seconds: 429 with Retry-After, and the run takes the time it is told to."""
    with ExitStack() as stack:
        folder = stack.enter_context(TemporaryDirectory(prefix="okrsync-roundup-"))
        running = stack.enter_context(tracker(folder, calls=2, seconds=6))
        configured(project, running, more="at_once = 1\n")
        ended = project.run("sync")
        log = (Path(folder) / "server.log").read_text("utf-8", errors="replace")
    assert ended.code == 0, ended.err
    assert project.check_ins() == {name: ["0"] for name in KEY_RESULTS}
    assert '" 429 ' in log, "the tracker limited nothing"


def test_more_pages_than_allowed_post_nothing(project: Project, roundup: Tracker) -> None:
    for number in range(8):
        roundup.send("POST", "issue", {"title": f"Login fails, {number}"})
    configured(project, roundup)
    short = PAGES.replace("}", ", most = 2 }")
    lines = KEY_RESULTS["by-where"].replace(PAGES, short)
    project.map({"cut": f'from = "tracker"\n{lines}'})
    ended = project.run("sync")
    assert ended.code == 3
    assert "more than 2 pages" in " ".join((ended.out + ended.err).split())
    assert project.check_ins() == {}
