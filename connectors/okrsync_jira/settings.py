"""What [source.<name>] and a mapping say about Jira."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator, model_validator

from okrsync.addresses import CaFile, Proxy, safe_address
from okrsync.contracts import SecretRef, Settings, WorkingDays
from okrsync_jira.jql import JqlError, is_link, split

Durations = Literal["clock", "working"]
Names = Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Field(max_length=200)]

_ISSUE_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]*-[0-9]{1,12}")
_ISSUE_LINK = re.compile(rf"https?://[^?#]*/browse/(?P<key>{_ISSUE_KEY.pattern})(?:[?#].*)?")
_BOARD_LINK = re.compile(r"https?://\S*?(?:/boards/|[?&]rapidView=)(?P<id>[0-9]{1,12})\b\S*")
_PROJECT = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,254}|[0-9]{1,12}")


class Cycle(Settings):
    """The statuses that a cycle time runs between; by status category where none is named."""

    start: Annotated[Names, Field(description="Statuses in which work has begun.")] = ()
    done: Annotated[Names, Field(description="Statuses in which work is done.")] = ()


class JiraSettings(Settings):
    site: Annotated[
        str,
        Field(
            description="The address that people open in the browser: "
            "https://acme.atlassian.net, or https://jira.acme.example."
        ),
    ]
    token: Annotated[
        SecretRef,
        Field(description="API token (with email), personal access token, or OAuth bearer."),
    ]
    scope: Annotated[
        str | None,
        Field(min_length=1, description="JQL that narrows every jql of a mapping: project = PLAT."),
    ] = None
    email: Annotated[
        str | None,
        Field(
            min_length=1,
            description="Whose API token it is. Without it the token is sent as a bearer.",
        ),
    ] = None
    cloud_id: Annotated[
        str | None,
        Field(
            pattern=r"^[0-9A-Za-z-]{1,64}$",
            description="Cloud only, for scoped API tokens and OAuth: the id that "
            "SITE/_edge/tenant_info shows. Requests then go through the gateway.",
        ),
    ] = None
    gateway: Annotated[str, Field(description="Where requests with a cloud_id go.")] = (
        "https://api.atlassian.com"
    )
    deployment: Annotated[
        Literal["cloud", "data-center"] | None,
        Field(description="Found out when it is not given; checked when it is."),
    ] = None
    ca_file: CaFile = None
    proxy: Proxy = None
    zone: Annotated[
        str | None,
        Field(
            description="Time zone of the account's profile, in which Jira reads dates; needed "
            "only where Jira does not tell it."
        ),
    ] = None
    durations: Annotated[
        Durations,
        Field(description="clock: all the time between; working: working days, of 24 h each."),
    ] = "clock"
    working_days: Annotated[
        WorkingDays, Field(description="Which days count with durations = working.")
    ] = WorkingDays()
    cycle: Annotated[
        Cycle,
        Field(
            description="The statuses of a cycle time, by name: { start = [...], done = [...] }."
        ),
    ] = Cycle()
    at_once: Annotated[int, Field(ge=1, le=64, description="Most requests at a time.")] = 8
    max_issues: Annotated[
        int, Field(ge=1, description="Most issues that one question may read.")
    ] = 1_000_000

    @field_validator("site", "gateway")
    @classmethod
    def _address(cls, address: str) -> str:
        _check_address(address)
        return address.rstrip("/")

    @field_validator("scope")
    @classmethod
    def _condition_alone(cls, scope: str | None) -> str | None:
        if scope is None:
            return None
        if is_link(scope):
            raise ValueError("scope is JQL, not an address")
        try:
            condition, order = split(scope)
        except JqlError as problem:
            raise ValueError(str(problem)) from None
        if order or not condition:
            raise ValueError("scope is a condition, without ORDER BY")
        return condition

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str | None) -> str | None:
        try:
            return zone and ZoneInfo(zone).key
        except (ValueError, OSError, LookupError):
            raise ValueError("there is no such time zone; write Europe/Berlin") from None

    @model_validator(mode="after")
    def _cloud_takes_no_bearer_at_the_site(self) -> Self:
        host = urlsplit(self.site).hostname or ""
        if host.endswith(".atlassian.net") and self.email is None and self.cloud_id is None:
            raise ValueError(
                "Jira Cloud needs the token's email; for OAuth and scoped tokens, cloud_id"
            )
        if self.cloud_id is not None and self.deployment == "data-center":
            raise ValueError("cloud_id belongs to Jira Cloud, and deployment says data-center")
        return self


class JiraQuery(Settings):
    jql: Annotated[
        str | None,
        Field(
            min_length=1,
            description="Which issues count: JQL, or the address of a search or filter as the "
            "browser shows it.",
        ),
    ] = None
    exact: Annotated[
        bool,
        Field(description="Cloud: count issue by issue; without it Jira's estimate is taken."),
    ] = False
    of: Annotated[
        str | None,
        Field(
            min_length=1,
            description='With measure = "share": the JQL of the whole that jql is a share of.',
        ),
    ] = None
    epic: Annotated[
        str | None,
        Field(description="An epic, or any issue with children: PLAT-101, or its address."),
    ] = None
    version: Annotated[
        str | None, Field(min_length=1, description="The name of a version of project.")
    ] = None
    project: Annotated[str | None, Field(description="The project of version: PLAT.")] = None
    board: Annotated[
        int | str | None, Field(description="A Scrum board: its number or its address.")
    ] = None
    sprints: Annotated[
        int | None,
        Field(
            ge=1,
            le=100,
            description="With board: how many of the latest closed sprints count; 3 if neither "
            "this nor a window is given.",
        ),
    ] = None
    status: Annotated[
        str | Names | None,
        Field(description='With measure = "time_in_status": one status, or a list.'),
    ] = None
    durations: Annotated[
        Durations | None, Field(description="Another way to measure durations than the source's.")
    ] = None

    @field_validator("epic")
    @classmethod
    def _issue_key(cls, epic: str | None) -> str | None:
        if epic is None:
            return None
        link = _ISSUE_LINK.fullmatch(epic.strip())
        key = link["key"] if link else epic.strip()
        if not _ISSUE_KEY.fullmatch(key):
            raise ValueError("an issue's key looks like PLAT-101")
        return key.upper()

    @field_validator("project")
    @classmethod
    def _project_key(cls, project: str | None) -> str | None:
        if project is not None and not _PROJECT.fullmatch(project):
            raise ValueError("a project's key looks like PLAT")
        return project

    @field_validator("board")
    @classmethod
    def _board_number(cls, board: int | str | None) -> int | None:
        if isinstance(board, str):
            link = _BOARD_LINK.fullmatch(board.strip())
            board = int(link["id"]) if link else int(board) if board.isdecimal() else 0
        if board is not None and board < 1:
            raise ValueError("a board is given by its number, or by its address in the browser")
        return board

    @property
    def statuses(self) -> tuple[str, ...]:
        return (self.status,) if isinstance(self.status, str) else self.status or ()


def _check_address(address: str) -> None:
    parts = safe_address(address, example="https://acme.atlassian.net")
    if parts.query or parts.fragment:
        raise ValueError("the site's address ends before ? and #")
