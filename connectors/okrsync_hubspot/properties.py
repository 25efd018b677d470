"""What HubSpot's properties are, and what okrsync calls some of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

ID: Final = "hs_object_id"
CURRENCY: Final = "deal_currency_code"

# Every record has them, so "is not" needs no second look at records without a value.
ALWAYS_SET: Final = frozenset(
    {ID, "createdate", "hs_createdate", "dealstage", "pipeline", "hs_pipeline", "hs_pipeline_stage"}
)

# A deal's amount is in the deal's own currency; only these can be added up.
IN_HOME_CURRENCY: Final[Mapping[str, str]] = {
    "amount": "amount_in_home_currency",
    "hs_closed_amount": "hs_closed_amount_in_home_currency",
    "hs_projected_amount": "hs_projected_amount_in_home_currency",
}
AMOUNTS: Final = frozenset({*IN_HOME_CURRENCY, *IN_HOME_CURRENCY.values()})


@dataclass(frozen=True, slots=True)
class Property:
    """``type`` is HubSpot's own word: string, number, date, datetime, enumeration or bool; ""
    where it is not known yet. ``options`` are an enumeration's labels by its values."""

    name: str
    type: str = ""
    many: bool = False
    options: Mapping[str, str] | None = None

    @property
    def always_set(self) -> bool:
        return self.name in ALWAYS_SET


@dataclass(frozen=True, slots=True)
class Words:
    """The properties behind the columns that hold labels and email addresses instead of ids."""

    stage: str = ""
    pipeline: str = ""
    owner: str = "hubspot_owner_id"

    def real(self, column: str) -> str | None:
        """The property that holds the ids behind a column of labels; None for a plain column."""
        return {"stage": self.stage, "pipeline": self.pipeline, "owner": self.owner}.get(
            column
        ) or None


_WORDS: Final[Mapping[str, Words]] = {
    "deals": Words("dealstage", "pipeline"),
    "tickets": Words("hs_pipeline_stage", "hs_pipeline"),
    "contacts": Words(),
    "companies": Words(),
}
_NAMES: Final[Mapping[str, str]] = {
    "deal": "deals",
    "0-3": "deals",
    "ticket": "tickets",
    "0-5": "tickets",
    "contact": "contacts",
    "0-1": "contacts",
    "company": "companies",
    "0-2": "companies",
}
PIPELINE_ID: Final = "pipeline_id"
"""okrsync's word for the id in a deal's property ``pipeline``, whose name means the label here."""


def words_of(object_: str) -> Words:
    """What labels an object has; a custom one may have pipelines of its own."""
    plain = _NAMES.get(object_, object_)
    return _WORDS.get(plain, Words("hs_pipeline_stage", "hs_pipeline"))


def canonical(object_: str) -> str:
    """One name for each standard object, so that equal questions are asked once."""
    return _NAMES.get(object_, object_)
