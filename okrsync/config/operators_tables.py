"""The tables of config.toml, the operator's file, as pydantic models."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from okrsync.config.tables import (
    ONLY_DESCRIBED,
    DefaultsTable,
    Number,
    PlainNumber,
    Table,
    Words,
    keys_of,
)
from okrsync.contracts import SecretRef


class StateTable(Table):
    """Where okrsync remembers."""

    url: SecretRef | Words | None = Field(
        None,
        description="sqlite:///okrsync.sqlite beside config.toml if not said, or a PostgreSQL "
        'URL; with a password in it as { env = "OKRSYNC_STATE_URL" }.',
    )


class NotifyTable(Table):
    """Who is told."""

    ping: SecretRef | Words | None = Field(
        None, description="Address of a dead man's switch, told of start, success and exit code."
    )


class LimitsTable(Table):
    """What one run may do."""

    deadline: Words | None = Field(None, description='Longest run: "10 min".')
    lease: Words | None = Field(None, description='How long a silent run keeps the lock: "60 s".')
    max_changed: Number | None = Field(
        None,
        description='Largest share of a source\'s key results that may change at once: "30 %".',
    )
    max_changed_from: int | None = Field(
        None, ge=1, description="The share counts from this many key results on."
    )
    keep_history: Words | None = Field(None, description='How long history is kept: "800d".')
    network: Literal["own", "shared", "any"] | None = Field(
        None,
        description="own: private addresses are allowed, link-local and metadata addresses are "
        "not; shared: only public ones are; any: all are.",
    )
    allow_hosts: tuple[Words, ...] | None = Field(
        None, strict=False, description="Hosts that may be contacted; all if not said."
    )


class ConfigHead(Table):
    """config.toml without its connections."""

    version: Literal[1] = Field(1, description="Version of the configuration language.")
    timezone: Words = Field(description="IANA name of the zone that days are counted in.")
    tenant: Words = Field("default", description="Name that keeps tenants of one database apart.")
    fiscal_year_starts: int | str = Field(
        1, description='Month in which the fiscal year starts: 7 or "07".'
    )
    mappings: tuple[Words, ...] = Field(
        ("mappings/*.toml",), strict=False, description="Patterns of mapping files."
    )
    state: StateTable = Field(StateTable(), description="Where okrsync remembers.")
    notify: NotifyTable = Field(NotifyTable(), description="Who is told.")
    limits: LimitsTable = Field(LimitsTable(), description="What one run may do.")
    rates: dict[str, PlainNumber] = Field(
        {}, description="Worth of one unit of each currency, in one common currency."
    )
    defaults: DefaultsTable = Field(
        DefaultsTable(), description="What holds where a mapping says nothing."
    )


class ConfigTable(ConfigHead):
    """The operator's file: connections, limits, and where the mappings are."""

    model_config = ONLY_DESCRIBED

    store: dict[str, Any] = Field(
        {"type": "local"}, description="Where check-ins go: one store, or several by name."
    )
    source: dict[str, dict[str, Any]] = Field({}, description="Where numbers come from, by name.")


CONFIG_KEYS = keys_of(ConfigTable)
