from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from okrsync.http import Door, ping

OpenDoor = Callable[..., Door]
WATCHER = "https://watcher.example/ping/5d2c-s3cr3t"


@pytest.mark.parametrize(
    ("kind", "path"),
    [("start", "/start"), ("success", ""), (0, "/0"), (3, "/3"), (75, "/75")],
)
def test_guarantee_24_start_success_and_exit_code_are_told(
    open_door: OpenDoor, kind: str | int, path: str
) -> None:
    asked: list[httpx.Request] = []

    def watcher(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(200, text="OK")

    assert ping(open_door(watcher), f"{WATCHER}/", kind, run="4f2b") == ""  # type: ignore[arg-type]
    assert str(asked[0].url) == f"{WATCHER}{path}?rid=4f2b"


@pytest.mark.parametrize(
    "failure", [404, 429, 500, httpx.ConnectError, httpx.ReadTimeout, httpx.InvalidURL]
)
def test_guarantee_24_a_failing_ping_is_a_warning_and_keeps_its_address(
    open_door: OpenDoor, naps: list[float], failure: int | type[Exception]
) -> None:
    def watcher(_: httpx.Request) -> httpx.Response:
        if isinstance(failure, int):
            return httpx.Response(failure)
        raise failure("s3cr3t")

    warning = ping(open_door(watcher, seconds=5), WATCHER, "start")
    assert warning
    assert "s3cr3t" not in warning
    assert sum(naps) <= 5


@pytest.mark.parametrize("url", ["", "not an address", "http://watcher.example/x"])
def test_guarantee_24_a_wrong_address_is_a_warning_too(open_door: OpenDoor, url: str) -> None:
    assert ping(open_door(lambda _: httpx.Response(200)), url, "success")
