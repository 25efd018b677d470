"""What ``okrsync doctor`` says of a GitHub: who is signed in, what is left, what expires."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

from okrsync.contracts import Remark
from okrsync.errors import OutsideError
from okrsync_github import documents
from okrsync_github.account import Account
from okrsync_github.answers import table, text, whole_number
from okrsync_github.client import client
from okrsync_github.limits import is_limited

_EXPIRES: Final = "github-authentication-token-expiration"
_SOON: Final = timedelta(days=14)
_FEW: Final = 10  # percent of the hour's points


def remarks(account: Account) -> Iterator[Remark]:
    """Each remark stands for itself: one that fails says so and the next is tried."""
    for look in (_who, _quota, _scope):
        try:
            yield from look(account)
        except OutsideError as error:
            yield Remark(error.message, well=False, cure=error.next_step)


def _who(account: Account) -> Iterator[Remark]:
    settings = account.settings
    if settings.graphql:
        viewer = table(account.graph.ask(documents.VIEWER, {}).field("viewer"), "viewer")
        login = text(viewer.get("login"), "login")
    elif settings.token is not None:
        with client(account.door, settings.api) as github:
            login = github.get_user().login
    else:
        login = f"App {settings.app_id}"
    yield Remark(f"signed in as {login}")


def _quota(account: Account) -> Iterator[Remark]:
    answer = account.door.get("rate_limit", accept={404}, limited=is_limited)
    if not answer.good:
        yield Remark("this server has no rate limits")
        return
    bucket = "graphql" if account.settings.graphql else "search"
    resources = table(table(answer.json(), "answer").get("resources"), "resources")
    said = table(resources.get(bucket), bucket)
    limit = whole_number(said.get("limit"), "limit")
    left = whole_number(said.get("remaining"), "remaining")
    unit = "points an hour" if account.settings.graphql else "searches a minute"
    few = bool(limit) and left * 100 < limit * _FEW
    yield Remark(
        f"{left:,} of {limit:,} {unit} left",
        well=not few,
        cure="let other programs use another token" if few else "",
    )
    yield from _expiry(answer.headers, account.now)


def _expiry(headers: Mapping[str, str], now: datetime) -> Iterator[Remark]:
    """Said of tokens that expire: ``2026-12-03 08:00:00 UTC``."""
    said = headers.get(_EXPIRES, "")
    try:
        ends = datetime.fromisoformat(said.replace(" UTC", "+00:00").replace(" -", "-"))
    except ValueError:
        return
    if ends.tzinfo is None:
        return
    soon = ends - now < _SOON
    yield Remark(
        f"the token expires on {ends:%Y-%m-%d}, in {max(0, (ends - now).days)} days",
        well=not soon,
        cure="make a new token, and put it where the settings read it" if soon else "",
    )


def _scope(account: Account) -> Iterator[Remark]:
    scope = account.settings.scope
    if not scope:
        return
    if "/" in scope:
        account.rest.repository(scope)
    else:
        account.rest.owner(scope)
    yield Remark(f"{scope} can be read")
