from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal

import httpx
import pytest

from okrsync.errors import BadAnswer, OutcomeUnknown, Refused, SignInRefused, UsageError
from okrsync.http import Bearer, Door, RefusedAnswer

OpenDoor = Callable[..., Door]


class Seen(list[httpx.Request]):
    """A handler that remembers what it was asked and answers with the same thing every time."""

    def __init__(self, answer: Callable[[httpx.Request], httpx.Response] | None = None) -> None:
        super().__init__()
        self._answer = answer or (lambda _: httpx.Response(200, json={}))

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.append(request)
        return self._answer(request)


@pytest.mark.parametrize(
    ("base", "url", "asked"),
    [
        ("https://crm.acme.example", "deals", "https://crm.acme.example/deals"),
        ("https://crm.acme.example/v1/", "/deals", "https://crm.acme.example/v1/deals"),
        ("https://crm.acme.example/v1?x=1#y", "deals?a=b", "https://crm.acme.example/v1/deals?a=b"),
        (
            "https://crm.acme.example",
            "https://crm.acme.example/n?c=2",
            "https://crm.acme.example/n?c=2",
        ),
        ("", "https://crm.acme.example/deals", "https://crm.acme.example/deals"),
    ],
)
def test_addresses_are_joined_to_the_base(
    open_door: OpenDoor, base: str, url: str, asked: str
) -> None:
    seen = Seen()
    open_door(seen, base_url=base).get(url)
    assert str(seen[0].url) == asked


def test_parameters_keep_what_is_in_the_address_already(open_door: OpenDoor) -> None:
    seen = Seen()
    open_door(seen).get(
        "https://crm.acme.example/d?a=1", params={"jql": 'x = "å & b"', "n": [1, 2]}
    )
    assert dict(seen[0].url.params.multi_items()[:2]) == {"a": "1", "jql": 'x = "å & b"'}
    assert seen[0].url.params.get_list("n") == ["1", "2"]


def test_a_json_body_goes_out_as_utf_8(open_door: OpenDoor) -> None:
    seen = Seen()
    open_door(seen).post("https://crm.acme.example/d", json={"note": "på gång"})
    assert seen[0].headers["content-type"] == "application/json"
    assert json.loads(seen[0].content.decode("utf-8")) == {"note": "på gång"}


def test_who_asks_is_said_to_the_own_origin_only(open_door: OpenDoor) -> None:
    seen = Seen()
    door = open_door(
        seen,
        base_url="https://crm.acme.example",
        auth=Bearer("tok-123456"),
        headers={"X-Api-Token": "abc-123456", "Accept-Language": "sv"},
    )
    door.get("deals")
    door.get("https://elsewhere.example/next?page=2")
    door.get("https://crm.acme.example:8443/deals")
    assert seen[0].headers["authorization"] == "Bearer tok-123456"
    assert seen[0].headers["x-api-token"] == "abc-123456"
    for stranger in seen[1:]:
        assert "authorization" not in stranger.headers
        assert "x-api-token" not in stranger.headers
        assert stranger.headers["accept-language"] == "sv"


def test_user_and_password_are_basic(open_door: OpenDoor) -> None:
    seen = Seen()
    open_door(seen, auth=("bot@acme.example", "pässword")).get("https://acme.example/")
    assert (
        seen[0].headers["authorization"]
        == httpx.BasicAuth("bot@acme.example", "pässword")._auth_header
    )


def test_the_user_agent_names_okrsync(open_door: OpenDoor) -> None:
    seen = Seen()
    open_door(seen).get("https://acme.example/")
    assert seen[0].headers["user-agent"].startswith("okrsync/")


def test_requests_are_counted_by_host(open_door: OpenDoor) -> None:
    door = open_door(Seen())
    for host in ("a.example", "b.example", "a.example"):
        door.get(f"https://{host}/")
    assert (door.requests, door.counts) == (3, {"a.example": 2, "b.example": 1})


class Renewing:
    def __init__(self) -> None:
        self.token = "old-token"

    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def renew(self) -> bool:
        was, self.token = self.token, "new-token"
        return was != self.token


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_expired_token_is_renewed_once(open_door: OpenDoor, method: str) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        known = request.headers["authorization"] == "Bearer new-token"
        return httpx.Response(200 if known else 401, json={"count": 7})

    seen = Seen(answer)
    door = open_door(seen, auth=Renewing())
    assert door.request(method, "https://acme.example/").json() == {"count": 7}
    assert len(seen) == 2


def test_a_renewed_token_that_is_refused_too_is_not_renewed_for_ever(open_door: OpenDoor) -> None:
    seen = Seen(lambda _: httpx.Response(401))
    with pytest.raises(SignInRefused):
        open_door(seen, auth=Renewing()).get("https://acme.example/")
    assert len(seen) == 2


@pytest.mark.parametrize("status", [400, 403, 404, 409, 410, 412, 422, 304])
def test_a_refusal_carries_status_and_words_but_not_in_the_message(
    open_door: OpenDoor, status: int
) -> None:
    body = {"errorMessages": ["Field 'stauts' does not exist"]}
    door = open_door(lambda _: httpx.Response(status, json=body))
    with pytest.raises(RefusedAnswer) as caught:
        door.get("https://acme.example/search")
    assert caught.value.status == status
    assert "Field 'stauts' does not exist" in caught.value.detail
    assert "stauts" not in caught.value.message
    assert str(status) in caught.value.message
    assert caught.value.next_step


def test_a_refusals_words_are_bounded_and_on_one_line(open_door: OpenDoor) -> None:
    door = open_door(lambda _: httpx.Response(400, text="bad\r\n\x1b[2J query " + "x" * 10_000))
    with pytest.raises(RefusedAnswer) as caught:
        door.get("https://acme.example/search")
    assert len(caught.value.detail) <= 501
    assert caught.value.detail.isprintable()


def test_statuses_that_the_caller_accepts_are_answers(open_door: OpenDoor) -> None:
    door = open_door(lambda _: httpx.Response(404, json={"errors": []}))
    answer = door.get("https://acme.example/x", accept=(404,))
    assert (answer.status, answer.json()) == (404, {"errors": []})


@pytest.mark.parametrize(
    ("status", "kind", "body"),
    [
        (200, "text/html; charset=utf-8", b"<!DOCTYPE html><title>Sign in</title>"),
        (203, "text/html", b"<html>Azure DevOps Services | Sign In</html>"),
        (203, "application/json", b'{"count": 3}'),
        (200, "application/json", b"\xef\xbb\xbf  <html>"),
        (200, "application/json", b'{"count": 12'),
        (200, "application/json", b"count: 3"),
        (200, "application/json", b'{"count": NaN}'),
        (200, "application/json", b'{"count": -Infinity}'),
        (200, "application/json", b'{"name": "sn\xf6"}'),
        (206, "application/json", b'{"count": 3}'),
        (202, "application/json", b"{}"),
    ],
)
def test_what_is_not_a_whole_json_answer_is_never_one(
    open_door: OpenDoor, status: int, kind: str, body: bytes
) -> None:
    door = open_door(lambda _: httpx.Response(status, headers={"content-type": kind}, content=body))
    with pytest.raises(BadAnswer):
        door.get("https://acme.example/count")


def test_an_unreadable_answer_to_a_write_leaves_its_outcome_open(open_door: OpenDoor) -> None:
    door = open_door(lambda _: httpx.Response(200, html="<html>Sign in</html>"))
    with pytest.raises(OutcomeUnknown):
        door.post("https://acme.example/check-ins", json={"value": 1})


def test_an_empty_answer_is_no_number(open_door: OpenDoor) -> None:
    answer = open_door(lambda _: httpx.Response(204)).post("https://acme.example/x", json={})
    with pytest.raises(BadAnswer):
        answer.json()


def test_numbers_arrive_exactly(open_door: OpenDoor) -> None:
    body = b'{"a": 0.1, "b": 1e400, "c": 12345678901234567890123, "d": 1.10}'
    numbers = (
        open_door(lambda _: httpx.Response(200, content=body)).get("https://a.example/").json()
    )
    assert numbers == {
        "a": Decimal("0.1"),
        "b": Decimal("1e400"),
        "c": 12345678901234567890123,
        "d": Decimal("1.10"),
    }


@pytest.mark.parametrize("charset", ["utf-9", "hex", "ascii", "utf-16"])
def test_text_in_another_charset_than_it_claims_is_refused(
    open_door: OpenDoor, charset: str
) -> None:
    kind = {"content-type": f"text/csv; charset={charset}"}
    door = open_door(lambda _: httpx.Response(200, headers=kind, content=b"sn\xc3\xb6!"))
    with pytest.raises(BadAnswer):
        door.get("https://acme.example/export.csv", expect="text")


def test_text_is_read_in_its_own_charset(open_door: OpenDoor) -> None:
    kind = {"content-type": 'text/csv; charset="ISO-8859-1"'}
    door = open_door(lambda _: httpx.Response(200, headers=kind, content=b"sn\xf6"))
    assert door.get("https://acme.example/export.csv", expect="text").text() == "snö"


def test_the_next_page_is_found_in_the_link_header(open_door: OpenDoor) -> None:
    link = (
        '<https://acme.example/x?page=2>; rel="next", <https://acme.example/x?page=9>; rel="last"'
    )
    answer = open_door(lambda _: httpx.Response(200, json=[], headers={"link": link})).get(
        "https://acme.example/x"
    )
    assert answer.links()["next"] == "https://acme.example/x?page=2"
    assert "prev" not in answer.links()


@pytest.mark.parametrize("base", ["acme.example", "ftp://acme.example", "https://", "https://a b/"])
def test_a_base_that_is_no_address_is_said_before_anything_is_sent(
    open_door: OpenDoor, base: str
) -> None:
    with pytest.raises(UsageError):
        open_door(Seen(), base_url=base)


@pytest.mark.parametrize(
    "url", ["deals", "https://", "https://a b/", "javascript:x", "//acme.example"]
)
def test_an_address_that_cannot_be_asked_is_refused(open_door: OpenDoor, url: str) -> None:
    seen = Seen()
    with pytest.raises(Refused):
        open_door(seen).get(url)
    assert not seen


def test_importing_the_package_loads_no_http_library() -> None:
    code = (
        "import sys, okrsync.http; from okrsync.http import Bearer;"
        "print(sorted({'httpx', 'httpcore', 'requests', 'tenacity'} & sys.modules.keys()))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
