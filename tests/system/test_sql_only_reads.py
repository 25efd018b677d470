"""No write can leave: what a mapping might say in place of a SELECT, on real servers.

Each statement is sent twice: as a mapping would send it, and past the look at its words, so that
the read-only transaction alone has to hold.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, NullPool, create_engine

from okrsync.errors import OutsideError, Refused, Unreachable
from okrsync.model import Measurement
from okrsync.testing import FakeToolbox, a_question
from okrsync_sql import SOURCE
from okrsync_sql.settings import SqlQuery, SqlSettings
from okrsync_sql.source import SqlSource

pytestmark = pytest.mark.network

EVERYWHERE = [
    "INSERT INTO deals VALUES (9, 9)",
    "UPDATE deals SET amount = 0",
    "DELETE FROM deals",
    "DROP TABLE deals",
    "CREATE TABLE planted (id INT)",
    "CREATE TABLE planted AS SELECT * FROM deals",
    "ALTER TABLE deals ADD planted INT",
    "CREATE INDEX planted ON deals (id)",
    "SELECT 1; DROP TABLE deals",
    "SELECT 1; COMMIT; DELETE FROM deals",
    "SELECT ';'; DELETE FROM deals; SELECT ';'",
]
POSTGRESQL = [
    *EVERYWHERE,
    "TRUNCATE deals",
    "WITH gone AS (DELETE FROM deals RETURNING *) SELECT COUNT(*) FROM gone",
    "WITH more AS (INSERT INTO deals VALUES (9, 9) RETURNING id) SELECT id FROM more",
    "SELECT * INTO planted FROM deals",
    "SELECT plant()",
    "SELECT set_config('transaction_read_only', 'off', true), plant()",
    "SELECT set_config('transaction_read_only', 'off', false) WHERE plant() > 0",
    "SELECT nextval('numbers')",
    "SELECT * FROM deals FOR UPDATE",
    "DO $$ BEGIN DELETE FROM deals; END $$",
    "DO $$ BEGIN COMMIT; DELETE FROM deals; END $$",
    "DO $$ BEGIN SET TRANSACTION READ WRITE; DELETE FROM deals; END $$",
    "CALL plant_and_commit()",
    "COPY deals TO '{file}'",
    "COPY (SELECT 1) TO PROGRAM 'touch {file}'",
    "EXPLAIN ANALYZE DELETE FROM deals",
    "SET TRANSACTION READ WRITE",
    "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE",
    "GRANT ALL ON deals TO PUBLIC",
    "PREPARE p AS DELETE FROM deals",
]
MARIADB = [
    *EVERYWHERE,
    "TRUNCATE TABLE deals",
    "REPLACE INTO deals VALUES (1, 0)",
    "DELETE FROM deals RETURNING id",
    "INSERT INTO old_style VALUES (9)",
    "SELECT plant()",
    "CALL plant_and_commit()",
    "SELECT NEXT VALUE FOR numbers",
    "EXECUTE IMMEDIATE 'DELETE FROM deals'",
    "BEGIN NOT ATOMIC COMMIT; DELETE FROM deals; END",
    "CREATE TEMPORARY TABLE planted (id INT)",
    "LOCK TABLES deals WRITE",
    "LOAD DATA INFILE '/etc/hostname' INTO TABLE deals",
    "ANALYZE TABLE deals",
    "RENAME TABLE deals TO planted",
]
# Reading, to the server: no transaction holds them back, so their words must.
MARIADB_FILES = [
    "SELECT * FROM deals INTO OUTFILE '{file}'",
    "SELECT * INTO OUTFILE '{file}' FROM deals",
    "SELECT 'x' INTO/**/DUMPFILE '{file}'",
    "SELECT 'x' /*!50000 INTO OUTFILE '{file}' */",
    "SELECT 'x' /*M!100100 INTO OUTFILE '{file}' */",
]
SQLITE = [
    *EVERYWHERE,
    "REPLACE INTO deals VALUES (1, 0)",
    "VACUUM INTO '{file}'",
    "ATTACH '{file}' AS planted",
    "PRAGMA query_only = OFF",
    "PRAGMA user_version = 9",
    "WITH one AS (SELECT 1) DELETE FROM deals",
    "CREATE TEMP TABLE planted (id INT)",
    "SELECT load_extension('{file}')",
]


class Server:
    """One database with three deals, two functions that write, and the source that reads it."""

    def __init__(self, url: str, kind: str, folder: Path) -> None:
        self.kind = kind
        self.target = folder / "written"
        self._engine = create_engine(url, poolclass=NullPool)
        self._toolbox = FakeToolbox(folder)
        self.settings = SqlSettings(url=url, timeout=0.5)
        self._fill()
        self.before = self.content()

    @property
    def engine(self) -> Engine:
        return self._engine

    def _fill(self) -> None:
        with self._engine.begin() as connection:
            for statement in FILLING["all"] + FILLING[self.kind]:
                connection.exec_driver_sql(statement)

    def content(self) -> dict[str, Any]:
        with self._engine.connect() as connection:
            run = connection.exec_driver_sql
            return {
                "tables": sorted(run(TABLES[self.kind]).scalars()),
                "deals": sorted(map(tuple, run("SELECT id, amount FROM deals"))),
                "columns": list(run("SELECT * FROM deals").keys()),
                "files": self.target.exists(),
            }

    def opened(self) -> Any:
        return SOURCE.open(self.settings, self._toolbox)


FILLING = {
    "all": [
        "DROP TABLE IF EXISTS deals",
        "DROP TABLE IF EXISTS planted",
        "CREATE TABLE deals (id INT PRIMARY KEY, amount NUMERIC(9,2))",
        "INSERT INTO deals VALUES (1, 10.50), (2, 20.25), (3, NULL)",
    ],
    "sqlite": [],
    "postgresql": [
        "DROP SEQUENCE IF EXISTS numbers",
        "CREATE SEQUENCE numbers",
        (
            "CREATE OR REPLACE FUNCTION plant() RETURNS INT LANGUAGE plpgsql AS "
            "$$ BEGIN INSERT INTO deals VALUES (7, 7); RETURN 1; END $$"
        ),
        (
            "CREATE OR REPLACE PROCEDURE plant_and_commit() LANGUAGE plpgsql AS "
            "$$ BEGIN INSERT INTO deals VALUES (8, 8); COMMIT; END $$"
        ),
    ],
    "mariadb": [
        "DROP TABLE IF EXISTS old_style",
        "CREATE TABLE old_style (id INT) ENGINE = MyISAM",
        "CREATE OR REPLACE SEQUENCE numbers",
        (
            "CREATE OR REPLACE FUNCTION plant() RETURNS INT MODIFIES SQL DATA "
            "BEGIN INSERT INTO deals VALUES (7, 7); INSERT INTO old_style VALUES (7); RETURN 1; END"
        ),
        (
            "CREATE OR REPLACE PROCEDURE plant_and_commit() "
            "BEGIN INSERT INTO deals VALUES (8, 8); COMMIT; END"
        ),
    ],
}
TABLES = {
    "sqlite": "SELECT name FROM sqlite_master",
    "postgresql": "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace",
    "mariadb": "SELECT table_name FROM information_schema.tables WHERE table_schema = 'crm'",
}


def server_on(request: pytest.FixtureRequest, kind: str, folder: Path) -> Server:
    if kind == "sqlite":
        return Server(f"sqlite:///{folder / 'crm.db'}", kind, folder)
    url = str(request.getfixturevalue(kind))
    return Server(url.replace("postgresql:", "postgresql+psycopg:"), kind, folder)


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Server:
    tmp_path.chmod(0o777)  # the server may write there, if it can be brought to
    return server_on(request, request.param, tmp_path)


ATTEMPTS = [
    *[("sqlite", sql) for sql in SQLITE],
    *[("postgresql", sql) for sql in POSTGRESQL],
    *[("mariadb", sql) for sql in (*MARIADB, *MARIADB_FILES)],
]


@pytest.fixture
def attacked(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Server, str]]:
    kind, sql = request.param
    tmp_path.chmod(0o777)
    server = server_on(request, kind, tmp_path)
    yield server, sql.format(file=server.target)
    assert server.content() == server.before


@pytest.mark.parametrize("attacked", ATTEMPTS, indirect=True, ids=str)
def test_no_statement_of_a_mapping_writes(attacked: tuple[Server, str]) -> None:
    server, sql = attacked
    with server.opened() as source:
        [answer] = source.measure([a_question(SqlQuery(sql=sql), agg=None)])
    assert isinstance(answer, OutsideError)
    assert answer.message
    assert answer.next_step


@pytest.mark.parametrize(
    "attacked",
    [(kind, sql) for kind, sql in ATTEMPTS if sql not in MARIADB_FILES],
    indirect=True,
    ids=str,
)
def test_the_transaction_alone_lets_no_write_through(attacked: tuple[Server, str]) -> None:
    server, sql = attacked
    with server.opened() as source:
        assert isinstance(source, SqlSource)
        try:
            with source._sent(sql, {}) as result:
                result.fetchall()
        except OutsideError:
            pass  # what counts is what the fixture sees afterwards


def test_reading_still_works(server: Server) -> None:
    with server.opened() as source:
        [answer] = source.measure(
            [a_question(SqlQuery(sql="SELECT SUM(amount) FROM deals"), agg=None)]
        )
    assert isinstance(answer, Measurement)
    assert answer.value == server.before["deals"][0][1] + server.before["deals"][1][1]


def test_a_write_is_called_one(server: Server) -> None:
    with (
        server.opened() as source,
        pytest.raises(Refused) as refused,
        source._sent("DELETE FROM deals" if server.kind != "postgresql" else "SELECT plant()", {}),
    ):
        pass
    assert "only reads" in refused.value.message


COUNTING = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)"


def counting(select: str) -> str:
    return f"{COUNTING} {select}"


ENDLESS = {
    "sqlite": counting("SELECT MAX(i) FROM n"),
    "postgresql": "SELECT pg_sleep(60)",
    "mariadb": counting("SELECT COUNT(*) FROM n a, n b, n c"),
}


def test_a_statement_ends_by_its_timeout(server: Server) -> None:
    with server.opened() as source:
        [answer] = source.measure([a_question(SqlQuery(sql=ENDLESS[server.kind]), agg=None)])
    assert isinstance(answer, Unreachable)
    assert "timeout" in answer.message


def test_rows_without_end_end_by_the_timeout(server: Server) -> None:
    endless = counting("SELECT i FROM n")
    with server.opened() as source:
        [answer] = source.measure([a_question(SqlQuery(sql=endless), measure="i", agg="sum")])
    if server.kind == "mariadb":  # it stops such a recursion by itself after a thousand rows
        assert isinstance(answer, Measurement)
    else:
        assert isinstance(answer, Unreachable)


def test_doctor_says_who_is_signed_in_and_what_the_account_may_do(server: Server) -> None:
    with server.opened() as source:
        remarks = list(source.examine())
    said = " ".join(remark.message for remark in remarks)
    assert "read" in said
    if server.kind != "sqlite":
        assert any(not remark.well and "account" in remark.cure for remark in remarks)
