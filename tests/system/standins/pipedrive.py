"""A Pipedrive company over given deals, with Pipedrive's tokens and limits.

``serve(deals)`` takes the same rows as the stand-in for HubSpot. Every request costs tokens of the
day's budget; beyond it, or beyond twenty requests in two seconds, it answers 429. Parameters that
are not published for an address are refused, as is a status that a list does not have.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from tests.system.standins.serving import Asked, Limit, Reply, StandIn, serving

TOKEN: Final = "pipedrive-token"
_NARROWING: Final = frozenset({"user_id", "pipeline_id", "filter_id"})
_SUMMARY: Final = _NARROWING | {"status", "stage_id"}
_TIMELINE: Final = _NARROWING | {
    *("start_date", "interval", "amount", "field_key", "exclude_deals"),
    "totals_convert_currency",
}
_PAGED: Final = frozenset({"sort_by", "sort_direction", "limit", "cursor"})
_LIST: Final = _PAGED | {
    *("filter_id", "ids", "owner_id", "person_id", "org_id", "pipeline_id", "stage_id"),
    *("status", "updated_since", "updated_until", "include_fields", "custom_fields"),
}
_OTHERS: Final = _PAGED | {
    *("filter_id", "ids", "owner_id", "updated_since", "updated_until", "include_fields"),
}
PUBLISHED: Final[Mapping[str, tuple[int, frozenset[str]]]] = {
    "/v1/users/me": (2, frozenset()),
    "/v1/users": (20, frozenset()),
    "/v1/deals/summary": (40, _SUMMARY),
    "/v1/deals/summary/archived": (80, _SUMMARY),
    "/v1/deals/timeline": (20, _TIMELINE),
    "/v1/deals/timeline/archived": (40, _TIMELINE),
    "/api/v2/deals": (10, _LIST),
    "/api/v2/deals/archived": (20, _LIST),
    "/api/v2/activities": (10, _OTHERS | {"done", "deal_id", "lead_id", "person_id", "org_id"}),
    "/api/v2/persons": (10, _OTHERS | {"deal_id", "org_id", "custom_fields"}),
    "/api/v2/organizations": (10, _OTHERS | {"custom_fields"}),
    "/api/v2/pipelines": (5, _PAGED),
    "/api/v2/stages": (5, _PAGED | {"pipeline_id"}),
}
"""Each address with its cost in tokens and its parameters."""
_CHOOSING: Final = ("pipeline_id", "stage_id", "owner_id", "status")
_DATES: Final = {"won_time", "add_time", "lost_time", "close_time", "update_time"}
_WEIGHT: Final = Decimal("0.4")


class Company:
    """The deals and what is known about them; without any HTTP."""

    def __init__(
        self,
        deals: Iterable[Mapping[str, Any]],
        home: str,
        rates: Mapping[str, str],
        zone: str,
        stages: Sequence[str] = (),
    ) -> None:
        self.home = home
        self.rates = {code: Decimal(rate) for code, rate in rates.items()}
        self.zone = ZoneInfo(zone)
        self.pipelines: list[str] = []
        self.stages: list[tuple[str, int]] = []
        self.users: list[str] = []
        ordered = sorted(deals, key=lambda deal: int(deal["id"]))
        self._alike: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
        self._found: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
        for deal in map(self._deal, ordered):
            alike = tuple(str(deal[key]) for key in _CHOOSING)
            self._alike.setdefault((deal["is_archived"], *alike), []).append(deal)
        for pipeline in range(1, len(self.pipelines) + 1):
            for stage in stages:
                _number(self.stages, (stage, pipeline))

    def _deal(self, row: Mapping[str, Any]) -> dict[str, Any]:
        pipeline = _number(self.pipelines, row["pipeline"])
        closed, status = row["closed"] or None, row["status"]
        return {
            "id": int(row["id"]),
            "title": row["title"],
            "value": Decimal(row["amount"]) if row["amount"] else None,
            "currency": row["currency"],
            "status": status,
            "pipeline_id": pipeline,
            "stage_id": _number(self.stages, (row["stage"], pipeline)),
            "owner_id": _number(self.users, row["owner"]) if row["owner"] else None,
            "add_time": row["created"],
            "update_time": closed or row["created"],
            "close_time": closed,
            "won_time": closed if status == "won" else None,
            "lost_time": closed if status == "lost" else None,
            "is_archived": bool(row["archived"]),
            "is_deleted": False,
            "probability": None,
            "custom_fields": {},
        }

    def chosen(self, params: Mapping[str, str], *, archived: bool) -> list[dict[str, Any]]:
        """Deals that meet the parameters, in the order of their ids."""
        said = {"owner_id": params.get("user_id"), **params}
        wanted = (archived, *(said.get(key) for key in _CHOOSING))
        if wanted not in self._found:
            some = [
                deal
                for alike, deals in self._alike.items()
                if all(value in {None, has} for value, has in zip(wanted, alike, strict=True))
                for deal in deals
            ]
            self._found[wanted] = sorted(some, key=lambda deal: int(deal["id"]))
        return self._found[wanted]

    def summary(self, deals: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        plain, weighted = _by_currency(deals), _by_currency(deals, _weighted)
        return {
            "values_total": {
                code: {"value": float(total), "count": count}
                for code, (total, count) in plain.items()
            },
            "weighted_values_total": {
                code: {"value": float(total), "count": count}
                for code, (total, count) in weighted.items()
            },
            "total_count": len(deals),
            "total_currency_converted_value": self._converted(plain),
            "total_weighted_currency_converted_value": self._converted(weighted),
        }

    def _converted(self, totals: Mapping[str, tuple[Decimal, int]]) -> float:
        return float(sum(total * self.rates[code] for code, (total, _) in totals.items()))

    def timeline(self, params: Mapping[str, str], *, archived: bool) -> list[dict[str, Any]]:
        start = date.fromisoformat(params["start_date"])
        narrowed = {key: value for key, value in params.items() if key in _NARROWING}
        deals = [
            deal
            for deal in self.chosen(narrowed, archived=archived)
            if deal["status"] != "lost" and deal[params["field_key"]]
        ]
        spans = []
        for _ in range(int(params["amount"])):
            end = _after(start, params["interval"])
            inside = [deal for deal in deals if start <= self._day(deal, params) < end]
            span = _span(start, end, inside)
            if "totals_convert_currency" in params:
                span["totals_converted"] = self._together(inside, params["totals_convert_currency"])
            spans.append(span)
            start = end
        return spans

    def _together(self, deals: Sequence[Mapping[str, Any]], code: str) -> Any:
        """In one currency; without deals a list, as PHP writes an empty table."""
        some = {status: [d for d in deals if d["status"] == status] for status in ("open", "won")}
        rate = self.rates[code]
        return (
            {
                "won_value": self._converted(_by_currency(some["won"])) / float(rate),
                "open_value": self._converted(_by_currency(some["open"])) / float(rate),
                "weighted_open_value": self._converted(_by_currency(some["open"], _weighted))
                / float(rate),
            }
            if deals
            else []
        )

    def _day(self, deal: Mapping[str, Any], params: Mapping[str, str]) -> date:
        when = datetime.fromisoformat(deal[params["field_key"]])
        return when.astimezone(self.zone).date()


@contextmanager
def serve(
    deals: Iterable[Mapping[str, Any]],
    *,
    home: str = "EUR",
    rates: Mapping[str, str] | None = None,
    zone: str = "UTC",
    stages: Sequence[str] = (),
    others: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
    token: str = TOKEN,
    daily_tokens: int = 30_000,
    latency: float = 0.0,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[PipedriveStandIn]:
    """The company behind a port of its own. ``rates``: one unit of a currency in ``home``;
    ``stages``: more stages in every pipeline; ``others``: activities, persons, organizations."""
    company = Company(deals, home, {home: "1", **(rates or {})}, zone, stages)
    stand_in = PipedriveStandIn(company, token, daily_tokens, clock, latency, sleep)
    stand_in.others = others or {}
    with serving(stand_in):
        yield stand_in


class PipedriveStandIn(StandIn):
    """``spent`` are the tokens of the day so far."""

    def __init__(
        self,
        company: Company,
        token: str,
        daily_tokens: int,
        clock: Callable[[], float],
        latency: float,
        sleep: Callable[[float], None],
    ) -> None:
        super().__init__(self._respond_to, latency=latency, sleep=sleep)
        self._company = company
        self._token = token
        self._daily = daily_tokens
        self._burst = Limit(20, 2.0, clock)
        self.spent = 0
        self.others: Mapping[str, Sequence[Mapping[str, Any]]] = {}

    def _respond_to(self, asked: Asked) -> Reply:
        signed_in = asked.headers.get("x-api-token") == self._token
        if not signed_in and asked.headers.get("authorization") != f"Bearer {self._token}":
            return _refused(401, "unauthorized access")
        if asked.path not in PUBLISHED:
            return _refused(404, "not found")
        cost, names = PUBLISHED[asked.path]
        strangers = asked.params.keys() - names
        if strangers:
            return _refused(400, f"unknown parameters: {', '.join(sorted(strangers))}")
        if self._burst.wait() or self.spent + cost > self._daily:
            return _refused(429, "request over limit")
        self.spent += cost
        return self._read(asked.path.removesuffix("/archived"), asked)

    def _read(self, path: str, asked: Asked) -> Reply:
        archived, params, company = asked.path.endswith("/archived"), asked.params, self._company
        match path:
            case "/v1/users/me":
                return _good(
                    {
                        "id": 1,
                        "default_currency": company.home,
                        "timezone_name": str(company.zone),
                        "company_name": "Acme",
                    }
                )
            case "/v1/users":
                return _good(_numbered("email", company.users))
            case "/v1/deals/summary":
                return _good(company.summary(company.chosen(params, archived=archived)))
            case "/v1/deals/timeline":
                if params.get("field_key") not in _DATES:
                    return _refused(400, "field_key")
                return _good(company.timeline(params, archived=archived))
            case "/api/v2/deals":
                return _page(company.chosen(params, archived=archived), params)
            case _:
                return _page(self._listed(path.rpartition("/")[2], params), params)

    def _listed(self, name: str, params: Mapping[str, str]) -> Sequence[Mapping[str, Any]]:
        if name == "pipelines":
            return _numbered("name", self._company.pipelines)
        if name == "stages":
            return self._stages()
        owner = params.get("owner_id")
        return [
            record
            for record in self.others.get(name, ())
            if owner is None or str(record["owner_id"]) == owner
        ]

    def _stages(self) -> list[dict[str, Any]]:
        return [
            {"id": place, "name": name, "pipeline_id": pipeline}
            for place, (name, pipeline) in enumerate(self._company.stages, 1)
        ]


def _page(found: Sequence[Mapping[str, Any]], params: Mapping[str, str]) -> Reply:
    limit, start = int(params.get("limit", 100)), int(params.get("cursor", 0))
    if limit > 500:
        return _refused(400, "limit")
    page = [_plain(entry) for entry in found[start : start + limit]]
    cursor = str(start + limit) if start + limit < len(found) else None
    return Reply({"success": True, "data": page, "additional_data": {"next_cursor": cursor}})


def _span(start: date, end: date, deals: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    totals: dict[str, Any] = {"count": len(deals), "values": _sums(deals)}
    for status in ("open", "won"):
        some = [deal for deal in deals if deal["status"] == status]
        totals[f"{status}_count"] = len(some)
        totals[f"{status}_values"] = _sums(some)
    open_deals = [deal for deal in deals if deal["status"] == "open"]
    totals["weighted_open_values"] = {
        code: float(total) for code, (total, _) in _by_currency(open_deals, _weighted).items()
    }
    last = end - timedelta(days=1)
    return {
        "period_start": f"{start} 00:00:00",
        "period_end": f"{last} 23:59:59",
        "totals": totals,
    }


def _sums(deals: Sequence[Mapping[str, Any]]) -> dict[str, float] | list[Any]:
    """Without deals it is a list, as PHP writes an empty table."""
    return {code: float(total) for code, (total, _) in _by_currency(deals).items()} or []


def _by_currency(
    deals: Iterable[Mapping[str, Any]],
    worth: Callable[[Mapping[str, Any]], Decimal] = lambda deal: deal["value"] or Decimal(0),
) -> dict[str, tuple[Decimal, int]]:
    totals: dict[str, tuple[Decimal, int]] = {}
    for deal in deals:
        total, count = totals.get(deal["currency"], (Decimal(0), 0))
        totals[deal["currency"]] = (total + worth(deal), count + 1)
    return totals


def _weighted(deal: Mapping[str, Any]) -> Decimal:
    share = {"open": _WEIGHT, "won": Decimal(1), "lost": Decimal(0)}[deal["status"]]
    return (deal["value"] or Decimal(0)) * share


def _after(start: date, interval: str) -> date:
    if interval in {"day", "week"}:
        return start + timedelta(days=7 if interval == "week" else 1)
    months = start.month - 1 + (3 if interval == "quarter" else 1)
    return start.replace(year=start.year + months // 12, month=months % 12 + 1)


def _plain(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: float(value) if isinstance(value, Decimal) else value for key, value in entry.items()
    }


def _numbered(key: str, names: Sequence[str]) -> list[dict[str, Any]]:
    return [{"id": place, key: name} for place, name in enumerate(names, 1)]


def _number(known: list[Any], name: Any) -> int:
    if name not in known:
        known.append(name)
    return known.index(name) + 1


def _good(data: Any) -> Reply:
    return Reply({"success": True, "data": data})


def _refused(status: int, message: str) -> Reply:
    return Reply({"success": False, "error": message, "data": None}, status)
