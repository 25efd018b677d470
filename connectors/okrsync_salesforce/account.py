"""The sign-in, and the door to the address that it answers with."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from okrsync.contracts import FromEnvironment, FromFile, FromKeyring, SecretRef, Toolbox
from okrsync.errors import BadAnswer, SignInRefused, UsageError
from okrsync.http import ClientCredentials, Door, JwtBearer, OAuth2
from okrsync_salesforce.settings import SalesforceSettings

_TOKEN_PATH: Final = "/services/oauth2/token"  # noqa: S105  (an address)
_PRODUCTION, _SANDBOX = "https://login.salesforce.com", "https://test.salesforce.com"
_DOMAINS: Final = (".salesforce.com", ".salesforce.mil", ".force.com", ".sfcrmproducts.cn")
_SECONDS: Final = 150.0  # a query may take two minutes there
_LARGEST: Final = 50_000_000  # 2,000 records with long texts, or an object of 800 fields


class Account:
    """One user of one org, signed in. Raises ``SignInRefused`` and what the door raises."""

    def __init__(self, settings: SalesforceSettings, toolbox: Toolbox) -> None:
        network = {"ca_file": settings.ca_file, "proxy": settings.proxy}
        self.sign_in = OAuth2(
            _grant(settings, toolbox),
            token_url=settings.address + _TOKEN_PATH,
            door=toolbox.http(**network),
            clock=toolbox.clock,
        )
        said = self.sign_in.token().said
        self.address = allowed_address(said.get("instance_url"), settings.address)
        self.user = _user_of(said.get("id"))
        self.door: Door = toolbox.http(
            base_url=self.address,
            auth=self.sign_in,
            max_body=_LARGEST,
            per_request=_SECONDS,
            **network,
        )


def allowed_address(answered: object, configured: str) -> str:
    """The answered address where the token may go: Salesforce's own, or the one that was set."""
    if not isinstance(answered, str):
        raise BadAnswer(
            "Salesforce answered the sign-in without the org's address (instance_url)",
            next_step="check domain or login_url",
        )
    parts = urlsplit(answered)
    bare = not (parts.username or parts.password or parts.query or parts.fragment)
    if bare and parts.path in {"", "/"} and _may_follow(answered.rstrip("/"), configured):
        return answered.rstrip("/")
    raise SignInRefused(
        "Salesforce answered the sign-in with an address that is not one of Salesforce's: the "
        "token was not sent there",
        next_step="check domain or login_url",
    )


def _may_follow(answered: str, configured: str) -> bool:
    if answered.lower() == configured.lower():
        return True
    parts = urlsplit(answered)
    try:
        usual = parts.scheme == "https" and parts.port in {None, 443}
    except ValueError:
        return False
    return usual and f".{parts.hostname or ''}".endswith(_DOMAINS)


def _grant(settings: SalesforceSettings, toolbox: Toolbox) -> ClientCredentials | JwtBearer:
    client = _revealed(settings.client_id, toolbox)
    if settings.client_secret is not None:
        return ClientCredentials(client, toolbox.secret(settings.client_secret))
    if settings.private_key is None or settings.username is None:
        raise UsageError("salesforce: neither client_secret nor private_key is said")
    return JwtBearer(
        client,
        settings.username,
        settings.audience or _audience(settings.address),
        toolbox.secret(settings.private_key),
    )


def _audience(address: str) -> str:
    """Salesforce takes the name of its own sign-in server, not that of the org."""
    host = urlsplit(address).hostname or ""
    if not host.endswith(_DOMAINS):
        return address
    sandbox = host == "test.salesforce.com" or ".sandbox." in host
    return _SANDBOX if sandbox else _PRODUCTION


def _revealed(value: SecretRef | str, toolbox: Toolbox) -> str:
    if isinstance(value, FromEnvironment | FromFile | FromKeyring):
        return toolbox.secret(value)
    return value


def _user_of(identity: object) -> str | None:
    """The user's id from the identity address, .../id/00D.../005...: for examining and currency."""
    last = identity.rpartition("/")[2] if isinstance(identity, str) else ""
    return last if last.isalnum() and last.startswith("005") and len(last) in {15, 18} else None
