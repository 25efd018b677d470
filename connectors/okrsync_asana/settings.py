"""What [store] says about Asana."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from okrsync.contracts import SecretRef, Settings

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
Gid = Annotated[str, Field(pattern=r"^[0-9]{1,20}$")]


class AsanaSettings(Settings):
    token: Annotated[
        SecretRef,
        Field(description="A personal access token, or that of a service account."),
    ]
    workspace: Annotated[
        Gid | None,
        Field(description="The workspace's number; not needed where the token sees only one."),
    ] = None
    team: Annotated[
        Gid | None, Field(description="The number of a team: list only this team's goals.")
    ] = None
    updates: Annotated[
        Literal["never", "status", "always"],
        Field(
            description="When a status update is written beside the number. Asana sends each to "
            "all followers of the goal. never: the number alone; status: where the status "
            "becomes another; always: with every check-in."
        ),
    ] = "never"
    per_minute: Annotated[
        int,
        Field(ge=1, le=1500, description="Requests a minute: 150 on a free plan, 1,500 on a paid."),
    ] = 150
    address: Annotated[str, Field(description="Where the API is.")] = (
        "https://app.asana.com/api/1.0"
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
        return address.rstrip("/")

    @field_validator("proxy")
    @classmethod
    def _proxy_without_password(cls, proxy: SecretRef | str | None) -> SecretRef | str | None:
        if isinstance(proxy, str) and urlsplit(proxy).username:
            raise ValueError("a proxy with a sign-in is a secret: proxy = { env = ... }")
        return proxy
