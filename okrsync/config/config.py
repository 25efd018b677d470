"""One whole configuration, read, checked and frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from okrsync.contracts import AnySourceSpec, AnyStoreSpec, Capabilities, SecretRef
from okrsync.mapping.rules import Metric, Rule
from okrsync.model import Objective, Place


@dataclass(frozen=True, slots=True)
class Connection:
    """A [source.<name>], [store] or [store.<name>] table with its connector's manifest.

    ``broken`` says why the connector could not be loaded; then ``spec`` and ``settings`` are None
    and only the key results that need it fail.
    """

    name: str
    type: str
    spec: Any
    settings: BaseModel | None
    place: Place
    broken: str = ""

    def source_spec(self) -> AnySourceSpec:
        spec: AnySourceSpec = self.spec
        return spec

    def store_spec(self) -> AnyStoreSpec:
        spec: AnyStoreSpec = self.spec
        return spec

    @property
    def capabilities(self) -> Capabilities:
        """What the store can hold; of a broken one nothing is known, and nothing is sent."""
        if self.spec is None:
            return Capabilities()
        spec = self.store_spec()
        if spec.capabilities_of is None or self.settings is None:
            return spec.capabilities
        return spec.capabilities_of(self.settings)


@dataclass(frozen=True, slots=True)
class Limits:
    """``max_changed`` is the share of a source's key results that may change in one run, once
    there are at least ``max_changed_from`` of them."""

    deadline: timedelta = timedelta(minutes=10)
    lease: timedelta = timedelta(seconds=60)
    max_changed: Decimal = Decimal("0.30")
    max_changed_from: int = 10
    keep_history: timedelta = timedelta(days=800)
    network: Literal["own", "shared", "any"] = "own"
    allow_hosts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Notify:
    """``ping`` is a dead man's switch (start, success, exit code)."""

    ping: SecretRef | str | None = None


@dataclass(frozen=True, slots=True)
class Config:
    """``rules`` and ``objectives`` are in the order of the files; ``rates`` are units of one common
    currency per unit of each; ``stores`` are by name, a single one is called "store"."""

    path: Path
    root: Path
    timezone: ZoneInfo
    tenant: str
    fiscal_year_starts: int
    state_url: str | SecretRef | None
    stores: Mapping[str, Connection]
    sources: Mapping[str, Connection]
    limits: Limits
    notify: Notify
    rates: Mapping[str, Decimal]
    metrics: Mapping[str, Metric]
    objectives: Mapping[str, Objective]
    rules: Mapping[str, Rule]
    files: tuple[Path, ...]
