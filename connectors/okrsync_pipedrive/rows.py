"""Deals as rows of text cells."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from okrsync.contracts import RowBatch
from okrsync_pipedrive.client import Deal
from okrsync_pipedrive.names import Names
from okrsync_pipedrive.planning import Chosen, Planned

_PLAIN: Final = (
    *("id", "title", "status", "currency", "probability", "lost_reason", "origin", "channel"),
    *("owner_id", "person_id", "org_id", "pipeline_id", "stage_id", "creator_user_id"),
    *("add_time", "update_time", "stage_change_time", "won_time", "lost_time", "close_time"),
    *("expected_close_date", "archive_time", "is_archived"),
)
_MONEY: Final = ("value", "acv", "arr", "mrr")
_NAMED: Final = {
    name: re.compile(rf"(?<!\w){name}(?!\w)") for name in ("pipeline", "stage", "owner")
}
_CUSTOM: Final = re.compile(r"[0-9a-f]{40}")
MOST_CUSTOM: Final = 15


def custom_fields(plans: Iterable[Planned]) -> list[str]:
    """The custom fields that the questions speak of: keys of forty hexadecimal digits."""
    return sorted({key for text in _texts(plans) for key in _CUSTOM.findall(text)})


def named_columns(plans: Iterable[Planned]) -> list[str]:
    """The columns of names that the questions may speak of; looking names up costs tokens."""
    texts = list(_texts(plans))
    return [name for name, said in _NAMED.items() if any(map(said.search, texts))]


def _texts(plans: Iterable[Planned]) -> Iterator[str]:
    for plan in plans:
        if plan.rows is not None:
            said = (plan.rows.where, plan.rows.measure, plan.rows.on)
            yield from (text for text in said if text is not None)


class Rows:
    """The deals of one list, chosen and written as cells; amounts with their currency."""

    def __init__(
        self, names: Names, chosen: Chosen, *, named: Sequence[str], custom: Sequence[str]
    ) -> None:
        self._names = names
        self._chosen = chosen
        self._named = named
        self._custom = custom
        self.header = (*_PLAIN, *_MONEY, *named, *custom)

    def batches(self, pages: Iterable[Sequence[Deal]]) -> Iterator[RowBatch]:
        before = 0
        for page in pages:
            rows = [self._cells(deal) for deal in page if self._is_chosen(deal)]
            yield RowBatch(rows, range(before + 1, before + len(rows) + 1))
            before += len(rows)

    def _is_chosen(self, deal: Deal) -> bool:
        """Looked at here as well: with a filter Pipedrive heeds nothing else."""
        chosen = self._chosen
        return not deal.get("is_deleted") and all(
            wanted is None or deal.get(key) == wanted
            for key, wanted in (
                ("status", chosen.status),
                ("pipeline_id", chosen.pipeline),
                ("stage_id", chosen.stage),
                ("owner_id", chosen.user),
                ("currency", chosen.currency),
            )
        )

    def _cells(self, deal: Deal) -> list[str]:
        custom = deal.get("custom_fields")
        fields: Mapping[str, Any] = custom if isinstance(custom, dict) else {}
        return [
            *(_text(deal.get(key)) for key in _PLAIN),
            *(_money(deal, key) for key in _MONEY),
            *(self._name(deal, column) for column in self._named),
            *(_custom_text(fields.get(key)) for key in self._custom),
        ]

    def _name(self, deal: Deal, column: str) -> str:
        """A number that has no name, as that of a stage that is gone, stays a number."""
        number = _text(deal.get(f"{column}_id"))
        return self._names.of(column).get(int(number), number) if number.isdecimal() else number


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def _money(deal: Deal, key: str) -> str:
    """With its currency, so that amounts of different ones are never added up."""
    value = _text(deal.get(key))
    return f"{value} {_text(deal.get('currency'))}".strip() if value else ""


def _custom_text(value: Any) -> str:
    """An amount or an option comes as a table with what it is worth; a list has no one value."""
    if isinstance(value, dict):
        amount, currency = _text(value.get("value")), _text(value.get("currency"))
        return f"{amount} {currency}".strip() if amount else ""
    return "several values" if isinstance(value, list) and value else _text(value or None)
