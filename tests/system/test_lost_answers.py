"""A store behind HTTP that takes a check-in and loses its answer on the wire, at every 7th byte.

At every single one: OKRSYNC_EVERY_POINT=1.
"""

from __future__ import annotations

import json
import os
import socket
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from okrsync.config import registry
from okrsync.config.config import Config
from okrsync.config.load import load
from okrsync.contracts import Settings, Store, StoreSpec, Toolbox
from okrsync.model import CheckIn, Receipt, StoredKeyResult, StoreRef
from okrsync.sync.run import sync
from tests.system.harness.runner import EVERY_POINT

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
KEY_RESULT = "team.grow.signups"
MAPPING = f"""\
version = 1
team = "team"
period = "2026-Q4"
[objective.grow]
title = "People find us"
[objective.grow.kr.signups]
title = "Sign-ups from 0 to 100"
baseline = 0
target = 100
from = "sheet"
measure = "signups"
store_id = "{KEY_RESULT}"
"""


class Ledger(ThreadingHTTPServer):
    """Appends what it is sent, honours no keys, and ends its answer after ``cut`` bytes."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Clerk)
        self.entries: list[dict[str, Any]] = []
        self.cut: int | None = None
        self.reset = False
        self.answered = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Clerk(BaseHTTPRequestHandler):
    server: Ledger

    def do_GET(self) -> None:
        self.server.cut, cut = None, self.server.cut
        self._answer(self.server.entries)
        self.server.cut = cut

    def do_POST(self) -> None:
        entry = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.entries.append(entry)
        self._answer({"id": len(self.server.entries)})

    def _answer(self, content: object) -> None:
        body = json.dumps(content).encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
        whole = f"{head}\r\nConnection: close\r\n\r\n".encode() + body
        self.server.answered = len(whole)
        self.wfile.write(whole[: self.server.cut])
        self.wfile.flush()
        self.close_connection = True
        if self.server.cut is not None and self.server.reset:
            at_once = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
            self.connection.close()

    def log_message(self, *_: object) -> None:
        """Not on stderr."""


class LedgerSettings(Settings):
    url: str


class LedgerStore:
    def __init__(self, url: str, toolbox: Toolbox) -> None:
        self._door = toolbox.http(base_url=url)

    def read(self, refs: Sequence[StoreRef], /) -> Mapping[StoreRef, StoredKeyResult]:
        entries = self._entries()
        if not entries:
            return {ref: StoredKeyResult(ref, "", None, "") for ref in refs}
        newest, number = entries[-1], str(len(entries))
        value = Decimal(newest["value"])
        return {ref: StoredKeyResult(ref, "", value, number, newest["key"]) for ref in refs}

    def post(self, check_in: CheckIn, /) -> Receipt:
        entry = {"key": check_in.key, "value": str(check_in.value)}
        return Receipt(check_in.key, str(self._door.post("/", json=entry).json()["id"]))

    def find(self, check_in: CheckIn, /) -> Receipt | None:
        numbered = enumerate(self._entries(), start=1)
        found = (number for number, entry in numbered if entry["key"] == check_in.key)
        number = next(found, None)
        return None if number is None else Receipt(check_in.key, str(number), already_there=True)

    def browse(self) -> Iterable[StoredKeyResult]:
        return ()

    def _entries(self) -> list[Any]:
        entries: list[Any] = self._door.get("/").json()
        return entries


@contextmanager
def _open(settings: LedgerSettings, toolbox: Toolbox) -> Iterator[Store]:
    yield LedgerStore(settings.url, toolbox)


def _find(group: registry.Group, type_: str, /) -> Any:
    if type_ == "ledger":
        return StoreSpec(name="ledger", settings=LedgerSettings, open=_open)
    return registry.find(group, type_)


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    server = Ledger()
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def project(folder: Path, ledger: Ledger) -> Config:
    (folder / "mappings").mkdir(parents=True)
    (folder / "config.toml").write_text(
        'version = 1\ntimezone = "UTC"\nmappings = ["mappings/*.toml"]\n'
        f'[store]\ntype = "ledger"\nurl = "{ledger.address}"\n'
        '[source.sheet]\ntype = "csv"\npath = "numbers.csv"\n'
    )
    (folder / "mappings" / "team.toml").write_text(MAPPING)
    (folder / "numbers.csv").write_text("signups\n40\n")
    os.utime(folder / "numbers.csv", (NOON.timestamp(), NOON.timestamp()))
    return load(folder / "config.toml", clock=lambda: NOON, find=_find)


@pytest.mark.parametrize("reset", [False, True], ids=["cut", "reset"])
def test_guarantee_3_an_answer_lost_at_any_byte_leaves_one_check_in(
    tmp_path: Path, ledger: Ledger, *, reset: bool
) -> None:
    sync(project(tmp_path / "whole", ledger), lambda: NOON)
    length, ledger.reset = ledger.answered, reset
    for cut in range(0, length, 1 if EVERY_POINT else 7):
        ledger.entries.clear()
        config = project(tmp_path / str(cut), ledger)
        ledger.cut = cut
        lost, _ = sync(config, lambda: NOON)
        assert (lost.exit_code, len(ledger.entries)) == (3, 1), f"cut at byte {cut}"
        assert lost.failures[0].code == "outcome-unknown", f"cut at byte {cut}"
        ledger.cut = None
        settled, _ = sync(config, lambda: NOON)
        assert settled.exit_code == 0, f"cut at byte {cut}"
        assert [receipt.already_there for receipt in settled.settled] == [True]
        assert [entry["value"] for entry in ledger.entries] == ["40"]


def test_guarantee_3_a_post_that_never_left_is_sent_again(tmp_path: Path, ledger: Ledger) -> None:
    config = project(tmp_path, ledger)
    ledger.cut = 0
    sync(config, lambda: NOON)
    ledger.entries.clear()  # it was lost on its way there, not on its way back
    ledger.cut = None
    settled, _ = sync(config, lambda: NOON)
    assert [receipt.already_there for receipt in settled.settled] == [False]
    assert [entry["value"] for entry in ledger.entries] == ["40"]
