"""A folder with config files, and connectors that exist only here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import Field, field_validator

from okrsync.conditions import Condition, Values, Vars, comparisons
from okrsync.config.load import Examination, examine
from okrsync.config.registry import SOURCES, Broken, NotInstalled
from okrsync.contracts import SecretRef, Settings, SourceSpec, StoreSpec
from okrsync.errors import SourceError

CONFIG = """\
version = 1
timezone = "Europe/Stockholm"

[source.tracker]
type = "tracker"
site = "https://acme.example"
token = { env = "TRACKER_TOKEN" }

[source.sheet]
type = "sheet"
path = "numbers.csv"
"""

HEAD = """\
version = 1
team = "platform"
period = "2026-Q4"
"""


class TrackerSettings(Settings):
    site: str = Field(description="Address of the tracker.")
    token: SecretRef = Field(description="API token.")
    pages: int = Field(1, ge=1, description="Pages to read.")

    @field_validator("site")
    @classmethod
    def _secure(cls, site: str) -> str:
        if not site.startswith("https://"):
            raise ValueError(f"the address {site} is not secure")
        return site


class TrackerQuery(Settings):
    search: str = Field(description="A search in the tracker's own language.")
    labels: tuple[str, ...] = Field((), description="Labels to look for.")


class SheetSettings(Settings):
    path: str = Field(description="Path of the sheet.")


class SheetQuery(Settings):
    where: str | None = Field(None, description="A condition over the columns.")
    vars: Vars = Field(default_factory=Values, description="Values that stand in it as :name.")


class LocalSettings(Settings):
    pass


def _never(*_: Any) -> Any:
    raise AssertionError("validation opened a connector")


def _fits(settings: TrackerSettings, query: TrackerQuery) -> list[tuple[str, str]]:
    if "forbidden" in query.search:
        return [("search", f"`{query.search}` is not allowed at {settings.site}")]
    return []


TRACKER = SourceSpec("tracker", TrackerSettings, TrackerQuery, open=_never, check=_fits)


def _asked(_query: SheetQuery, asked: Condition | SourceError) -> list[str]:
    if isinstance(asked, SourceError):
        return [asked.message]
    ends = [part for part in comparisons(asked) if part.operator == "ends_with"]
    return ["the end of a text cannot be asked for"] if ends else []


SHEET = SourceSpec(
    "sheet",
    SheetSettings,
    SheetQuery,
    open=_never,
    row_expressions=frozenset({"where"}),
    check_conditions={"where": _asked},
)
LOCAL = StoreSpec("local", LocalSettings, open=_never)
LEDGER = StoreSpec("ledger", SheetSettings, open=_never)


def find_fake(group: str, type_: str, /) -> Any:
    if type_ == "broken":
        raise Broken('the connector broken needs lost: pip install "okrsync[broken]"')
    sources = {"tracker": TRACKER, "sheet": SHEET}
    stores = {"local": LOCAL, "ledger": LEDGER}
    known: dict[str, Any] = dict(sources if group == SOURCES else stores)
    if type_ not in known:
        raise NotInstalled(tuple(sorted(known)))
    return known[type_]


def noon() -> datetime:
    return datetime(2026, 11, 22, 12, tzinfo=UTC)


Examine = Callable[..., Examination]


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Writes config.toml and mapping files, given by name; returns config.toml's path."""

    def write_files(config: str | bytes = CONFIG, **mappings: str | bytes) -> Path:
        (tmp_path / "mappings").mkdir(exist_ok=True)
        files = {"config.toml": config} | {
            f"mappings/{name}.toml": text for name, text in mappings.items()
        }
        for name, text in files.items():
            raw = text.encode() if isinstance(text, str) else text
            (tmp_path / name).write_bytes(raw)
        return tmp_path / "config.toml"

    return write_files


@pytest.fixture
def examined(write: Callable[..., Path]) -> Examine:
    """What is found in the files given by name; a mapping without a head gets the usual one."""

    def examine_files(config: str | bytes = CONFIG, **mappings: str | bytes) -> Examination:
        return examine(write(config, **mappings), clock=noon, find=find_fake)

    return examine_files
