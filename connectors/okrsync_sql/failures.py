"""What a database's error means, in words that hold no value and no secret.

A driver's own text is shown only where its code says that it is about the statement, which the
mapping's author wrote: a column that is not there, a word too many. Any other text may quote data.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy.exc import DBAPIError, ResourceClosedError, SQLAlchemyError

from okrsync.errors import BadAnswer, OutsideError, Refused, SignInRefused, SourceError, Unreachable
from okrsync.http.redaction import one_line

_REACH = "check that the database runs and can be reached from here"
_STATEMENT = "correct the statement"
_FASTER = "narrow the statement, or raise timeout in its [source] table"
_RIGHTS = "let the account read this, and nothing more"
_LONGEST = 300

# https://www.postgresql.org/docs/current/errcodes-appendix.html
_POSTGRESQL_OF_STATEMENT = ("42", "0A", "26", "3F")
_POSTGRESQL_CUT = ("57014", "25P03", "57P05")

# https://mariadb.com/kb/en/mariadb-error-codes/
_MYSQL_OF_STATEMENT = frozenset({1052, 1054, 1055, 1060, 1064, 1065, 1093, 1140, 1146, 1221, 1222})
_MYSQL_OF_STATEMENT_TOO = frozenset({1241, 1242, 1248, 1305, 1370, 1582, 1630, 4078})
_MYSQL_CUT = frozenset({1028, 1317, 1969, 3024})
_MYSQL_SIGN_IN = frozenset({1044, 1045, 1698, 1862, 1130, 4151})
_MYSQL_RIGHTS = frozenset({1142, 1143, 1227, 1370})
_MYSQL_READ_ONLY = frozenset({1290, 1792, 1836, 3572})
_MYSQL_UNREACHED = frozenset({2002, 2003, 2005, 2006, 2013, 1053, 1040, 1203})
_MYSQL_ZONE = 1298


@contextmanager
def spoken(name: str) -> Iterator[None]:
    """Raise our own errors in place of SQLAlchemy's and the drivers'; ``name`` is the database."""
    problem: OutsideError | None = None
    try:
        yield
    except ResourceClosedError:
        problem = BadAnswer(
            f"{name}: the statement answered with no rows at all", next_step=_STATEMENT
        )
    except DBAPIError as error:
        problem = in_words(error.orig or error, name)
    except (sqlite3.Error, SQLAlchemyError) as error:
        problem = in_words(error, name)
    # Raised out here: the driver's exception, which may quote a value, is not attached.
    if problem is not None:
        raise problem


def in_words(cause: BaseException, name: str) -> OutsideError:
    if isinstance(cause, sqlite3.Error):
        return _sqlite(cause, name)
    if cause.args and isinstance(cause.args[0], int):  # PyMySQL has a sqlstate as well
        return _mysql(cause.args[0], cause, name)
    if hasattr(cause, "sqlstate"):
        return _postgresql(cause, name)
    return SourceError(f"{name}: failed with {type(cause).__name__}", next_step=_REACH)


def _sqlite(error: sqlite3.Error, name: str) -> OutsideError:
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    match code:
        case sqlite3.SQLITE_ERROR:
            return SourceError(f"{name}: {one_line(str(error), _LONGEST)}", next_step=_STATEMENT)
        case sqlite3.SQLITE_INTERRUPT:
            return _cut(name)
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_AUTH:
            return _refused(name)
        case sqlite3.SQLITE_NOTADB:
            return BadAnswer(f"{name} is not a SQLite database", next_step="check url")
        case sqlite3.SQLITE_CORRUPT:
            return BadAnswer(f"{name} is damaged", next_step="restore it from a backup")
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return Unreachable(f"{name} is locked by another program", next_step="run again later")
    return SourceError(f"{name} cannot be read (SQLite code {code})", next_step=_REACH)


def _postgresql(error: BaseException, name: str) -> OutsideError:
    code: str | None = getattr(error, "sqlstate", None)
    if code is None:
        return _unanswered(error, name)
    if code in _POSTGRESQL_CUT:
        return _cut(name)
    if code == "25006":
        return _refused(name)
    if code == "42501":
        return Refused(f"{name}: the account may not read this", next_step=_RIGHTS)
    if code.startswith("28"):
        return _sign_in(name)
    if code.startswith(_POSTGRESQL_OF_STATEMENT):
        diagnosis: Any = getattr(error, "diag", None)
        said = one_line(getattr(diagnosis, "message_primary", None) or "", _LONGEST)
        return SourceError(f"{name}: {said} ({code})", next_step=_STATEMENT)
    if code.startswith(("08", "53", "57", "3D")):
        return Unreachable(f"{name} cannot be reached ({code})", next_step=_REACH)
    return SourceError(f"{name}: the statement failed there (code {code})", next_step=_STATEMENT)


def _unanswered(error: BaseException, name: str) -> OutsideError:
    """Before a session there is no code: whether a password was refused, only the text says."""
    if "authentication failed" in str(error) or "no password supplied" in str(error):
        return _sign_in(name)
    return Unreachable(f"{name} cannot be reached", next_step=_REACH)


def _mysql(code: int, error: BaseException, name: str) -> OutsideError:
    if code in _MYSQL_CUT:
        return _cut(name)
    if code in _MYSQL_READ_ONLY:
        return _refused(name)
    if code in _MYSQL_SIGN_IN:
        return _sign_in(name)
    if code in _MYSQL_RIGHTS:
        return Refused(f"{name}: the account may not read this ({code})", next_step=_RIGHTS)
    if code in _MYSQL_UNREACHED:
        return Unreachable(f"{name} cannot be reached ({code})", next_step=_REACH)
    if code == _MYSQL_ZONE:
        return SourceError(
            f"{name}: the server does not know the zone that timezone names",
            next_step="load its zones (mysql_tzinfo_to_sql), or say UTC if its times are kept so",
        )
    if code in _MYSQL_OF_STATEMENT | _MYSQL_OF_STATEMENT_TOO:
        said = str(error.args[1]) if len(error.args) > 1 else ""
        return SourceError(f"{name}: {one_line(said, _LONGEST)} ({code})", next_step=_STATEMENT)
    return SourceError(f"{name}: the statement failed there (code {code})", next_step=_STATEMENT)


def _cut(name: str) -> OutsideError:
    return Unreachable(f"{name}: the statement took longer than timeout allows", next_step=_FASTER)


def _refused(name: str) -> OutsideError:
    return Refused(
        f"{name}: the statement wanted to write, and okrsync only reads", next_step=_STATEMENT
    )


def _sign_in(name: str) -> OutsideError:
    return SignInRefused(
        f"{name}: the sign-in was refused",
        next_step="check user and password in its [source] table",
    )
