"""From settings to a signed-in store."""

from __future__ import annotations

import json
from typing import Any, Final

from okrsync.contracts import Toolbox
from okrsync.errors import SignInRefused, UsageError
from okrsync.http import Bearer, JwtBearer, OAuth2, SignIn
from okrsync_sheets.client import BURST, LARGEST, PER_SECOND, UNSAID_WAIT, Sheets
from okrsync_sheets.settings import SheetsSettings, check_address
from okrsync_sheets.store import SheetsStore

_SCOPE: Final = "https://www.googleapis.com/auth/spreadsheets"


def opened(settings: SheetsSettings, toolbox: Toolbox) -> SheetsStore:
    way = {"ca_file": settings.ca_file, "proxy": settings.proxy}
    sign_in, account = _sign_in(settings, toolbox, way)
    door = toolbox.http(
        base_url=settings.url,
        auth=sign_in,
        per_second=PER_SECOND,
        burst=BURST,
        unsaid_wait=UNSAID_WAIT,
        max_body=LARGEST,
        **way,
    )
    return SheetsStore(Sheets(door, settings.spreadsheet, account), settings, toolbox, account)


def _sign_in(settings: SheetsSettings, toolbox: Toolbox, way: dict[str, Any]) -> tuple[SignIn, str]:
    """The sign-in, and the account's name where it is known."""
    if settings.token is not None:
        return Bearer(toolbox.secret(settings.token)), ""
    if settings.service_account is None:
        raise UsageError("sheets: neither service_account nor token is said")
    email, private_key, token_url = _key(toolbox.secret(settings.service_account))
    grant = JwtBearer(email, settings.act_for, token_url, private_key, scope=_SCOPE)
    door = toolbox.http(**way)
    door.conceal(private_key)
    return OAuth2(grant, token_url=token_url, door=door, clock=toolbox.clock), email


def _key(text: str) -> tuple[str, str, str]:
    """Account, private key and token address of a service account's key file."""
    try:
        said = json.loads(text)
        key = (str(said["client_email"]), str(said["private_key"]), str(said["token_uri"]))
        check_address(key[2])
    except (ValueError, TypeError, KeyError):
        pass
    else:
        return key
    # Raised out here: the parser's own error quotes what it read.
    raise SignInRefused(
        "service_account is not the key of a service account",
        next_step="download a new key as JSON, and keep the whole file as the secret",
    )
