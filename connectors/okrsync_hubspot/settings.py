"""What [source.<name>] and a mapping say about HubSpot."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator

from okrsync.addresses import CaFile, Proxy, safe_address
from okrsync.conditions import Values, Vars
from okrsync.contracts import SecretRef, Settings


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
    ca_file: CaFile = None
    proxy: Proxy = None

    @field_validator("address")
    @classmethod
    def _secure(cls, address: str) -> str:
        safe_address(address, example="https://api.hubapi.com")
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
        Field(description="Which records count: hs_is_closed_won == true and amount > 10000."),
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
