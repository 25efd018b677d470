"""A store with key results of its own, as most have: `shelf.json` says which, people made them.

[{"id": "12", "title": "Open bugs from 42 to 10", "objective": "Customers trust us"}]
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Any

from okrsync.contracts import Settings, StoreSpec, Toolbox
from okrsync.model import CheckIn, Receipt, StoredDefinition, StoredKeyResult, StoreRef


class ShelfSettings(Settings):
    lists: bool = True


class Shelf:
    def __init__(self, settings: ShelfSettings, toolbox: Toolbox) -> None:
        self._settings, self._toolbox = settings, toolbox

    def browse(self, /) -> Iterable[StoredKeyResult]:
        if not self._settings.lists:
            raise NotImplementedError
        text = (self._toolbox.root / "shelf.json").read_text("utf-8")
        return [self._stored(entry) for entry in json.loads(text, parse_float=Decimal)]

    def read(self, refs: Sequence[StoreRef], /) -> Mapping[StoreRef, StoredKeyResult]:
        return {one.ref: one for one in self.browse() if one.ref in refs}

    def find(self, _check_in: CheckIn, /) -> Receipt | None:
        return None

    def post(self, check_in: CheckIn, /) -> Receipt:
        raise AssertionError(f"nobody should write {check_in.key_result}")

    def _stored(self, entry: Mapping[str, Any]) -> StoredKeyResult:
        return StoredKeyResult(
            ref=StoreRef(self._toolbox.name, entry["id"]),
            title=entry["title"],
            value=_number(entry.get("value")),
            revision="",
            unit=entry.get("unit", ""),
            automated=entry.get("automated", ""),
            definition=StoredDefinition(
                objective=entry.get("objective", ""),
                team=entry.get("team", ""),
                owner=entry.get("owner", ""),
                baseline=_number(entry.get("baseline")),
                target=_number(entry.get("target")),
                start=_day(entry.get("start")),
                end=_day(entry.get("end")),
                link=entry.get("link", ""),
            ),
        )


def _number(written: Any) -> Decimal | None:
    return None if written is None else Decimal(written)


def _day(written: str | None) -> date | None:
    return None if written is None else date.fromisoformat(written)


@contextmanager
def _open(settings: ShelfSettings, toolbox: Toolbox) -> Iterator[Shelf]:
    yield Shelf(settings, toolbox)


STORE = StoreSpec(name="shelf", settings=ShelfSettings, open=_open)
