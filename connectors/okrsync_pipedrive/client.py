"""Pipedrive's requests with their costs, and what makes an answer one that can be counted on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from okrsync.errors import BadAnswer
from okrsync_pipedrive.tokens import Tokens

if TYPE_CHECKING:
    from okrsync.http import Door

PAGE: Final = 500
LIST_COSTS: Final[Mapping[str, int]] = {
    "/api/v2/deals": 10,
    "/api/v2/deals/archived": 20,
    "/api/v2/activities": 10,
    "/api/v2/persons": 10,
    "/api/v2/organizations": 10,
    "/api/v2/pipelines": 5,
    "/api/v2/stages": 5,
}
_AGAIN: Final = "run again later: okrsync sync"

Scalar = str | int
Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Request:
    """One GET; ``cost`` in tokens."""

    path: str
    params: tuple[tuple[str, Scalar], ...]
    cost: int


class Pipedrive:
    """The requests of one company; safe to share by threads."""

    def __init__(self, door: Door, tokens: Tokens) -> None:
        self._door = door
        self.tokens = tokens

    @property
    def requests(self) -> int:
        return self._door.requests

    def get(self, request: Request) -> Any:
        """The answer's ``data``."""
        return self._answer(request)["data"]

    def me(self) -> Mapping[str, Any]:
        """The user whose token this is."""
        return mapping(self.get(Request("/v1/users/me", (), 2)), "user")

    def users(self) -> Sequence[Mapping[str, Any]]:
        return entries(self.get(Request("/v1/users", (), 20)), "users")

    def listed(
        self, path: str, params: tuple[tuple[str, Scalar], ...] = ()
    ) -> Iterator[Sequence[Record]]:
        """A list in pages. Raises BadAnswer where pages repeat what was read before."""
        last, cursor = 0, ""
        seen: set[str] = set()
        while True:
            more = (("cursor", cursor),) if cursor else ()
            asked = (*params, ("sort_by", "id"), ("sort_direction", "asc"), ("limit", PAGE), *more)
            answer = self._answer(Request(path, asked, LIST_COSTS[path]))
            page = entries(answer["data"], "list")
            ids = [whole(entry.get("id"), "id") for entry in page]
            if any(one >= other for one, other in zip([last, *ids], ids, strict=False)):
                raise BadAnswer("Pipedrive's pages repeat what was read before", next_step=_AGAIN)
            if ids:
                last = ids[-1]
                yield page
            cursor = _cursor(answer)
            if not cursor:
                return
            if cursor in seen or not page:
                raise BadAnswer("Pipedrive's pages lead nowhere", next_step=_AGAIN)
            seen.add(cursor)

    def _answer(self, request: Request) -> Mapping[str, Any]:
        self.tokens.spend(request.cost)
        answer = self._door.get(request.path, params=dict(request.params)).json()
        if not isinstance(answer, dict) or answer.get("success") is not True:
            raise BadAnswer("Pipedrive's answer does not say success", next_step=_AGAIN)
        if "data" not in answer:
            raise BadAnswer("Pipedrive's answer holds no data", next_step=_AGAIN)
        return answer


def mapping(value: Any, what: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise BadAnswer(f"Pipedrive's answer holds no {what}", next_step=_AGAIN)
    return value


def entries(value: Any, what: str) -> Sequence[Mapping[str, Any]]:
    if not isinstance(value, list):
        raise BadAnswer(f"Pipedrive's answer holds no {what}", next_step=_AGAIN)
    return [mapping(entry, what) for entry in value]


def whole(value: Any, what: str) -> int:
    """A count or an id: a whole number from 0 on."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise BadAnswer(f"Pipedrive's answer holds no number as `{what}`", next_step=_AGAIN)
    return value


def number(value: Any, what: str) -> Decimal:
    """An amount."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise BadAnswer(f"Pipedrive's answer holds no number as `{what}`", next_step=_AGAIN)
    amount = Decimal(value)
    if not amount.is_finite():
        raise BadAnswer(f"Pipedrive's answer holds no finite `{what}`", next_step=_AGAIN)
    return amount


def _cursor(answer: Mapping[str, Any]) -> str:
    more = answer.get("additional_data")
    if more is None:
        return ""
    cursor = mapping(more, "additional_data").get("next_cursor")
    if cursor is not None and not isinstance(cursor, str):
        raise BadAnswer("Pipedrive's next page has no readable cursor", next_step=_AGAIN)
    return cursor or ""
