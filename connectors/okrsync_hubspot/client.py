"""HubSpot's requests, and what makes an answer one that can be counted on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from okrsync.errors import BadAnswer
from okrsync_hubspot.groups import Filter, Groups, body_of, with_all
from okrsync_hubspot.labels import Pipeline
from okrsync_hubspot.properties import ID, Property

if TYPE_CHECKING:
    from okrsync.http import Answer, Door

PAGE: Final = 200
ARCHIVED_PAGE: Final = 100
OWNERS_PAGE: Final = 500
WALL: Final = 10_000
_LONGEST_BODY: Final = 3_000  # characters of a search request

Record = Mapping[str, str]
"""A record's properties as texts; one without a value is ""."""


class HubSpot:
    """The requests of one account; safe to share by threads."""

    def __init__(self, door: Door) -> None:
        self._door = door

    @property
    def requests(self) -> int:
        return self._door.requests

    def account(self) -> Answer:
        return self._door.get("/account-info/v3/details")

    def properties(self, object_: str) -> dict[str, Property]:
        """All properties of an object by their names."""
        answer = self._door.get(f"/crm/v3/properties/{object_}")
        return {found.name: found for found in map(_property, _results(answer))}

    def pipelines(self, object_: str) -> tuple[Pipeline, ...]:
        answer = self._door.get(f"/crm/v3/pipelines/{object_}")
        return tuple(map(_pipeline, _results(answer)))

    def owners(self) -> dict[str, str]:
        """Email addresses by owner id, those of people who have left included."""
        found: dict[str, str] = {}
        for archived in ("true", "false"):
            params: dict[str, str | int] = {"limit": OWNERS_PAGE, "archived": archived}
            for owner in self._listed("/crm/v3/owners", params):
                found[_text(owner, "id")] = str(owner.get("email") or "")
        return found

    def count(self, object_: str, groups: Groups) -> int:
        """How many records there are."""
        total, _ = self._search(object_, groups, (ID,), limit=1)
        if total != WALL:
            return total
        # The number at which HubSpot stops handing out records may also be where it stopped
        # counting: then only the records themselves say how many there are.
        return sum(len(page) for page in self.pages(object_, groups, (ID,)))

    def pages(
        self, object_: str, groups: Groups, properties: Sequence[str]
    ) -> Iterator[Sequence[Record]]:
        """All records in pages, each page asked for by the last id of the one before.

        So there is no wall at 10,000 records, and one that is changed or deleted meanwhile shifts
        none of the others. Raises BadAnswer for a page that is not whole.
        """
        last, left = 0, PAGE + 1
        while left > PAGE:
            later = Filter(ID, "GT", (str(last),))
            narrowed = with_all(groups, (later,)) if last else groups
            left, records = self._search(object_, narrowed, (ID, *properties), limit=PAGE)
            ids = [_id(record) for record in records]
            if any(one >= other for one, other in zip([last, *ids], ids, strict=False)):
                raise BadAnswer(
                    "HubSpot's pages repeat records, or are not in the order of their ids",
                    next_step="run again later: okrsync sync",
                )
            if ids:
                last = ids[-1]
                yield records

    def archived(self, object_: str, properties: Sequence[str]) -> Iterator[Sequence[Record]]:
        """All deleted records that can still be restored, in pages."""
        params: dict[str, str | int] = {
            "archived": "true",
            "limit": ARCHIVED_PAGE,
            "properties": ",".join((ID, *properties)),
        }
        page: list[Record] = []
        for result in self._listed(f"/crm/v3/objects/{object_}", params):
            page.append(_record(result))
            if len(page) == ARCHIVED_PAGE:
                yield page
                page = []
        if page:
            yield page

    def _search(
        self, object_: str, groups: Groups, properties: Sequence[str], *, limit: int
    ) -> tuple[int, list[Record]]:
        body = {
            "filterGroups": body_of(groups),
            "sorts": [{"propertyName": ID, "direction": "ASCENDING"}],
            "properties": list(dict.fromkeys(properties)),
            "limit": limit,
        }
        answer = self._door.post(f"/crm/v3/objects/{object_}/search", json=body, safe=True)
        total, results = _total(answer), _results(answer)
        if len(results) != min(total, limit):
            raise BadAnswer(
                f"HubSpot says that {total} records match and sends {len(results)} of up to "
                f"{limit}",
                next_step="run again later: okrsync sync",
            )
        return total, [_record(result) for result in results]

    def _listed(self, url: str, params: Mapping[str, str | int]) -> Iterator[Mapping[str, Any]]:
        """Everything of a list with cursors."""
        seen: set[str] = set()
        cursor: str | None = None
        while True:
            more = {} if cursor is None else {"after": cursor}
            answer = self._door.get(url, params={**params, **more})
            yield from _results(answer)
            cursor = _next(answer)
            if cursor is None:
                return
            if cursor in seen:
                raise BadAnswer("HubSpot's pages lead back to one that was already read")
            seen.add(cursor)


def too_long(groups: Groups) -> bool:
    """Whether a search would be longer than HubSpot reads."""
    import json

    return len(json.dumps(body_of(groups))) > _LONGEST_BODY - 500  # the rest of the body


def _results(answer: Answer) -> list[Mapping[str, Any]]:
    data = answer.json()
    results = data.get("results") if isinstance(data, dict) else None
    if not isinstance(results, list) or not all(isinstance(one, dict) for one in results):
        raise BadAnswer(
            "HubSpot's answer has no list of results", next_step="run again later: okrsync sync"
        )
    return results


def _total(answer: Answer) -> int:
    data = answer.json()
    total = data.get("total") if isinstance(data, dict) else None
    if not isinstance(total, int) or isinstance(total, bool) or total < 0:
        raise BadAnswer(
            "HubSpot's answer does not say how many records match",
            next_step="run again later: okrsync sync",
        )
    return total


def _next(answer: Answer) -> str | None:
    paging = answer.json().get("paging") or {}
    after = (paging.get("next") or {}).get("after") if isinstance(paging, dict) else None
    return None if after is None else str(after)


def _record(result: Mapping[str, Any]) -> Record:
    properties = result.get("properties")
    if not isinstance(properties, dict):
        raise BadAnswer("a record of HubSpot's answer has no properties")
    record = {name: "" if value is None else str(value) for name, value in properties.items()}
    return {**record, ID: _text(result, "id")}


def _id(record: Record) -> int:
    if not record[ID].isdecimal():
        raise BadAnswer("a record of HubSpot's answer has no number as its id")
    return int(record[ID])


def _text(result: Mapping[str, Any], key: str) -> str:
    value = result.get(key)
    if value is None or isinstance(value, dict | list | bool):
        raise BadAnswer(f"HubSpot's answer leaves out `{key}`")
    return str(value)


def _property(result: Mapping[str, Any]) -> Property:
    options = result.get("options")
    values = {
        str(option.get("value")): str(option.get("label"))
        for option in (options if isinstance(options, list) else ())
        if isinstance(option, dict)
    }
    return Property(
        name=_text(result, "name"),
        type=_text(result, "type"),
        many=result.get("fieldType") == "checkbox",
        # the options of these change with every colleague and every business unit
        options=None if result.get("externalOptions") else values or None,
    )


def _pipeline(result: Mapping[str, Any]) -> Pipeline:
    stages = result.get("stages")
    if not isinstance(stages, list):
        raise BadAnswer("a pipeline of HubSpot's answer has no stages")
    labels = {_text(stage, "id"): _text(stage, "label") for stage in stages}
    return Pipeline(_text(result, "id"), _text(result, "label"), labels)
