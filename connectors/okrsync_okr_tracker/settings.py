"""What [store] says about OKR Tracker."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from okrsync.contracts import SecretRef, Settings

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


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
    ca_file: Annotated[
        str | None, Field(description="PEM file with the authority to trust instead.")
    ] = None
    proxy: Annotated[SecretRef | str | None, Field(description="http://proxy.example:3128")] = None

    @field_validator("url")
    @classmethod
    def _address(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.username or parts.password or parts.query or parts.fragment or not parts.hostname:
            raise ValueError("write the address alone: https://okr-tracker-api.acme.example")
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
            raise ValueError("only https is asked over the network")
        return url.rstrip("/")
