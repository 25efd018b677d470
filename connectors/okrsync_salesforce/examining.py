"""What ``okrsync doctor`` should know of an org: who is signed in, and what that user may see."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from okrsync.contracts import Remark
from okrsync.errors import OutsideError
from okrsync_salesforce.answers import size_of
from okrsync_salesforce.calls import Calls

_SEES_ALL: Final = (
    "SELECT COUNT() FROM PermissionSetAssignment WHERE AssigneeId = '{user}' "
    "AND PermissionSet.PermissionsViewAllData = TRUE"
)
_PLAIN: Final = re.compile(r"[\w.@+/-]{1,120}")


def remarks(calls: Calls, user: str | None) -> Iterator[Remark]:
    """Raises nothing of Salesforce's: what cannot be found out is said."""
    try:
        said = calls.resource("services/oauth2/userinfo")
    except OutsideError as error:
        yield Remark(error.message, well=False, cure=error.next_step)
        return
    facts = said if isinstance(said, dict) else {}
    yield Remark(f"signed in as {_plain(facts.get('preferred_username'))}")
    yield Remark(f"date words in SOQL count days in {_plain(facts.get('zoneinfo'))}")
    yield _sight(calls, user)
    yield Remark(calls.allowance.words())


def _sight(calls: Calls, user: str | None) -> Remark:
    cure = "give the user View All Data, or View All on the objects that are counted"
    if user is None:
        return Remark("not known which records the user may see", well=False, cure=cure)
    try:
        sees_all = size_of(calls.query(_SEES_ALL.format(user=user)))
    except OutsideError:
        return Remark("not known which records the user may see", well=False, cure=cure)
    if sees_all:
        return Remark("may see all data")
    return Remark("sharing rules may hide records from this user", well=False, cure=cure)


def _plain(value: object) -> str:
    known = isinstance(value, str) and _PLAIN.fullmatch(value)
    return str(value) if known else "somebody or something that Salesforce did not name"
