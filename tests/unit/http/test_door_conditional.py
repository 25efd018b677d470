"""A body is fetched again only when it has changed since an earlier run kept it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from okrsync.errors import RateLimited
from okrsync.http import Door
from okrsync.testing import FakeToolbox

OpenDoor = Callable[..., Door]
URL = "https://acme.example/releases"


class Service:
    """Answers with ``version`` as ETag and body, and 304 to whom it is known."""

    def __init__(self) -> None:
        self.version = 1
        self.statuses: list[int] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        etag = f'"v{self.version}"'
        same = request.headers.get("if-none-match") == etag
        self.statuses.append(304 if same else 200)
        if same:
            return httpx.Response(304, headers={"etag": etag})
        link = {"etag": etag, "link": f'<{URL}?page=2>; rel="next"'}
        return httpx.Response(200, headers=link, json={"version": self.version})


@pytest.fixture
def service() -> Service:
    return Service()


def test_an_unchanged_answer_comes_from_the_memory_as_if_it_had_come_again(
    open_door: OpenDoor, service: Service, tmp_path: Path
) -> None:
    memory = FakeToolbox(tmp_path).memory
    first = open_door(service).fresh(URL, memory)
    again = open_door(service).fresh(URL, memory)
    assert service.statuses == [200, 304]
    assert first.json() == again.json() == {"version": 1}
    assert again.links() == first.links() == {"next": f"{URL}?page=2"}


def test_a_changed_answer_is_fetched(open_door: OpenDoor, service: Service, tmp_path: Path) -> None:
    memory = FakeToolbox(tmp_path).memory
    door = open_door(service)
    door.fresh(URL, memory)
    service.version = 2
    assert door.fresh(URL, memory).json() == {"version": 2}
    assert door.fresh(URL, memory).json() == {"version": 2}
    assert service.statuses == [200, 200, 304]


def test_other_parameters_are_another_answer(
    open_door: OpenDoor, service: Service, tmp_path: Path
) -> None:
    memory = FakeToolbox(tmp_path).memory
    door = open_door(service)
    door.fresh(URL, memory, params={"page": 1})
    door.fresh(URL, memory, params={"page": 2})
    assert service.statuses == [200, 200]


@pytest.mark.parametrize("damaged", ["", "{", "[]", '{"etag": "\\"v1\\""}', '{"body": 1}'])
def test_a_damaged_memory_costs_a_request_and_nothing_else(
    open_door: OpenDoor, service: Service, tmp_path: Path, damaged: str
) -> None:
    toolbox = FakeToolbox(tmp_path)
    door = open_door(service)
    door.fresh(URL, toolbox.memory)
    toolbox.remembered = dict.fromkeys(toolbox.remembered, damaged)
    assert door.fresh(URL, toolbox.memory).json() == {"version": 1}
    assert service.statuses == [200, 200]


def test_a_limit_that_only_the_body_tells_of_is_waited_out(
    open_door: OpenDoor, naps: list[float]
) -> None:
    limited: dict[str, object] = {"errors": [{"type": "RATE_LIMITED"}]}
    answers = iter([limited, limited, {"data": {}}])
    door = open_door(lambda _: httpx.Response(200, json=next(answers)), unsaid_wait=60.0)
    answer = door.get(URL, limited=lambda answer: "errors" in answer.json())
    assert answer.json() == {"data": {}}
    assert sum(naps) >= 60 + 120  # longer each time, because nothing says how long


def test_a_limit_in_the_body_that_lasts_past_the_deadline_ends_it(open_door: OpenDoor) -> None:
    limits = {"retry-after": "900"}
    door = open_door(lambda _: httpx.Response(200, headers=limits, json={"errors": []}))
    with pytest.raises(RateLimited) as error:
        door.get(URL, limited=lambda answer: "errors" in answer.json())
    assert error.value.wait == 900


def test_a_reset_is_not_waited_for_where_the_quota_is_not_used_up(
    open_door: OpenDoor, naps: list[float]
) -> None:
    """A second limit was hit, so the moment when the first begins anew says nothing."""
    headers = {"x-ratelimit-remaining": "4990", "x-ratelimit-reset": "3000"}
    answers = iter([httpx.Response(429, headers=headers), httpx.Response(200, json={})])
    assert open_door(lambda _: next(answers), unsaid_wait=60.0).get(URL).json() == {}
    assert 60 <= sum(naps) < 3000
