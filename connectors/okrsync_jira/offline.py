"""What can be told of a question to Jira without asking it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from okrsync.contracts import UndatedQuestion
from okrsync_jira.jql import JqlError, condition_of, host_of, is_link, split
from okrsync_jira.settings import JiraQuery, JiraSettings

MILESTONE_MEASURES: Final = ("progress", "done", "total")
BOARD_MEASURES: Final = ("velocity", "committed", "done", "predictability")


def check(settings: JiraSettings, query: JiraQuery) -> Iterator[tuple[str, str]]:
    """What can be seen offline: one subject, readable JQL, keys that belong together."""
    subjects = [
        key for key in ("jql", "epic", "version", "board") if getattr(query, key) is not None
    ]
    if len(subjects) != 1:
        yield "", "say exactly one of jql, epic, version and board"
    for key, needed in (("version", "project"), ("of", "jql"), ("sprints", "board")):
        if getattr(query, key) is not None and getattr(query, needed) is None:
            yield key, f"{key} needs {needed}"
    if query.project is not None and query.version is None:
        yield "project", "project belongs to version; in JQL write project = KEY"
    yield from _jql_problems(settings, query)


def _jql_problems(settings: JiraSettings, query: JiraQuery) -> Iterator[tuple[str, str]]:
    site = urlsplit(settings.site).hostname
    for key, text in (("jql", query.jql), ("of", query.of)):
        if text is None:
            continue
        if is_link(text) and host_of(text) != site:
            yield key, "this address is of another site than the source's"
        try:
            split(condition_of(text))
        except JqlError as problem:
            yield key, str(problem)


def check_asking(
    _: JiraSettings, question: UndatedQuestion[JiraQuery]
) -> Iterator[tuple[str, str]]:
    """Measures, dates and aggregations that do not go with what is asked about."""
    query = question.query
    if query.board is not None:
        yield from _about_a_board(question)
    elif query.epic is not None or query.version is not None:
        yield from _about_a_milestone(question)
    elif query.jql is not None:
        yield from _about_a_search(question)


def _about_a_search(question: UndatedQuestion[JiraQuery]) -> Iterator[tuple[str, str]]:
    query, measure = question.query, question.measure
    if measure is None and question.agg is None:
        yield "jql", 'a search gives issues, and no number: say agg = "count", or a measure and agg'
    if (measure == "share") is not (query.of is not None):
        yield "measure", 'measure = "share" and of go together'
    if (measure == "time_in_status") is not bool(query.statuses):
        yield "measure", 'measure = "time_in_status" and status go together'


def _about_a_milestone(question: UndatedQuestion[JiraQuery]) -> Iterator[tuple[str, str]]:
    if question.measure is not None and question.measure not in MILESTONE_MEASURES:
        yield "measure", f"of an epic or a version: {', '.join(MILESTONE_MEASURES)}"
    if question.agg is not None:
        yield "agg", "an epic or a version is one thing: there is nothing to aggregate"
    if question.on is not None:
        yield "on", "an epic or a version is looked at as it is now: take on and window out"


def _about_a_board(question: UndatedQuestion[JiraQuery]) -> Iterator[tuple[str, str]]:
    if question.measure not in BOARD_MEASURES:
        yield "measure", f"of a board: {', '.join(BOARD_MEASURES)}"
    if question.on not in {None, "completed"}:
        yield "on", 'sprints have one date that a window can read: on = "completed"'
