"""Servers that others wrote, started for a test on a free port of the loopback address."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest

STARTS_WITHIN = 60.0


def from_npm(program: str, package: str) -> Path:
    """The program of an npm package; skips the test where it is not installed."""
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not on the PATH: npm install --global {package}")
    return Path(found)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


@contextmanager
def serving(
    command: Sequence[str], *, ready: str, log: Path, env: Mapping[str, str] | None = None
) -> Iterator[None]:
    """Runs ``command`` for the block, from when the address ``ready`` answers."""
    with log.open("wb") as out:
        # A group of its own: a program of npm leaves the server that it started behind.
        server = subprocess.Popen(
            command,
            stdout=out,
            stderr=out,
            env={**os.environ, **(env or {})},
            start_new_session=True,
        )
        try:
            _wait_for(server, ready, log)
            yield
        finally:
            with suppress(ProcessLookupError):  # it may have ended by itself
                os.killpg(server.pid, signal.SIGTERM)
            server.wait(timeout=30)


def _wait_for(server: subprocess.Popen[bytes], address: str, log: Path) -> None:
    late = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < late and server.poll() is None:
        try:
            httpx.get(address, trust_env=False)
        except httpx.HTTPError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"the server did not start: {log.read_text('utf-8', errors='replace')[-2000:]}")
