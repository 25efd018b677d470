"""In which currency Salesforce answers.

Sums in an org with several currencies come in the org's own (corporate) currency, single records
under convertCurrency() in the user's, and without it in their own. An org with one currency does
not say which it is.
"""

from __future__ import annotations

import re
from typing import Any, Final

from okrsync.conditions import AllOf, Comparison, Condition
from okrsync.errors import BadAnswer, SourceError
from okrsync_salesforce.calls import Calls

_COLUMN: Final = "currencyisocode"
_CODE: Final = re.compile(r"[A-Z]{3}")
_CORPORATE: Final = "SELECT IsoCode FROM CurrencyType WHERE IsCorporate = TRUE LIMIT 2"


def pinned(condition: Condition | SourceError | None) -> str:
    """The one currency that every record has which meets the condition; "" without one."""
    parts = condition.parts if isinstance(condition, AllOf) else (condition,)
    for part in parts:
        if isinstance(part, Comparison) and part.operator == "==":
            code = str(part.value)
            if part.column.lower() == _COLUMN and _CODE.fullmatch(code):
                return code
    return ""


class Currencies:
    """``single`` is the setting for an org with one currency."""

    def __init__(self, calls: Calls, single: str | None, user: str | None) -> None:
        self._calls = calls
        self._user = user
        self._known: dict[str, str] = {}
        self.single = single or ""

    def corporate(self) -> str:
        return self._asked(_CORPORATE, "IsoCode", "the org's own currency")

    def users(self) -> str:
        if self._user is None:
            raise _unknown("the user's currency")
        soql = f"SELECT DefaultCurrencyIsoCode FROM User WHERE Id = '{self._user}' LIMIT 2"  # noqa: S608
        return self._asked(soql, "DefaultCurrencyIsoCode", "the user's currency")

    def _asked(self, soql: str, column: str, what: str) -> str:
        if soql not in self._known:
            self._known[soql] = _only_code(self._calls.query(soql), column, what)
        return self._known[soql]


def _only_code(body: Any, column: str, what: str) -> str:
    records = body.get("records") if isinstance(body, dict) else None
    if isinstance(records, list) and len(records) == 1 and isinstance(records[0], dict):
        code = records[0].get(column)
        if isinstance(code, str) and _CODE.fullmatch(code):
            return code
    raise _unknown(what)


def _unknown(what: str) -> BadAnswer:
    return BadAnswer(
        f"Salesforce did not say what {what} is, and this object has several",
        next_step="let the user read CurrencyType and its own User record, or narrow where to one "
        "currency and measure a number field",
    )
