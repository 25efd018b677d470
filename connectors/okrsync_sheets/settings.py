"""What [store] says about a spreadsheet."""

from __future__ import annotations

import re
from typing import Annotated, Self

from pydantic import Field, field_validator, model_validator

from okrsync.addresses import CaFile, Proxy, safe_address
from okrsync.contracts import SecretRef, Settings

_IN_ADDRESS = re.compile(r"/spreadsheets/d/([\w-]+)")
_ID = re.compile(r"[\w-]{5,200}")

Name = Annotated[str, Field(max_length=200)]
NeededName = Annotated[str, Field(min_length=1, max_length=200)]


class Columns(Settings):
    """The header cells of the columns; one that is "" is neither read nor written."""

    id: Annotated[NeededName, Field(description="The key result's id, as in store_id.")] = "id"
    value: Annotated[NeededName, Field(description="The number.")] = "value"
    key: Annotated[
        NeededName, Field(description="okrsync's mark of what it wrote; may be hidden.")
    ] = "okrsync"
    status: Annotated[Name, Field(description="on track, at risk, off track ...")] = ""
    confidence: Annotated[Name, Field(description="The confidence, 0-1.")] = ""
    note: Annotated[Name, Field(description="The note.")] = ""
    as_of: Annotated[Name, Field(description="The moment that the number describes.")] = ""
    title: Annotated[Name, Field(description="Only read: the title.")] = ""
    objective: Annotated[Name, Field(description="Only read: the objective.")] = ""
    team: Annotated[Name, Field(description="Only read: the team.")] = ""
    owner: Annotated[Name, Field(description="Only read: the owner.")] = ""
    unit: Annotated[Name, Field(description="Only read: the unit.")] = ""
    baseline: Annotated[Name, Field(description="Only read: the baseline.")] = ""
    target: Annotated[Name, Field(description="Only read: the target.")] = ""

    @model_validator(mode="after")
    def _distinct(self) -> Self:
        names = [name.strip().casefold() for name in self.model_dump().values() if name]
        if len(set(names)) < len(names):
            raise ValueError("two columns cannot have the same header")
        return self


class SheetsSettings(Settings):
    spreadsheet: Annotated[str, Field(description="The spreadsheet's address, or its id.")]
    sheet: Annotated[
        NeededName, Field(description="The sheet with one row for each key result.")
    ] = "OKRs"
    history: Annotated[
        Name,
        Field(
            description="A sheet to which a row is added for each check-in. Without it a check-in "
            "is written into its key result's own row."
        ),
    ] = ""
    header_row: Annotated[
        int, Field(ge=1, le=1000, description="The row that names the columns, in both sheets.")
    ] = 1
    columns: Annotated[Columns, Field(description="Which header names which column.")] = Columns()
    service_account: Annotated[
        SecretRef | None, Field(description="A service account's key, the JSON as downloaded.")
    ] = None
    act_for: Annotated[
        str, Field(description="User that the service account acts for, where it may.")
    ] = ""
    token: Annotated[
        SecretRef | None, Field(description="An OAuth access token, instead of a service account.")
    ] = None
    url: Annotated[str, Field(description="Where the API is.")] = "https://sheets.googleapis.com"
    ca_file: CaFile = None
    proxy: Proxy = None

    @field_validator("spreadsheet")
    @classmethod
    def _id(cls, written: str) -> str:
        found = _IN_ADDRESS.search(written)
        id_ = found[1] if found else written
        if not _ID.fullmatch(id_):
            raise ValueError("this is neither a spreadsheet's address nor its id")
        return id_

    @field_validator("url")
    @classmethod
    def _address(cls, url: str) -> str:
        check_address(url)
        return url.rstrip("/")

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.service_account is None) == (self.token is None):
            raise ValueError("say either service_account or token")
        if self.act_for and self.service_account is None:
            raise ValueError("act_for is for a service account")
        if self.history.strip().casefold() == self.sheet.strip().casefold():
            raise ValueError("history is a sheet of its own")
        return self


def check_address(url: str) -> None:
    """Raises ``ValueError`` for an address that no secret may be sent to."""
    example = "https://sheets.googleapis.com"
    parts = safe_address(url, example=example)
    if parts.query or parts.fragment:
        raise ValueError(f"write the address alone: {example}")
