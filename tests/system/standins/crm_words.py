"""The forty questions as a user of each CRM would ask them.

Where a CRM has no words for a question, its records are looked at one by one (``rows = true``).
HubSpot shows its archived records only together with the others, so that a mapping subtracts:
``value = "with_archived - without"``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from okrsync.model import Question
from okrsync_hubspot.settings import HubSpotQuery
from okrsync_pipedrive.settings import PipedriveQuery
from okrsync_salesforce.settings import SalesforceQuery
from tests.system.standins.many_deals import NOW, PIPELINES
from tests.system.standins.questions import DealQuestion

NO_STAGE: Final = "not sorted yet"
"""HubSpot and Pipedrive have no deal without a stage: companies keep one for such deals."""

_CLOSED: Final = {"won": "won_time", "lost": "lost_time"}


@dataclass(frozen=True)
class InWords:
    """The answer is that to ``first``, less that to ``second`` where there is one."""

    first: Question[Any]
    second: Question[Any] | None = None

    @property
    def parts(self) -> list[Question[Any]]:
        return [self.first] if self.second is None else [self.first, self.second]


def _asked(
    question: DealQuestion, query: Any, measure: str | None, on: str | None
) -> Question[Any]:
    return Question("crm", query, measure, question.agg, on, question.window, NOW)


def _archived(question: DealQuestion) -> bool | None:
    """None: the question does not care."""
    said = dict(question.where)
    if said.get("archived!") == "true":
        return False
    return said["archived"] == "true" if "archived" in said else None


# HubSpot

_HUBSPOT: Final = {
    ("status", "won"): "hs_is_closed_won == true",
    ("status", "lost"): "hs_is_closed_lost == true",
    ("status", "open"): "hs_is_closed == false",
    ("owner", ""): "empty(owner)",
}


def hubspot(question: DealQuestion) -> InWords:
    where = " and ".join(
        _in_hubspot(*pair) for pair in question.where if not pair[0].startswith("archived")
    )
    on = {"closed": "closedate", "created": "createdate", None: None}[question.on]
    archived = _archived(question)

    def asked(*, whole: bool) -> Question[Any]:
        query = HubSpotQuery(where=where or None, archived=whole)
        return _asked(question, query, question.measure, on)

    if archived:
        return InWords(asked(whole=True), asked(whole=False))
    return InWords(asked(whole=archived is None))


def _in_hubspot(column: str, text: str) -> str:
    if (column, text) in _HUBSPOT:
        return _HUBSPOT[column, text]
    if column == "stage":  # the same name in both pipelines, and an id of its own in each
        stage = text or NO_STAGE
        both = (f"(pipeline == '{name}' and stage == '{stage}')" for name in PIPELINES)
        return f"({' or '.join(both)})"
    return f"{ {'currency': 'deal_currency_code'}.get(column, column) } == '{text}'"


# Salesforce

_SALESFORCE: Final = {
    "currency": "CurrencyIsoCode",
    "stage": "StageName",
    "status": "Status__c",
    "pipeline": "Pipeline__c",
    "owner": "Owner__c",
    "amount": "Amount",
    "closed": "ClosedAt__c",
    "created": "CreatedDate",
}


def salesforce(question: DealQuestion) -> InWords:
    where = " and ".join(_in_salesforce(*pair) for pair in question.where)
    query = SalesforceQuery(object="Opportunity", where=where or None)
    measure = _SALESFORCE[question.measure] if question.measure else None
    on = _SALESFORCE[question.on] if question.on else None
    return InWords(_asked(question, query, measure, on))


def _in_salesforce(column: str, text: str) -> str:
    if column.startswith("archived"):
        return f"Archived__c == {'false' if column.endswith('!') else text}"
    name = _SALESFORCE[column]
    return f"{name} == '{text}'" if text else f"empty({name})"


# Pipedrive


def pipedrive(question: DealQuestion) -> InWords:
    said, archived = dict(question.where), _archived(question)
    status = said.get("status")
    narrowed: dict[str, Any] = {
        "status": status,
        "currency": said.get("currency"),
        "pipeline": said.get("pipeline"),
        "archived": archived is not False,
    }
    where = [*_in_rows(said), *(["is_archived"] if archived else [])]
    if where or _only_in_rows(question, status):
        narrowed |= {"rows": True, "where": " and ".join(where) or None}
    on = {"closed": _CLOSED.get(status or ""), "created": "add_time", None: None}[question.on]
    measure = {"amount": "value"}.get(question.measure or "", question.measure)
    return InWords(_asked(question, PipedriveQuery(**narrowed), measure, on))


def _in_rows(said: dict[str, str]) -> list[str]:
    stage = [f"stage == '{said['stage'] or NO_STAGE}'"] if "stage" in said else []
    return stage + (["empty(owner)"] if "owner" in said else [])


def _only_in_rows(question: DealQuestion, status: str | None) -> bool:
    """Pipedrive adds up and counts; by a date it counts no currency, and nothing that was lost."""
    if question.on is None:
        return (question.agg, question.measure) not in {("count", None), ("sum", "amount")}
    return question.agg != "sum" or status != "won"
