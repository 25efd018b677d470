"""What a connector promises, and what okrsync lends it.

A connector is a package with one or two constants, ``SOURCE`` and ``STORE``, named by an entry
point in the group ``okrsync.sources`` or ``okrsync.stores``. There is no class to inherit from. A
connector imports this package, ``okrsync.addresses``, ``okrsync.conditions``,
``okrsync.standings``, ``okrsync.marks``, ``okrsync.model``, ``okrsync.errors`` and
``okrsync.http``; all else comes through the ``Toolbox``. Importing a connector must be cheap:
settings and query models only, heavy libraries inside ``open``.
"""

from __future__ import annotations

from okrsync.contracts.answering import check_dates, measurement, together
from okrsync.contracts.examining import Remark, SelfExamining
from okrsync.contracts.rows import CellStyle, RowAnswer, RowBatch, RowQuestion
from okrsync.contracts.settings import FromEnvironment, FromFile, FromKeyring, SecretRef, Settings
from okrsync.contracts.sources import AnySourceSpec, Source, SourceSpec, UndatedQuestion
from okrsync.contracts.stores import (
    AnyStoreSpec,
    Capabilities,
    DefiningStore,
    Store,
    StoreSpec,
    all_read,
)
from okrsync.contracts.toolbox import Clock, Elapsed, Memory, Toolbox, Weekday, WorkingDays

__all__ = [
    "AnySourceSpec",
    "AnyStoreSpec",
    "Capabilities",
    "CellStyle",
    "Clock",
    "DefiningStore",
    "Elapsed",
    "FromEnvironment",
    "FromFile",
    "FromKeyring",
    "Memory",
    "Remark",
    "RowAnswer",
    "RowBatch",
    "RowQuestion",
    "SecretRef",
    "SelfExamining",
    "Settings",
    "Source",
    "SourceSpec",
    "Store",
    "StoreSpec",
    "Toolbox",
    "UndatedQuestion",
    "Weekday",
    "WorkingDays",
    "all_read",
    "check_dates",
    "measurement",
    "together",
]
