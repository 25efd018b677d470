from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest
import requests
import respx

from okrsync.errors import OutcomeUnknown, RateLimited, Refused
from okrsync.http import Deadline, Door, DoorAdapter


@pytest.fixture
def naps() -> list[float]:
    return []


@pytest.fixture
def session(naps: list[float]) -> Iterator[requests.Session]:
    """A client library's session, mounted on a door with its real transport."""
    door = Door(
        clock=lambda: datetime(2026, 11, 2, tzinfo=UTC),
        deadline=Deadline(600, lambda: sum(naps)),
        sleep=naps.append,
    )
    with door, requests.Session() as session:
        session.trust_env = False
        adapter = DoorAdapter(door, safe=lambda r: True if "search" in (r.url or "") else None)
        session.mount("https://", adapter)
        session.mount("http://", adapter)
        yield session


@respx.mock
def test_a_library_gets_its_answer(session: requests.Session) -> None:
    route = respx.get("https://acme.example/x", params={"q": "å"}).respond(
        200, json={"n": 1}, headers={"X-Total": "5"}
    )
    answer = session.get("https://acme.example/x", params={"q": "å"}, auth=("bot", "pw"))
    assert (answer.status_code, answer.json(), answer.headers["x-total"]) == (200, {"n": 1}, "5")
    assert answer.ok
    assert route.calls[0].request.headers["authorization"].startswith("Basic ")


@respx.mock
@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 422, 501])
def test_a_library_sees_the_status_that_came(session: requests.Session, status: int) -> None:
    respx.get("https://acme.example/x").respond(status, json={"message": "no"})
    answer = session.get("https://acme.example/x")
    assert (answer.status_code, answer.json()["message"]) == (status, "no")
    with pytest.raises(requests.HTTPError):
        answer.raise_for_status()


@respx.mock
def test_a_library_sees_the_last_of_the_doors_own_tries(session: requests.Session) -> None:
    route = respx.get("https://acme.example/x").respond(502, text="bad gateway")
    assert session.get("https://acme.example/x").status_code == 502
    assert route.call_count == 4


@respx.mock
def test_a_body_goes_through_and_a_safe_post_is_repeated(session: requests.Session) -> None:
    route = respx.post("https://acme.example/search").mock(
        side_effect=[httpx.Response(503), httpx.Response(200, json=[])]
    )
    assert session.post("https://acme.example/search", json={"jql": "a"}).json() == []
    assert [call.request.content for call in route.calls] == [b'{"jql": "a"}'] * 2


@respx.mock
def test_a_lost_answer_to_a_write_is_not_hidden_from_the_engine(session: requests.Session) -> None:
    respx.post("https://acme.example/issue").mock(side_effect=httpx.ReadError)
    with pytest.raises(OutcomeUnknown):
        session.post("https://acme.example/issue", data="x")


@respx.mock
def test_a_library_is_never_left_to_sleep_on_a_rate_limit(
    session: requests.Session, naps: list[float]
) -> None:
    respx.get("https://acme.example/x").respond(429, headers={"Retry-After": "3600"})
    with pytest.raises(RateLimited) as caught:
        session.get("https://acme.example/x")
    assert (caught.value.wait, naps) == (3600.0, [])


@respx.mock
def test_guarantee_27_a_redirect_follows_the_doors_rules(session: requests.Session) -> None:
    respx.get("https://acme.example/old").respond(302, headers={"Location": "https://b.example/"})
    target = respx.get("https://b.example/").respond(200, json={"n": 1})
    answer = session.get("https://acme.example/old", headers={"Private-Token": "tok-123456"})
    assert answer.json() == {"n": 1}
    assert "private-token" not in target.calls[0].request.headers


@respx.mock
def test_guarantee_27_http_to_another_machine_is_refused(session: requests.Session) -> None:
    with pytest.raises(Refused):
        session.get("http://acme.example/")
