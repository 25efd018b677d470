"""A door whose time passes only by its own naps, and whose other side is a function."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from okrsync.http import Deadline, Door

START = datetime(2026, 11, 2, 6, 0, tzinfo=UTC)
Handler = Callable[[httpx.Request], httpx.Response]


@pytest.fixture
def naps() -> list[float]:
    """Every wait of the test, in order, in seconds."""
    return []


@pytest.fixture
def monotonic(naps: list[float]) -> Callable[[], float]:
    return lambda: sum(naps)


@pytest.fixture
def open_door(naps: list[float], monotonic: Callable[[], float]) -> Callable[..., Door]:
    """``open_door(handler, **settings)``; the run lasts 600 s unless ``seconds`` says otherwise."""

    def opened(handler: Handler | None, *, seconds: float = 600.0, **settings: Any) -> Door:
        return Door(
            clock=lambda: START + timedelta(seconds=sum(naps)),
            deadline=Deadline(seconds, monotonic),
            sleep=naps.append,
            transport=httpx.MockTransport(handler) if handler is not None else None,
            **settings,
        )

    return opened
