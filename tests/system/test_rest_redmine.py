"""A second real tracker, Debian's Redmine: totals, offsets with the server's own limit, and dates.

It takes a minute to start, so it is asked for: OKRSYNC_REDMINE=1.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.system import trackers
from tests.system.harness.project import Project
from tests.system.trackers import Tracker

pytestmark = [
    pytest.mark.network,
    pytest.mark.skipif(
        not os.environ.get("OKRSYNC_REDMINE"),
        reason="Redmine takes a minute to start; set OKRSYNC_REDMINE=1",
    ),
    pytest.mark.skipif(
        not trackers.redmine_is_installed(),
        reason="Redmine is not installed: apt-get install redmine redmine-sqlite puma",
    ),
]

CLOSED = 5
OFFSET = """pages = { style = "offset", param = "offset", size_param = "limit", size = 500,\
 total = "total_count", id = "id" }"""
KEY_RESULTS = {
    "by-total": """path = "projects/:project/issues.json"
params = { status_id = "closed", limit = 1 }
number = "total_count" """,
    # 500 are asked for, Redmine gives 100 at a time.
    "by-pages": f"""path = "issues.json"
params = {{ status_id = "*", sort = "id" }}
rows = "$.issues"
where = "row['status.is_closed'] == true"
agg = "count"
{OFFSET} """,
    "by-dates": """path = "issues.json"
params = { status_id = "closed", limit = 1, closed_on = "><:start.day|:end.last_day" }
number = "total_count"
window = "last 7d" """,
    "by-rows-and-dates": f"""path = "issues.json"
params = {{ status_id = "*" }}
rows = "issues"
agg = "count"
on = "closed_on"
window = "last 7d"
{OFFSET} """,
}


@pytest.fixture(scope="module")
def redmine() -> Iterator[Tracker]:
    with (
        TemporaryDirectory(prefix="okrsync-redmine-") as folder,
        trackers.redmine(Path(folder)) as running,
    ):
        yield running


def configured(project: Project, running: Tracker) -> None:
    project.env["TRACKER_KEY"] = running.headers["X-Redmine-API-Key"]
    project.configure(
        f'[source.tracker]\ntype = "rest"\nurl = "{running.url}"\n'
        'sign_in_check = "users/current.json"\n'
        '[source.tracker.auth]\nheader = "X-Redmine-API-Key"\nkey = { env = "TRACKER_KEY" }\n',
    )
    project.map(
        {name: f'from = "tracker"\n{lines}' for name, lines in KEY_RESULTS.items()},
        head='[vars]\nproject = "platform"\n',
    )


def close(running: Tracker, *issues: int) -> None:
    for issue in issues:
        running.send("PUT", f"issues/{issue}.json", {"issue": {"status_id": CLOSED}})


def test_counts_follow_what_happens_in_the_tracker(project: Project, redmine: Tracker) -> None:
    for number in range(104):
        issue = {"project_id": "platform", "tracker_id": 1, "subject": f"Login fails, {number}"}
        redmine.send("POST", "issues.json", {"issue": issue})
    close(redmine, 1, 2)
    configured(project, redmine)
    first = project.run("sync")
    assert first.code == 0, first.out + first.err
    assert project.check_ins() == {name: ["2"] for name in KEY_RESULTS}
    close(redmine, 50, 101, 104)
    second = project.run("sync", "--all")
    assert second.code == 0, second.out + second.err
    assert project.check_ins() == {name: ["2", "5"] for name in KEY_RESULTS}


def test_a_wrong_key_posts_nothing(project: Project, redmine: Tracker) -> None:
    """Redmine would answer it as anybody's, with the numbers of what is public."""
    configured(project, redmine)
    project.env["TRACKER_KEY"] = "not-the-right-one"
    refused = project.run("sync")
    assert refused.code == 4, refused
    assert "not-the-right-one" not in refused.out + refused.err
    assert project.check_ins() == {}
