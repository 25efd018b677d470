"""What [store] says about Asana."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator

from okrsync.addresses import CaFile, Proxy, safe_address
from okrsync.contracts import SecretRef, Settings

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
    ca_file: CaFile = None
    proxy: Proxy = None

    @field_validator("address")
    @classmethod
    def _secure(cls, address: str) -> str:
        safe_address(address, example="https://app.asana.com/api/1.0")
        return address.rstrip("/")
