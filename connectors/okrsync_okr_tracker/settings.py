"""What [store] says about OKR Tracker."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator

from okrsync.addresses import CaFile, Proxy, safe_address
from okrsync.contracts import SecretRef, Settings


class OkrTrackerSettings(Settings):
    url: Annotated[
        str,
        Field(description="Where the API is: https://okr-tracker-api.acme.example."),
    ]
    api_key: Annotated[
        SecretRef | None, Field(description="The gateway's key, sent as x-api-key, if it has one.")
    ] = None
    client_id: Annotated[
        SecretRef | str,
        Field(description="API client of the team or product that the key results belong to."),
    ]
    client_secret: Annotated[SecretRef, Field(description="The API client's secret.")]
    key_results: Annotated[
        tuple[str, ...],
        Field(
            description="Ids of those to link to and to import: the API cannot list key results."
        ),
    ] = ()
    ca_file: CaFile = None
    proxy: Proxy = None

    @field_validator("url")
    @classmethod
    def _address(cls, url: str) -> str:
        example = "https://okr-tracker-api.acme.example"
        parts = safe_address(url, example=example, instead="client_secret = { env = ... }")
        if parts.query or parts.fragment:
            raise ValueError(f"write the address alone: {example}")
        return url.rstrip("/")
