"""What [store] says about Linear."""

from __future__ import annotations

from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from okrsync.contracts import SecretRef, Settings

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


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
    ca_file: Annotated[
        str | None, Field(min_length=1, description="Certificates of your own authority, in PEM.")
    ] = None
    proxy: Annotated[
        SecretRef | str | None,
        Field(description='"http://proxy.acme.example:3128"; with a password as { env = ... }.'),
    ] = None

    @field_validator("address")
    @classmethod
    def _secure(cls, address: str) -> str:
        parts = urlsplit(address)
        if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
            raise ValueError("only https is asked over the network")
        if parts.username or parts.password:
            raise ValueError("no sign-in inside the address; say token = { env = ... }")
        return address

    @field_validator("proxy")
    @classmethod
    def _proxy_without_password(cls, proxy: SecretRef | str | None) -> SecretRef | str | None:
        if isinstance(proxy, str) and urlsplit(proxy).username:
            raise ValueError("a proxy with a sign-in is a secret: proxy = { env = ... }")
        return proxy

    @model_validator(mode="after")
    def _one_sign_in(self) -> Self:
        if (self.token is None) == (self.oauth_token is None):
            raise ValueError("say either token or oauth_token")
        return self
