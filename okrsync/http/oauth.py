"""Sign-ins by OAuth 2.0, for services that answer a short-lived token to a long-lived secret.

Client credentials are RFC 6749 section 4.4, the signed assertion is RFC 7523 section 2.1. A token
is kept in memory only. It is renewed when its time is nearly over, and once after a 401.
"""

from __future__ import annotations

import re
import threading
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal, Protocol
from urllib.parse import quote_plus, urlencode, urlsplit

from okrsync.contracts import Clock
from okrsync.errors import BadAnswer, OutsideError, SignInRefused, UsageError

if TYPE_CHECKING:
    from okrsync.http.answer import Answer
    from okrsync.http.door import Door

_TOKEN = re.compile(r"[\x21-\x7e]{1,16384}")
_REFUSALS = (400, 401, 403)
_WORDS_OF_REFUSAL = 160

# A token this close to its end could end on the way; of a short life a tenth is enough.
_BEFORE_THE_END = timedelta(seconds=60)
_SHARE_BEFORE_THE_END = 10

# A new token that is refused as well was not refused for its age: asking on would only lock the
# account.
_BETWEEN_RENEWALS = timedelta(seconds=60)

_JWT_LIFE = timedelta(minutes=3)
_JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


class Grant(Protocol):
    """What is shown at the token endpoint in exchange for a token."""

    def form(self, now: datetime) -> Mapping[str, str]:
        """The fields of the request's form."""

    def headers(self) -> Mapping[str, str]:
        """Headers that belong to it."""

    def secrets(self, form: Mapping[str, str]) -> Sequence[str]:
        """What a message may not repeat of ``form`` and ``headers``."""


@dataclass(frozen=True, slots=True)
class ClientCredentials:
    """``client_auth`` "body" sends id and secret as form fields, "basic" as a header."""

    client_id: str
    client_secret: str = field(repr=False)
    scope: str = ""
    audience: str = ""
    client_auth: Literal["body", "basic"] = "body"

    def form(self, now: datetime) -> Mapping[str, str]:  # noqa: ARG002  (other grants are dated)
        asked = {"grant_type": "client_credentials", "scope": self.scope, "audience": self.audience}
        if self.client_auth == "body":
            asked |= {"client_id": self.client_id, "client_secret": self.client_secret}
        return {name: value for name, value in asked.items() if value}

    def headers(self) -> Mapping[str, str]:
        if self.client_auth == "body":
            return {}
        # RFC 6749 section 2.3.1: both are form-encoded before they are joined.
        pair = f"{quote_plus(self.client_id)}:{quote_plus(self.client_secret)}".encode()
        return {"authorization": f"Basic {b64encode(pair).decode('ascii')}"}

    def secrets(self, form: Mapping[str, str]) -> Sequence[str]:  # noqa: ARG002  (the same always)
        return [self.client_secret]


@dataclass(frozen=True, slots=True)
class JwtBearer:
    """An assertion signed with RS256, good for three minutes, that ``subject`` may be acted for.

    With a ``scope`` it is the client itself that signs in, and a subject may be left out, as Google
    has it for service accounts. ``private_key`` is PEM text. Needs PyJWT with its extra ``crypto``.
    """

    client_id: str
    subject: str
    audience: str
    private_key: str = field(repr=False)
    scope: str = ""

    def form(self, now: datetime) -> Mapping[str, str]:
        claims: dict[str, object] = {
            "iss": self.client_id,
            "aud": self.audience,
            "exp": int((now + _JWT_LIFE).timestamp()),
        }
        if self.subject:
            claims["sub"] = self.subject
        if self.scope:
            claims |= {"scope": self.scope, "iat": int(now.timestamp())}
        return {"grant_type": _JWT_GRANT, "assertion": _signed(claims, self.private_key)}

    def headers(self) -> Mapping[str, str]:
        return {}

    def secrets(self, form: Mapping[str, str]) -> Sequence[str]:
        return [form["assertion"], self.private_key]


@dataclass(frozen=True, slots=True)
class Token:
    """``ends`` is when to take a new one; None where only a refusal will tell.

    ``said`` is the whole answer of the token endpoint, with the service's own fields.
    """

    text: str = field(repr=False)
    ends: datetime | None
    said: Mapping[str, Any] = field(repr=False)


class OAuth2:
    """A sign-in whose token comes from ``token_url``; safe to share by threads.

    ``door`` is a door without a sign-in of its own, used for nothing but this.
    """

    def __init__(self, grant: Grant, *, token_url: str, door: Door, clock: Clock) -> None:
        self._grant = grant
        self._token_url = token_url
        self._door = door
        self._clock = clock
        self._lock = threading.Lock()
        self._token: Token | None = None
        self._refusal: SignInRefused | None = None
        self._renewed: datetime | None = None
        # Which token this thread sent last: after a 401 another thread may have a new one already.
        self._sent = threading.local()

    def headers(self) -> Mapping[str, str]:
        token = self.token()
        self._sent.token = token
        return {"Authorization": f"Bearer {token.text}"}

    def token(self) -> Token:
        """The token to use now. Raises ``SignInRefused`` and what the door raises."""
        with self._lock:
            token = self._token
            if token is None or (token.ends is not None and self._clock() >= token.ends):
                token = self._fetch()
            return token

    def renew(self) -> bool:
        """After a 401: a new token, once; a new one that is refused as well is not renewed."""
        with self._lock:
            if self._token is not getattr(self._sent, "token", None):
                return True
            now = self._clock()
            if self._renewed is not None and now - self._renewed < _BETWEEN_RENEWALS:
                return False
            self._renewed = now
            self._fetch()
            return True

    def _fetch(self) -> Token:
        # A secret that was refused is not shown again: some services lock the account for it.
        if self._refusal is not None:
            raise _again(self._refusal)
        try:
            self._token = self._exchanged()
        except SignInRefused as refusal:
            self._token, self._refusal = None, refusal
            raise
        return self._token

    def _exchanged(self) -> Token:
        now = self._clock()
        form = self._grant.form(now)
        answer = self._door.post(
            self._token_url,
            content=urlencode(form).encode("ascii"),
            headers={
                "content-type": "application/x-www-form-urlencoded",
                **self._grant.headers(),
            },
            safe=True,
            accept=_REFUSALS,
        )
        host = urlsplit(self._token_url).hostname or "the token endpoint"
        if not answer.good:
            raise _refused(answer, host, self._grant.secrets(form))
        token = _read(answer, host, now)
        self._door.conceal(token.text)
        return token


def _read(answer: Answer, host: str, now: datetime) -> Token:
    said = answer.json() if answer.body else None
    text = said.get("access_token") if isinstance(said, dict) else None
    if not isinstance(said, dict) or not isinstance(text, str) or not _TOKEN.fullmatch(text):
        raise BadAnswer(
            f"{host}: the sign-in was answered without a token", next_step="check its address"
        )
    if str(said.get("token_type", "bearer")).lower() != "bearer":
        raise BadAnswer(
            f"{host}: the sign-in was answered with a token that is not a bearer token",
            next_step="check which kind of token the client is set up for",
        )
    return Token(text, _ends(said.get("expires_in"), now), said)


def _ends(seconds: object, now: datetime) -> datetime | None:
    """A life that cannot be read is none that was said: then a 401 will tell."""
    try:
        life = timedelta(seconds=float(str(seconds)))
        margin = min(_BEFORE_THE_END, life / _SHARE_BEFORE_THE_END)
        return now + life - margin if life > timedelta() else None
    except (ValueError, OverflowError):
        return None


def _refused(answer: Answer, host: str, secrets: Sequence[str]) -> SignInRefused:
    words = _their_words(answer, secrets)
    return SignInRefused(
        f"{host}: the sign-in was refused{': ' + words if words else f' ({answer.status})'}",
        next_step="check the client's id and secret or key, and what it is allowed to do there",
    )


def _their_words(answer: Answer, secrets: Sequence[str]) -> str:
    """The answer's ``error`` and ``error_description``, without the secrets that were sent."""
    try:
        said = answer.json()
    except BadAnswer:
        return ""
    if not isinstance(said, dict):
        return ""
    words = [said.get("error"), said.get("error_description")]
    text = ", ".join(" ".join(word.split()) for word in words if isinstance(word, str) and word)
    for secret in filter(None, secrets):
        text = text.replace(secret, "***")
    text = "".join(character for character in text if character.isprintable())
    return text if len(text) <= _WORDS_OF_REFUSAL else text[:_WORDS_OF_REFUSAL] + "…"


def _again(refusal: SignInRefused) -> SignInRefused:
    return SignInRefused(refusal.message, next_step=refusal.next_step)


def _signed(claims: Mapping[str, object], private_key: str) -> str:
    try:
        import jwt
    except ImportError:
        raise UsageError(
            "a sign-in with a private key needs PyJWT",
            next_step='pip install "PyJWT[crypto]"',
        ) from None
    problem: OutsideError
    try:
        return jwt.encode(dict(claims), private_key, algorithm="RS256")
    except (jwt.PyJWTError, ValueError, TypeError, NotImplementedError):
        # NotImplementedError: a kind of key that the library does not sign with. Its own text may
        # quote the key: it is not attached.
        problem = SignInRefused(
            "the private key cannot be used to sign",
            next_step="give an RSA key in PEM form (-----BEGIN PRIVATE KEY-----), not encrypted",
        )
    raise problem
