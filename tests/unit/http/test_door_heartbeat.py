from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from okrsync.http import ping
from okrsync.http.heartbeat import Kind

WATCHER = "https://watcher.example/ping/5d2c-s3cr3t"


@pytest.fixture
def settings(naps: list[float], monotonic: Callable[[], float]) -> dict[str, Any]:
    clock = lambda: datetime(2026, 11, 2, tzinfo=UTC)  # noqa: E731
    return {"clock": clock, "monotonic": monotonic, "sleep": naps.append}


@pytest.mark.parametrize(
    ("kind", "path"), [("start", "/start"), ("success", ""), (0, "/0"), (3, "/3"), (75, "/75")]
)
def test_guarantee_24_start_success_and_exit_code_are_told(
    settings: dict[str, Any], kind: Kind, path: str
) -> None:
    asked: list[httpx.Request] = []

    def watcher(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, text="OK")

    transport = httpx.MockTransport(watcher)
    assert ping(f"{WATCHER}/", kind, run="4f2b", transport=transport, **settings) == ""
    assert str(asked[0].url) == f"{WATCHER}{path}?rid=4f2b"


@pytest.mark.parametrize(
    "failure", [404, 429, 500, httpx.ConnectError, httpx.ReadTimeout, httpx.InvalidURL]
)
def test_guarantee_24_a_failing_ping_is_a_warning_that_keeps_its_address(
    settings: dict[str, Any], naps: list[float], failure: int | type[Exception]
) -> None:
    def watcher(_: httpx.Request) -> httpx.Response:
        naps.append(1.0)  # what the attempt took
        if isinstance(failure, int):
            return httpx.Response(failure)
        raise failure("s3cr3t")

    warning = ping(WATCHER, "start", transport=httpx.MockTransport(watcher), **settings)
    assert warning
    assert "s3cr3t" not in warning
    assert sum(naps) <= 6


@pytest.mark.parametrize("url", ["", "not an address", "http://watcher.example/x"])
def test_guarantee_24_a_wrong_address_is_a_warning_too(settings: dict[str, Any], url: str) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200))
    assert ping(url, "success", transport=transport, **settings)


def test_guarantee_24_a_wrong_setting_is_a_warning_too(settings: dict[str, Any]) -> None:
    assert ping(WATCHER, "success", proxy="socks5://p.example", **settings)
