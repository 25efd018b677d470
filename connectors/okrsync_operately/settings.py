"""What [store] says about Operately."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator

from okrsync.addresses import CaFile, Proxy, safe_address
from okrsync.contracts import SecretRef, Settings


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
    ca_file: CaFile = None
    proxy: Proxy = None

    @field_validator("address")
    @classmethod
    def _secure(cls, address: str) -> str:
        safe_address(address, example="https://app.operately.com")
        return address.rstrip("/")
