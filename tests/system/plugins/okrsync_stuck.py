"""A store that takes each check-in only after the file `stuck` is gone; it keeps them in a file.

`posting` says that a check-in has been asked for.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

from okrsync.contracts import Settings, StoreSpec, Toolbox
from okrsync.model import CheckIn, Receipt, StoredKeyResult, StoreRef


class StuckSettings(Settings):
    pass


class Stuck:
    def __init__(self, root: Path) -> None:
        self._root = root

    def read(self, refs: Sequence[StoreRef], /) -> Mapping[StoreRef, StoredKeyResult]:
        return {ref: self._stored(ref) for ref in refs}

    def find(self, check_in: CheckIn, /) -> Receipt | None:
        keys = [key for _, key, _ in self._entries()]
        there = check_in.key in keys
        return Receipt(check_in.key, str(keys.index(check_in.key))) if there else None

    def post(self, check_in: CheckIn, /) -> Receipt:
        (self._root / "posting").touch()
        while (self._root / "stuck").exists():
            time.sleep(0.01)
        entries = [*self._entries(), (check_in.ref.id, check_in.key, str(check_in.value))]
        (self._root / "stuck.json").write_text(json.dumps(entries), "utf-8")
        return Receipt(check_in.key, str(len(entries) - 1))

    def browse(self) -> Iterable[StoredKeyResult]:
        return ()

    def _stored(self, ref: StoreRef) -> StoredKeyResult:
        own = [
            (n, key, value) for n, (id_, key, value) in enumerate(self._entries()) if id_ == ref.id
        ]
        if not own:
            return StoredKeyResult(ref, ref.id, None, "")
        number, key, value = own[-1]
        return StoredKeyResult(ref, ref.id, Decimal(value), str(number), key)

    def _entries(self) -> list[tuple[str, str, str]]:
        kept = self._root / "stuck.json"
        return [tuple(one) for one in json.loads(kept.read_text("utf-8"))] if kept.exists() else []


@contextmanager
def _open(_: StuckSettings, toolbox: Toolbox) -> Iterator[Stuck]:
    yield Stuck(toolbox.root)


STORE = StoreSpec(name="stuck", settings=StuckSettings, open=_open)
