"""Deals and other records as rows of text cells."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from okrsync.contracts import RowBatch
from okrsync_pipedrive.client import Record
from okrsync_pipedrive.names import Names
from okrsync_pipedrive.planning import Chosen, Planned
from okrsync_pipedrive.settings import Object

_EVERY: Final = ("id", "owner_id", "add_time", "update_time")
_PLAIN: Final[Mapping[Object, tuple[str, ...]]] = {
    "deals": (
        *_EVERY,
        *("title", "status", "currency", "probability", "lost_reason", "origin", "channel"),
        *("person_id", "org_id", "pipeline_id", "stage_id", "creator_user_id"),
        *("stage_change_time", "won_time", "lost_time", "close_time"),
        *("expected_close_date", "archive_time", "is_archived"),
    ),
    "activities": (
        *_EVERY,
        *("subject", "type", "done", "due_date", "marked_as_done_time", "duration", "busy"),
        *("priority", "deal_id", "lead_id", "person_id", "org_id", "project_id"),
        "creator_user_id",
    ),
    "persons": (*_EVERY, "name", "first_name", "last_name", "org_id", "job_title", "birthday"),
    "organizations": (
        *_EVERY,
        *("name", "website", "industry", "annual_revenue", "employee_count"),
    ),
}
_MONEY: Final[Mapping[Object, tuple[str, ...]]] = {"deals": ("value", "acv", "arr", "mrr")}
_NAMED: Final = {
    name: re.compile(rf"(?<!\w){name}(?!\w)") for name in ("pipeline", "stage", "owner")
}
_CUSTOM: Final = re.compile(r"[0-9a-f]{40}")
MOST_CUSTOM: Final = 15


def custom_fields(plans: Iterable[Planned]) -> list[str]:
    """The custom fields that the questions speak of: keys of forty hexadecimal digits."""
    return sorted({key for text in _texts(plans) for key in _CUSTOM.findall(text)})


def named_columns(object_: Object, plans: Iterable[Planned]) -> list[str]:
    """The columns of names that the questions may speak of; looking names up costs tokens."""
    texts = list(_texts(plans))
    there = _NAMED if object_ == "deals" else {"owner": _NAMED["owner"]}
    return [name for name, said in there.items() if any(map(said.search, texts))]


def _texts(plans: Iterable[Planned]) -> Iterator[str]:
    for plan in plans:
        if plan.rows is not None:
            said = (plan.rows.where, plan.rows.measure, plan.rows.on)
            yield from (text for text in said if text is not None)


class Rows:
    """The records of one list, chosen and written as cells; amounts with their currency."""

    def __init__(
        self,
        object_: Object,
        names: Names,
        chosen: Chosen,
        *,
        named: Sequence[str],
        custom: Sequence[str],
    ) -> None:
        self._plain = _PLAIN[object_]
        self._money = _MONEY.get(object_, ())
        self._names = names
        self._chosen = chosen
        self._named = named
        self._custom = custom
        self.header = (*self._plain, *self._money, *named, *custom)

    def batches(self, pages: Iterable[Sequence[Record]]) -> Iterator[RowBatch]:
        before = 0
        for page in pages:
            rows = [self._cells(record) for record in page if self._is_chosen(record)]
            yield RowBatch(rows, range(before + 1, before + len(rows) + 1))
            before += len(rows)

    def _is_chosen(self, record: Record) -> bool:
        """Looked at here as well: with a filter Pipedrive heeds nothing else."""
        chosen = self._chosen
        return not record.get("is_deleted") and all(
            wanted is None or record.get(key) == wanted
            for key, wanted in (
                ("status", chosen.status),
                ("pipeline_id", chosen.pipeline),
                ("stage_id", chosen.stage),
                ("owner_id", chosen.user),
            )
        )

    def _cells(self, record: Record) -> list[str]:
        custom = record.get("custom_fields")
        fields: Mapping[str, Any] = custom if isinstance(custom, dict) else {}
        return [
            *(_text(record.get(key)) for key in self._plain),
            *(_money(record, key) for key in self._money),
            *(self._name(record, column) for column in self._named),
            *(_custom_text(fields.get(key)) for key in self._custom),
        ]

    def _name(self, record: Record, column: str) -> str:
        """A number that has no name, as that of a stage that is gone, stays a number."""
        number = _text(record.get(f"{column}_id"))
        return self._names.of(column).get(int(number), number) if number.isdecimal() else number


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _money(deal: Record, key: str) -> str:
    """With its currency, so that amounts of different ones are never added up."""
    value = _text(deal.get(key))
    return f"{value} {_text(deal.get('currency'))}".strip() if value else ""


def _custom_text(value: Any) -> str:
    """An amount or an option comes as a table with what it is worth; a list has no one value."""
    if isinstance(value, dict):
        amount, currency = _text(value.get("value")), _text(value.get("currency"))
        return f"{amount} {currency}".strip() if amount else ""
    return "several values" if isinstance(value, list) and value else _text(value or None)
