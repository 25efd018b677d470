"""Sign-ins by OAuth 2.0: when a token is asked for, how, and what is said when it is refused."""

from __future__ import annotations

import threading
from base64 import b64decode
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from okrsync.errors import BadAnswer, SignInRefused, Unreachable
from okrsync.http import ClientCredentials, Door, JwtBearer, OAuth2
from tests.unit.http.conftest import START

TOKEN_URL = "https://login.acme.example/oauth2/token"
API = "https://api.acme.example"
SECRET = "s3cret/+with=signs"
Opener = Callable[..., Door]


class Service:
    """Hands out token-1, token-2, ... and takes the newest one only."""

    def __init__(self, **fields: Any) -> None:
        self.fields = fields
        self.forms: list[dict[str, str]] = []
        self.heads: list[httpx.Headers] = []
        self.refusal: tuple[int, Any] | None = None
        self.taken: str | None = "newest"
        self.lock = threading.Lock()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        with self.lock:
            if request.url.host == "login.acme.example":
                return self._token(request)
            wanted = f"token-{len(self.forms)}" if self.taken == "newest" else self.taken
            good = request.headers["authorization"] == f"Bearer {wanted}"
            return httpx.Response(200 if good else 401, json={"ok": good})

    def _token(self, request: httpx.Request) -> httpx.Response:
        assert request.method == "POST"
        self.forms.append(dict(parse_qsl(request.content.decode(), strict_parsing=True)))
        self.heads.append(request.headers)
        if self.refusal:
            return httpx.Response(self.refusal[0], json=self.refusal[1])
        said = {"access_token": f"token-{len(self.forms)}", "token_type": "Bearer"}
        return httpx.Response(200, json=said | self.fields)


@pytest.fixture
def clock(naps: list[float]) -> Any:
    from datetime import timedelta

    return lambda: START + timedelta(seconds=sum(naps))


def signed_in(
    service: Service, open_door: Opener, clock: Any, grant: Any = None, **settings: Any
) -> tuple[Door, OAuth2]:
    grant = grant or ClientCredentials("client", SECRET)
    sign_in = OAuth2(
        grant,
        token_url=TOKEN_URL,
        door=open_door(service, seconds=10_000.0, **settings),
        clock=clock,
    )
    return open_door(service, base_url=API, auth=sign_in, seconds=10_000.0), sign_in


def test_client_credentials_go_as_form_fields_and_empty_ones_stay_away(
    open_door: Opener, clock: Any
) -> None:
    service = Service()
    door, _ = signed_in(service, open_door, clock, ClientCredentials("client", SECRET, "read all"))
    assert door.get("things").json() == {"ok": True}
    assert service.forms == [
        {
            "grant_type": "client_credentials",
            "scope": "read all",
            "client_id": "client",
            "client_secret": SECRET,
        }
    ]


def test_client_credentials_can_go_as_basic_header_and_name_an_audience(
    open_door: Opener, clock: Any
) -> None:
    service = Service()
    grant = ClientCredentials("a:b", SECRET, audience="https://api", client_auth="basic")
    door, _ = signed_in(service, open_door, clock, grant)
    door.get("things")
    scheme, _, pair = service.heads[0]["authorization"].partition(" ")
    assert scheme == "Basic"
    assert b64decode(pair).decode() == "a%3Ab:s3cret%2F%2Bwith%3Dsigns"
    assert service.forms[0] == {"grant_type": "client_credentials", "audience": "https://api"}


def test_one_token_serves_many_requests(open_door: Opener, clock: Any) -> None:
    service = Service(expires_in=3600)
    door, _ = signed_in(service, open_door, clock)
    for _ in range(5):
        door.get("things")
    assert len(service.forms) == 1


def test_a_token_is_renewed_before_its_end(
    open_door: Opener, clock: Any, naps: list[float]
) -> None:
    service = Service(expires_in="3600")
    door, _ = signed_in(service, open_door, clock)
    door.get("things")
    naps.append(3530.0)
    door.get("things")
    assert len(service.forms) == 1
    naps.append(15.0)
    door.get("things")
    assert len(service.forms) == 2


def test_a_token_of_a_short_life_is_used_at_all(
    open_door: Opener, clock: Any, naps: list[float]
) -> None:
    service = Service(expires_in=30)
    door, _ = signed_in(service, open_door, clock)
    door.get("things")
    naps.append(20.0)
    door.get("things")
    assert len(service.forms) == 1


@pytest.mark.parametrize("life", ["soon", -5, 0, "inf", "nan", None, {}])
def test_a_life_that_cannot_be_read_is_none(life: Any, open_door: Opener, clock: Any) -> None:
    service = Service(expires_in=life)
    door, sign_in = signed_in(service, open_door, clock)
    door.get("things")
    assert sign_in.token().ends is None


def test_after_a_401_a_token_is_renewed_once_and_the_question_asked_again(
    open_door: Opener, clock: Any
) -> None:
    service = Service()
    door, sign_in = signed_in(service, open_door, clock)
    sign_in.token()
    service.taken = "token-2"
    assert door.get("things").json() == {"ok": True}
    assert len(service.forms) == 2


def test_a_new_token_that_is_refused_as_well_is_the_end(open_door: Opener, clock: Any) -> None:
    service = Service()
    service.taken = None
    door, _ = signed_in(service, open_door, clock)
    for _ in range(3):
        with pytest.raises(SignInRefused):
            door.get("things")
    assert len(service.forms) == 2


def test_a_later_401_is_worth_another_token(
    open_door: Opener, clock: Any, naps: list[float]
) -> None:
    service = Service()
    door, _ = signed_in(service, open_door, clock)
    door.get("things")
    for taken in ("token-2", "token-3"):
        service.taken = taken
        naps.append(120.0)
        assert door.get("things").json() == {"ok": True}


def test_threads_share_one_token_and_one_renewal(open_door: Opener, clock: Any) -> None:
    service = Service()
    door, sign_in = signed_in(service, open_door, clock)
    sign_in.token()
    service.taken = "token-2"
    answers: list[Any] = []

    def ask() -> None:
        answers.append(door.get("things").json())

    threads = [threading.Thread(target=ask) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [{"ok": True}] * 16
    assert len(service.forms) == 2


def test_a_refused_secret_is_shown_once_and_said_without_the_secret(
    open_door: Opener, clock: Any
) -> None:
    service = Service()
    service.refusal = 400, {"error": "invalid_client", "error_description": f"bad {SECRET}"}
    door, _ = signed_in(service, open_door, clock)
    for _ in range(3):
        with pytest.raises(SignInRefused) as refused:
            door.get("things")
        assert "login.acme.example: the sign-in was refused: invalid_client" in str(refused.value)
        assert SECRET not in str(refused.value)
        assert refused.value.next_step
    assert len(service.forms) == 1


@pytest.mark.parametrize("body", [[], "no", {"error": 7}, {"error_description": "\u202e\n"}])
def test_a_refusal_in_other_words_is_still_one(body: Any, open_door: Opener, clock: Any) -> None:
    service = Service()
    service.refusal = 401, body
    door, _ = signed_in(service, open_door, clock)
    with pytest.raises(SignInRefused):
        door.get("things")


def test_trouble_at_the_token_endpoint_is_not_held_against_the_secret(
    open_door: Opener, clock: Any
) -> None:
    service = Service()
    service.refusal = 503, {}
    door, _ = signed_in(service, open_door, clock)
    with pytest.raises(Unreachable):
        door.get("things")
    service.refusal = None
    assert door.get("things").json() == {"ok": True}


@pytest.mark.parametrize(
    "said",
    [
        {"access_token": None},
        {"access_token": ""},
        {"access_token": "two words"},
        {"access_token": "line\r\nbreak: x"},
        {"access_token": 7},
        {"token_type": "mac"},
    ],
)
def test_an_answer_without_a_usable_token_is_none(
    said: dict[str, Any], open_door: Opener, clock: Any
) -> None:
    door, _ = signed_in(Service(**said), open_door, clock)
    with pytest.raises(BadAnswer, match=r"login\.acme\.example"):
        door.get("things")


def test_the_token_is_masked_from_then_on_and_never_shown(open_door: Opener, clock: Any) -> None:
    masked: list[str] = []
    service = Service()
    _, sign_in = signed_in(service, open_door, clock, remember=masked.append)
    token = sign_in.token()
    assert masked == ["token-1"]
    assert "token-1" not in repr(token)
    assert SECRET not in repr(ClientCredentials("client", SECRET))


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def pem(key: rsa.RSAPrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


def test_a_signed_assertion_says_who_asks_for_whom_and_for_three_minutes(
    open_door: Opener, clock: Any, key: rsa.RSAPrivateKey
) -> None:
    service = Service()
    grant = JwtBearer("client", "okr-bot@acme.example", "https://login.acme.example", pem(key))
    door, _ = signed_in(service, open_door, clock, grant)
    door.get("things")
    form = service.forms[0]
    assert form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
    claims = jwt.decode(
        form["assertion"],
        key.public_key(),
        algorithms=["RS256"],
        audience="https://login.acme.example",
        options={"verify_exp": False},
    )
    assert claims["iss"] == "client"
    assert claims["sub"] == "okr-bot@acme.example"
    assert claims["exp"] == START.timestamp() + 180


def test_each_renewal_signs_an_assertion_of_its_own(
    open_door: Opener, clock: Any, naps: list[float], key: rsa.RSAPrivateKey
) -> None:
    service = Service(expires_in=300)
    door, _ = signed_in(service, open_door, clock, JwtBearer("client", "bot", "aud", pem(key)))
    door.get("things")
    naps.append(600.0)
    door.get("things")
    assert service.forms[0]["assertion"] != service.forms[1]["assertion"]


@pytest.mark.parametrize("text", ["no key at all", "", "-----BEGIN PRIVATE KEY-----\nAAAA\n"])
def test_a_key_that_cannot_sign_is_said_without_a_word_of_it(
    text: str, open_door: Opener, clock: Any
) -> None:
    service = Service()
    door, _ = signed_in(service, open_door, clock, JwtBearer("client", "bot", "aud", text))
    with pytest.raises(SignInRefused) as refused:
        door.get("things")
    assert "PEM" in refused.value.next_step
    assert refused.value.__cause__ is None
    assert refused.value.__context__ is None
    assert service.forms == []
