"""Issues as they are read: a page at a time, with their histories and comments where needed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from okrsync.errors import BadAnswer
from okrsync_jira.cycle import Life, Move, Status
from okrsync_jira.dates import read_moment
from okrsync_jira.messages import unexpected
from okrsync_jira.paging import Item, Seen, by_offset, by_token, listed, whole
from okrsync_jira.site import Site

IDS_A_PAGE = 5_000
_ISSUES_A_PAGE = 500
_HISTORIES_A_PAGE = 1_000
_ISSUES_A_PAGE_DC = 100


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one field."""

    at: datetime
    field: str
    old: Status
    new: Status
    order: int


@dataclass(frozen=True, slots=True)
class Issue:
    """``changes`` is None where histories were not asked for."""

    id: str
    fields: Mapping[str, Any]
    changes: tuple[Change, ...] | None = None

    def moment(self, name: str) -> datetime | None:
        """An instant among its fields; None for an empty one."""
        value = self.fields.get(name)
        return None if value is None else read_moment(value, f"`{name}`")

    @property
    def created(self) -> datetime:
        return read_moment(self.fields.get("created"), "`created`")

    @property
    def status(self) -> Status:
        status = self.fields.get("status")
        if not isinstance(status, dict) or not isinstance(status.get("id"), str | int):
            raise unexpected("`status`")
        return Status(str(status["id"]), str(status.get("name") or ""))

    def life(self) -> Life:
        moves = [
            Move(change.at, change.old, change.new, change.order)
            for change in self.changes or ()
            if change.field == "status"
        ]
        return Life.of(self.created, self.status, moves, self.moment("resolutiondate"))


def count_ids(site: Site, jql: str) -> int:
    """The exact count on Cloud: every id is read, 5,000 a page."""
    seen = Seen(site.settings.max_issues)
    body = {"jql": jql, "fields": ["id"], "maxResults": IDS_A_PAGE}
    for page in by_token(site, f"{site.api}/search/jql", body, items="issues"):
        seen.add(page)
    return len(seen)


def read_issues(
    site: Site, jql: str, fields: Sequence[str], histories_of: Mapping[str, str]
) -> Iterator[list[Issue]]:
    """Pages of issues, in the query's order; ``histories_of`` are names by ids of up to 10 fields.

    Raises ``BadAnswer`` rather than leaving an issue or a history out.
    """
    seen = Seen(site.settings.max_issues)
    for page in _pages(site, jql, fields, histories=bool(histories_of)):
        seen.add(page)
        yield _read(site, page, fields, histories_of)


def _pages(
    site: Site, jql: str, fields: Sequence[str], *, histories: bool
) -> Iterator[Sequence[Item]]:
    body: dict[str, object] = {"jql": jql, "fields": list(fields) or ["id"]}
    if site.cloud:
        body["maxResults"] = _ISSUES_A_PAGE
        return by_token(site, f"{site.api}/search/jql", body, items="issues")
    if histories:
        body["expand"] = ["changelog"]
    return by_offset(site, f"{site.api}/search", body, items="issues", size=_ISSUES_A_PAGE_DC)


def _read(
    site: Site, page: Sequence[Item], fields: Sequence[str], histories_of: Mapping[str, str]
) -> list[Issue]:
    changes: Mapping[str, Sequence[Change]] = {}
    if histories_of and page:
        read = _histories_in_bulk if site.cloud else _histories_beside
        changes = read(site, page, histories_of)
    return [
        Issue(
            str(item["id"]),
            _fields_of(item, fields),
            tuple(changes.get(str(item["id"]), ())) if histories_of else None,
        )
        for item in page
    ]


def _fields_of(item: Item, asked: Sequence[str]) -> Mapping[str, Any]:
    fields = item.get("fields")
    if isinstance(fields, dict):
        return fields
    if asked:
        raise unexpected("fields of an issue")
    return {}


def _histories_in_bulk(
    site: Site, page: Sequence[Item], fields: Mapping[str, str]
) -> dict[str, list[Change]]:
    """Cloud: the histories of up to 1,000 issues, those of one issue perhaps over several pages."""
    ids = [str(item["id"]) for item in page]
    body = {"issueIdsOrKeys": ids, "fieldIds": list(fields), "maxResults": _HISTORIES_A_PAGE}
    found: dict[str, list[Change]] = {id_: [] for id_ in ids}
    path = f"{site.api}/changelog/bulkfetch"
    for logs in by_token(site, path, body, items="issueChangeLogs"):
        for log in logs:
            id_ = str(log.get("issueId"))
            if id_ not in found:
                raise unexpected("issue id in a history")
            found[id_] += _changes(listed(log, "changeHistories"), fields)
    return found


def _histories_beside(
    site: Site, page: Sequence[Item], fields: Mapping[str, str]
) -> dict[str, list[Change]]:
    """Data Center: they come with the issues; what is cut there is read issue by issue."""
    return {str(item["id"]): list(_changes(_whole_history(site, item), fields)) for item in page}


def _whole_history(site: Site, item: Item) -> Sequence[Item]:
    histories = _histories_in(item)
    if histories is None:
        id_ = str(item["id"])
        histories = _histories_in(site.client().issue(id_, "status", expand="changelog"))
    if histories is None:
        raise BadAnswer(
            "Jira cuts the history of an issue short",
            next_step="ask Jira's admin how many changes its REST API shows",
        )
    return histories


def _histories_in(item: Item) -> Sequence[Item] | None:
    """None where Jira says that there are more than it shows."""
    log = item.get("changelog")
    if not isinstance(log, dict):
        raise unexpected("history of an issue")
    histories = listed(log, "histories")
    return histories if whole(log, "total") <= len(histories) else None


def _changes(histories: Sequence[Item], fields: Mapping[str, str]) -> Iterator[Change]:
    # Data Center's older histories name the field and not its id.
    ids = {name: id_ for id_, name in fields.items()}
    for history in histories:
        for item in listed(history, "items"):
            field = item.get("fieldId") or ids.get(str(item.get("field")))
            if field in fields:
                yield _change(history, item, str(field))


def _change(history: Item, item: Item, field: str) -> Change:
    number = str(history.get("id") or "")
    return Change(
        at=read_moment(history.get("created"), "date of a change"),
        field=field,
        old=Status(str(item.get("from") or ""), str(item.get("fromString") or "")),
        new=Status(str(item.get("to") or ""), str(item.get("toString") or "")),
        order=int(number) if number.isascii() and number.isdigit() else 0,
    )
