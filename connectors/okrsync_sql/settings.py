"""What [source.<name>] and a mapping say about a database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Annotated, Any, Self
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator, model_validator

from okrsync.conditions import Values, Vars
from okrsync.contracts import SecretRef, Settings
from okrsync_sql.statement import BUILT_IN, names_in, problem_with

_SECRET_OPTIONS = frozenset({"password", "passwd", "sslpassword"})


class SqlSettings(Settings):
    url: Annotated[
        SecretRef | str,
        Field(
            description="Address of the database: sqlite:///data/crm.db, "
            "postgresql://okr@db.example/crm, mysql://okr@db.example/crm, or that of any other "
            "installed SQLAlchemy dialect. A path is relative to config.toml's folder."
        ),
    ]
    password: Annotated[
        SecretRef | None, Field(description="The password, where the address does not hold it.")
    ] = None
    timezone: Annotated[
        str,
        Field(description="Zone of the times that the database keeps without one."),
    ] = "UTC"
    timeout: Annotated[
        float, Field(gt=0, le=3600, description="Seconds that one statement may take.")
    ] = 30.0
    max_rows: Annotated[
        int, Field(ge=1, description="Most rows that one statement may answer with.")
    ] = 20_000_000
    read_only_account: Annotated[
        bool,
        Field(
            description="true: the account may only read. Needed for databases other than SQLite, "
            "PostgreSQL, MySQL and MariaDB, which okrsync cannot keep from writing by itself."
        ),
    ] = False

    @field_validator("url")
    @classmethod
    def _without_secret(cls, url: Any) -> Any:
        if isinstance(url, str):
            _check_address(url)
        return url

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (LookupError, OSError, ValueError):
            raise ValueError("no zone has this name; write UTC or Europe/Stockholm") from None
        return name

    @model_validator(mode="after")
    def _password_has_use(self) -> Self:
        if self.password is not None and isinstance(self.url, str) and _is_sqlite(self.url):
            raise ValueError("SQLite has no password")
        return self


class SqlQuery(Settings):
    sql: Annotated[
        str,
        Field(
            min_length=1,
            description="One SELECT. It may read :start, :end and :as_of (instants), :start_date, "
            ":end_date and :as_of_date (days), and each name in [vars].",
        ),
    ]
    vars: Vars = Field(
        default_factory=Values, description="Values that stand in the statement as :name."
    )

    @field_validator("vars")
    @classmethod
    def _sendable(cls, values: Values) -> Values:
        if any(isinstance(value, str) and "\0" in value for value in values.values()):
            raise ValueError("a text holds no NUL")
        return values


def check(settings: SqlSettings, query: SqlQuery) -> Iterator[tuple[str, str]]:
    """What can be seen offline: no reading statement, or a name that has no value."""
    del settings
    problem = problem_with(query.sql)
    if problem:
        yield "sql", problem
    own = set(query.vars)
    for name in sorted(own & BUILT_IN):
        yield "vars", f"`:{name}` is okrsync's own; give this value another name"
    for name in sorted(names_in(query.sql) - own - BUILT_IN):
        yield "sql", f"`:{name}` has no value: it is neither in [vars] nor one of okrsync's own"


def _is_sqlite(url: str) -> bool:
    return url.partition(":")[0].partition("+")[0] == "sqlite"


def _check_address(url: str) -> None:
    try:
        parts = urlsplit(url)
        names = {name.lower() for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
        held = parts.password or names & _SECRET_OPTIONS
    except ValueError:
        raise ValueError("this is no address; write postgresql://user@host/database") from None
    if "://" not in url:
        raise ValueError("this is no address; write postgresql://user@host/database")
    if held:
        raise ValueError("no password inside the address; say password = { env = ... }")
    if _is_sqlite(url):
        _check_file(url)


def _check_file(url: str) -> None:
    path = url.partition("://")[2].removeprefix("/")
    if not path or path == ":memory:":
        raise ValueError("name a file: sqlite:///data/crm.db")
    if "?" in path or path.startswith("file:"):
        raise ValueError("no options with SQLite: the file is opened for reading, always")
    if not path.startswith("/") and ".." in PurePosixPath(path).parts:
        raise ValueError('".." is not followed; write the folder\'s own path')
