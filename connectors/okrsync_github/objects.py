"""What a repository or an owner has beside issues, as records or as single numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from okrsync.contracts import Elapsed
from okrsync.errors import NoValue, SourceError
from okrsync.model import Measurement
from okrsync_github.account import Account, GithubQuestion
from okrsync_github.addresses import page_link
from okrsync_github.answers import instant, instant_or_none, table, text, whole_number
from okrsync_github.dating import GITHUBS_FIRST_DAY, span_of
from okrsync_github.deployments import HEADER as DEPLOYMENT_COLUMNS
from okrsync_github.deployments import deployments
from okrsync_github.listed import Listing
from okrsync_github.searched import releases

_ALERT_COLUMNS = ("created", "fixed", "dismissed", "age")


def released(account: Account, question: GithubQuestion) -> Listing:
    query, repo = question.query, account.repo(question.query)
    account.rest.repository(repo)
    published = releases(account, repo, query.releases, question.as_of)
    return Listing(
        ("published",),
        ([when.isoformat()] for when in published),
        f"{query.releases} releases of {repo}",
        page_link(account.web, query, repo),
    )


def deployed(account: Account, question: GithubQuestion) -> Listing:
    query, repo = question.query, account.repo(question.query)
    environment = query.deployments or ""
    since = span_of(question.window, None).first or GITHUBS_FIRST_DAY
    found = deployments(account.graph, repo, environment, since=since, until=question.as_of)
    return Listing(
        DEPLOYMENT_COLUMNS,
        ([one.created.isoformat(), one.outcome] for one in found),
        f"deployments of {repo} to {environment}"
        + ("" if query.outcome == "any" or question.measure else f", {query.outcome} only"),
        page_link(account.web, query, repo),
    )


def alerted(account: Account, question: GithubQuestion) -> Listing:
    """Alerts in their state of today: for the past only those in any state have an answer."""
    query, place = question.query, account.place(question.query)
    state = query.dependabot or query.code_scanning or ""
    if account.past(question) is not None and not (state == "any" and question.on == "created"):
        raise _only_today("alerts in a state")
    kind = query.subject.replace("_", "-")
    elapsed = account.elapsed
    severities = f" of severity {', '.join(query.severity)}" if query.severity else ""
    return Listing(
        _ALERT_COLUMNS,
        (
            _alert_row(alert, question.as_of, elapsed)
            for alert in account.rest.alerts(
                place, kind, _alert_params(kind, state, query.severity)
            )
            if kind == "dependabot" or _severe(alert, query.severity)
        ),
        f"{state} {kind} alerts of {place}{severities}",
        page_link(account.web, query, place),
        frozenset({"age"}),
    )


def _alert_params(kind: str, state: str, severity: Sequence[str]) -> dict[str, str]:
    """A repository's code scanning knows no ``severity``: those alerts are sorted out here."""
    asked = {} if state == "any" else {"state": state}
    if kind == "dependabot" and severity:
        asked["severity"] = ",".join(dict.fromkeys(severity))
    return asked


def _severe(alert: Mapping[str, Any], wanted: Sequence[str]) -> bool:
    """A rule has a severity of its own, and one for security where it is about that."""
    rule = table(alert.get("rule"), "rule")
    return not wanted or not {rule.get("severity"), rule.get("security_severity_level")}.isdisjoint(
        wanted
    )


def _alert_row(alert: Mapping[str, Any], until: datetime, elapsed: Elapsed) -> list[str]:
    created = instant(alert.get("created_at"), "created_at")
    fixed = instant_or_none(alert.get("fixed_at"), "fixed_at")
    dismissed = instant_or_none(alert.get("dismissed_at"), "dismissed_at")
    ended = [when for when in (fixed, dismissed) if when is not None]
    age = elapsed(created, max(created, min([*ended, until])))
    dates = ("" if when is None else when.isoformat() for when in (created, fixed, dismissed))
    return [*dates, str(int(age.total_seconds()))]


def starred(account: Account, question: GithubQuestion) -> Measurement:
    query, repo = question.query, account.repo(question.query)
    if account.past(question) is not None:
        raise _only_today("stars, which may be taken back,")
    found = account.rest.repository(repo)
    stars = whole_number(found.get("stargazers_count"), "stargazers_count")
    link = page_link(account.web, query, repo)
    return account.measurement(
        question, Decimal(stars), rows=stars, query=f"stars of {repo}", link=link
    )


def milestone(account: Account, question: GithubQuestion) -> Measurement:
    """The share of a milestone's issues and pull requests that is closed, in "%"."""
    query, repo = question.query, account.repo(question.query)
    if account.past(question) is not None:
        raise _only_today("a milestone's share")
    found = _the_milestone(account, repo, query.milestone)
    left = whole_number(found.get("open_issues"), "open_issues")
    done = whole_number(found.get("closed_issues"), "closed_issues")
    if not left + done:
        raise NoValue(
            "the milestone holds no issue, so no share of it is done",
            next_step="put its issues into the milestone on GitHub",
        )
    due = instant_or_none(found.get("due_on"), "due_on")
    closed = instant_or_none(found.get("closed_at"), "closed_at")
    number = whole_number(found.get("number"), "number")
    measured = account.measurement(
        question,
        Decimal(100 * done) / (left + done),
        unit="%",
        rows=left + done,
        query=f"milestone {text(found.get('title'), 'title')} of {repo}",
        link=page_link(account.web, query, repo, number),
        notes=(f"{done} of {left + done} closed",)
        + ((f"the milestone is closed, with {left} open",) if closed and left else ()),
    )
    # GitHub keeps a due day as some hour of that day in UTC; a closing is an instant.
    return replace(
        measured,
        due=None if due is None else due.astimezone(UTC).date(),
        done_on=None if closed is None or left else closed.astimezone(account.zone).date(),
    )


def _the_milestone(account: Account, repo: str, wanted: int | str | None) -> Mapping[str, Any]:
    account.rest.repository(repo)
    key = "number" if isinstance(wanted, int) else "title"
    found = [one for one in account.rest.milestones(repo) if one.get(key) == wanted]
    if len(found) == 1:
        return found[0]
    if not found:
        raise SourceError(
            f"{repo} has no milestone with this {key}",
            next_step="write its title as GitHub shows it, or its number",
        )
    numbers = " and ".join(str(one.get("number")) for one in found)
    raise SourceError(
        f"{repo} has {len(found)} milestones of this title",
        next_step=f"write the number instead: {numbers}",
    )


def _only_today(what: str) -> SourceError:
    return SourceError(
        f"GitHub cannot say how many {what} there were on an earlier day",
        next_step="history for it begins with the first sync",
    )
