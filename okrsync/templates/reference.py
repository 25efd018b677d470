"""The documentation's tables, written from the code that they describe.

    python -m okrsync.templates.reference docs/*.md

rewrites, in each file, what stands between ``<!-- table: NAME -->`` and ``<!-- end -->``. NAMEs are
those of ``tables()``.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final, get_args

from pydantic import BaseModel

from okrsync import errors
from okrsync.config import operators_tables as operators
from okrsync.config import tables as written
from okrsync.config.codes import CODES
from okrsync.config.registry import SOURCES, STORES, Group, find
from okrsync.config.settings import EnvironmentSettings

_TABLE: Final = re.compile(r"(<!-- table: (?P<name>[\w .-]+) -->\n).*?(<!-- end -->)", re.DOTALL)
_TREE_LINE: Final = re.compile(r"(?P<name>[A-Z]\w+) +(?P<code>\d+) +(?P<meaning>.+)")
_REFERENCES: Final = {"FromEnvironment", "FromFile", "FromKeyring"}
_WORDS: Final = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "array": "list",
    "object": "table",
    "null": "",
}
MODELS: Final[Mapping[str, type[BaseModel]]] = {
    "config": operators.ConfigHead,
    "state": operators.StateTable,
    "notify": operators.NotifyTable,
    "limits": operators.LimitsTable,
    "defaults": written.DefaultsTable,
    "guard": written.GuardTable,
    "confidence": written.StatusTable,
    "mapping": written.MappingHead,
    "metric": written.MetricTable,
    "healthy": written.HealthyTable,
    "objective": written.ObjectiveHead,
    "key result": written.KeyResultTable,
    "milestone": written.MilestoneTable,
    "pace": written.PaceTable,
    "override": written.OverrideTable,
}
OWN_CONNECTORS: Final[tuple[tuple[Group, str], ...]] = (
    (SOURCES, "csv"),
    (SOURCES, "jira"),
    (SOURCES, "github"),
    (SOURCES, "salesforce"),
    (SOURCES, "hubspot"),
    (SOURCES, "pipedrive"),
    (SOURCES, "sql"),
    (SOURCES, "rest"),
    (STORES, "local"),
    (STORES, "jsonl"),
    (STORES, "asana"),
    (STORES, "operately"),
    (STORES, "linear"),
    (STORES, "okr-tracker"),
    (STORES, "sheets"),
    (STORES, "http"),
)
TABLES_INSIDE: Final[tuple[tuple[Group, str, str], ...]] = (
    (STORES, "sheets", "columns"),
    (STORES, "http", "post"),
    (STORES, "http", "show"),
    (STORES, "http", "browse"),
    (STORES, "http", "holds"),
)
"""Tables inside a connector's settings that have a table of their own here."""


def tables() -> dict[str, Callable[[], str]]:
    """Every table by its name in the documentation."""
    made: dict[str, Callable[[], str]] = {
        name: lambda model=model: of_model(model)  # type: ignore[misc]
        for name, model in MODELS.items()
    }
    made |= {"environment": of_environment, "exit codes": of_exit_codes, "problems": of_problems}
    for group, type_ in OWN_CONNECTORS:
        made |= _of_connector(group, type_)
    for group, type_, key in TABLES_INSIDE:
        made[f"{_kind(group)} {type_} {key}"] = partial(_of_inside, group, type_, key)
    return made


def fill(text: str) -> str:
    """A page with all its tables as they are now. Raises KeyError for a table that there is not."""
    known = tables()
    return _TABLE.sub(
        lambda found: f"{found[1]}\n{known[found['name']]()}\n{found[3]}",
        text,
    )


def of_model(model: type[BaseModel]) -> str:
    """Keys, types and meanings of a table that people write."""
    schema = model.model_json_schema(by_alias=True)
    entries = schema.get("properties", {})
    if not entries:
        return "It has no keys of its own.\n"
    required = set(schema.get("required", ()))
    definitions = schema.get("$defs", {})
    rows = [
        (
            f"`{key}`",
            _type(entry),
            _default(entry, required=key in required),
            _meaning(entry, definitions),
        )
        for key, entry in entries.items()
    ]
    if not any(default for _, _, default, _ in rows):
        return _table(("key", "type", "meaning"), [(row[0], row[1], row[3]) for row in rows])
    return _table(("key", "type", "if not said", "meaning"), rows)


def of_environment() -> str:
    """The variables that okrsync itself reads."""
    prefix = EnvironmentSettings.model_config["env_prefix"]
    rows = (
        (f"`{prefix}{name.upper()}`", str(info.description))
        for name, info in EnvironmentSettings.model_fields.items()
    )
    return _table(("variable", "meaning"), rows)


def of_exit_codes() -> str:
    """Exit codes with the failures behind each, in the words of the tree in ``okrsync.errors``."""
    meanings = {
        found["name"]: found["meaning"] for found in _TREE_LINE.finditer(errors.__doc__ or "")
    }
    rows = [
        (str(kind.exit_code), f"`{kind.code}`", meanings[kind.__name__])
        for kind in sorted(_failures(errors.OkrsyncError), key=lambda kind: kind.exit_code)
    ]
    return _table(("exit", "failure", "what it says"), rows)


def of_problems() -> str:
    """What can be wrong in a file."""
    return _table(("code", "meaning"), ((f"`{code}`", text) for code, text in CODES.items()))


def _of_connector(group: Group, type_: str) -> dict[str, Callable[[], str]]:
    def spec() -> Any:
        return find(group, type_)

    kind = _kind(group)
    made = {f"{kind} {type_}": lambda: of_model(spec().settings)}
    if kind == "source":
        made[f"query {type_}"] = lambda: of_model(spec().query)
    return made


def _of_inside(group: Group, type_: str, key: str) -> str:
    settings: type[BaseModel] = find(group, type_).settings
    inside = settings.model_fields[key].annotation
    models = [inside, *get_args(inside)]
    return of_model(next(m for m in models if isinstance(m, type) and issubclass(m, BaseModel)))


def _kind(group: Group) -> str:
    return "source" if group == SOURCES else "store"


def _failures(kind: type[errors.OkrsyncError]) -> Iterator[type[errors.OkrsyncError]]:
    yield kind
    for narrower in kind.__subclasses__():
        if narrower.__module__ == errors.__name__:
            yield from _failures(narrower)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(map(_cell, line))} |\n" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _type(entry: Mapping[str, Any]) -> str:
    """One JSON Schema entry in people's words: ``number or text``."""
    if "enum" in entry or "const" in entry:
        return ", ".join(_literal(word) for word in entry.get("enum", [entry.get("const")]))
    if "$ref" in entry:
        name = str(entry["$ref"]).rpartition("/")[2]
        return "secret reference" if name in _REFERENCES else "table"
    if "anyOf" in entry:
        words = dict.fromkeys(_type(branch) for branch in entry["anyOf"])
        return " or ".join(word for word in words if word)
    return "date" if entry.get("format") == "date" else _WORDS[str(entry.get("type", "object"))]


def _default(entry: Mapping[str, Any], *, required: bool) -> str:
    if required:
        return "required"
    value = entry.get("default")
    return "" if value is None or isinstance(value, dict) else _literal(value)


def _literal(value: Any) -> str:
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, list):
        return ", ".join(_literal(item) for item in value)
    return f'`"{value}"`' if isinstance(value, str) else f"`{value}`"


def _meaning(entry: Mapping[str, Any], definitions: Mapping[str, Any]) -> str:
    """A key without a description of its own takes that of the table it refers to."""
    referred = definitions.get(str(entry.get("$ref", "")).rpartition("/")[2], {})
    return str(entry.get("description") or referred.get("description", ""))


def main(paths: Sequence[str]) -> None:
    for path in map(Path, paths):
        path.write_text(fill(path.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
