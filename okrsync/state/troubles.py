"""What a database's error means and what to do about it.

The database's own text is left out: it may quote values. Its code says all that is needed.
"""

from __future__ import annotations

import sqlite3
from typing import Final

from sqlalchemy.exc import DBAPIError

from okrsync.errors import StateDamaged, StateError

_RESTORE: Final = "restore a backup, or move the database away and run again: okrsync sync"
_SPACE: Final = "free some space, then run again"
_AGAIN: Final = "run again; if it stays so, find the program that keeps the database open"
_OWNER: Final = "check who may write to the database and its folder"
_SIGN_IN: Final = "check user and password in [state] url"
_REACH: Final = "check that the database server runs and is reachable"

# https://www.sqlite.org/rescode.html, primary codes
_SQLITE: Final = {
    sqlite3.SQLITE_BUSY: ("is locked by another program", _AGAIN),
    sqlite3.SQLITE_LOCKED: ("is locked by another program", _AGAIN),
    sqlite3.SQLITE_READONLY: ("is read-only", _OWNER),
    sqlite3.SQLITE_PERM: ("may not be opened by this user", _OWNER),
    sqlite3.SQLITE_AUTH: ("may not be opened by this user", _OWNER),
    sqlite3.SQLITE_CANTOPEN: ("cannot be opened", _OWNER),
    sqlite3.SQLITE_FULL: ("cannot grow: the disk is full", _SPACE),
    sqlite3.SQLITE_IOERR: ("could not be read or written: the disk reported an error", _SPACE),
}
_SQLITE_DAMAGED: Final = {
    sqlite3.SQLITE_NOTADB: "is not a SQLite database",
    sqlite3.SQLITE_CORRUPT: "is damaged",
    sqlite3.SQLITE_ERROR: "lacks tables that okrsync made",
}

# https://www.postgresql.org/docs/current/errcodes-appendix.html, longest prefix first
_POSTGRESQL: Final = (
    ("28", "refuses the sign-in", _SIGN_IN),
    ("3D000", "does not exist", "create it: createdb, then run again"),
    ("42501", "may not be changed by this user", _OWNER),
    ("25006", "is read-only", _OWNER),
    ("53", "has no room or connections left", _SPACE),
    ("55P03", "is locked by another program", _AGAIN),
    ("40", "is in use by another program", _AGAIN),
    ("57", "has been shut down", _REACH),
    ("08", "cannot be reached", _REACH),
)
_POSTGRESQL_DAMAGED: Final = (("XX00", "is damaged"), ("42", "lacks tables that okrsync made"))


def in_words(error: Exception, name: str) -> StateError:
    """The ``StateError`` for what SQLAlchemy or sqlite3 raised about the database ``name``."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, sqlite3.Error):
        return _sqlite(cause, name)
    return _postgresql(getattr(cause, "sqlstate", None), name)


def _sqlite(error: sqlite3.Error, name: str) -> StateError:
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_IOERR) & 0xFF
    if code in _SQLITE_DAMAGED:
        return StateDamaged(
            f"the state database {name} {_SQLITE_DAMAGED[code]}", next_step=_RESTORE
        )
    what, cure = _SQLITE.get(code, (f"failed (SQLite code {code})", _AGAIN))
    return StateError(f"the state database {name} {what}", next_step=cure)


def _postgresql(code: str | None, name: str) -> StateError:
    if code is None:  # no answer from a server at all
        return StateError(f"the state database {name} cannot be reached", next_step=_REACH)
    for prefix, what, cure in _POSTGRESQL:
        if code.startswith(prefix):
            return StateError(f"the state database {name} {what}", next_step=cure)
    for prefix, what in _POSTGRESQL_DAMAGED:
        if code.startswith(prefix):
            return StateDamaged(f"the state database {name} {what}", next_step=_RESTORE)
    return StateError(f"the state database {name} failed (code {code})", next_step=_AGAIN)
