"""What ``okrsync doctor`` says of a database: who is signed in, and what the account may do."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

from okrsync.contracts import Remark

_CURE = "give okrsync an account that may only read: the third lock behind the other two"
_POSTGRESQL = (
    "SELECT current_user, current_setting('server_version'), rolsuper "
    "FROM pg_roles WHERE rolname = current_user"
)
_MYSQL = "SELECT CURRENT_USER(), VERSION()"
_WRITING = frozenset(
    {"ALL PRIVILEGES", "INSERT", "UPDATE", "DELETE", "DROP", "FILE", "SUPER", "CREATE", "ALTER"}
)


def remarks(connection: Connection, backend: str) -> Iterator[Remark]:
    match backend:
        case "postgresql":
            yield from _postgresql(connection)
        case "mysql":
            yield from _mysql(connection)
        case "sqlite":
            version = connection.exec_driver_sql("SELECT sqlite_version()").scalar()
            yield Remark(f"SQLite {version}, the file opened for reading only")
        case _:
            yield Remark(f"{backend}: reads only as long as its account may only read")


def _postgresql(connection: Connection) -> Iterator[Remark]:
    user, version, superuser = connection.exec_driver_sql(_POSTGRESQL).one()
    yield Remark(f"PostgreSQL {version}, signed in as {user}, in read-only transactions")
    if superuser:
        yield Remark(f"{user} is a superuser", well=False, cure=_CURE)


def _mysql(connection: Connection) -> Iterator[Remark]:
    user, version = connection.exec_driver_sql(_MYSQL).one()
    yield Remark(f"{version}, signed in as {user}, in read-only transactions")
    grants = connection.exec_driver_sql("SHOW GRANTS").scalars()
    words = {word.strip() for grant in grants for word in _rights(str(grant))}
    if words & _WRITING:
        yield Remark(f"{user} may write", well=False, cure=_CURE)


def _rights(grant: str) -> list[str]:
    """INSERT and DELETE of "GRANT INSERT, DELETE ON `crm`.* TO ..."."""
    return grant.removeprefix("GRANT ").partition(" ON ")[0].split(",")
