"""What [source.<name>] and a mapping say about HubSpot."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from okrsync.conditions import Values, Vars
from okrsync.contracts import SecretRef, Settings

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class HubSpotSettings(Settings):
    token: SecretRef = Field(description="Token of a private app, or a service key.")
    address: Annotated[str, Field(description="Where the API is.")] = "https://api.hubapi.com"
    currency: Annotated[
        str | None,
        Field(
            pattern=r"^[A-Z]{3}$",
            description="The account's home currency, where the token may not ask for it.",
        ),
    ] = None
    per_second: Annotated[
        float,
        Field(gt=0, le=5, description="Requests a second; all apps of the account share 5."),
    ] = 3
    ca_file: Annotated[
        str | None, Field(description="PEM file with the authority to trust instead.")
    ] = None
    proxy: Annotated[SecretRef | str | None, Field(description="http://proxy.example:3128")] = None

    @field_validator("address")
    @classmethod
    def _secure(cls, address: str) -> str:
        parts = urlsplit(address)
        if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
            raise ValueError("only https is asked over the network")
        if parts.username or parts.password:
            raise ValueError("no sign-in inside the address; say token = { env = ... }")
        return address


class HubSpotQuery(Settings):
    object: Annotated[
        str,
        Field(
            pattern=r"^[A-Za-z0-9_-]{1,100}$",
            description="deals, contacts, companies, tickets, or a custom object's name or id.",
        ),
    ] = "deals"
    where: Annotated[
        str | None,
        Field(description="Which records count: stage == 'Closed won' and amount > 10000."),
    ] = None
    vars: Vars = Field(default_factory=Values, description="Values that stand in where as :name.")
    any_case: Annotated[
        bool,
        Field(description="true: texts are compared as HubSpot does it, capitals or not."),
    ] = False
    rows: Annotated[
        bool,
        Field(
            description="Fetch the records and look at each, where HubSpot's search cannot say "
            "the condition: 200 records a request."
        ),
    ] = False
    archived: Annotated[
        bool, Field(description="Deleted records that can still be restored count too; as rows.")
    ] = False
