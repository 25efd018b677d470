"""What [source.<name>] and a mapping say about CSV files."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from okrsync.addresses import CaFile, Proxy, safe_address
from okrsync.conditions import Values, Vars
from okrsync.contracts import SecretRef, Settings

SEPARATORS = {",": ",", ";": ";", "|": "|", "\t": "\t", "tab": "\t"}


def is_address(path: str) -> bool:
    return path.lower().startswith(("https://", "http://"))


class CsvSettings(Settings):
    path: Annotated[
        str,
        Field(
            min_length=1,
            description="A file, a pattern such as exports/sales-*.csv (the newest wins), a folder "
            "(mappings then say file), or an https address. Relative to config.toml's folder.",
        ),
    ]
    encoding: Annotated[
        str | None,
        Field(description="Such as utf-8, utf-16, cp1252. Found out when it is not given."),
    ] = None
    separator: Annotated[
        Literal[",", ";", "|", "\t", "tab"] | None,
        Field(description="Between cells. Found out from the first rows when it is not given."),
    ] = None
    decimal: Annotated[
        Literal[".", ","] | None,
        Field(description="The decimal mark. Needed where a column can be read two ways."),
    ] = None
    dates: Annotated[
        Literal["day-first", "month-first"] | None,
        Field(description="How 03/04/2026 is meant. ISO dates and 31.12.2026 need no word."),
    ] = None
    header: Annotated[int, Field(ge=1, description="The row with the columns' names, from 1.")] = 1
    skip_rows: Annotated[int, Field(ge=0, description="Rows to leave out below the header.")] = 0
    footer_rows: Annotated[
        int | None,
        Field(ge=0, le=1000, description="Rows to leave out at the end, such as a total."),
    ] = None
    rename: dict[str, str] = Field(
        default_factory=dict,
        description="Old names of columns and the names that mappings use for them.",
    )
    max_size: Annotated[int, Field(ge=1, description="Largest file, in bytes.")] = 1_000_000_000
    max_rows: Annotated[int, Field(ge=1, description="Most rows of one file.")] = 20_000_000
    token: Annotated[
        SecretRef | None, Field(description="Sent as a bearer token with an https address.")
    ] = None
    ca_file: CaFile = None
    proxy: Proxy = None

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, encoding: str | None) -> str | None:
        if encoding is None:
            return None
        try:
            "a".encode(encoding)
            return codecs.lookup(encoding).name
        except (LookupError, UnicodeError, ValueError):
            raise ValueError("there is no such encoding; write utf-8, utf-16 or cp1252") from None

    @field_validator("path")
    @classmethod
    def _safe_path(cls, path: str) -> str:
        if is_address(path):
            safe_address(path, example="https://files.acme.example/deals.csv")
        elif "://" in path:
            raise ValueError("only files and https addresses can be read")
        else:
            _check_parts(path)
        return path

    @model_validator(mode="after")
    def _way_to_an_address(self) -> Self:
        for key in ("token", "ca_file", "proxy"):
            if getattr(self, key) is not None and not is_address(self.path):
                raise ValueError(f"{key} is only for an https address")
        return self


class CsvQuery(Settings):
    where: Annotated[
        str | None,
        Field(description="Which rows count: Status == 'won' and row['Order value'] > 1000000."),
    ] = None
    vars: Vars = Field(default_factory=Values, description="Values that stand in where as :name.")
    file: Annotated[
        str | None,
        Field(min_length=1, description="A file or pattern in the source's folder."),
    ] = None

    @field_validator("file")
    @classmethod
    def _inside(cls, file: str | None) -> str | None:
        if file is not None:
            if PurePosixPath(file).is_absolute():
                raise ValueError("file is relative to the source's folder")
            _check_parts(file)
        return file


def check(settings: CsvSettings, query: CsvQuery) -> Iterator[tuple[str, str]]:
    """What can be seen offline: ``file`` belongs to a source that is a folder."""
    if query.file is None:
        return
    if is_address(settings.path) or any(mark in settings.path for mark in "*?["):
        yield "file", "file is only for a source whose path is a folder"


def _check_parts(path: str) -> None:
    if "\0" in path:
        raise ValueError("a path holds no NUL")
    if ".." in PurePosixPath(path).parts:
        raise ValueError('".." is not followed; write the folder\'s own path')
    if "**" in path:
        raise ValueError('"**" is not understood; name each folder, or use "*"')
