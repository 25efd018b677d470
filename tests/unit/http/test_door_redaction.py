from __future__ import annotations

import base64
import inspect
import logging
import traceback
from collections.abc import Callable
from urllib.parse import quote

import httpcore
import httpx
import pytest

from okrsync.errors import OkrsyncError, OutsideError, SignInRefused
from okrsync.http import Basic, Bearer, Door, RefusedAnswer
from okrsync.http.failures import failed
from okrsync.http.redaction import shown

OpenDoor = Callable[..., Door]
CANARY = "c4n4ry-T0k3n"
URL = f"https://bot:{CANARY}@acme.example/x?api_token={CANARY}&jql=a#{CANARY}"


def _classes(module: object) -> list[type[Exception]]:
    found = {k for _, k in inspect.getmembers(module, inspect.isclass) if issubclass(k, Exception)}
    return sorted(found, key=lambda k: (k.__module__, k.__name__))


LIBRARY_ERRORS = [*_classes(httpx), *_classes(httpcore)]


def _raised(kind: type[Exception]) -> Exception:
    text = f"Illegal header value b'Bearer {CANARY}' in {URL}"
    if kind is httpx.HTTPStatusError:
        request = httpx.Request("GET", URL)
        return httpx.HTTPStatusError(text, request=request, response=httpx.Response(500))
    if kind in {
        httpx.StreamConsumed,
        httpx.StreamClosed,
        httpx.ResponseNotRead,
        httpx.RequestNotRead,
    }:
        return kind()
    return kind(text)


def test_the_libraries_have_errors_to_be_mapped() -> None:
    assert {httpx.ReadTimeout, httpcore.ReadTimeout} < set(LIBRARY_ERRORS)
    assert len(LIBRARY_ERRORS) > 35


@pytest.mark.parametrize("kind", LIBRARY_ERRORS, ids=lambda k: f"{k.__module__}.{k.__name__}")
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_guarantee_26_every_library_error_becomes_one_of_ours_and_shows_no_secret(
    open_door: OpenDoor, kind: type[Exception], method: str
) -> None:
    def other(_: httpx.Request) -> httpx.Response:
        raise _raised(kind)

    with pytest.raises(OutsideError) as caught:
        open_door(other, auth=Bearer(CANARY)).request(method, URL)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    told = "".join(traceback.format_exception(caught.value)) + caught.value.next_step
    assert CANARY not in told


@pytest.mark.parametrize("kind", LIBRARY_ERRORS, ids=lambda k: f"{k.__module__}.{k.__name__}")
def test_a_library_error_within_a_body_becomes_one_of_ours(kind: type[Exception]) -> None:
    error = failed(_raised(kind), "GET https://acme.example/", answering=True).error
    assert isinstance(error, OutsideError)
    assert CANARY not in str(error)


@pytest.mark.parametrize("kind", [OSError, ConnectionResetError, UnicodeError])
def test_what_lies_below_the_libraries_is_not_let_through_either(kind: type[Exception]) -> None:
    assert CANARY not in str(failed(kind(CANARY), "x", answering=False).error)


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 422, 429, 500, 503, 200])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_guarantee_26_no_error_shows_what_was_asked_with(
    open_door: OpenDoor, caplog: pytest.LogCaptureFixture, status: int, method: str
) -> None:
    echo = f"token {CANARY} {quote(URL)} {base64.b64encode(f'bot:{CANARY}'.encode()).decode()}"
    headers = {"set-cookie": CANARY, "location": f"http://{CANARY}.example/{CANARY}"}
    door = open_door(
        lambda _: httpx.Response(status, text=echo, headers=headers),
        auth=Basic("bot", CANARY),
        headers={"X-Api-Key": CANARY},
        mask=lambda text: text.replace(CANARY, "***"),
    )
    with caplog.at_level(logging.DEBUG), pytest.raises(OutsideError) as caught:
        door.request(method, URL)
    error = caught.value
    told = f"{error!r} {error} {error.next_step} {vars(error)} {caplog.text}"
    told += "".join(traceback.format_exception(error))
    assert CANARY not in told
    assert base64.b64encode(f"bot:{CANARY}".encode()).decode() not in told


def test_guarantee_26_a_refusals_words_lose_the_doors_own_credentials_without_any_mask(
    open_door: OpenDoor,
) -> None:
    door = open_door(
        lambda r: httpx.Response(400, text=f"unknown token {r.headers['authorization'][7:]}"),
        auth=Bearer(CANARY),
    )
    with pytest.raises(RefusedAnswer) as caught:
        door.get("https://acme.example/")
    assert caught.value.detail == "unknown token ***"


class Talkative(Bearer):
    """A sign-in that puts its token into its own words."""

    def renew(self) -> bool:
        raise SignInRefused(f"{self.token} is over", next_step=f"renew {self.token}")


def test_guarantee_26_what_to_do_next_shows_no_secret_either(open_door: OpenDoor) -> None:
    door = open_door(lambda _: httpx.Response(401), auth=Talkative(CANARY))
    with pytest.raises(SignInRefused) as caught:
        door.get("https://acme.example/")
    error = caught.value
    assert (error.message, error.next_step) == ("*** is over", "renew ***")
    assert CANARY not in f"{error} {error!r} {error.args}"


def test_guarantee_26_reprs_show_no_credentials() -> None:
    assert CANARY not in repr(Bearer(CANARY)) + repr(Basic("bot", CANARY))


def test_guarantee_26_an_answers_repr_shows_neither_headers_nor_body(open_door: OpenDoor) -> None:
    door = open_door(lambda _: httpx.Response(200, json=CANARY, headers={"set-cookie": CANARY}))
    assert CANARY not in repr(door.get("https://acme.example/"))


@pytest.mark.parametrize("token", ["tok\r\nX-Evil: 1", "tökën-ðæ€", "tok\x00"])
def test_a_secret_that_no_header_can_hold_is_refused_unshown(
    open_door: OpenDoor, token: str
) -> None:
    with pytest.raises(OkrsyncError) as caught:
        open_door(None).get("https://127.0.0.1:9/", headers={"X-Token": token})
    assert token not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("https://u:p@a.example:8443/x/y?q=secret&z=1#frag", "https://a.example:8443/x/y?q=…&z=…"),
        ("https://a.example/x?justsecret", "https://a.example/x"),
        ("https://[::1]:80/x", "https://[::1]:80/x"),
        ("https://a.example:99999/x", "an unreadable address"),
        ("https://[::1/x", "an unreadable address"),
    ],
)
def test_addresses_are_shown_without_what_was_asked_with(url: str, text: str) -> None:
    assert shown(url) == text
