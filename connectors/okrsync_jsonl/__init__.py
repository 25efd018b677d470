"""An OKR store in one file of JSON lines: the smallest store, and the example for authors.

A line is a definition, written by ``declare``, or a check-in:

    {"define": "platform.bugs", "title": "Open bugs from 42 to 10", "unit": ""}
    {"ref": "platform.bugs", "key": "5f1c", "value": "31", "as_of": "2026-10-19T06:00:00+00:00"}

Lines are only ever added. People may add check-ins too, without a ``key``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pydantic import Field

from okrsync.contracts import Capabilities, DefiningStore, Settings, StoreSpec, Toolbox


class JsonLinesSettings(Settings):
    path: str = Field(
        "check-ins.jsonl", description="The file, relative to the folder of config.toml."
    )


@contextmanager
def _open(settings: JsonLinesSettings, toolbox: Toolbox) -> Iterator[DefiningStore]:
    from okrsync_jsonl.store import JsonLinesStore

    yield JsonLinesStore(toolbox.root / settings.path, toolbox)


STORE = StoreSpec(
    name="jsonl",
    settings=JsonLinesSettings,
    open=_open,
    capabilities=Capabilities(back_dating=True, keeps_definitions=True),
)
