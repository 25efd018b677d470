"""Milestones, releases, deployments, workflow runs, stars and alerts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from okrsync.errors import NoValue, OutsideError, Refused, SourceError
from okrsync.model import Measurement, Window
from tests.standins.github import NOW, Deploy, Github, asked, failure, question, value

_DAY = timedelta(days=1)
_WEEK = Window("last 7d", NOW - 7 * _DAY, NOW)
_REPO = {"full_name": "acme/shop", "stargazers_count": 1234}

Answering = Callable[[httpx.Request], httpx.Response]


def _says(body: object, **headers: str) -> Answering:
    def answer(request: httpx.Request) -> httpx.Response:
        if headers.get("etag") and request.headers.get("if-none-match") == headers["etag"]:
            return httpx.Response(304, headers=headers)
        return httpx.Response(200, json=body, headers=headers)

    return answer


def _paged(entries: Sequence[object]) -> Answering:
    def answer(request: httpx.Request) -> httpx.Response:
        size, page = (int(request.url.params.get(n, "1")) for n in ("per_page", "page"))
        return httpx.Response(200, json=entries[size * (page - 1) : size * page])

    return answer


def _github(**rest: Answering) -> Github:
    paths = {"/repos/acme/shop" + path.replace("__", "/"): answer for path, answer in rest.items()}
    return Github(rest={"/repos/acme/shop": _says(_REPO), **paths})


def _about(**query: Any) -> Any:
    return question(agg=query.pop("agg", None), repo="acme/shop", **query)


# Milestones.


def _milestone(**more: Any) -> dict[str, Any]:
    return {
        "number": 3,
        "title": "v2",
        "open_issues": 3,
        "closed_issues": 9,
        "due_on": "2026-12-18T08:00:00Z",
        "closed_at": None,
        "state": "open",
        **more,
    }


@pytest.mark.parametrize("named", ["v2", 3])
def test_a_milestone_is_the_share_of_its_issues_that_is_closed(
    tmp_path: Path, named: str | int
) -> None:
    github = _github(__milestones=_paged([_milestone(number=1, title="v1"), _milestone()]))
    [answer] = asked(github, tmp_path, _about(milestone=named))
    assert isinstance(answer, Measurement)
    assert (value(answer), answer.unit, answer.rows) == (75, "%", 12)
    assert (answer.due, answer.done_on) == (date(2026, 12, 18), None)
    assert answer.evidence.link == "https://github.com/acme/shop/milestone/3"


def test_a_milestone_that_is_closed_and_empty_of_open_issues_is_done_that_day(
    tmp_path: Path,
) -> None:
    closed = _milestone(open_issues=0, closed_at="2026-11-01T23:30:00Z", state="closed")
    github = _github(__milestones=_paged([closed]))
    [answer] = asked(github, tmp_path, _about(milestone="v2"))
    assert isinstance(answer, Measurement)
    assert (value(answer), answer.done_on) == (100, date(2026, 11, 1))


def test_a_milestone_that_was_closed_over_open_issues_is_not_done(tmp_path: Path) -> None:
    closed = _milestone(closed_at="2026-11-01T23:30:00Z", state="closed")
    github = _github(__milestones=_paged([closed]))
    [answer] = asked(github, tmp_path, _about(milestone="v2"))
    assert isinstance(answer, Measurement)
    assert (value(answer), answer.done_on) == (75, None)
    assert "the milestone is closed, with 3 open" in answer.evidence.notes


def test_the_second_hundred_of_milestones_is_looked_through(tmp_path: Path) -> None:
    others = [_milestone(number=n, title=f"v{n}.0") for n in range(10, 150)]
    github = _github(__milestones=_paged([*others, _milestone()]))
    [answer] = asked(github, tmp_path, _about(milestone="v2"))
    assert value(answer) == 75


@pytest.mark.parametrize(
    ("milestones", "said", "kind"),
    [
        ([], "no milestone with this title", SourceError),
        ([_milestone(), _milestone(number=4)], "2 milestones of this title", SourceError),
        ([_milestone(open_issues=0, closed_issues=0)], "holds no issue", NoValue),
        ([_milestone(open_issues=None)], "open_issues", OutsideError),
        ([_milestone(closed_issues="9")], "closed_issues", OutsideError),
        ([_milestone(due_on="soon")], "due_on", OutsideError),
    ],
)
def test_a_milestone_without_a_share_is_no_value(
    tmp_path: Path, milestones: Sequence[object], said: str, kind: type[OutsideError]
) -> None:
    github = _github(__milestones=_paged(milestones))
    [outcome] = asked(github, tmp_path, _about(milestone="v2"))
    assert isinstance(outcome, kind)
    assert said in outcome.message


# Stars, and what is kept from run to run.


def test_stars(tmp_path: Path) -> None:
    [answer] = asked(_github(), tmp_path, _about(stars=True))
    assert value(answer) == 1234


@pytest.mark.parametrize("repo", [{**_REPO, "stargazers_count": None}, {}, [], "no", None])
def test_stars_that_are_not_said_are_no_value(tmp_path: Path, repo: object) -> None:
    github = Github(rest={"/repos/acme/shop": _says(repo)})
    [outcome] = asked(github, tmp_path, _about(stars=True))
    assert isinstance(outcome, OutsideError)


def test_a_renamed_repository_is_no_value(tmp_path: Path) -> None:
    github = Github(rest={"/repos/acme/shop": _says({**_REPO, "full_name": "acme/store"})})
    [outcome] = asked(github, tmp_path, _about(stars=True))
    assert isinstance(outcome, Refused)
    assert "called acme/store now" in outcome.message


def test_what_has_not_changed_is_not_sent_again(tmp_path: Path) -> None:
    github = Github(rest={"/repos/acme/shop": _says(_REPO, etag='"v1"')})
    toolbox = github.toolbox(tmp_path)
    for _ in range(2):
        [answer] = asked(github, tmp_path, _about(stars=True), toolbox=toolbox)
        assert value(answer) == 1234
    assert [request.headers.get("if-none-match") for request in github.asked] == [None, '"v1"']


@pytest.mark.parametrize(
    "said", [{"stars": True}, {"milestone": "v2"}, {"dependabot": "open", "agg": "count"}]
)
def test_what_only_stands_today_has_no_past(tmp_path: Path, said: dict[str, Any]) -> None:
    github = _github()
    [outcome] = asked(github, tmp_path, _about(as_of=NOW - 30 * _DAY, **said))
    assert "earlier day" in failure(outcome).message
    assert github.asked == []


# Releases.


def _release(days_ago: float, **more: Any) -> dict[str, Any]:
    published = (NOW - days_ago * _DAY).isoformat()
    return {"published_at": published, "draft": False, "prerelease": False, **more}


_RELEASES = [
    _release(1),
    _release(2, prerelease=True),
    _release(0, draft=True, published_at=None),
    _release(6),
    _release(8),
]


@pytest.mark.parametrize(("which", "count"), [("stable", 2), ("all", 3)])
def test_releases_of_a_window(tmp_path: Path, which: str, count: int) -> None:
    github = _github(__releases=_paged(_RELEASES))
    asking = _about(releases=which, agg="count", on="published", window=_WEEK)
    [answer] = asked(github, tmp_path, asking)
    assert value(answer) == count


def test_releases_of_an_earlier_day(tmp_path: Path) -> None:
    github = _github(__releases=_paged(_RELEASES))
    asking = _about(releases="all", agg="count", as_of=NOW - 5 * _DAY)
    [answer] = asked(github, tmp_path, asking)
    assert value(answer) == 2


def test_no_releases_of_a_repository_that_is_there_are_0(tmp_path: Path) -> None:
    github = _github(__releases=_paged([]))
    [answer] = asked(github, tmp_path, _about(releases="all", agg="count"))
    assert value(answer) == 0


# Deployments.


def _deploys(*states: str) -> list[Deploy]:
    return [
        Deploy(
            NOW - (n + 1) * _DAY, [(s, NOW - n * _DAY - timedelta(hours=1)) for s in each.split()]
        )
        for n, each in enumerate(states)
    ]


_STATES = (
    "QUEUED IN_PROGRESS SUCCESS",
    "SUCCESS INACTIVE",
    "FAILURE SUCCESS",
    "IN_PROGRESS FAILURE",
    "ERROR INACTIVE",
    "PENDING",
    "SUCCESS",
)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"agg": "count"}, 4),
        ({"agg": "count", "outcome": "failure"}, 2),
        ({"agg": "count", "outcome": "any"}, 7),
    ],
)
def test_deployments_count_by_how_they_ended(
    tmp_path: Path, said: dict[str, Any], expected: int
) -> None:
    github = Github(deploys=_deploys(*_STATES))
    [answer] = asked(github, tmp_path, _about(deployments="production", **said))
    assert value(answer) == expected


def test_rates_of_deployments_leave_out_what_has_not_ended(tmp_path: Path) -> None:
    github = Github(deploys=_deploys(*_STATES))
    rates = [
        _about(deployments="production", measure=rate) for rate in ("failure_rate", "success_rate")
    ]
    bad, good = asked(github, tmp_path, *rates)
    assert isinstance(bad, Measurement)
    assert (bad.unit, bad.rows) == ("%", 6)
    assert [f"{rate:.2f}" for rate in (bad.value, value(good))] == ["33.33", "66.67"]
    assert len(github.asked) == 1


def test_an_environment_that_was_never_deployed_to_is_no_value(tmp_path: Path) -> None:
    github = Github(deploys=_deploys("SUCCESS"))
    [outcome] = asked(github, tmp_path, _about(deployments="prodution", agg="count"))
    assert isinstance(outcome, NoValue)


def test_deployments_of_a_hidden_repository_say_which_one(tmp_path: Path) -> None:
    one = question(agg="count", repo="acme/vault", deployments="production", on="created")
    [told] = asked(Github(), tmp_path, one)
    assert isinstance(told, Refused)
    assert told.message.startswith("acme/vault: not there")


def test_no_deployment_in_the_window_is_0_and_no_rate(tmp_path: Path) -> None:
    github = Github(deploys=[Deploy(NOW - 30 * _DAY, [("SUCCESS", NOW - 30 * _DAY)])])
    count, rate = asked(
        github,
        tmp_path,
        _about(deployments="production", agg="count", on="created", window=_WEEK),
        _about(deployments="production", measure="success_rate", on="created", window=_WEEK),
    )
    assert value(count) == 0
    assert isinstance(rate, NoValue)


def test_deployments_are_read_back_to_the_windows_start_only(tmp_path: Path) -> None:
    github = Github(deploys=_deploys(*["SUCCESS"] * 300))
    asking = _about(deployments="production", agg="count", on="created", window=_WEEK)
    [answer] = asked(github, tmp_path, asking)
    assert value(answer) == 7
    assert len(github.asked) == 1


def test_all_pages_of_deployments_are_read(tmp_path: Path) -> None:
    github = Github(deploys=_deploys(*["SUCCESS"] * 120))
    [answer] = asked(github, tmp_path, _about(deployments="production", agg="count"))
    assert value(answer) == 120


def test_a_deployment_had_not_ended_before_it_did(tmp_path: Path) -> None:
    start = NOW - 10 * _DAY
    github = Github(deploys=[Deploy(start, [("SUCCESS", start + 2 * _DAY)])])
    days = [_about(deployments="production", agg="count", as_of=start + n * _DAY) for n in (1, 3)]
    answers = asked(github, tmp_path, *days)
    assert [value(answer) for answer in answers] == [0, 1]


# Workflow runs.


class _Runs:
    """Runs by status, spread over 100 days; GitHub's totals end at 1,000."""

    def __init__(self, **counts: int) -> None:
        self._counts = counts
        self.asked: list[httpx.QueryParams] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        params = request.url.params
        self.asked.append(params)
        status = params.get("status", "")
        found = sum(
            self._within(params.get("created"), n, count)
            for name, count in self._counts.items()
            if status in ("", name)
            for n in range(count)
        )
        return httpx.Response(200, json={"total_count": min(found, 1000), "workflow_runs": []})

    def _within(self, span: str | None, n: int, count: int) -> bool:
        when = NOW - 100 * _DAY * (n + 0.5) / count
        if span is None:
            return True
        if span.startswith(">="):
            return when >= datetime.fromisoformat(span[2:])
        first, _, last = span.partition("..")
        return (
            datetime.fromisoformat(first)
            <= when
            < datetime.fromisoformat(last) + timedelta(seconds=1)
        )


def _with_runs(runs: _Runs) -> Github:
    return _github(**{"__actions__workflows__ci.yml__runs": runs})


def test_the_success_rate_of_a_workflow(tmp_path: Path) -> None:
    runs = _Runs(success=45, failure=12, timed_out=3, cancelled=40, skipped=7)
    [answer] = asked(
        _with_runs(runs), tmp_path, _about(workflow="ci.yml", measure="success_rate", branch="main")
    )
    assert isinstance(answer, Measurement)
    assert (value(answer), answer.unit, answer.rows) == (75, "%", 60)
    assert {params["branch"] for params in runs.asked} == {"main"}


def test_runs_past_a_thousand_are_counted_in_slices(tmp_path: Path) -> None:
    runs = _Runs(success=3210, failure=40)
    [answer] = asked(_with_runs(runs), tmp_path, _about(workflow="ci.yml", agg="count"))
    assert value(answer) == 3210


def test_runs_of_a_window(tmp_path: Path) -> None:
    runs = _Runs(success=200)
    asking = _about(workflow="ci.yml", agg="count", on="created", window=_WEEK)
    [answer] = asked(_with_runs(runs), tmp_path, asking)
    assert value(answer) == 14


def test_a_workflow_that_never_ran_has_no_rate(tmp_path: Path) -> None:
    [outcome] = asked(
        _with_runs(_Runs()), tmp_path, _about(workflow="ci.yml", measure="success_rate")
    )
    assert isinstance(outcome, NoValue)


def test_a_workflow_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    [outcome] = asked(_github(), tmp_path, _about(workflow="cd.yml", agg="count"))
    assert isinstance(outcome, Refused)
    assert "Not Found" in outcome.message


# Alerts.


def _alert(days_ago: float, severity: str = "high", **more: Any) -> dict[str, Any]:
    created = (NOW - days_ago * _DAY).isoformat()
    rule = {"severity": "warning", "security_severity_level": severity}
    dates = {"created_at": created, "fixed_at": None, "dismissed_at": None}
    return {**dates, "s": severity, "rule": rule, **more}


def _alerts(entries: Sequence[dict[str, Any]], size: int = 2) -> Answering:
    """By cursors, as Dependabot lists them. Code scanning knows no ``severity``."""

    def answer(request: httpx.Request) -> httpx.Response:
        knows = "dependabot" in request.url.path
        wanted = request.url.params.get("severity", "").split(",") if knows else [""]
        found = [one for one in entries if wanted == [""] or one["s"] in wanted]
        start = int(request.url.params.get("after", "0"))
        headers = {}
        if start + size < len(found):
            following = request.url.copy_merge_params({"after": str(start + size)})
            headers["link"] = f'<{following}>; rel="next"'
        return httpx.Response(200, json=found[start : start + size], headers=headers)

    return answer


@pytest.mark.parametrize("kind", ["dependabot", "code_scanning"])
def test_alerts_are_counted_over_all_pages(tmp_path: Path, kind: str) -> None:
    entries = [_alert(n, severity) for n, severity in enumerate(["high", "low", "critical"] * 3)]
    path = f"__{kind.replace('_', '-')}__alerts"
    github = _github(**{path: _alerts(entries)})
    everything, severe = asked(
        github,
        tmp_path,
        _about(agg="count", **{kind: "open"}),
        _about(agg="count", severity=("high", "critical"), **{kind: "open"}),
    )
    assert (value(everything), value(severe)) == (9, 6)


def test_the_age_of_alerts(tmp_path: Path) -> None:
    github = _github(__dependabot__alerts=_alerts([_alert(3), _alert(10)]))
    [answer] = asked(github, tmp_path, _about(dependabot="open", measure="age", agg="max"))
    assert isinstance(answer, Measurement)
    assert (value(answer), answer.unit) == (240, "h")


def test_alerts_of_all_repositories_of_an_owner(tmp_path: Path) -> None:
    github = Github(rest={"/orgs/acme/dependabot/alerts": _alerts([_alert(3)])})
    asking = question(dependabot="open")
    [answer] = asked(github, tmp_path, asking, scope="acme")
    assert isinstance(answer, Measurement)
    assert answer.evidence.link == "https://github.com/orgs/acme/security/alerts/dependabot"


def test_alerts_that_are_switched_off_are_an_error_in_githubs_words(tmp_path: Path) -> None:
    words = "Dependabot alerts are disabled for this repository."
    off: Answering = lambda _: httpx.Response(403, json={"message": words})  # noqa: E731
    github = _github(__dependabot__alerts=off)
    [outcome] = asked(github, tmp_path, _about(dependabot="open", agg="count"))
    assert isinstance(outcome, Refused)
    assert words in outcome.message


def test_a_list_of_alerts_without_an_end_is_no_value(tmp_path: Path) -> None:
    def round_and_round(request: httpx.Request) -> httpx.Response:
        link = f'<{request.url.copy_with(query=b"page=2")}>; rel="next"'
        return httpx.Response(200, json=[_alert(1)], headers={"link": link})

    github = _github(__dependabot__alerts=round_and_round)
    [outcome] = asked(github, tmp_path, _about(dependabot="open", agg="count"))
    assert "does not end" in failure(outcome).message
