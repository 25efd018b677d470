"""Asking the Salesforce stand-in: settings, a toolbox, questions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from okrsync.contracts import FromEnvironment
from okrsync.errors import OutsideError
from okrsync.model import Measurement, Question, Window
from okrsync.testing import FakeToolbox, frozen_clock
from okrsync.testing.samples import NOON
from okrsync_salesforce import SOURCE
from okrsync_salesforce.settings import SalesforceQuery, SalesforceSettings
from tests.system.standins.salesforce import Org

STOCKHOLM = ZoneInfo("Europe/Stockholm")
ALL = Window("all")
QUARTER = Window(
    "period",
    datetime(2026, 10, 1, tzinfo=STOCKHOLM),
    datetime(2027, 1, 1, tzinfo=STOCKHOLM),
)


@dataclass(frozen=True)
class Asking:
    """``ask`` gives one answer, ``numbers`` those of many as text, errors by their code."""

    source: Any
    toolbox: FakeToolbox
    org: Org

    def ask(self, question: Question[SalesforceQuery]) -> Measurement | OutsideError:
        [answer] = self.source.measure([question])
        assert isinstance(answer, Measurement | OutsideError)
        return answer

    def number(self, question: Question[SalesforceQuery]) -> Measurement:
        answer = self.ask(question)
        assert isinstance(answer, Measurement), answer
        return answer

    def failure(self, question: Question[SalesforceQuery]) -> OutsideError:
        answer = self.ask(question)
        assert isinstance(answer, OutsideError), answer
        return answer


def settings_for(org: Org, **more: Any) -> SalesforceSettings:
    return SalesforceSettings(
        login_url=org.address,
        client_id=org.CLIENT,
        client_secret=FromEnvironment(env="SF_SECRET"),
        **more,
    )


@contextmanager
def asking(
    org: Org,
    root: Path,
    *,
    zone: tzinfo = STOCKHOLM,
    secret: str | None = None,
    remembered: dict[str, str] | None = None,
    **settings: Any,
) -> Iterator[Asking]:
    toolbox = FakeToolbox(
        root,
        name="crm",
        zone=zone,
        clock=frozen_clock(NOON),
        secrets={"SF_SECRET": secret or org.SECRET},
        remembered={} if remembered is None else remembered,
    )
    with toolbox, SOURCE.open(settings_for(org, **settings), toolbox) as source:
        yield Asking(source, toolbox, org)


def deals(
    where: str | None = None,
    agg: str | None = "count",
    measure: str | None = None,
    *,
    on: str | None = None,
    window: Window = ALL,
    as_of: datetime = NOON,
    **query: Any,
) -> Question[SalesforceQuery]:
    """A question to opportunities by object and condition."""
    asked = SalesforceQuery(object="Opportunity", where=where, **query)
    return Question("crm", asked, measure, agg, on, window, as_of)


def soql(
    text: str,
    agg: str | None = None,
    measure: str | None = None,
    *,
    on: str | None = None,
    window: Window = ALL,
    as_of: datetime = NOON,
    **query: Any,
) -> Question[SalesforceQuery]:
    return Question("crm", SalesforceQuery(soql=text, **query), measure, agg, on, window, as_of)


def codes(answers: Sequence[Measurement | OutsideError]) -> list[str]:
    """What became of each: its number, or the code of its error."""
    return [
        str(answer.value) if isinstance(answer, Measurement) else answer.code for answer in answers
    ]
