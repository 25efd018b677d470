"""A Jira that changes, a real connection, the real command line: the numbers follow."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.standins.jira import DOING, DONE, Jira, Reply, Request, said, serving
from tests.system.harness.project import Project
from tests.unit.jira.asking import NOW, at

pytestmark = pytest.mark.network

DAY = timedelta(days=1)
OPEN_BUGS = """\
from = "jira"
jql = "project = PLAT AND type = Bug AND statusCategory != Done ORDER BY created"
agg = "count"
"""
CYCLE_TIME = """\
unit = "d"
from = "jira"
jql = "project = PLAT AND type = Story"
measure = "cycle_time"
agg = "p85"
on = "resolved"
window = "last 28d"
"""
SHEET = 'from = "sheet"\nmeasure = "count"\nagg = "last"\n'


@pytest.fixture
def jira() -> Jira:
    """Three open bugs, and two stories that were done after two and four days of work."""
    made = Jira()
    for number in range(3):
        made.add(at("2026-10-20") + number * DAY, type="Bug")
    for days in (2, 4):
        story = made.add(at("2026-10-15"))
        story.move(DOING, at("2026-10-16")).move(DONE, at("2026-10-16") + days * DAY)
    return made


@pytest.fixture
def site(jira: Jira) -> Iterator[str]:
    with serving(jira) as address:
        yield address


@pytest.fixture
def company(project: Project, jira: Jira, site: str) -> Project:
    project.clock = NOW.isoformat()
    project.env["JIRA_TOKEN"] = jira.token
    os.utime(project.write("numbers.csv", "count\n12\n"), (NOW.timestamp(), NOW.timestamp()))
    project.configure(
        f'[source.jira]\ntype = "jira"\nsite = "{site}"\nemail = "okr-bot@acme.example"\n'
        'token = { env = "JIRA_TOKEN" }\n'
        '[source.sheet]\ntype = "csv"\npath = "numbers.csv"\n'
    )
    project.map({"bugs": OPEN_BUGS, "cycle": CYCLE_TIME, "sheet": SHEET})
    return project


def later(project: Project, days: int) -> None:
    project.clock = (NOW + days * DAY).isoformat()


def test_the_numbers_follow_the_issues(company: Project, jira: Jira) -> None:
    assert company.run("sync").code == 0
    assert company.check_ins() == {"bugs": ["3"], "cycle": ["3.70"], "sheet": ["12"]}
    jira.tickets[0].move(DOING, NOW).move(DONE, NOW + DAY / 2)
    jira.add(NOW, type="Bug", labels=("new",))
    jira.add(NOW, type="Bug")
    later(company, 1)
    result = company.run("sync")
    assert result.code == 0, result
    assert company.check_ins() == {"bugs": ["3", "4"], "cycle": ["3.70"], "sheet": ["12"]}


def test_two_key_results_that_ask_the_same_cost_one_request(company: Project, jira: Jira) -> None:
    company.map({f"kr-{number}": OPEN_BUGS for number in range(20)})
    assert company.run("sync").code == 0
    assert jira.count("/approximate-count") == 1


def test_the_plan_says_what_is_approximate_and_what_asking_costs(company: Project) -> None:
    company.map({"bugs": OPEN_BUGS, "exact": OPEN_BUGS + "exact = true\n"}, period='"2026-Q4"')
    text = company.run("plan").out
    assert "about 3" in text
    assert "approximate" in text
    assert "exact counts page 3 ids in 1 request" in " ".join(text.split())
    assert max(map(len, text.splitlines())) <= 80


def test_explain_shows_the_query_its_window_and_a_link(company: Project, site: str) -> None:
    company.run("sync")
    text = company.run("explain", "team.grow.cycle").out
    said_at_once = "".join(text.split())
    assert 'resolved>="2026-10-0600:00"' in said_at_once
    assert f"{site}/issues/?jql=" in said_at_once
    assert company.run("explain", "team.grow.bugs").code == 0


def test_doctor_says_who_is_signed_in(company: Project) -> None:
    result = company.run("doctor")
    assert result.code == 0, result
    assert "Jira Cloud at" in result.out
    assert "signed in as okr-bot" in result.out


def test_a_refusal_shows_jiras_words_and_harms_nothing_else(company: Project, jira: Jira) -> None:
    words = "The value 'PLAT' does not exist for the field 'project'."

    def refuse(request: Request) -> Reply | None:
        if not request.path.endswith("approximate-count"):
            return None
        return said(400, {"errorMessages": [words]})

    jira.faults.append(refuse)
    result = company.run("sync")
    assert result.code == 3
    assert "does not exist for the field" in " ".join(result.out.split())
    assert company.check_ins() == {"cycle": ["3.70"], "sheet": ["12"]}


def test_a_refused_sign_in_says_so_and_the_other_source_goes_on(company: Project) -> None:
    company.env["JIRA_TOKEN"] = "an-old-token"
    result = company.run("sync")
    assert result.code == 4
    assert "an-old-token" not in result.out + result.err
    assert company.check_ins() == {"sheet": ["12"]}


@pytest.mark.parametrize(
    "body",
    [{}, {"count": None}, {"count": "3"}, [], "<html>"],
    ids=["empty", "null", "text", "list", "page"],
)
def test_a_doubtful_answer_is_never_posted(company: Project, jira: Jira, body: object) -> None:
    company.run("sync")

    def doubtful(request: Request) -> Reply | None:
        if not request.path.endswith("approximate-count"):
            return None
        if body == "<html>":
            return 200, {"content-type": "text/html"}, b"<html>Log in</html>"
        return said(200, body)

    jira.faults.append(doubtful)
    later(company, 1)
    assert company.run("sync").code == 3
    assert company.check_ins()["bugs"] == ["3"]


def test_history_is_there_on_day_one(company: Project, jira: Jira) -> None:
    jira.tickets[0].move(DOING, at("2026-10-27")).move(DONE, at("2026-10-28"))
    company.map({"bugs": OPEN_BUGS, "cycle": CYCLE_TIME})
    result = company.run("backfill", "--from", "2026-10-19", "--every", "3d")
    assert result.code in {0, 3}, result
    history = company.run("history", "team.grow.bugs", "--format", "json").json()["items"]
    values = {item["as_of"][:10]: int(item["value"]) for item in history}
    assert (values["2026-10-20"], values["2026-10-26"], values["2026-10-29"]) == (1, 3, 2)


def test_an_epic_is_a_milestone_with_its_own_dates(company: Project, jira: Jira) -> None:
    epic = jira.add(at("2026-10-01"), type="Epic", due="2026-12-01")
    story = jira.add(at("2026-10-02"), parent=epic.key)
    company.write(
        "mappings/team.toml",
        'version = 1\nteam = "team"\nperiod = "2026-Q4"\n'
        f'[metric.pipeline]\nfrom = "jira"\nepic = "{epic.key}"\n'
        '[objective.grow]\ntitle = "People find us"\n'
        '[objective.grow.kr.live]\ntitle = "The new pipeline is live"\n'
        'milestones = [{ title = "Pipeline", metric = "pipeline" }]\n',
    )
    assert company.run("sync").code == 0
    assert company.check_ins() == {"live": ["0"]}
    story.move(DOING, NOW).move(DONE, NOW + DAY / 2)
    later(company, 1)
    assert company.run("sync").code == 0
    assert company.check_ins() == {"live": ["0", "1"]}


def test_validate_needs_no_network_and_sees_what_is_wrong(company: Project, jira: Jira) -> None:
    company.map(
        {
            "bugs": 'from = "jira"\njql = "(project = PLAT"\nagg = "count"\n',
            "typo": 'from = "jira"\njpl = "project = PLAT"\nagg = "count"\n',
            "both": 'from = "jira"\njql = "a = 1"\nepic = "PLAT-1"\nagg = "count"\n',
        }
    )
    result = company.run("validate")
    assert result.code == 2
    said_all = result.out + result.err
    assert "a parenthesis is never closed" in said_all
    assert "jql" in said_all
    assert "exactly one of" in said_all
    assert jira.requests == []
