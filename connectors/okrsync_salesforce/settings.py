"""What [source.<name>] and a mapping say about Salesforce."""

from __future__ import annotations

import re
from typing import Annotated, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from okrsync.addresses import CaFile, Proxy, safe_address
from okrsync.conditions import Values, Vars
from okrsync.contracts import SecretRef, Settings, WorkingDays

_SHARED_LOGINS: Final = frozenset({"login.salesforce.com", "test.salesforce.com"})
_DOMAIN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*(?:\.[A-Za-z0-9][A-Za-z0-9-]*)*")
_FLOOR: Final = re.compile(r"(?P<share>[0-9]{1,2})(?:\.[0-9]+)? ?%|(?P<calls>[0-9]{1,9})")
NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,79}")


class SalesforceSettings(Settings):
    domain: Annotated[
        str | None,
        Field(description='My Domain: "acme.my", or "acme--test.sandbox.my" for a sandbox.'),
    ] = None
    login_url: Annotated[
        str | None,
        Field(description="Where to sign in, instead of domain: https://login.salesforce.com."),
    ] = None
    api_version: Annotated[
        str, Field(pattern=r"^[1-9][0-9]\.0$", description="Version of the REST API.")
    ] = "62.0"
    client_id: Annotated[SecretRef | str, Field(description="Consumer key of the connected app.")]
    client_secret: Annotated[
        SecretRef | None,
        Field(description="Consumer secret: signs in with client credentials."),
    ] = None
    username: Annotated[str | None, Field(description="User to act for, with private_key.")] = None
    private_key: Annotated[
        SecretRef | None,
        Field(description="RSA key in PEM form: signs in with a signed JWT."),
    ] = None
    audience: Annotated[
        str | None,
        Field(description="Audience of the JWT; login or test.salesforce.com if not said."),
    ] = None
    floor: Annotated[
        str,
        Field(
            description="Calls of the org's daily allowance that are left to others: a share or "
            'a number. okrsync stops there: "10 %", "5000".'
        ),
    ] = "5 %"
    queries_per_call: Annotated[
        int, Field(ge=1, le=25, description="Queries in one call of the composite resource.")
    ] = 5
    max_rows: Annotated[
        int,
        Field(ge=1, description="Most records of one question that okrsync reads by itself."),
    ] = 200_000
    currency: Annotated[
        str | None,
        Field(
            pattern=r"^[A-Z]{3}$",
            description="Unit of currency fields where the org has one currency: SEK.",
        ),
    ] = None
    durations: Annotated[
        Literal["clock", "working"],
        Field(description="clock: all the time between; working: working days, of 24 h each."),
    ] = "clock"
    working_days: Annotated[
        WorkingDays, Field(description="Which days count with durations = working.")
    ] = WorkingDays()
    ca_file: CaFile = None
    proxy: Proxy = None

    @property
    def address(self) -> str:
        """Where the sign-in is: scheme and host, without a slash at the end."""
        if self.login_url is not None:
            return self.login_url.rstrip("/")
        return f"https://{self.domain}.salesforce.com"

    @field_validator("domain")
    @classmethod
    def _bare(cls, domain: str | None) -> str | None:
        if domain is None:
            return None
        bare = domain.removeprefix("https://").rstrip("/").removesuffix(".salesforce.com")
        if not _DOMAIN.fullmatch(bare):
            raise ValueError('this is not a domain; write "acme.my"')
        return bare

    @field_validator("login_url", "audience")
    @classmethod
    def _safe(cls, url: str | None) -> str | None:
        if url is not None:
            _check_address(url)
        return url

    @field_validator("floor")
    @classmethod
    def _readable(cls, floor: str) -> str:
        if not _FLOOR.fullmatch(floor):
            raise ValueError('write a share or a number of calls: "10 %" or "5000"')
        return floor

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        if (self.domain is None) == (self.login_url is None):
            raise ValueError("say either domain or login_url")
        if (self.client_secret is None) == (self.private_key is None):
            raise ValueError("say either client_secret, or private_key with username")
        if (self.private_key is None) != (self.username is None):
            raise ValueError("private_key and username belong together")
        host = urlsplit(self.address).hostname
        if self.client_secret is not None and host in _SHARED_LOGINS:
            raise ValueError("client credentials are taken at your own domain only; say domain")
        return self


class SalesforceQuery(Settings):
    soql: Annotated[
        str | None,
        Field(
            min_length=1,
            description="A query in Salesforce's own language; :start, :end, :as_of and the names "
            "of vars are bound.",
        ),
    ] = None
    object: Annotated[
        str | None,
        Field(
            pattern=rf"^{NAME.pattern}$",
            description="API name of the object to count: Opportunity, Case, Ticket__c.",
        ),
    ] = None
    where: Annotated[
        str | None,
        Field(description="Which records count: IsWon and StageName != 'Lost'."),
    ] = None
    vars: Vars = Field(default_factory=Values, description="Values that stand as :name.")
    any_case: Annotated[
        bool,
        Field(
            description="true: texts are compared as Salesforce does it, capitals or not. false: "
            "as they are written; free text is then read and compared by okrsync."
        ),
    ] = False
    rows: Annotated[
        bool,
        Field(
            description="true: okrsync reads the records and decides where by itself, one request "
            "for 2,000 of them; where can then say all of okrsync's row language."
        ),
    ] = False


def _check_address(url: str) -> None:
    example = "https://acme.my.salesforce.com"
    parts = safe_address(url, example=example, instead="client_secret = { env = ... }")
    if parts.query or parts.fragment:
        raise ValueError(f"write the address alone: {example}")
