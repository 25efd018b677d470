"""What [store] says about Operately."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from okrsync.contracts import SecretRef, Settings

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class OperatelySettings(Settings):
    token: Annotated[SecretRef, Field(description="An API token that is not read-only.")]
    space: Annotated[
        str | None,
        Field(min_length=1, description="A space's id, as in its address: list its goals alone."),
    ] = None
    check_ins: Annotated[
        bool,
        Field(
            description="true: a check-in with status and note for each new value. false: the "
            "value alone; check-ins are left to people."
        ),
    ] = True
    notify: Annotated[
        bool, Field(description="Whether a check-in notifies everyone who can see the goal.")
    ] = False
    per_second: Annotated[float, Field(gt=0, le=200, description="Most requests a second.")] = 10
    address: Annotated[
        str, Field(description="Where Operately is; your own server's address, if you run one.")
    ] = "https://app.operately.com"
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
