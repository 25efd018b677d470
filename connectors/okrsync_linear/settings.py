"""What [store] says about Linear."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, field_validator, model_validator

from okrsync.addresses import CaFile, Proxy, safe_address
from okrsync.contracts import SecretRef, Settings


class LinearSettings(Settings):
    token: Annotated[
        SecretRef | None, Field(description="A personal API key that may read and write.")
    ] = None
    oauth_token: Annotated[
        SecretRef | None, Field(description="An access token of OAuth, instead of an API key.")
    ] = None
    per_second: Annotated[float, Field(gt=0, le=100, description="Most requests a second.")] = 5
    address: Annotated[str, Field(description="Where the API is.")] = (
        "https://api.linear.app/graphql"
    )
    ca_file: CaFile = None
    proxy: Proxy = None

    @field_validator("address")
    @classmethod
    def _secure(cls, address: str) -> str:
        safe_address(address, example="https://api.linear.app/graphql")
        return address

    @model_validator(mode="after")
    def _one_sign_in(self) -> Self:
        if (self.token is None) == (self.oauth_token is None):
            raise ValueError("say either token or oauth_token")
        return self
