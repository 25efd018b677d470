"""The first answer that an issue got from somebody else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from okrsync.contracts import Elapsed
from okrsync_jira.dates import read_moment
from okrsync_jira.issues import Issue
from okrsync_jira.messages import unexpected
from okrsync_jira.paging import Item, listed, whole
from okrsync_jira.site import Site

_A_PAGE = 100


def first_response(site: Site, issue: Issue, elapsed: Elapsed, as_of: datetime) -> timedelta | None:
    """From creation to the first comment of another person than who reported or created it.

    Comments of apps, and of agents among themselves, are no answer. None where there is none yet.
    """
    asked = {_who(issue.fields.get(role)) for role in ("reporter", "creator")}
    answers = (
        read_moment(comment.get("created"), "date of a comment")
        for comment in _comments(site, issue)
        if _answers(comment, asked)
    )
    first = min((moment for moment in answers if moment <= as_of), default=None)
    return None if first is None else elapsed(issue.created, max(issue.created, first))


def _comments(site: Site, issue: Issue) -> Iterator[Item]:
    """All comments; where the list beside the issue was cut, they are asked for by themselves."""
    beside = issue.fields.get("comment")
    if not isinstance(beside, dict):
        raise unexpected("list of comments")
    shown, total = listed(beside, "comments"), whole(beside, "total")
    if total <= len(shown):
        yield from shown
        return
    start = 0
    while True:
        page = site.client().comments(issue.id, start, _A_PAGE)
        yield from page
        start += len(page)
        if not page or start >= total:
            return


def _answers(comment: Item, asked: set[str]) -> bool:
    author = comment.get("author")
    who = _who(author)
    is_app = isinstance(author, dict) and author.get("accountType") == "app"
    return bool(who) and who not in asked and not is_app and comment.get("jsdPublic") is not False


def _who(person: Mapping[str, Any] | None) -> str:
    """An account's own id: accountId on Cloud, key or name on Data Center; empty for nobody."""
    if not isinstance(person, dict):
        return ""
    return str(person.get("accountId") or person.get("key") or person.get("name") or "")
