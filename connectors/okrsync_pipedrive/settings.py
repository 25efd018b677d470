"""What [source.<name>] and a mapping say about Pipedrive."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from okrsync.addresses import CaFile, Proxy, safe_address
from okrsync.conditions import Values, Vars
from okrsync.contracts import SecretRef, Settings

Name = Annotated[str, Field(min_length=1)]
Object = Literal["deals", "activities", "persons", "organizations"]
_OF_DEALS = ("status", "pipeline", "stage", "currency", "convert", "archived")


class PipedriveSettings(Settings):
    token: SecretRef | None = Field(None, description="A user's personal API token.")
    oauth_token: SecretRef | None = Field(
        None, description="An access token of OAuth, instead of an API token."
    )
    address: Annotated[str, Field(description="Where the API is.")] = "https://api.pipedrive.com"
    daily_tokens: Annotated[
        int,
        Field(
            ge=1,
            description="Tokens that okrsync may spend in a day (UTC). The company has 30,000 x "
            "plan x seats, which all its apps share.",
        ),
    ] = 15_000
    per_second: Annotated[
        float,
        Field(gt=0, le=200, description="Requests a second; the smallest plan allows 20 in 2 s."),
    ] = 9
    ca_file: CaFile = None
    proxy: Proxy = None

    @field_validator("address")
    @classmethod
    def _secure(cls, address: str) -> str:
        safe_address(address, example="https://api.pipedrive.com")
        return address

    @model_validator(mode="after")
    def _one_sign_in(self) -> Self:
        if (self.token is None) == (self.oauth_token is None):
            raise ValueError("say either token or oauth_token")
        return self


class PipedriveQuery(Settings):
    object: Annotated[
        Object,
        Field(description="What is counted; all but deals with rows = true alone."),
    ] = "deals"
    status: Annotated[
        Literal["open", "won", "lost"] | None, Field(description="open, won or lost deals only.")
    ] = None
    pipeline: Annotated[int | Name | None, Field(description="A pipeline's name or number.")] = None
    stage: Annotated[int | Name | None, Field(description="A stage's name or number.")] = None
    user: Annotated[
        int | Name | None, Field(description="The owner's email address or number.")
    ] = None
    filter_id: Annotated[
        int | None, Field(ge=1, description="The number of a filter that is saved in Pipedrive.")
    ] = None
    currency: Annotated[
        str | None, Field(pattern=r"^[A-Z]{3}$", description="Deals in this currency only.")
    ] = None
    convert: Annotated[
        bool,
        Field(
            description="Amounts of all currencies, converted by Pipedrive to the default currency "
            "of the token's user."
        ),
    ] = False
    archived: Annotated[
        bool, Field(description="Archived deals count too; Pipedrive leaves them out.")
    ] = False
    rows: Annotated[
        bool,
        Field(description="Fetch the records and look at each: 10 tokens for 500 of them."),
    ] = False
    where: Annotated[
        str | None,
        Field(description="With rows: which records count, such as probability >= 50."),
    ] = None
    vars: Vars = Field(default_factory=Values, description="Values that stand in where as :name.")


def check(_: PipedriveSettings, query: PipedriveQuery) -> Iterator[tuple[str, str]]:
    """What can be seen offline."""
    yield from _of_others(query)
    if query.where is not None and not query.rows:
        yield "where", "Pipedrive cannot be asked this; rows = true looks at each deal instead"
    if query.filter_id is not None and query.user is not None and not query.rows:
        yield "user", "Pipedrive does not look at the user where a filter is given"
    if query.convert and query.rows:
        yield "convert", "Pipedrive converts sums only, and rows = true adds up the deals here"
    if query.convert and query.currency is not None:
        yield "convert", "say either currency, or convert for all of them together"


def _of_others(query: PipedriveQuery) -> Iterator[tuple[str, str]]:
    if query.object == "deals":
        return
    if not query.rows:
        yield "object", f"Pipedrive has no totals of {query.object}; rows = true looks at each"
    for key in _OF_DEALS:
        if getattr(query, key):
            yield key, f"only deals have this, and object says {query.object}"
