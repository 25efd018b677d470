"""One Jira site for one run: what it is, who asks, what its fields and statuses are called."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from okrsync.contracts import Toolbox
from okrsync.errors import SignInRefused, SourceError
from okrsync.http import Basic, Bearer, Door
from okrsync_jira.fields import Fields
from okrsync_jira.messages import REFUSALS, anonymous, refused, unexpected, words_of
from okrsync_jira.once import Once
from okrsync_jira.settings import JiraSettings
from okrsync_jira.statuses import Statuses

if TYPE_CHECKING:
    from okrsync_jira.client import Client

_KINDS = {"cloud": "cloud", "server": "data-center"}
_LARGEST = 100_000_000


class Site:
    """Safe to share by threads. What is asked once in a run is asked by the first who needs it."""

    def __init__(self, settings: JiraSettings, toolbox: Toolbox, door: Door, token: str) -> None:
        self.settings = settings
        self.address = address_of(settings)
        self._toolbox = toolbox
        self._door = door
        self._token = token
        self._lock = threading.Lock()
        self._refusal: SignInRefused | None = None
        self._deployment = Once(self._find_deployment)
        self._fields = Once(self._find_fields)
        self._statuses = Once(self._find_statuses)
        self._account = Once(self._find_account)
        self._zone = Once(self._find_zone)
        self._clients: dict[str, Client] = {}
        self._closing = ExitStack()

    def close(self) -> None:
        self._closing.close()

    def post(self, path: str, body: Mapping[str, object]) -> Mapping[str, Any]:
        """Ask a question that is put as a POST: asking twice does no harm."""
        return self._ask("POST", path, json=dict(body), headers={"X-Atlassian-Token": "no-check"})

    def get(self, path: str, params: Mapping[str, str | int]) -> Mapping[str, Any]:
        return self._ask("GET", path, params=dict(params))

    @property
    def cloud(self) -> bool:
        return self.deployment == "cloud"

    @property
    def api(self) -> str:
        """The path of the REST API that this deployment is asked by."""
        return "rest/api/3" if self.cloud else "rest/api/2"

    @property
    def deployment(self) -> str:
        """cloud or data-center. Raises ``SourceError`` where Jira does not say and nobody did."""
        return self._deployment()

    @property
    def fields(self) -> Fields:
        return self._fields()

    @property
    def statuses(self) -> Statuses:
        return self._statuses()

    @property
    def account(self) -> Mapping[str, Any]:
        """Who asks. Raises ``SignInRefused`` when Jira takes nobody for it."""
        return self._account()

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which Jira reads the dates of a query: that of the account's profile."""
        return self._zone()

    def client(self, version: str = "") -> Client:
        """The ``jira`` library; loaded when it is first needed."""
        from okrsync_jira.client import Client, Library

        version = version or self.api.rpartition("/")[2]
        with self._lock:
            if version not in self._clients:
                library = Library(
                    self._door,
                    self.address,
                    email=self.settings.email,
                    token=self._token,
                    version=version,
                )
                client = self._clients[version] = Client(library, self.hide)
                self._closing.callback(client.close)
            return self._clients[version]

    def hide(self, text: str) -> str:
        return text.replace(self._token, "***")

    def _find_deployment(self) -> str:
        key = f"deployment of {self.address}"
        known = self._toolbox.memory.recall(key)
        if known not in _KINDS.values():
            # Version 2 is the one that both deployments answer.
            told = self.client("2").server_info().get("deploymentType")
            known = _KINDS.get(str(told).lower())
        found = _agreed(self.settings.deployment, known)
        # Written again in every run: what no run writes is forgotten after a while.
        self._toolbox.memory.remember(key, found)
        return found

    def _find_fields(self) -> Fields:
        return Fields(self.client().fields())

    def _find_statuses(self) -> Statuses:
        return Statuses(self.client().statuses())

    def _find_account(self) -> Mapping[str, Any]:
        return self.client().myself()

    def _find_zone(self) -> ZoneInfo:
        told = self.account.get("timeZone") or self.settings.zone
        try:
            return ZoneInfo(str(told or ""))
        except (ValueError, OSError, LookupError):
            pass
        raise SourceError(
            "Jira does not say in which time zone it reads this account's dates",
            next_step='look into the account\'s profile and say zone = "..." in this source',
        )

    def _ask(self, method: str, path: str, **asking: Any) -> Mapping[str, Any]:
        if self._refusal is not None:
            # Asking on with a refused sign-in locks the account behind a CAPTCHA.
            raise SignInRefused(self._refusal.message, next_step=self._refusal.next_step)
        try:
            return self._answered(method, path, asking)
        except SignInRefused as refusal:
            self._refusal = refusal
            raise

    def _answered(self, method: str, path: str, asking: dict[str, Any]) -> Mapping[str, Any]:
        answer = self._door.request(method, path, safe=True, accept=REFUSALS, **asking)
        if not answer.good:
            raise refused(answer.status, self.hide(words_of(answer.json_or_none())))
        problem = anonymous(answer.headers)
        if problem is not None:
            raise problem
        body = answer.json()
        if not isinstance(body, dict):
            raise unexpected("table")
        warnings = words_of({"errorMessages": body.get("warningMessages")})
        if warnings:
            raise SourceError(
                f"Jira warns about the query: {self.hide(warnings)}",
                next_step="correct the JQL in the mapping, so that Jira has nothing to say",
            )
        return body


@contextmanager
def opened(settings: JiraSettings, toolbox: Toolbox) -> Iterator[Site]:
    """The site behind one door; nothing is asked yet."""
    token = toolbox.secret(settings.token)
    door = toolbox.http(
        base_url=address_of(settings),
        auth=Bearer(token) if settings.email is None else Basic(settings.email, token),
        max_body=_LARGEST,
        ca_file=settings.ca_file,
        proxy=settings.proxy,
    )
    site = Site(settings, toolbox, door, token)
    try:
        yield site
    finally:
        site.close()


def address_of(settings: JiraSettings) -> str:
    """Where requests go: the site, or with a cloud_id the gateway."""
    if settings.cloud_id is None:
        return settings.site
    return f"{settings.gateway}/ex/jira/{settings.cloud_id}"


def _agreed(said: str | None, found: str | None) -> str:
    """What the settings say and what the site says of itself, where they do not differ."""
    if said is None and found is None:
        raise SourceError(
            "Jira does not say whether it is Cloud or Data Center",
            next_step='say deployment = "cloud" or deployment = "data-center" in this source',
        )
    if said is not None and found is not None and said != found:
        raise SourceError(
            f"the settings say that this Jira is {said}, and it says that it is {found}",
            next_step=f'say deployment = "{found}" in this source, or leave it out',
        )
    return said or found or ""
