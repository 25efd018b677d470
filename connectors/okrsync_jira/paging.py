"""All pages of a list, or an error: never a part of it for the whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from okrsync.errors import BadAnswer
from okrsync_jira.messages import unexpected
from okrsync_jira.site import Site

Item = Mapping[str, Any]

_AGAIN = "run again later: okrsync sync"


class Seen:
    """The ids that have come so far."""

    def __init__(self, most: int) -> None:
        self._ids: set[int] = set()
        self._most = most

    def __len__(self) -> int:
        return len(self._ids)

    def add(self, issues: Sequence[Item]) -> None:
        """Raises ``BadAnswer`` for an issue without an id, one that came before, and too many."""
        ids = [_number(issue.get("id")) for issue in issues]
        before = len(self._ids)
        self._ids.update(ids)
        if len(self._ids) != before + len(ids):
            raise BadAnswer("Jira's list changed while it was read", next_step=_AGAIN)
        if len(self._ids) > self._most:
            raise BadAnswer(
                f"more than {self._most:,} issues match",
                next_step="narrow the JQL, or raise max_issues in this source",
            )


def by_token(
    site: Site, path: str, body: Mapping[str, object], *, items: str
) -> Iterator[Sequence[Item]]:
    """Pages that are asked for by the token of the one before: Jira Cloud.

    Raises ``BadAnswer`` for a token that came before, for a page with a token and without items,
    and for a page that says there is more and not where.
    """
    token: str | None = None
    used: set[str] = set()
    while True:
        answer = site.post(path, body if token is None else {**body, "nextPageToken": token})
        page = listed(answer, items)
        token = _next_token(answer)
        if token is not None and (token in used or not page):
            raise BadAnswer("Jira's list does not come to an end", next_step=_AGAIN)
        yield page
        if token is None:
            return
        used.add(token)


def by_offset(
    site: Site, path: str, body: Mapping[str, object], *, items: str, size: int
) -> Iterator[Sequence[Item]]:
    """Pages that are asked for by their first place: Data Center. The total may not change."""
    start, total = 0, None
    while total is None or start < total:
        answer = site.post(path, {**body, "startAt": start, "maxResults": size})
        said = whole(answer, "total")
        page = listed(answer, items)
        if (total is not None and said != total) or whole(answer, "startAt") != start:
            raise BadAnswer("Jira's list changed while it was read", next_step=_AGAIN)
        if not page and start < said:
            raise BadAnswer("Jira's list ended before its own total", next_step=_AGAIN)
        total = said
        start += len(page)
        yield page
    if start != total:
        raise BadAnswer("Jira listed more than its own total", next_step=_AGAIN)


def whole(answer: Mapping[str, Any], name: str) -> int:
    """A count in an answer; missing, negative or of another type it is no count."""
    value = answer.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise unexpected(f"`{name}`")
    return value


def listed(answer: Mapping[str, Any], name: str) -> Sequence[Item]:
    items = answer.get(name)
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise unexpected(f"list of `{name}`")
    return items


def _next_token(answer: Mapping[str, Any]) -> str | None:
    token, last = answer.get("nextPageToken"), answer.get("isLast")
    if last is True or (last is None and token is None):
        return None
    if not isinstance(token, str) or not token:
        raise BadAnswer("Jira says that its list goes on, and not where", next_step=_AGAIN)
    return token


def _number(id_: object) -> int:
    if isinstance(id_, str | int) and str(id_).isascii() and str(id_).isdigit():
        return int(id_)
    raise unexpected("issue id")
