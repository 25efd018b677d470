"""The tables as they are after the last migration, for building statements."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import BigInteger, Column, Double, Integer, MetaData, Table, Text

METADATA: Final = MetaData()


def _table(name: str, key: str, text: str, **others: type[Any]) -> Table:
    """A table with a tenant on every row; names are separated by blanks."""
    return Table(
        name,
        METADATA,
        Column("tenant", Text, primary_key=True),
        *(Column(column, Text, primary_key=True) for column in key.split()),
        *(Column(column, Text) for column in text.split()),
        *(Column(column, kind) for column, kind in others.items()),
    )


_READING: Final = {"records": BigInteger, "approximate": Integer}

lease = _table(
    "lease",
    "",
    "id host boot_id pid_namespace process_start command",
    token=BigInteger,
    pid=BigInteger,
    since=Double,
    expires=Double,
)
run = _table("run", "id", "command started finished summary", exit_code=Integer)
intent = _table(
    "intent",
    "key",
    "key_result run at check_in state settled remote_id reason",
    already_there=Integer,
)
last_sent = _table("last_sent", "key_result", "key at")
measurement = _table(
    "measurement",
    "subject as_of recorded",
    "day run number unit origin evidence",
    **_READING,
)
newest_measurement = _table("newest_measurement", "subject", "as_of recorded")
baseline = _table("baseline", "key_result period", "as_of number unit origin evidence", **_READING)
aim = _table("aim", "key_result period", "starts ends first newest")
outcome = _table(
    "outcome",
    "subject",
    "run at verdict reason since code cure value score stored word",
    runs=BigInteger,
)
closed_period = _table("closed_period", "period", "starts ends at said_by", early=Integer)
final = _table(
    "final",
    "key_result period",
    "place store store_id definition run at verdict reason since code value score stored author"
    " revision believed",
    runs=BigInteger,
    came_true=Integer,
)
persons_word = _table("persons_word", "key_result store revision", "run seen word")
slot = _table("slot", "schedule", "slot")
approval = _table("approval", "key_result at", "number unit reason said_by used_run used_at")
manual_value = _table("manual_value", "key_result at", "number until reason said_by")
memory = _table("memory", "connector key", "content at")
local_objective = _table("local_objective", "id", "definition")
local_key_result = _table("local_key_result", "id", "title unit definition", newest=BigInteger)
local_check_in = _table(
    "local_check_in",
    "key_result",
    "key value unit as_of at author score status note",
    number=BigInteger,
    confidence=Double,
)
