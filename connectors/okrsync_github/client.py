"""PyGithub, for what it is good at: a GitHub App's sign-in, and who an account is.

It never counts: its clients must not be shared by threads, and its waits, retries and totals are
not okrsync's. Each client is used by one thread, and every request of it goes through the door.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from okrsync.contracts import Clock
from okrsync.errors import OutsideError, SignInRefused, SourceError

if TYPE_CHECKING:
    from github import Github, GithubIntegration

    from okrsync.http import Door

# GitHub's tokens for installations live for an hour; a request begun with one must still end.
_EARLY: Final = timedelta(minutes=5)
_CURRENT: ContextVar[Door] = ContextVar("door")


class AppSignIn:
    """An okrsync.http.SignIn for a GitHub App: a token of its installation, renewed in time."""

    def __init__(
        self, app_id: int, installation_id: int, private_key: str, api: str, clock: Clock
    ) -> None:
        self._app_id = app_id
        self._installation_id = installation_id
        self._private_key = private_key
        self._api = api
        self._clock = clock
        self._lock = threading.Lock()
        self._token = ""
        self._until: datetime | None = None
        self._door: Callable[[], Door] | None = None

    def through(self, door: Callable[[], Door]) -> None:
        """By which door tokens are fetched: one without a sign-in of its own."""
        self._door = door

    def headers(self) -> Mapping[str, str]:
        with self._lock:
            if self._until is None or self._clock() >= self._until - _EARLY:
                self._fetch()
            return {"Authorization": f"Bearer {self._token}"}

    def renew(self) -> bool:
        """After a 401: the installation's rights may have changed, which ends its tokens."""
        with self._lock:
            before = self._token
            self._fetch()
            return self._token != before

    def _fetch(self) -> None:
        if self._door is None:
            raise LookupError("no door to sign in by")
        with _through(self._door()), _pygithubs_errors():
            app = _integration(self._app_id, self._private_key, self._api)
            authorization = app.get_access_token(self._installation_id)
        self._token = authorization.token
        self._until = authorization.expires_at.astimezone(UTC)


@contextmanager
def client(door: Door, api: str) -> Iterator[Github]:
    """A client for this thread and this block; ``door`` signs in for it."""
    from github import Github

    with _through(door), _pygithubs_errors():
        yield Github(**_plain(api))


def _integration(app_id: int, private_key: str, api: str) -> GithubIntegration:
    from github import Auth, GithubIntegration

    sign_in = Auth.AppAuth(app_id, private_key)
    try:
        sign_in.create_jwt()
        usable = True
    except Exception:  # noqa: BLE001
        # The key's library raises many kinds of error, and their texts may quote the key.
        usable = False
    if not usable:
        raise SignInRefused(
            "the App's private key cannot be used: it is not a private key in PEM",
            next_step="let GitHub make a new key for the App, and keep the file as it comes",
        )
    return GithubIntegration(auth=sign_in, **_plain(api))


def _plain(api: str) -> dict[str, Any]:
    """No waiting, no retrying, nothing fetched that nobody asked for: the door does all that."""
    return {
        "base_url": api,
        "retry": None,
        "seconds_between_requests": None,
        "seconds_between_writes": None,
        "lazy": True,
    }


@contextmanager
def _through(door: Door) -> Iterator[None]:
    """Within the block, PyGithub's requests of this thread go through ``door``."""
    _inject()
    token = _CURRENT.set(door)
    try:
        yield
    finally:
        _CURRENT.reset(token)


def _inject() -> None:
    """PyGithub has one place for connections of another make, for the whole process."""
    from github.Requester import (
        HTTPRequestsConnectionClass,
        HTTPSRequestsConnectionClass,
        Requester,
    )

    from okrsync.http import DoorAdapter

    class Plain(HTTPRequestsConnectionClass):
        def __init__(self, *given: Any, **settings: Any) -> None:
            super().__init__(*given, **settings)
            self.session.mount("http://", DoorAdapter(_CURRENT.get(), safe=_always))

    class Secure(HTTPSRequestsConnectionClass):
        def __init__(self, *given: Any, **settings: Any) -> None:
            super().__init__(*given, **settings)
            self.session.mount("https://", DoorAdapter(_CURRENT.get(), safe=_always))

    Requester.injectConnectionClasses(Plain, Secure)


def _always(_request: object) -> bool:
    """All that is asked here may be asked twice: a second token harms nobody."""
    return True


@contextmanager
def _pygithubs_errors() -> Iterator[None]:
    """PyGithub's errors in okrsync's words; their own texts quote headers and bodies."""
    from github import GithubException

    error: OutsideError
    try:
        yield
    except GithubException as problem:
        status = problem.status
    else:
        return
    if status in {401, 403, 404}:
        error = SignInRefused(
            f"GitHub does not accept the sign-in ({status})",
            next_step="check app_id, installation_id and private_key, or the token",
        )
    else:
        error = SourceError(
            f"GitHub answered the sign-in with {status}", next_step="run again later: okrsync sync"
        )
    raise error
