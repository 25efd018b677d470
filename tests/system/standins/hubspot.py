"""A HubSpot account over given deals, with HubSpot's limits.

``serve(deals)`` takes rows as dicts: id (digits), title, amount (decimal text or ""), currency,
stage, status (open, won, lost), pipeline, created, closed (ISO instants or ""), owner (an email
address or ""), archived (bool).

Beyond five searches a second, or a hundred other requests in ten, it answers 429. A search takes 5
groups of 6 filters, 18 in all, in 3,000 characters, and hands out no more than 10,000 records.
Texts are found without regard to capitals. Whether NEQ and NOT_IN find records without a value is
written nowhere: ``empty_is_unequal`` chooses.
"""

from __future__ import annotations

import json
import operator
import time
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from tests.system.standins.serving import Asked, Limit, Reply, StandIn, serving

Deal = Mapping[str, Any]

TOKEN: Final = "hubspot-token"
WALL: Final = 10_000
TYPES: Final = {
    "hs_object_id": "number",
    "dealname": "string",
    "amount": "number",
    "amount_in_home_currency": "number",
    "deal_currency_code": "enumeration",
    "dealstage": "enumeration",
    "pipeline": "enumeration",
    "createdate": "datetime",
    "closedate": "datetime",
    "hubspot_owner_id": "enumeration",
    "hs_is_closed_won": "bool",
    "hs_is_closed_lost": "bool",
    "hs_is_closed": "bool",
    "dealtype": "enumeration",
    "days_to_close": "number",
}
DEAL_TYPES: Final = {"newbusiness": "New Business", "existingbusiness": "Existing Business"}
AS_DEALS: Final = {
    "tickets": {
        "hs_pipeline_stage": "dealstage",
        "hs_pipeline": "pipeline",
        "subject": "dealname",
        "closed_date": "closedate",
    },
    "contacts": {"lastname": "dealname", "annualrevenue": "amount"},
    "2-4711": {
        "hs_pipeline_stage": "dealstage",
        "hs_pipeline": "pipeline",
        "contract_name": "dealname",
        "hs_createdate": "createdate",
    },
}
"""Other objects, a custom one among them: their properties' names, and those of deals."""
ORDERS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "GT": operator.gt,
    "GTE": operator.ge,
    "LT": operator.lt,
    "LTE": operator.le,
}
_EPOCH: Final = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


class Account:
    """The records and what is known about them; without any HTTP."""

    def __init__(
        self,
        deals: Iterable[Deal],
        *,
        home: str,
        rates: Mapping[str, str],
        stages: Sequence[str],
        empty_is_unequal: bool,
    ) -> None:
        self.home = home
        self._rates = {code: Decimal(rate) for code, rate in rates.items()}
        self._empty_is_unequal = empty_is_unequal
        self.pipelines: dict[str, dict[str, str]] = {}
        self.owners: dict[str, str] = {}
        records = [(self._record(deal), bool(deal["archived"])) for deal in _ordered(deals)]
        for pipeline in self.pipelines:
            for stage in stages:
                self._stage(pipeline, stage)
        self._live = [Live(record) for record, archived in records if not archived]
        self.archived = [record for record, archived in records if archived]
        self._found: dict[str, list[Live]] = {}
        self._met: dict[str, set[int]] = {}

    def _record(self, deal: Deal) -> Record:
        stage = self._stage(str(deal["pipeline"]), str(deal["stage"]))
        owner = str(deal["owner"])
        if owner:
            self.owners.setdefault(owner, str(7000 + len(self.owners)))
        rate = self._rates.get(str(deal["currency"]))
        amount = str(deal["amount"])
        converted = "" if not amount or rate is None else format(Decimal(amount) * rate, "f")
        return {
            "hs_object_id": str(deal["id"]),
            "dealname": str(deal["title"]),
            "amount": amount,
            "amount_in_home_currency": converted,
            "deal_currency_code": str(deal["currency"]),
            "dealstage": stage,
            "pipeline": self.pipeline_id(str(deal["pipeline"])),
            "createdate": str(deal["created"]),
            "closedate": str(deal["closed"]),
            "hubspot_owner_id": self.owners.get(owner, ""),
            "hs_is_closed_won": str(deal["status"] == "won").lower(),
            "hs_is_closed_lost": str(deal["status"] == "lost").lower(),
            "hs_is_closed": str(deal["status"] != "open").lower(),
            "dealtype": f"{'existing' if deal['pipeline'] == 'Renewals' else 'new'}business",
            "days_to_close": _days(str(deal["created"]), str(deal["closed"])),
        }

    def _stage(self, pipeline: str, label: str) -> str:
        stages = self.pipelines.setdefault(pipeline, {})
        number = list(self.pipelines).index(pipeline) * 100 + len(stages)
        return stages.setdefault(label, f"stage{number}")

    def pipeline_id(self, label: str) -> str:
        return f"pipe{list(self.pipelines).index(label)}"

    def search(self, groups: Sequence[Mapping[str, Any]], start: int) -> Sequence[Live]:
        """All records beyond the id ``start``, in the order of their ids."""
        key = json.dumps(groups, sort_keys=True)
        if key not in self._found:
            some = [set.intersection(*map(self._matching, group["filters"])) for group in groups]
            places = sorted(set.union(*some)) if groups else range(len(self._live))
            self._found[key] = [self._live[place] for place in places]
        found = self._found[key]
        return found[bisect_right(found, start, key=lambda live: live.id) :]

    def _matching(self, one: Mapping[str, Any]) -> set[int]:
        """The places of all records that meet one filter."""
        key = json.dumps(one, sort_keys=True)
        if key not in self._met:
            test = self._test(one)
            self._met[key] = {place for place, live in enumerate(self._live) if test(live)}
        return self._met[key]

    def _test(self, one: Mapping[str, Any]) -> Callable[[Live], bool]:
        name, sign = one["propertyName"], one["operator"]
        if sign in {"HAS_PROPERTY", "NOT_HAS_PROPERTY"}:
            return lambda live: (name in live.values) == (sign == "HAS_PROPERTY")
        wanted = {_typed(TYPES[name], value) for value in one.get("values", [one.get("value")])}
        if sign in {"EQ", "IN"}:
            return lambda live: live.values.get(name) in wanted
        if sign in {"NEQ", "NOT_IN"}:
            return lambda live: self._unequal(live, name, wanted)
        (value,), holds = wanted, ORDERS[sign]
        return lambda live: name in live.values and holds(live.values[name], value)

    def _unequal(self, live: Live, name: str, values: set[Any]) -> bool:
        if name not in live.values:
            return self._empty_is_unequal
        return live.values[name] not in values


Record = dict[str, str]


class Live:
    """A record that can be found, with the values that it is looked for by."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self.id = int(record["hs_object_id"])
        self.values = {
            name: _typed(kind, record[name]) for name, kind in TYPES.items() if record[name]
        }


@contextmanager
def serve(
    deals: Iterable[Deal],
    *,
    home: str = "EUR",
    rates: Mapping[str, str] | None = None,
    stages: Sequence[str] = (),
    token: str = TOKEN,
    latency: float = 0.0,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
    empty_is_unequal: bool = False,
) -> Iterator[StandIn]:
    """The account behind a port of its own. ``rates``: one unit of a currency in ``home``;
    ``stages``: more stages in every pipeline."""
    account = Account(
        deals,
        home=home,
        rates={home: "1", **(rates or {})},
        stages=stages,
        empty_is_unequal=empty_is_unequal,
    )
    answering = _Answering(account, token, clock)
    with serving(StandIn(answering.respond, latency=latency, sleep=sleep)) as stand_in:
        yield stand_in


class _Answering:
    def __init__(self, account: Account, token: str, clock: Callable[[], float]) -> None:
        self._account = account
        self._token = token
        self._searches = Limit(5, 1.0, clock)
        self._others = Limit(100, 10.0, clock)

    def respond(self, asked: Asked) -> Reply:
        if asked.headers.get("authorization") != f"Bearer {self._token}":
            return _refused(401, "INVALID_AUTHENTICATION")
        object_ = next((name for name in AS_DEALS if f"/{name}" in asked.path), "")
        if object_:
            return self._of_another(object_, asked)
        return self._respond_to(asked)

    def _of_another(self, object_: str, asked: Asked) -> Reply:
        """Another object's records are the deals under that object's names."""
        names = AS_DEALS[object_]
        path, body = asked.path.replace(f"/{object_}", "/deals"), json.dumps(asked.body)
        params = json.dumps(dict(asked.params))
        for theirs, ours in names.items():
            body, params = body.replace(theirs, ours), params.replace(theirs, ours)
        reply = self._respond_to(
            replace(asked, path=path, body=json.loads(body), params=json.loads(params))
        )
        text = json.dumps(reply.body)
        for theirs, ours in names.items():
            text = text.replace(f'"{ours}"', f'"{theirs}"')
        return Reply(json.loads(text), reply.status)

    def _respond_to(self, asked: Asked) -> Reply:
        searching = asked.path == "/crm/v3/objects/deals/search"
        if (self._searches if searching else self._others).wait():
            return _refused(429, "RATE_LIMITS")
        return self._search(asked.body) if searching else self._read(asked)

    def _read(self, asked: Asked) -> Reply:
        match asked.path:
            case "/account-info/v3/details":
                return self._details()
            case "/crm/v3/properties/deals":
                return self._properties()
            case "/crm/v3/pipelines/deals":
                return self._pipelines()
            case "/crm/v3/owners":
                return self._owners(asked.params)
            case "/crm/v3/objects/deals" if asked.params.get("archived") == "true":
                return self._archived(asked.params)
            case _:
                return _refused(404, "not found")

    def _search(self, body: Any) -> Reply:
        problem = _problem(body)
        if problem:
            return _refused(400, problem)
        groups, start = _without_start(body.get("filterGroups", []))
        found = self._account.search(groups, start)
        after, limit = int(body.get("after", 0)), body.get("limit", 10)
        if after + limit > WALL:
            return _refused(400, "paging beyond 10,000")
        page = found[after : after + limit]
        paging = {}
        if after + limit < len(found):
            paging = {"paging": {"next": {"after": str(after + limit)}}}
        names = body.get("properties", [])
        results = [_result(live.record, names) for live in page]
        return Reply({"total": len(found), "results": results, **paging})

    def _archived(self, params: Mapping[str, str]) -> Reply:
        start, limit = int(params.get("after", 0)), int(params.get("limit", 10))
        if limit > 100:
            return _refused(400, "limit")
        records = self._account.archived
        names = params.get("properties", "").split(",")
        results = [_result(record, names) for record in records[start : start + limit]]
        more = {"paging": {"next": {"after": str(start + limit)}}}
        return Reply({"results": results, **(more if start + limit < len(records) else {})})

    def _details(self) -> Reply:
        return Reply(
            {
                "portalId": 4711,
                "companyCurrency": self._account.home,
                "timeZone": "Europe/Stockholm",
                "uiDomain": "app.hubspot.example",
            }
        )

    def _properties(self) -> Reply:
        return Reply({"results": [self._property(name) for name in TYPES]})

    def _property(self, name: str) -> dict[str, Any]:
        stages = {
            stage: label
            for stages in self._account.pipelines.values()
            for label, stage in stages.items()
        }
        options = {
            "dealstage": stages,
            "pipeline": {self._account.pipeline_id(label): label for label in self._pipes()},
            "dealtype": DEAL_TYPES,
        }.get(name, {})
        return {
            "name": name,
            "type": TYPES[name],
            "fieldType": "select",
            "options": [{"label": label, "value": value} for value, label in options.items()],
            "externalOptions": name == "hubspot_owner_id",
        }

    def _pipes(self) -> list[str]:
        return list(self._account.pipelines)

    def _pipelines(self) -> Reply:
        results = [
            {
                "id": self._account.pipeline_id(label),
                "label": label,
                "stages": [{"id": id_, "label": name} for name, id_ in stages.items()],
            }
            for label, stages in self._account.pipelines.items()
        ]
        return Reply({"results": results})

    def _owners(self, params: Mapping[str, str]) -> Reply:
        if params.get("archived") == "true":
            return Reply({"results": []})
        owners = [{"id": id_, "email": email} for email, id_ in self._account.owners.items()]
        return Reply({"results": owners})


def _ordered(deals: Iterable[Deal]) -> list[Deal]:
    return sorted(deals, key=lambda deal: int(deal["id"]))


def _days(created: str, closed: str) -> str:
    """Whole days, as HubSpot shows them; open deals have none."""
    if not closed:
        return ""
    return str((datetime.fromisoformat(closed) - datetime.fromisoformat(created)).days)


def _typed(kind: str, text: str) -> Any:
    if kind == "number":
        return Decimal(text)
    if kind == "datetime":
        if text.lstrip("-").isdecimal():
            return int(text)
        return (datetime.fromisoformat(text) - _EPOCH) // timedelta(milliseconds=1)
    return text.lower() if kind == "string" else text


def _problem(body: Any) -> str:
    if len(json.dumps(body)) > 3_000:
        return "the body is too long"
    groups = body.get("filterGroups", [])
    sizes = [len(group["filters"]) for group in groups]
    if len(groups) > 5 or max(sizes, default=1) > 6 or sum(sizes) > 18:
        return "too many filters"
    if min(sizes, default=1) < 1:
        return "a group without filters"
    if not 1 <= body.get("limit", 10) <= 200:
        return "limit"
    names = [one["propertyName"] for group in groups for one in group["filters"]]
    unknown = [name for name in names if name not in TYPES]
    return f"no property {unknown[0]}" if unknown else ""


def _without_start(groups: Any) -> tuple[list[dict[str, Any]], int]:
    """The groups without the "beyond this id" that all of them hold, so that a page is quick."""
    starts = [
        one["value"]
        for group in groups
        for one in group["filters"]
        if one["propertyName"] == "hs_object_id" and one["operator"] == "GT"
    ]
    if not starts or len(starts) != len(groups) or len(set(starts)) != 1:
        return list(groups), 0
    kept = [
        {"filters": [one for one in group["filters"] if one["propertyName"] != "hs_object_id"]}
        for group in groups
    ]
    alone = any(not group["filters"] for group in kept)
    return ([] if alone else kept), int(starts[0])


def _result(record: Mapping[str, str], names: Sequence[str]) -> dict[str, Any]:
    properties = {name: record.get(name) or None for name in names if name in TYPES}
    return {"id": record["hs_object_id"], "properties": properties}


def _refused(status: int, message: str) -> Reply:
    return Reply({"status": "error", "message": message}, status)
