"""Tokens, GitHub Apps, Enterprise Servers, and what doctor says of them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from pydantic import ValidationError

from okrsync.contracts import FromEnvironment, Remark, SelfExamining
from okrsync.errors import OutsideError, SignInRefused
from okrsync_github import SOURCE
from okrsync_github.addresses import graphql_of, web_of
from okrsync_github.settings import GithubSettings
from tests.standins.github import NOW, Github, ModelToolbox, asked, failure, question, value

_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
_PEM = _KEY.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption()).decode()
_TOKENS = "/app/installations/77/access_tokens"
_APP = {
    "token": None,
    "app_id": 4711,
    "installation_id": 77,
    "private_key": FromEnvironment(env="APP_KEY"),
}
_COUNT = question(search="repo:acme/shop is:issue")


class _App:
    """Hands out one token after the other, for an hour each."""

    def __init__(self, github: Github) -> None:
        self.tokens = 0
        self.claims: list[dict[str, Any]] = []
        github.rest[_TOKENS] = self

    def __call__(self, request: httpx.Request) -> httpx.Response:
        _, _, signed = request.headers["authorization"].partition(" ")
        self.claims.append(
            jwt.decode(
                signed,
                _KEY.public_key(),
                algorithms=["RS256"],
                options={"verify_exp": False, "verify_iat": False},
            )
        )
        self.tokens += 1
        ends = (NOW + timedelta(hours=self.tokens)).strftime("%Y-%m-%dT%H:%M:%SZ")
        token = f"ghs_token-number-{self.tokens}"
        return httpx.Response(201, json={"token": token, "expires_at": ends, "permissions": {}})


def _toolbox(github: Github, root: Path, **more: Any) -> ModelToolbox:
    return github.toolbox(
        root, secrets={"GITHUB_TOKEN": "ghp_of-the-test", "APP_KEY": _PEM}, **more
    )


def _bearers(github: Github) -> list[str]:
    return [
        request.headers["authorization"]
        for request in github.asked
        if request.url.path.endswith("graphql")
    ]


def test_a_token_is_sent_as_a_bearer(tmp_path: Path) -> None:
    github = Github()
    asked(github, tmp_path, _COUNT)
    assert _bearers(github) == ["Bearer ghp_of-the-test"]


def test_an_app_signs_in_by_its_key_and_asks_with_its_installations_token(tmp_path: Path) -> None:
    github = Github()
    app = _App(github)
    [answer] = asked(github, tmp_path, _COUNT, toolbox=_toolbox(github, tmp_path), **_APP)
    assert value(answer) == 0
    assert [claims["iss"] for claims in app.claims] == ["4711"]
    assert _bearers(github) == ["Bearer ghs_token-number-1"]


def test_an_app_token_that_ends_soon_is_renewed_before(tmp_path: Path) -> None:
    github = Github()
    app = _App(github)
    now = [NOW]
    toolbox = _toolbox(github, tmp_path)
    toolbox.clock = lambda: now[0]
    with toolbox, SOURCE.open(GithubSettings(**_APP), toolbox) as source:
        for minutes in (0, 54, 56):
            now[0] = NOW + timedelta(minutes=minutes)
            source.measure([_COUNT])
    assert _bearers(github) == [f"Bearer ghs_token-number-{n}" for n in (1, 1, 2)]
    assert app.tokens == 2


def test_an_app_token_that_is_refused_is_renewed_once(tmp_path: Path) -> None:
    github = Github()
    app = _App(github)
    refusals = iter([httpx.Response(401, json={"message": "Bad credentials"})])
    github.trouble = lambda _: next(refusals, None)
    [answer] = asked(github, tmp_path, _COUNT, toolbox=_toolbox(github, tmp_path), **_APP)
    assert value(answer) == 0
    assert app.tokens == 2
    assert _bearers(github)[-1] == "Bearer ghs_token-number-2"


@pytest.mark.parametrize("status", [401, 403, 404])
def test_an_app_that_github_does_not_know_is_a_refused_sign_in(tmp_path: Path, status: int) -> None:
    github = Github()
    github.rest[_TOKENS] = lambda _: httpx.Response(status, json={"message": "no"})
    [outcome] = asked(github, tmp_path, _COUNT, toolbox=_toolbox(github, tmp_path), **_APP)
    assert isinstance(outcome, SignInRefused)
    assert "installation_id" in outcome.next_step


@pytest.mark.parametrize("key", ["no key at all", _PEM[:200], _PEM.replace("RSA", "DSA")])
def test_a_private_key_that_is_none_is_never_shown(tmp_path: Path, key: str) -> None:
    github = Github()
    toolbox = github.toolbox(tmp_path, secrets={"APP_KEY": key})
    try:
        [outcome] = asked(github, tmp_path, _COUNT, toolbox=toolbox, **_APP)
    except OutsideError as raised:
        outcome = raised
    assert isinstance(outcome, SignInRefused)
    assert key[:20] not in str(outcome)
    assert "PEM" in outcome.message


def test_no_secret_is_in_any_error(tmp_path: Path) -> None:
    github = Github()
    _App(github)
    github.trouble = lambda _: httpx.Response(
        422, json={"message": github.asked[-1].headers["authorization"]}
    )
    [outcome] = asked(github, tmp_path, _COUNT, toolbox=_toolbox(github, tmp_path), **_APP)
    assert "ghs_" not in failure(outcome).message


@pytest.mark.parametrize(
    ("api", "graphql", "web"),
    [
        ("https://api.github.com", "https://api.github.com/graphql", "https://github.com"),
        ("https://ghe.example/api/v3", "https://ghe.example/api/graphql", "https://ghe.example"),
        (
            "https://api.acme.ghe.example",
            "https://api.acme.ghe.example/graphql",
            "https://acme.ghe.example",
        ),
    ],
)
def test_where_the_parts_of_a_github_are(api: str, graphql: str, web: str) -> None:
    assert (graphql_of(api), web_of(api)) == (graphql, web)


def test_an_enterprise_server_is_asked_under_its_own_address(tmp_path: Path) -> None:
    github = Github()
    github.rest["/api/v3/app/installations/77/access_tokens"] = _App(github)
    box = _toolbox(github, tmp_path)
    [answer] = asked(
        github, tmp_path, _COUNT, toolbox=box, api="https://ghe.example/api/v3", **_APP
    )
    assert value(answer) == 0
    assert {request.url.host for request in github.asked} == {"ghe.example"}
    assert github.asked[-1].url.path == "/api/graphql"


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"token": {"env": "A"}, "app_id": 1, "installation_id": 2, "private_key": {"env": "B"}},
        {"app_id": 1, "private_key": {"env": "B"}},
        {"token": {"env": "A"}, "api": "http://ghe.example/api/v3"},
        {"token": {"env": "A"}, "api": "https://bot:pw@ghe.example/api/v3"},
        {"token": {"env": "A"}, "scope": "acme/shop/main"},
        {"token": {"env": "A"}, "aliases": 51},
        {"token": "ghp_plain"},
    ],
)
def test_settings_that_cannot_be(settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        GithubSettings(**settings)


# What doctor says.


def _remarks(github: Github, root: Path, **settings: Any) -> list[Remark]:
    given = {"token": FromEnvironment(env="GITHUB_TOKEN"), **settings}
    box = _toolbox(github, root)
    with box, SOURCE.open(GithubSettings(**given), box) as source:
        assert isinstance(source, SelfExamining)
        return list(source.examine())


def _quota(left: int, **headers: str) -> Any:
    said = {"limit": 5000, "remaining": left, "reset": 0, "used": 0}
    body = {"resources": {"graphql": said, "search": {**said, "limit": 30, "remaining": 30}}}
    return lambda _: httpx.Response(200, json=body, headers=headers)


def test_doctor_says_who_is_signed_in_what_is_left_and_what_expires(tmp_path: Path) -> None:
    github = Github()
    expires = {"github-authentication-token-expiration": "2026-11-08 09:00:00 UTC"}
    github.rest["/rate_limit"] = _quota(4980, **expires)
    github.rest["/repos/acme/shop"] = lambda _: httpx.Response(200, json={"full_name": "acme/shop"})
    assert _remarks(github, tmp_path, scope="acme/shop") == [
        Remark("signed in as okr-bot"),
        Remark("4,980 of 5,000 points an hour left"),
        Remark(
            "the token expires on 2026-11-08, in 5 days",
            well=False,
            cure="make a new token, and put it where the settings read it",
        ),
        Remark("acme/shop can be read"),
    ]


def test_doctor_warns_when_little_is_left(tmp_path: Path) -> None:
    github = Github()
    github.rest["/rate_limit"] = _quota(120)
    assert [remark.well for remark in _remarks(github, tmp_path)] == [True, False]


def test_doctor_goes_on_after_a_failure(tmp_path: Path) -> None:
    github = Github(trouble=lambda _: httpx.Response(403, json={"message": "no"}))
    github.rest["/rate_limit"] = _quota(4980)
    first, second, third = _remarks(github, tmp_path, scope="acme/hidden")
    assert (first.well, second.well, third.well) == (False, True, False)
    assert first.cure
    assert third.cure


def test_doctor_asks_by_rest_where_graphql_is_closed(tmp_path: Path) -> None:
    github = Github()
    github.rest["/user"] = lambda _: httpx.Response(200, json={"login": "okr-bot", "id": 1})
    assert _remarks(github, tmp_path, graphql=False) == [
        Remark("signed in as okr-bot"),
        Remark("this server has no rate limits"),
    ]
