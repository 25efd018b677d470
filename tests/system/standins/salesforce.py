"""A stand-in for a Salesforce org with opportunities: stateful, over real HTTP, limits enforced.

    with serve(deals) as org:
        ...  # login_url = org.address, client_id = org.CLIENT, client_secret = org.SECRET

Deals become opportunities with these fields: DealId__c (id), Name (title), Amount, Currency__c,
StageName (stage), Status__c and IsWon / IsClosed (status), Pipeline__c, CreatedDate (created),
ClosedAt__c and CloseDate (closed, its day in UTC), Owner__c and Owner.Name (owner), Archived__c.
"""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import jwt

from tests.system.standins.opportunities import Opportunities
from tests.system.standins.soql import Malformed

VERSION = "v62.0"
PAGE = 2_000
MOST_IN_BATCH = 25
Answer = tuple[int, Any]


class Org:
    """``calls`` are those that count against ``allowance``; ``refused`` those beyond it.

    ``before(path, body)`` may answer in place of the org: for faults.
    """

    CLIENT = "client"
    SECRET = "client-secret-of-the-stand-in"
    USER = "okr-bot@acme.example"

    def __init__(
        self,
        deals: Iterable[Mapping[str, Any]],
        allowance: int,
        queries: int,
        currencies: tuple[str, str] | None,
        rates: Mapping[str, str] | None,
    ) -> None:
        self.address = ""
        self.allowance = allowance
        self.calls = 0
        self.refused = 0
        self.sign_ins = 0
        self.public_key: Any = None
        self.asked: list[str] = []
        self.before: Callable[[str, Any], Answer | None] = nothing_instead
        self._queries = queries
        self._sessions: set[str] = set()
        self._cursors: dict[str, list[dict[str, Any]]] = {}
        self._lock = threading.Lock()
        self._currencies = currencies
        self._opportunities = Opportunities(deals, currencies, rates)

    def end_sessions(self) -> None:
        with self._lock:
            self._sessions.clear()

    def token(self, form: Mapping[str, list[str]]) -> Answer:
        said = {name: values[0] for name, values in form.items()}
        signed = said.get("grant_type") == "urn:ietf:params:oauth:grant-type:jwt-bearer"
        if not (self._signed(said["assertion"]) if signed else self._knows(said)):
            return 400, {"error": "invalid_client", "error_description": "invalid client"}
        with self._lock:
            self.sign_ins += 1
            token = f"00D!{secrets.token_urlsafe(24)}"
            self._sessions.add(token)
        return 200, {
            "access_token": token,
            "token_type": "Bearer",
            "instance_url": self.address,
            "id": f"{self.address}/id/00D000000000001EAA/005000000000001AAA",
        }

    def _knows(self, said: Mapping[str, str]) -> bool:
        return (
            said.get("grant_type") == "client_credentials"
            and said.get("client_id") == self.CLIENT
            and said.get("client_secret") == self.SECRET
        )

    def _signed(self, assertion: str) -> bool:
        """As Salesforce checks it, but for the time: tests stand at another one."""
        try:
            claims = jwt.decode(
                assertion,
                self.public_key,
                algorithms=["RS256"],
                audience=self.address,
                issuer=self.CLIENT,
                options={"verify_exp": False, "require": ["exp", "sub"]},
            )
        except jwt.PyJWTError:
            return False
        return bool(claims["sub"] == self.USER)

    def call(self, method: str, target: str, head: Mapping[str, str], body: Any) -> Answer:
        path = urlsplit(target).path
        with self._lock:
            self.calls += 1
            known = (head.get("authorization") or "").removeprefix("Bearer ") in self._sessions
            over = self.calls > self.allowance
            self.refused += over
        instead = self.before(path, body)
        if instead is not None:
            return instead
        if not known:
            return 401, wrong("INVALID_SESSION_ID", "Session expired or invalid")
        if over:
            return 403, wrong("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
        if method == "POST" and path == f"/services/data/{VERSION}/composite/batch":
            return self._batch(body)
        return self.resource(target)

    def _batch(self, body: Any) -> Answer:
        asked = body.get("batchRequests", []) if isinstance(body, dict) else []
        queries = [part for part in asked if "/query" in part["url"]]
        if not 0 < len(asked) <= MOST_IN_BATCH or len(queries) > self._queries:
            return 400, wrong("LIMIT_EXCEEDED", "too many subrequests")
        results = []
        for part in asked:
            assert part["method"] == "GET"
            status, result = self.resource(f"/services/data/{part['url']}")
            results.append({"statusCode": status, "result": result})
        good = all(result["statusCode"] < 300 for result in results)
        return 200, {"hasErrors": not good, "results": results}

    def resource(self, target: str) -> Answer:
        parts = urlsplit(target)
        path = parts.path.removeprefix(f"/services/data/{VERSION}/")
        if path == "query":
            return self._query(parse_qs(parts.query, strict_parsing=True)["q"][0])
        if path.startswith("query/"):
            return self._page(path.removeprefix("query/"))
        if path.startswith("sobjects/") and path.endswith("/describe"):
            return self._describe(unquote(path.split("/")[1]))
        if path == "/services/oauth2/userinfo":
            return 200, {"preferred_username": self.USER, "zoneinfo": "Europe/London"}
        return 404, wrong("NOT_FOUND", "The requested resource does not exist")

    def _describe(self, name: str) -> Answer:
        described = self._opportunities.describe(name)
        if described is None:
            return 404, wrong("NOT_FOUND", "The requested resource does not exist")
        return 200, described

    def _query(self, soql: str) -> Answer:
        with self._lock:
            self.asked.append(soql)
            try:
                size, records = self._currency(soql) or self._opportunities.answer(soql)
            except Malformed as error:
                return 400, wrong(error.code, str(error))
            cursor = f"01g{len(self.asked):012d}"
            self._cursors[cursor] = records
        return 200, self._from(cursor, 0, size)

    def _currency(self, soql: str) -> tuple[int, list[dict[str, Any]]] | None:
        """The org's own currency, and that of the user who asks."""
        corporate, users = self._currencies or ("", "")
        if corporate and "FROM CurrencyType WHERE IsCorporate = TRUE" in soql:
            return 1, [{"attributes": {"type": "CurrencyType"}, "IsoCode": corporate}]
        if users and "FROM User WHERE Id = '005000000000001AAA'" in soql:
            return 1, [{"attributes": {"type": "User"}, "DefaultCurrencyIsoCode": users}]
        return None

    def _page(self, place: str) -> Answer:
        cursor, _, start = place.partition("-")
        if cursor not in self._cursors:
            return 400, wrong("INVALID_QUERY_LOCATOR", "invalid query locator")
        return 200, self._from(cursor, int(start), len(self._cursors[cursor]))

    def _from(self, cursor: str, start: int, size: int) -> dict[str, Any]:
        records, end = self._cursors[cursor], start + PAGE
        body = {"totalSize": size, "done": end >= len(records), "records": records[start:end]}
        if not body["done"]:
            body["nextRecordsUrl"] = f"/services/data/{VERSION}/query/{cursor}-{end}"
        return body


def nothing_instead(_path: str, _body: Any) -> Answer | None:
    return None


def wrong(code: str, message: str) -> list[dict[str, str]]:
    return [{"errorCode": code, "message": message}]


@contextmanager
def serve(
    deals: Iterable[Mapping[str, Any]],
    *,
    allowance: int = 15_000,
    queries_per_call: int = 5,
    currencies: tuple[str, str] | None = None,
    rates: Mapping[str, str] | None = None,
) -> Iterator[Org]:
    """``currencies`` are the org's and the user's, in an org that has several; ``rates`` one unit
    of each other currency in the org's."""
    org = Org(deals, allowance, queries_per_call, currencies, rates)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(org))
    org.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield org
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(org: Org) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._answer(org.call("GET", self.path, self._head(), None))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if self.path == "/services/oauth2/token":
                self._answer(org.token(parse_qs(body.decode())))
            else:
                self._answer(org.call("POST", self.path, self._head(), json.loads(body)))

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Quiet."""

        def _head(self) -> dict[str, str]:
            return {name.lower(): value for name, value in self.headers.items()}

        def _answer(self, answer: Answer) -> None:
            status, said = answer
            body = said if isinstance(said, bytes) else json.dumps(said).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json;charset=UTF-8")
            self.send_header("content-length", str(len(body)))
            self.send_header("sforce-limit-info", f"api-usage={org.calls}/{org.allowance}")
            self.end_headers()
            self.wfile.write(body)

    return Handler


def a_deal(number: int, **fields: Any) -> dict[str, Any]:
    """A whole deal; give what matters."""
    return {
        "id": f"D-{number}",
        "title": f"Deal {number}",
        "amount": "100.00",
        "currency": "SEK",
        "stage": "Proposal",
        "status": "open",
        "pipeline": "New business",
        "created": datetime(2026, 9, 1, tzinfo=UTC).isoformat(),
        "closed": "",
        "owner": "north",
        "archived": False,
    } | fields


__all__ = ["Org", "a_deal", "serve", "wrong"]
