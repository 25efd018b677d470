"""What a connector keeps from run to run, what it tells of costs, and what it says of itself."""

from __future__ import annotations

from tests.system.harness.project import Project


def probing(project: Project, marker: str) -> None:
    project.probe("signups")
    project.script(signups="3")
    project.write(marker, "")


def costs(project: Project) -> list[dict[str, str]]:
    found: list[dict[str, str]] = project.run("plan", "--format", "json").json()["summary"]["costs"]
    return found


def test_a_plan_says_what_asking_costs_and_keeps_nothing(project: Project) -> None:
    probing(project, "costs")
    for _ in range(2):
        assert costs(project) == [{"source": "probe", "what": "asked 0 times before"}]
    assert "probe     asked 0 times before" in project.run("plan").out


def test_a_run_that_writes_keeps_what_a_connector_learnt(project: Project) -> None:
    probing(project, "costs")
    for expected in range(3):
        assert costs(project)[0]["what"] == f"asked {expected} times before"
        assert project.run("sync", "--all").code == 0


def test_a_plan_with_costs_can_be_saved_and_applied(project: Project) -> None:
    probing(project, "costs")
    project.run("plan", "--out", "PLAN")
    assert project.run("apply", "PLAN").code == 0
    assert project.check_ins() == {"signups": ["3"]}


def test_doctor_shows_what_a_source_says_of_itself_without_its_secret(project: Project) -> None:
    project.configure('[source.probe]\ntype = "probe"\ntoken = { env = "PROBE_TOKEN" }\n')
    project.map({"signups": 'from = "probe"\nprobe = "signups"'})
    project.env["PROBE_TOKEN"] = "canary-7f3a"
    project.script(signups="3")
    project.write("remarks", "")
    told = project.run("doctor").out
    assert "ok    probe        signed in as okr-bot" in told
    assert "warn  probe        token *** expires in 6 days" in told
    assert "-> renew it" in told
    assert "canary" not in told
