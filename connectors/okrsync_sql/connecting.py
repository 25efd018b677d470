"""From an address to an engine that can only read, as far as that is a matter of connecting."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from sqlalchemy import URL, Engine, create_engine, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.pool import NullPool

from okrsync.contracts import Toolbox
from okrsync.errors import SourceError
from okrsync_sql.settings import SqlSettings

CONNECT_SECONDS = 10
_BACKENDS = MappingProxyType(
    {"postgres": "postgresql", "postgresql": "postgresql", "mysql": "mysql", "mariadb": "mysql"}
)
_DRIVERS = MappingProxyType({"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql"})
_PORTS = MappingProxyType({"postgresql": 5432, "mysql": 3306})
_EXTRAS = MappingProxyType({"postgresql": "postgres", "mysql": "mysql"})
_OPEN_READ_ONLY = "?mode=ro"


def address(settings: SqlSettings, toolbox: Toolbox) -> URL:
    """The settings' address with its driver and its password."""
    written = settings.url if isinstance(settings.url, str) else toolbox.secret(settings.url)
    try:
        url = make_url(written)
    except (ArgumentError, ValueError):
        url = None
    if url is None:
        raise SourceError(
            "the address of the database is not one",
            next_step="write it as postgresql://user@host/database",
        )
    url = url.set(drivername=_driver(url.drivername))
    return url if settings.password is None else url.set(password=toolbox.secret(settings.password))


def backend_of(url: URL) -> str:
    """One of "sqlite", "postgresql", "mysql" (MariaDB too), or the name of another dialect."""
    return _BACKENDS.get(url.get_backend_name(), url.get_backend_name())


def shown(url: URL) -> str:
    """The database in messages: without user, password and options."""
    if backend_of(url) == "sqlite":
        return url.database or ""
    return f"{url.database or 'the database'} on {url.host or 'this machine'}"


def engine_for(url: URL, settings: SqlSettings, toolbox: Toolbox) -> Engine:
    """Raises ``OutsideError`` for a file outside of its folder or a host that is not allowed."""
    backend = backend_of(url)
    if backend == "sqlite":
        return _sqlite(url, settings, toolbox.root)
    for host in _hosts(url):
        toolbox.admit(host, url.port or _PORTS.get(backend, 0))
    return _made(url, _arguments(backend, settings.timeout))


def _driver(name: str) -> str:
    plain = _BACKENDS.get(name, name)
    return _DRIVERS.get(plain, plain)


def _hosts(url: URL) -> list[str]:
    """Every host that the driver may connect to; none for a socket on this machine."""
    named = [url.query.get(key, ()) for key in ("host", "hostaddr")]
    texts = [text for each in named for text in ([each] if isinstance(each, str) else each)]
    hosts = [host for text in (url.host or "", *texts) for host in text.split(",")]
    # SQLAlchemy takes "host:port" there as well, and IPv6 addresses have more colons; a path is a
    # socket.
    return [
        host.partition(":")[0] if host.count(":") == 1 else host
        for host in hosts
        if host and not host.startswith("/")
    ]


def _arguments(backend: str, timeout: float) -> dict[str, Any]:
    if backend == "postgresql":
        return {"connect_timeout": CONNECT_SECONDS, "application_name": "okrsync"}
    if backend == "mysql":
        # The server ends a statement; this is for a server that does not answer at all.
        silent = int(timeout) + CONNECT_SECONDS
        return {"connect_timeout": CONNECT_SECONDS, "read_timeout": silent, "local_infile": False}
    return {}


def _made(url: URL, arguments: Mapping[str, Any], **more: Any) -> Engine:
    extra = _EXTRAS.get(backend_of(url))
    try:
        return create_engine(url, poolclass=NullPool, connect_args=dict(arguments), **more)
    except (NoSuchModuleError, ImportError):
        install = f'pip install "okrsync[{extra}]"' if extra else "install its SQLAlchemy dialect"
    raise SourceError(f"the driver of {url.drivername} is not installed", next_step=install)


def _sqlite(url: URL, settings: SqlSettings, root: Path) -> Engine:
    path = _inside(root, url.database or "")

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(
            f"file:{quote(str(path))}{_OPEN_READ_ONLY}",
            uri=True,
            timeout=settings.timeout,
            isolation_level=None,
            check_same_thread=False,
        )

    return _made(url.set(drivername="sqlite+pysqlite"), {}, creator=connect)


def _inside(root: Path, written: str) -> Path:
    """The file; a relative path stays in the config's folder, whatever links lie on its way."""
    if not written or written == ":memory:" or written.startswith("file:"):
        raise SourceError(
            "the address names no file", next_step="write it as sqlite:///data/crm.db"
        )
    path = Path(written)
    if not path.is_absolute():
        path = (root / path).resolve()
        if not path.is_relative_to(root.resolve()):
            raise SourceError(
                f"{written} lies outside of the folder of config.toml",
                next_step="write the file's absolute path",
            )
    if not path.is_file():
        raise SourceError(
            f"the database {written} is not there, or is no file",
            next_step="look at url in its [source] table",
        )
    return path
