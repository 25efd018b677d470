"""A stand-in for Jira that keeps state: issues are made, moved and commented, queries follow.

``Jira.answer`` is the whole of it; ``transport`` puts it behind httpx, ``serving`` behind a real
port of the loopback address.
"""

from __future__ import annotations

import json
import re
import threading
import time
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

from tests.standins.jira_jql import Bad, Query

Json = dict[str, Any]
Reply = tuple[int, dict[str, str], bytes]

POINTS, SPRINT = "customfield_10016", "customfield_10020"
CATEGORIES = {"new": (2, "To Do"), "indeterminate": (4, "In Progress"), "done": (3, "Done")}


@dataclass(frozen=True)
class State:
    id: str
    name: str
    category: str

    @property
    def category_name(self) -> str:
        return CATEGORIES[self.category][1]

    def json(self) -> Json:
        number, name = CATEGORIES[self.category]
        category = {"id": number, "key": self.category, "name": name}
        return {"id": self.id, "name": self.name, "statusCategory": category}


TO_DO = State("10000", "To Do", "new")
DOING = State("3", "In Progress", "indeterminate")
REVIEW = State("10001", "In Review", "indeterminate")
DONE = State("10002", "Done", "done")
RELEASED = State("10003", "Released", "done")
STATES = (TO_DO, DOING, REVIEW, DONE, RELEASED)


@dataclass
class Ticket:
    """One issue; ``log`` holds (when, field id, field name, from, to) with (id, text) pairs."""

    number: int
    created: datetime
    project: str = "PLAT"
    type: str = "Story"
    status: State = TO_DO
    parent: str | None = None
    resolved: datetime | None = None
    due: str | None = None
    versions: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    sprints: tuple[int, ...] = ()
    reporter: str = "customer"
    extra: Json = field(default_factory=dict)
    comments: list[Json] = field(default_factory=list)
    log: list[tuple[datetime, str, str, tuple[str, str], tuple[str, str]]] = field(
        default_factory=list
    )

    @property
    def key(self) -> str:
        return f"{self.project}-{self.number}"

    @property
    def id(self) -> str:
        return str(10_000 + self.number)

    def move(self, to: State, at: datetime) -> Ticket:
        self.note(at, "status", "status", (self.status.id, self.status.name), (to.id, to.name))
        self.resolved = at if to.category == "done" else None
        self.status = to
        return self

    def note(
        self, at: datetime, field_id: str, name: str, old: tuple[str, str], new: tuple[str, str]
    ) -> None:
        self.log.append((at, field_id, name, old, new))

    def comment(self, at: datetime, by: str, **more: Any) -> Ticket:
        self.comments.append({"created": stamp(at), "author": person(by), **more})
        return self

    def status_at(self, moment: datetime) -> State:
        later = [entry for entry in sorted(self.log) if entry[1] == "status" and entry[0] > moment]
        if not later:
            return self.status
        return next(state for state in STATES if state.id == later[0][3][0])

    def value(self, name: str) -> Any:
        if name.startswith("cf["):
            return self.extra.get(f"customfield_{name[3:-1]}")
        updated = max([self.created, *(entry[0] for entry in self.log)])
        dates = {"created": self.created, "resolved": self.resolved, "updated": updated}
        return dates.get(name, self.due)

    def fields(self, chosen: list[str]) -> Json:
        known: Json = {
            "created": stamp(self.created),
            "updated": stamp(self.value("updated")),
            "resolutiondate": None if self.resolved is None else stamp(self.resolved),
            "duedate": self.due,
            "status": self.status.json(),
            "summary": "A story",
            "reporter": person(self.reporter),
            "creator": person(self.reporter),
            "comment": {"comments": self.comments[:20], "total": len(self.comments)},
            **self.extra,
        }
        return {name: known[name] for name in chosen if name in known}

    def histories(self, chosen: list[str] | None = None) -> list[Json]:
        """Newest first, as Jira shows them."""
        found = [
            {
                "id": str(place),
                "created": stamp(at),
                "items": [
                    {
                        "field": name,
                        "fieldId": field_id,
                        "from": old[0],
                        "fromString": old[1],
                        "to": new[0],
                        "toString": new[1],
                    }
                ],
            }
            for place, (at, field_id, name, old, new) in enumerate(self.log, start=1)
            if chosen is None or field_id in chosen
        ]
        return found[::-1]


def person(name: str) -> Json:
    kind = "app" if name.endswith("-bot") else "atlassian"
    return {"accountId": f"id-of-{name}", "displayName": name, "accountType": kind}


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + (
        f"{moment.microsecond // 1000:03d}+0000"
    )


@dataclass
class Request:
    method: str
    path: str
    params: Mapping[str, str]
    body: Any
    headers: Mapping[str, str]
    query: str = ""


class Jira:
    """``cloud`` False is a Data Center. ``faults`` are asked first: what one returns is the answer.

    ``token`` is the only one it takes; ``page`` the most issues of a page. With ``reads_jql``
    False every query finds everything.
    """

    def __init__(self, *, cloud: bool = True, zone: tzinfo = UTC, zone_name: str = "UTC") -> None:
        self.cloud = cloud
        self.zone = zone
        self.zone_name: str | None = zone_name
        self.deployment: str | None = "Cloud" if cloud else "Server"
        self.token = "a-token-for-tests"
        self.page = 100_000
        self.tickets: list[Ticket] = []
        self.versions: list[Json] = []
        self.sprints: list[Json] = []
        self.estimation: Json | None = {
            "type": "field",
            "field": {"fieldId": POINTS, "displayName": "Story Points"},
        }
        self.names: list[Json] = [
            named("created", "Created", "datetime"),
            named(POINTS, "Story Points", "number"),
            named(SPRINT, "Sprint", "array", "com.pyxis.greenhopper.jira:gh-sprint"),
            named("customfield_10050", "Went Live", "date"),
            named("customfield_10060", "Team", "option"),
            named("timespent", "Time Spent", "number"),
        ]
        self.states = list(STATES)
        self.requests: list[Request] = []
        self.faults: list[Callable[[Request], Reply | None]] = []
        self.latency = 0.0
        self.reads_jql = True
        self._lock = threading.Lock()

    def add(self, created: datetime, **more: Any) -> Ticket:
        ticket = Ticket(len(self.tickets) + 1, created, **more)
        self.tickets.append(ticket)
        return ticket

    def count(self, path: str) -> int:
        return sum(request.path.endswith(path) for request in self.requests)

    def answer(self, request: Request) -> Reply:
        with self._lock:
            self.requests.append(request)
        time.sleep(self.latency)
        for fault in self.faults:
            reply = fault(request)
            if reply is not None:
                return reply
        if self.token not in request.headers.get("authorization", "") and not _basic(
            request, self.token
        ):
            return said(401, {"message": "Client must be authenticated to access this resource."})
        try:
            return self._routed(request)
        except Bad as problem:
            return said(400, {"errorMessages": [str(problem)], "errors": {}})

    def _routed(self, request: Request) -> Reply:
        version = "3" if self.cloud else "2"
        for pattern, serve in self._routes():
            found = re.fullmatch(pattern.replace("{v}", f"[2{version}]"), request.path)
            if found:
                return serve(request, *found.groups())
        return said(404, {"errorMessages": ["null for uri"]})

    def _routes(self) -> list[tuple[str, Callable[..., Reply]]]:
        shared: list[tuple[str, Callable[..., Reply]]] = [
            (r"/rest/api/{v}/serverInfo", self._server_info),
            (r"/rest/api/{v}/myself", self._myself),
            (r"/rest/api/{v}/field", lambda _: said(200, self.names)),
            (r"/rest/api/{v}/status", lambda _: said(200, [s.json() for s in self.states])),
            (r"/rest/api/{v}/issue/([\w-]+)", self._issue),
            (r"/rest/api/{v}/issue/([\w-]+)/comment", self._comments),
            (r"/rest/api/{v}/project/(\w+)/versions", lambda *_: said(200, self.versions)),
            (r"/rest/agile/1.0/board/(\d+)/sprint", self._sprints),
            (r"/rest/agile/1.0/board/(\d+)/configuration", self._configuration),
        ]
        if not self.cloud:
            return [*shared, (r"/rest/api/2/search", self._search)]
        gone = (
            "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API."
        )
        return [
            *shared,
            (r"/rest/api/[23]/search", lambda _: said(410, {"errorMessages": [gone]})),
            (r"/rest/api/3/search/approximate-count", self._approximate),
            (r"/rest/api/3/search/jql", self._search_jql),
            (r"/rest/api/3/changelog/bulkfetch", self._bulkfetch),
        ]

    def _server_info(self, _: Request) -> Reply:
        told = {"versionNumbers": [10, 3, 0], "serverTitle": "Jira"}
        return said(200, told | ({"deploymentType": self.deployment} if self.deployment else {}))

    def _myself(self, _: Request) -> Reply:
        told = person("okr-bot") | ({"timeZone": self.zone_name} if self.zone_name else {})
        return said(200, told)

    def _found(self, jql: str) -> list[Ticket]:
        if self.cloud and not re.sub(r"(?i)\bORDER BY.*", "", jql).strip():
            raise Bad("Unbounded JQL queries are not allowed here.")
        if not self.reads_jql:
            return self.tickets
        query = Query(jql, self.zone)
        return [ticket for ticket in self.tickets if query.matches(ticket)]

    def _approximate(self, request: Request) -> Reply:
        return said(200, {"count": len(self._found(request.body["jql"]))})

    def _search_jql(self, request: Request) -> Reply:
        body = request.body
        found = self._found(body["jql"])
        start = int(body.get("nextPageToken", "0"))
        size = min(body.get("maxResults", 50), self.page)
        end = start + size
        page: Json = {"issues": [self._shown(t, body) for t in found[start:end]]}
        more: Json = {"nextPageToken": str(end), "isLast": False}
        return said(200, page | (more if end < len(found) else {"isLast": True}))

    def _shown(self, ticket: Ticket, body: Json) -> Json:
        names = body.get("fields", [])
        shown: Json = {"id": ticket.id, "key": ticket.key}
        if names and names != ["id"]:
            shown["fields"] = ticket.fields(names)
        if "changelog" in body.get("expand", []):
            shown["changelog"] = _whole(ticket.histories())
        return shown

    def _bulkfetch(self, request: Request) -> Reply:
        body = request.body
        logs = [
            {"issueId": ticket.id, "changeHistories": [one]}
            for ticket in self.tickets
            if ticket.id in body["issueIdsOrKeys"]
            for one in ticket.histories(body.get("fieldIds"))
        ]
        start = int(body.get("nextPageToken", "0"))
        end = start + body["maxResults"]
        more = {"nextPageToken": str(end)} if end < len(logs) else {}
        return said(200, {"issueChangeLogs": logs[start:end]} | more)

    def _search(self, request: Request) -> Reply:
        body = request.body
        found = self._found(body["jql"])
        start, size = body.get("startAt", 0), min(body["maxResults"], self.page)
        page = found[start : start + size]
        return said(
            200,
            {
                "startAt": start,
                "maxResults": size,
                "total": len(found),
                "issues": [self._shown(ticket, body) for ticket in page],
            },
        )

    def _issue(self, request: Request, name: str) -> Reply:
        for ticket in self.tickets:
            if name in {ticket.key, ticket.id}:
                shown: Json = {"id": ticket.id, "key": ticket.key}
                shown["fields"] = ticket.fields(request.params.get("fields", "").split(","))
                if request.params.get("expand") == "changelog":
                    shown["changelog"] = _whole(ticket.histories())
                return said(200, shown)
        words = "Issue does not exist or you do not have permission to see it."
        return said(404, {"errorMessages": [words], "errors": {}})

    def _comments(self, request: Request, id_: str) -> Reply:
        [ticket] = [ticket for ticket in self.tickets if ticket.id == id_]
        start, size = int(request.params["startAt"]), int(request.params["maxResults"])
        page = ticket.comments[start : start + size]
        return said(200, {"comments": page, "total": len(ticket.comments), "startAt": start})

    def _sprints(self, request: Request, _: str) -> Reply:
        start, size = int(request.params["startAt"]), int(request.params["maxResults"])
        page = self.sprints[start : start + size]
        last = start + size >= len(self.sprints)
        return said(200, {"values": page, "startAt": start, "isLast": last})

    def _configuration(self, _: Request, __: str) -> Reply:
        return said(200, {"id": 1} | ({"estimation": self.estimation} if self.estimation else {}))


def named(id_: str, name: str, kind: str, custom: str = "") -> Json:
    schema = {"type": kind} | ({"custom": custom} if custom else {})
    return {"id": id_, "name": name, "custom": id_.startswith("custom"), "schema": schema}


def said(status: int, body: object, **headers: str) -> Reply:
    kind = {"content-type": "application/json", **headers}
    return status, kind, json.dumps(body).encode()


def transport(jira: Jira) -> httpx.MockTransport:
    def handle(request: httpx.Request) -> httpx.Response:
        status, headers, body = jira.answer(
            _request(
                request.method, str(request.url), request.content, dict(request.headers.items())
            )
        )
        return httpx.Response(status, headers=headers, content=body)

    return httpx.MockTransport(handle)


@contextmanager
def serving(jira: Jira) -> Iterator[str]:
    """The address of a real server in front of ``jira``."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            self._serve()

        def do_POST(self) -> None:
            self._serve()

        def log_message(self, *_: object) -> None:
            """Nothing: the tests look at the requests themselves."""

        def _serve(self) -> None:
            length = int(self.headers.get("content-length") or 0)
            content = self.rfile.read(length)
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, sent, body = jira.answer(_request(self.command, self.path, content, headers))
            self.send_response(status)
            for name, value in {**sent, "content-length": str(len(body))}.items():
                self.send_header(name, value)
            with suppress(OSError):  # whoever asked may have gone
                self.end_headers()
                self.wfile.write(body)

    class Server(ThreadingHTTPServer):
        request_queue_size = 128
        daemon_threads = True

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _request(method: str, url: str, content: bytes, headers: Mapping[str, str]) -> Request:
    parts = urlsplit(url)
    body = json.loads(content) if content else None
    path = re.sub(r"^/ex/jira/[\w-]+", "", parts.path)
    return Request(method, path, dict(parse_qsl(parts.query)), body, headers, parts.path)


def _basic(request: Request, token: str) -> bool:
    scheme, _, pair = request.headers.get("authorization", "").partition(" ")
    return scheme == "Basic" and b64decode(pair).decode().endswith(f":{token}")


def _whole(histories: list[Json]) -> Json:
    return {
        "startAt": 0,
        "maxResults": len(histories),
        "total": len(histories),
        "histories": histories,
    }
