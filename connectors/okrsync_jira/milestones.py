"""Epics and versions: how much of them is done, exactly, and the dates that Jira keeps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from okrsync.errors import BadAnswer, NoValue, Refused, SourceError
from okrsync.model import Measurement
from okrsync_jira.asked import Asker, JiraQuestion
from okrsync_jira.cycle import Status
from okrsync_jira.issues import Issue, read_issues
from okrsync_jira.jql import quoted
from okrsync_jira.messages import unexpected
from okrsync_jira.site import Site
from okrsync_jira.statuses import DONE

MEASURES = frozenset({None, "progress", "done", "total"})
_FIELDS = "summary,status,duedate,resolutiondate"


@dataclass(frozen=True, slots=True)
class Milestone:
    """``reached`` is the source's own word for it, whatever is still open inside."""

    called: str
    inside: str
    reached: bool
    alone: bool
    due: date | None = None
    done_on: date | None = None


def measured(asker: Asker, question: JiraQuestion) -> Measurement:
    """Raises ``OutsideError`` where it cannot be told."""
    _refuse(asker, question)
    site, query = asker.site, question.query
    found = _epic(asker, query.epic) if query.epic is not None else _version(asker, question)
    done, total = _inside(site, found.inside)
    value, unit = _value(question.measure, found, done, total)
    finished = unit == "%" and value == 100  # noqa: PLR2004  percent
    return Measurement(
        value=value,
        unit=unit,
        as_of=question.as_of,
        rows=max(total, 1) if found.alone else total,
        evidence=asker.evidence(
            question,
            f"{question.measure or 'progress'} of {found.called}: {found.inside}",
            found.inside,
            _notes(found, done, total),
        ),
        due=found.due,
        done_on=found.done_on if finished else None,
    )


def _refuse(asker: Asker, question: JiraQuestion) -> None:
    if question.measure not in MEASURES:
        raise SourceError(
            f"an epic or a version has no measure {question.measure!r}",
            next_step='say measure = "progress", "done" or "total"',
        )
    if question.agg is not None or question.on is not None:
        raise SourceError(
            "an epic or a version is one thing: there is nothing to aggregate",
            next_step="take agg, on and window out",
        )
    if question.is_past(asker.now):
        raise SourceError(
            "Jira does not say what belonged to an epic or a version on an earlier day",
            next_step="leave out backfill for it",
        )


def _epic(asker: Asker, key: str) -> Milestone:
    site = asker.site
    told = site.client().issue(key, _FIELDS)
    fields = told.get("fields")
    if not isinstance(fields, dict):
        raise unexpected("fields of an issue")
    issue = Issue(str(told.get("id")), fields)
    closed = issue.moment("resolutiondate")
    parent = "parent" if site.cloud else '"Epic Link"'
    return Milestone(
        called=str(told.get("key") or key),
        inside=f"{parent} = {quoted(key)}",
        reached=site.statuses.category(issue.status) == DONE,
        alone=True,
        due=_day(fields.get("duedate"), "`duedate`"),
        done_on=None if closed is None else closed.astimezone(asker.toolbox.zone).date(),
    )


def _version(asker: Asker, question: JiraQuestion) -> Milestone:
    project, name = question.query.project or "", question.query.version or ""
    versions = [each for each in asker.site.client().versions(project) if each.get("name") == name]
    if not versions:
        raise Refused(
            f"project {project} shows this account no version {name!r}",
            next_step="write the name as the project's releases show it",
        )
    version = versions[0]
    released, id_ = version.get("released"), str(version.get("id"))
    if not isinstance(released, bool) or not id_.isdigit():
        raise unexpected("version")
    day = _day(version.get("releaseDate"), "`releaseDate`")
    return Milestone(
        called=f"version {name} of {project}",
        inside=f"fixVersion = {id_}",
        reached=released,
        alone=False,
        due=day,
        done_on=day if released else None,
    )


def _inside(site: Site, jql: str) -> tuple[int, int]:
    """How many issues are done, and how many there are."""
    done = total = 0
    for page in read_issues(site, jql, ["status"], {}):
        total += len(page)
        done += sum(_category(site, issue.status) == DONE for issue in page)
    return done, total


def _category(site: Site, status: Status) -> str:
    category = site.statuses.category(status)
    if category is None:
        raise BadAnswer(
            "an issue has a status that Jira's list of statuses does not show",
            next_step="run again later: okrsync sync",
        )
    return category


def _value(measure: str | None, found: Milestone, done: int, total: int) -> tuple[Decimal, str]:
    if measure == "done":
        return Decimal(done), ""
    if measure == "total":
        return Decimal(total), ""
    if found.reached:
        return Decimal(100), "%"
    if total:
        return Decimal(100 * done) / Decimal(total), "%"
    if found.alone:
        return Decimal(0), "%"
    raise NoValue(
        f"{found.called} has no issues, so no share of it is done",
        next_step="look whether the issues have their fix version yet",
    )


def _notes(found: Milestone, done: int, total: int) -> tuple[str, ...]:
    notes = [f"{done} of {total} issues done"]
    if found.reached and done < total:
        notes.append("closed with open issues inside")
    return tuple(notes)


def _day(value: Any, what: str) -> date | None:
    if value is None:
        return None
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise unexpected(what) from None
