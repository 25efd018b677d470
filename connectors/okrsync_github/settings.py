"""What [source.<name>] and a mapping say about GitHub."""

from __future__ import annotations

import re
from typing import Annotated, Final, Literal, Self

from pydantic import Field, field_validator, model_validator

from okrsync.addresses import CaFile, Proxy, safe_address
from okrsync.contracts import SecretRef, Settings, WorkingDays

SearchIn = Literal["issues", "discussions", "repositories"]
AlertState = Literal["open", "fixed", "dismissed", "auto_dismissed", "any"]
Severity = Literal["critical", "high", "medium", "low", "error", "warning", "note"]

OWNER: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,98}[A-Za-z0-9_])?")
REPO: Final = re.compile(OWNER.pattern + r"/[A-Za-z0-9._-]{1,100}")


class GithubSettings(Settings):
    token: Annotated[
        SecretRef | None,
        Field(
            description="A fine-grained token that may read what is counted, or an Actions token."
        ),
    ] = None
    app_id: Annotated[
        int | None, Field(ge=1, description="Instead of a token: the id of a GitHub App,")
    ] = None
    installation_id: Annotated[
        int | None, Field(ge=1, description="the id of its installation,")
    ] = None
    private_key: Annotated[
        SecretRef | None, Field(description="and its private key, in PEM as GitHub gave it.")
    ] = None
    api: Annotated[
        str,
        Field(description="The API's address; on an Enterprise Server https://HOST/api/v3."),
    ] = "https://api.github.com"
    scope: Annotated[
        str,
        Field(
            description="What is meant where a mapping names no repository and no owner: acme for "
            "all repositories of an owner, acme/shop for one."
        ),
    ] = ""
    ca_file: CaFile = None
    proxy: Proxy = None
    at_once: Annotated[
        int, Field(ge=1, le=16, description="Requests that may be open at once.")
    ] = 4
    aliases: Annotated[
        int, Field(ge=1, le=50, description="Most counts that one GraphQL request asks for.")
    ] = 40
    graphql: Annotated[
        bool,
        Field(
            description="false: count by the REST search, one request each, where a server has "
            "GraphQL closed."
        ),
    ] = True
    searches_a_minute: Annotated[
        int, Field(ge=1, description="What the REST search of this server allows.")
    ] = 30
    durations: Annotated[
        Literal["clock", "working"],
        Field(description="clock: all the time between; working: working days, of 24 h each."),
    ] = "clock"
    working_days: Annotated[
        WorkingDays, Field(description="Which days count with durations = working.")
    ] = WorkingDays()

    @field_validator("api")
    @classmethod
    def _safe_address(cls, api: str) -> str:
        example = "https://api.github.com or https://HOST/api/v3"
        if safe_address(api, example=example).query:
            raise ValueError(f"write it as {example}")
        return api.rstrip("/")

    @field_validator("scope")
    @classmethod
    def _whole_scope(cls, scope: str) -> str:
        if scope and not OWNER.fullmatch(scope) and not REPO.fullmatch(scope):
            raise ValueError("write an owner, acme, or a repository, acme/shop")
        return scope

    @model_validator(mode="after")
    def _one_sign_in(self) -> Self:
        app = (self.app_id, self.installation_id, self.private_key)
        whole = all(part is not None for part in app)
        if any(part is not None for part in app) and not whole:
            raise ValueError("an App signs in with app_id, installation_id and private_key")
        if whole == (self.token is not None):
            raise ValueError("say either token, or app_id with installation_id and private_key")
        return self

    @property
    def repo(self) -> str:
        """The repository that ``scope`` names, or ""."""
        return self.scope if "/" in self.scope else ""


class GithubQuery(Settings):
    search: Annotated[
        str | None,
        Field(
            min_length=1,
            description='In GitHub\'s own syntax: "repo:acme/shop is:issue is:open label:bug". '
            "okrsync adds the dates that on and window ask for.",
        ),
    ] = None
    search_in: Annotated[
        SearchIn, Field(description="What search looks through; issues are pull requests, too.")
    ] = "issues"
    repo: Annotated[
        str | None,
        Field(description="acme/shop, for the keys below; if not said, the source's scope."),
    ] = None
    milestone: Annotated[
        int | str | None,
        Field(description="Title or number of a milestone: the share of its issues that is done."),
    ] = None
    releases: Annotated[
        Literal["stable", "all"] | None,
        Field(description="Published releases; stable leaves pre-releases out."),
    ] = None
    deployments: Annotated[
        str | None,
        Field(min_length=1, description="The environment whose deployments count: production."),
    ] = None
    workflow: Annotated[
        str | None,
        Field(
            pattern=r"^[\w. -]{1,200}$",
            description='File of a workflow whose runs count, "ci.yml"; "all" for every one.',
        ),
    ] = None
    branch: Annotated[
        str | None, Field(min_length=1, description="With workflow: runs of this branch alone.")
    ] = None
    outcome: Annotated[
        Literal["success", "failure", "any"],
        Field(
            description="Which deployments or runs are counted. success_rate looks at all that "
            "came to an end."
        ),
    ] = "success"
    stars: Annotated[
        Literal[True] | None, Field(description="true: how many stars the repository has.")
    ] = None
    dependabot: Annotated[
        AlertState | None, Field(description="Alerts on dependencies in this state.")
    ] = None
    code_scanning: Annotated[
        AlertState | None, Field(description="Alerts of code scanning in this state.")
    ] = None
    severity: Annotated[
        tuple[Severity, ...],
        Field(description='With alerts: only these, ["critical", "high"].'),
    ] = ()

    @field_validator("repo")
    @classmethod
    def _whole_name(cls, repo: str | None) -> str | None:
        if repo is not None and not REPO.fullmatch(repo):
            raise ValueError("write owner and name: acme/shop")
        return repo

    @property
    def subject(self) -> str:
        """Which key says what is asked for; "" where none or several do."""
        named = [name for name in SUBJECTS if getattr(self, name) is not None]
        if sorted(named) == ["deployments", "search"] or sorted(named) == ["releases", "search"]:
            return "search"
        return named[0] if len(named) == 1 else ""


SUBJECTS: Final = (
    "search",
    "milestone",
    "releases",
    "deployments",
    "workflow",
    "stars",
    "dependabot",
    "code_scanning",
)
