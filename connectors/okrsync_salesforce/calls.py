"""Calls of the REST API: many questions in one, each answered or refused by itself.

The batch resource of the composite API is used, not /composite itself: in /composite a text such
as @{first.id} refers to another answer, and a value from a mapping could hold one.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from okrsync.contracts import Toolbox
from okrsync.errors import BadAnswer, OutsideError, SourceError
from okrsync.http import Answer
from okrsync_salesforce.account import Account
from okrsync_salesforce.allowance import Allowance
from okrsync_salesforce.trouble import EXPIRED, code_of, refusal, says_limited

# Salesforce says in a list what is wrong. A 401 stays with the door, which renews the sign-in, and
# so does what the door asks again.
_REFUSALS: Final = frozenset(range(400, 500)) - {401, 408, 425, 429}
_AT_ONCE: Final = 4
_LONGEST_ADDRESS: Final = 16_000
_NEXT_PAGE: Final = re.compile(r"/services/data/v[0-9]{2}\.0/query/[A-Za-z0-9-]{1,80}")
_GOOD: Final = 200

Body = Any
Outcome = Body | OutsideError


@dataclass(frozen=True, slots=True)
class Part:
    """One answer inside a batch."""

    status: int
    body: Body

    @property
    def outcome(self) -> Outcome:
        good = _GOOD <= self.status < _GOOD + 100
        return self.body if good else refusal(self.status, self.body)


class Calls:
    """``made`` counts the calls that the org is billed for."""

    def __init__(
        self, account: Account, toolbox: Toolbox, *, version: str, per_call: int, floor: str
    ) -> None:
        self._account = account
        self._toolbox = toolbox
        self._version = f"v{version}"
        self._per_call = per_call
        self._lock = threading.Lock()
        self.allowance = Allowance(floor)
        self.made = 0

    def queries(self, soqls: Sequence[str]) -> list[Outcome]:
        """The answer to each query, in order: its body, or what stands in its way."""
        asked = [soql for soql in soqls if len(quote(soql, safe="")) <= _LONGEST_ADDRESS]
        answered = self._in_batches([f"query?q={quote(soql, safe='')}" for soql in asked])
        known = dict(zip(asked, answered, strict=True))
        return [known[soql] if soql in known else _too_long() for soql in soqls]

    def describes(self, objects: Sequence[str]) -> list[Outcome]:
        return self._in_batches([f"sobjects/{quote(name, safe='')}/describe" for name in objects])

    def query(self, soql: str) -> Body:
        """The first page of a query, for one that is read to its end. Raises ``OutsideError``."""
        if len(quote(soql, safe="")) > _LONGEST_ADDRESS:
            raise _too_long()
        return self._got(f"services/data/{self._version}/query", {"q": soql})

    def next_page(self, address: object) -> Body:
        """The page at the ``nextRecordsUrl`` of an earlier one."""
        if not isinstance(address, str) or not _NEXT_PAGE.fullmatch(address):
            raise BadAnswer(
                "Salesforce answered with a next page at an address that is not its own",
                next_step="run again: okrsync sync",
            )
        return self._got(address, None)

    def resource(self, path: str) -> Body:
        """Something small, such as the user's own record."""
        return self._got(path, None)

    def _in_batches(self, addresses: Sequence[str]) -> list[Outcome]:
        per_call = self._per_call
        chunks = [addresses[at : at + per_call] for at in range(0, len(addresses), per_call)]
        # The first call goes alone: its answer says whether the floor allows the others.
        outcomes = self._whole(chunks[:1]) + self._whole(chunks[1:])
        return [outcome for chunk in outcomes for outcome in chunk]

    def _whole(self, chunks: Sequence[Sequence[str]]) -> list[Sequence[Outcome]]:
        answers = self._toolbox.each(self._batch, chunks, at_once=_AT_ONCE)
        return [
            [answer] * len(chunk) if isinstance(answer, OutsideError) else answer
            for chunk, answer in zip(chunks, answers, strict=True)
        ]

    def _batch(self, addresses: Sequence[str]) -> Sequence[Outcome]:
        parts = self._posted(addresses)
        expired = [i for i, part in enumerate(parts) if code_of(part.body) == EXPIRED]
        if expired and self._account.sign_in.renew():
            again = self._posted([addresses[i] for i in expired])
            for i, part in zip(expired, again, strict=True):
                parts[i] = part
        return [part.outcome for part in parts]

    def _posted(self, addresses: Sequence[str]) -> list[Part]:
        asked = [{"method": "GET", "url": f"{self._version}/{address}"} for address in addresses]
        body = self._counted(
            lambda: self._account.door.post(
                f"services/data/{self._version}/composite/batch",
                json={"haltOnError": False, "batchRequests": asked},
                safe=True,  # nothing but GET is in it
                accept=_REFUSALS,
                limited=says_limited,
            )
        )
        return _parts(body, len(addresses))

    def _got(self, path: str, params: dict[str, str] | None) -> Body:
        return self._counted(
            lambda: self._account.door.get(
                path, params=params, accept=_REFUSALS, limited=says_limited
            )
        )

    def _counted(self, ask: Callable[[], Answer]) -> Body:
        self.allowance.check()
        answer = ask()
        self.allowance.note(answer.headers)
        with self._lock:
            self.made += 1
        if not answer.good:
            raise refusal(answer.status, answer.json_or_none())
        return answer.json()


def _parts(body: Body, count: int) -> list[Part]:
    results = body.get("results") if isinstance(body, dict) else None
    if not isinstance(results, list) or len(results) != count:
        raise _cut()
    return [_part(result) for result in results]


def _part(result: object) -> Part:
    if not isinstance(result, dict):
        raise _cut()
    status = result.get("statusCode")
    if not isinstance(status, int) or isinstance(status, bool):
        raise _cut()
    return Part(status, result.get("result"))


def _cut() -> BadAnswer:
    return BadAnswer(
        "Salesforce did not answer every question of a call", next_step="run again: okrsync sync"
    )


def _too_long() -> SourceError:
    return SourceError(
        "the query is longer than Salesforce takes in an address",
        next_step="shorten the list of values in where, or ask with a field that groups them",
    )
