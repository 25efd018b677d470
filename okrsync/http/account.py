"""How a connector's settings say who signs in where; the same words for every JSON API.

This module loads no network library: settings are read offline, too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self
from urllib.parse import quote, unquote

from pydantic import Field, field_validator, model_validator

from okrsync.addresses import CaFile, Proxy, safe_address
from okrsync.contracts import SecretRef, Settings, Toolbox

if TYPE_CHECKING:
    from okrsync.http.sign_in import SignIn

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_PATH_BROKEN = re.compile(r"[\x00-\x20\\?#]|://")
_SECRET_HEADER = re.compile(r"auth|token|secret|key|cookie|password|session", re.IGNORECASE)


class Auth(Settings):
    """One way to sign in: exactly one of the five groups of keys."""

    bearer: Annotated[SecretRef | None, Field(description="A bearer token.")] = None
    user: Annotated[str, Field(description="User of a basic sign-in.")] = ""
    password: Annotated[SecretRef | None, Field(description="Its password or token.")] = None
    header: Annotated[str, Field(description="Header that carries a key: X-Api-Key.")] = ""
    param: Annotated[str, Field(description="Query parameter that carries a key.")] = ""
    key: Annotated[SecretRef | None, Field(description="The key of header or param.")] = None
    prefix: Annotated[str, Field(description='Before the key in its header: "Token ".')] = ""
    token_url: Annotated[
        str, Field(description="OAuth 2.0, client credentials: address of the token endpoint.")
    ] = ""
    client_id: Annotated[str, Field(description="OAuth 2.0: the client.")] = ""
    client_secret: Annotated[SecretRef | None, Field(description="OAuth 2.0: its secret.")] = None
    scope: Annotated[str, Field(description="OAuth 2.0: what is asked for.")] = ""
    audience: Annotated[str, Field(description="OAuth 2.0: for whom, where it is needed.")] = ""
    client_auth: Annotated[
        Literal["body", "basic"], Field(description="OAuth 2.0: where id and secret are sent.")
    ] = "body"

    @property
    def kind(self) -> str:
        """bearer, basic, header, param or oauth."""
        ways = {
            "bearer": self.bearer is not None,
            "basic": bool(self.user),
            "header": bool(self.header),
            "param": bool(self.param),
            "oauth": bool(self.token_url),
        }
        chosen = [name for name, said in ways.items() if said]
        return chosen[0] if len(chosen) == 1 else ""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if not self.kind:
            raise ValueError("say one of: bearer, user, header, param, token_url")
        needs = {
            "basic": ("password", self.password),
            "header": ("key", self.key),
            "param": ("key", self.key),
            "oauth": ("client_secret", self.client_secret and self.client_id),
        }
        name, value = needs.get(self.kind, ("", True))
        if not value:
            raise ValueError(f"`{name}` is missing for this way to sign in")
        if self.header and not _TOKEN.fullmatch(self.header):
            raise ValueError("this is not the name of a header")
        if self.token_url:
            check_address(self.token_url)
        return self


class ApiSettings(Settings):
    """What every API that is described by config alone is told of itself."""

    url: Annotated[
        str, Field(min_length=1, description="Where all paths start: https://api.acme.example/v1.")
    ]
    auth: Annotated[Auth | None, Field(description="How to sign in.")] = None
    headers: Annotated[
        dict[str, str], Field(description="Sent with every request; no secrets: those are auth.")
    ] = Field(default_factory=dict)
    per_second: Annotated[
        float | None, Field(gt=0, description="Most requests a second that the API allows.")
    ] = None
    at_once: Annotated[int, Field(ge=1, le=32, description="Most open requests.")] = 4
    timeout: Annotated[
        float, Field(gt=0, le=600, description="Seconds that one request may take.")
    ] = 30.0
    ca_file: CaFile = None
    proxy: Proxy = None

    @field_validator("url")
    @classmethod
    def _address(cls, url: str) -> str:
        check_address(url)
        return url.rstrip("/")

    @field_validator("headers")
    @classmethod
    def _plain_headers(cls, headers: dict[str, str]) -> dict[str, str]:
        check_headers(headers)
        return headers


def below(path: str) -> str:
    """A path that stays below the url; raises ``ValueError``."""
    steps = PurePosixPath("/" + unquote(path)).parts
    if _PATH_BROKEN.search(path) or ".." in steps or "\\" in unquote(path):
        raise ValueError("a path below the url, without .. and ?: use params")
    return path.lstrip("/")


def step(text: str) -> str:
    """One step of a path, escaped; "" for a text that is none."""
    return "" if text in {".", ".."} else quote(text, safe="")


def check_address(url: str) -> None:
    """Raises ``ValueError`` for what is no address, or one that no secret may be sent to."""
    parts = safe_address(url, example="https://api.acme.example/v1", instead="auth = { ... }")
    if parts.query or parts.fragment:
        raise ValueError("no parameters inside the address; a key is said in auth = { ... }")


def check_headers(headers: Mapping[str, str]) -> None:
    """Raises ``ValueError`` for what is no header, or one whose value is a secret."""
    for name in headers:
        if not _TOKEN.fullmatch(name):
            raise ValueError("this is not the name of a header")
        if _SECRET_HEADER.search(name):
            raise ValueError("a header with a secret is said as auth = { header = ..., key = }")
    if any("\r" in text or "\n" in text for text in headers.values()):
        raise ValueError("a header is one line")


def sign_in(auth: Auth | None, toolbox: Toolbox, reached: Mapping[str, Any]) -> SignIn | None:
    """``reached`` are the door's settings for the way to the token endpoint."""
    from okrsync.http.oauth import ClientCredentials, OAuth2
    from okrsync.http.sign_in import Basic, Bearer, KeyHeader

    if auth is None:
        return None
    if auth.bearer is not None:
        return Bearer(toolbox.secret(auth.bearer))
    if auth.kind == "basic" and auth.password is not None:
        return Basic(auth.user, toolbox.secret(auth.password))
    if auth.kind == "header" and auth.key is not None:
        return KeyHeader(auth.header, f"{auth.prefix}{toolbox.secret(auth.key)}")
    if auth.client_secret is not None:
        return OAuth2(
            ClientCredentials(
                auth.client_id,
                toolbox.secret(auth.client_secret),
                scope=auth.scope,
                audience=auth.audience,
                client_auth=auth.client_auth,
            ),
            token_url=auth.token_url,
            door=toolbox.http(**reached),
            clock=toolbox.clock,
        )
    return None


def key_params(auth: Auth | None, toolbox: Toolbox) -> dict[str, str]:
    """A key that travels in the address; no message of the door shows a parameter's value."""
    if auth is None or auth.kind != "param" or auth.key is None:
        return {}
    return {auth.param: toolbox.secret(auth.key)}
