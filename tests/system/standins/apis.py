"""Services that a generic HTTP store talks to, as their documents describe them, each small.

All of them keep numbers as binary floats, and ``entries`` in the order in which they were written;
``person`` writes or overwrites as somebody in the service itself would.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

from tests.system.standins.serving import Asked, Reply
from tests.system.standins.stores import LEAD, OKRSYNC, Clock, StoreStandIn, key_in

BOT: Final = "okrsync bot"


@dataclass
class Entry:
    ref: str
    number: int
    value: float
    author: str
    at: datetime
    said: dict[str, Any] = field(default_factory=dict)


class Api(StoreStandIn):
    """What they share; ``token`` is the authorization that is asked for."""

    token = "Bearer okr-token-4711"

    def __init__(self, ids: Sequence[str], clock: Clock) -> None:
        super().__init__(clock)
        self.ids = list(ids)
        self.entries: list[Entry] = []

    def answer_to(self, asked: Asked) -> Reply:
        raise NotImplementedError

    def respond(self, asked: Asked) -> Reply:
        if self.token and asked.headers.get("authorization") != self.token:
            return Reply({"error": "unauthorized"}, 401)
        return self.answer_to(asked)

    def person(self, ref: str, value: float, *, text: str = "") -> None:
        self.add(ref, float(value), LEAD, {"comment": text} if text else {})

    def shown(self, ref: str) -> Decimal | None:
        entry = self.newest(ref)
        return None if entry is None else Decimal(repr(entry.value))

    def add(self, ref: str, value: Any, author: str, said: dict[str, Any]) -> Entry:
        assert isinstance(value, int | float), "a number that is sent as text"
        made = Entry(ref, self.number(), float(value), author, self.now(), said)
        self.entries.append(made)
        by = OKRSYNC if author == BOT else author
        self.note(ref, made.value, by, key=_key(said), at=made.at)
        return made

    def of(self, ref: str) -> list[Entry]:
        return [entry for entry in self.entries if entry.ref == ref]

    def newest(self, ref: str) -> Entry | None:
        written = self.of(ref)
        return written[-1] if written else None


class HomeGrown(Api):
    """Appends, and takes the same Idempotency-Key once."""

    def __init__(self, ids: Sequence[str], clock: Clock) -> None:
        super().__init__(ids, clock)
        self._known: dict[str, int] = {}

    def answer_to(self, asked: Asked) -> Reply:
        if asked.path == "/key-results":
            listed = [{"id": id_, "name": f"Title of {id_}", "target": 100} for id_ in self.ids]
            return Reply({"key_results": listed})
        ref = asked.path.split("/")[2]
        if ref not in self.ids:
            return Reply({"error": "not found"}, 404)
        if asked.method == "GET":
            return Reply({"check_ins": [self._shown(entry) for entry in self.of(ref)]})
        key = asked.headers["idempotency-key"]
        if key not in self._known:
            self._known[key] = self.add(ref, asked.body["value"], BOT, asked.body).number
        return Reply({"id": self._known[key]}, 201)

    def _shown(self, entry: Entry) -> dict[str, Any]:
        said = {name: entry.said.get(name) for name in ("comment", "status", "confidence")}
        own = {"id": entry.number, "value": entry.value, "author": entry.author}
        return {**said, **own, "created": entry.at.isoformat()}


class Tability(Api):
    token = "API okr-token-4711"

    def answer_to(self, asked: Asked) -> Reply:
        ref = asked.path.split("/")[4]
        if ref not in self.ids:
            return Reply({"error": "not found"}, 404)
        if asked.method == "GET":
            return Reply({"data": [self._shown(entry) for entry in self.of(ref)[::-1]]})
        body = asked.body["checkin"]
        if body.get("confidence", "green") not in {"red", "yellow", "green"}:
            return Reply({"error": "confidence"}, 422)
        datetime.fromisoformat(body["checkin_date"])
        made = self.add(ref, body["score"], BOT, body)
        return Reply({"data": {"id": made.number}})

    def _shown(self, entry: Entry) -> dict[str, Any]:
        said = {name: entry.said.get(name) for name in ("body", "confidence")}
        return {"id": entry.number, "score": entry.value, **said}


class Perdoo(Api):
    """GraphQL: what it refuses is answered with 200, and a number is all that it keeps."""

    def writes(self, asked: Asked) -> bool:
        return str(asked.body["query"]).startswith("mutation")

    def answer_to(self, asked: Asked) -> Reply:
        variables = asked.body["variables"]
        ref = variables["input"]["id"] if self.writes(asked) else variables["id"]
        if ref not in self.ids:
            return Reply({"data": None, "errors": [{"message": "no such result"}]})
        if self.writes(asked):
            self.add(ref, variables["input"]["currentValue"], BOT, {})
            return Reply({"data": {"upsertKeyResult": {"errors": []}}})
        entry = self.newest(ref)
        shown: dict[str, Any] = {"name": f"Title of {ref}", "currentValue": None}
        if entry is not None:
            edited = {"lastEditedDate": entry.at.isoformat(), "lastEditedBy": entry.author}
            shown |= {"currentValue": entry.value, **edited}
        return Reply({"data": {"result": shown}})


class Quantive(Api):
    def answer_to(self, asked: Asked) -> Reply:
        assert asked.headers["gtmhub-accountid"]
        if asked.path == "/metrics":
            return Reply({"items": [{"id": i, "name": f"Title of {i}"} for i in self.ids]})
        ref = asked.path.split("/")[2]
        if ref not in self.ids:
            return Reply({"error": "not found"}, 404)
        if asked.method == "GET":
            return Reply({"items": [self._shown(entry) for entry in self.of(ref)]})
        body = asked.body
        assert datetime.fromisoformat(body["checkInDate"]).tzinfo is not None
        if not 0 <= body.get("confidence", 0) <= 1:
            return Reply({"error": "confidence"}, 400)
        self.add(ref, body["actual"], BOT, body)
        return Reply({})

    def _shown(self, entry: Entry) -> dict[str, Any]:
        said = {name: entry.said.get(name) for name in ("comment", "confidence")}
        return {"id": str(entry.number), "actual": entry.value, **said}


class Profit(Api):
    """Keys in the body, dates in the account's own form, and nothing to read again."""

    token = ""

    def answer_to(self, asked: Asked) -> Reply:
        body = dict(asked.body)
        if (body.pop("apiKey"), body.pop("accessKey")) != ("api-secret-4711", "access-secret-4711"):
            return Reply({"error": "unauthorized"}, 401)
        datetime.strptime(body["actualUpdateDate"], "%d/%m/%Y").replace(tzinfo=UTC)
        ref = f"{body['objectiveId']}/{body['keyResultId']}"
        if ref not in self.ids or body["statusId"] not in range(1, 7):
            return Reply({"error": "bad request"}, 400)
        self.add(ref, body["value"], BOT, body)
        return Reply({"status": "success"})


class Notion(Api):
    """A page for each key result, listed two at a time; a person's number leaves our text."""

    def __init__(self, ids: Sequence[str], clock: Clock) -> None:
        super().__init__(ids, clock)
        self._texts: dict[str, Any] = {}

    def writes(self, asked: Asked) -> bool:
        return asked.method == "PATCH"

    def answer_to(self, asked: Asked) -> Reply:
        assert asked.headers["notion-version"] == "2022-06-28"
        if asked.path.endswith("/query"):
            start = int(asked.body.get("start_cursor", 0))
            more = str(start + 1) if start + 1 < len(self.ids) else None
            page = [self._page(id_) for id_ in self.ids[start : start + 1]]
            return Reply({"results": page, "next_cursor": more, "has_more": more is not None})
        ref = asked.path.split("/")[2]
        if ref not in self.ids:
            return Reply({"code": "object_not_found"}, 404)
        if asked.method == "PATCH":
            properties = asked.body["properties"]
            if properties.get("Status", {"select": {"name": "x"}})["select"].get("name") is None:
                return Reply({"code": "validation_error"}, 400)
            text = properties["okrsync"]["rich_text"][0]["text"]["content"]
            self._texts[ref] = text
            self.add(ref, properties["Current"]["number"], BOT, {"okrsync": text, **properties})
        return Reply(self._page(ref))

    def _page(self, ref: str) -> dict[str, Any]:
        entry, text = self.newest(ref), self._texts.get(ref)
        return {
            "id": ref,
            "last_edited_time": None if entry is None else entry.at.isoformat(),
            "properties": {
                "Name": {"title": [{"plain_text": f"Title of {ref}"}]},
                "Current": {"number": None if entry is None else entry.value},
                "Status": {"select": None},
                "okrsync": {"rich_text": [{"plain_text": text}] if text else []},
            },
        }


class Airtable(Api):
    """Rows of a table, one a page; an upsert makes the row that it does not find."""

    def __init__(self, ids: Sequence[str], clock: Clock) -> None:
        super().__init__(ids, clock)
        self.rows: list[dict[str, Any]] = [{"Id": i, "Name": f"Title of {i}"} for i in ids]

    def person(self, ref: str, value: float, *, text: str = "") -> None:
        super().person(ref, value, text=text)
        next(row for row in self.rows if row["Id"] == ref)["Current"] = float(value)

    def answer_to(self, asked: Asked) -> Reply:
        if asked.path != "/appAcmeOkrs/Key%20results":
            return Reply({"error": "NOT_FOUND"}, 404)
        if asked.method == "GET":
            start = int(asked.params.get("offset", 0))
            page = [{"id": f"rec{start}", "fields": row} for row in self.rows[start : start + 1]]
            more = {"offset": str(start + 1)} if start + 1 < len(self.rows) else {}
            return Reply({"records": page, **more})
        assert asked.body["performUpsert"] == {"fieldsToMergeOn": ["Id"]}
        fields = asked.body["records"][0]["fields"]
        found = [row for row in self.rows if row["Id"] == fields["Id"]]
        if len(found) > 1:
            return Reply({"error": {"type": "INVALID_RECORDS"}}, 422)
        if not found:
            self.rows.append({})
        (found or self.rows[-1:])[0].update(fields)
        self.add(fields["Id"], fields["Current"], BOT, fields)
        return Reply({"records": [], "updatedRecords": []})


def _key(said: dict[str, Any]) -> str | None:
    """Of a signed text, or of a field with the mark alone."""
    texts = [said.get("comment"), said.get("body"), f"okrsync {said.get('okrsync', '')}"]
    return next(filter(None, (key_in(str(text)) for text in texts)), None)
