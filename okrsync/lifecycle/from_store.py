"""`init --from-store`: everything in a store that no mapping has yet becomes a mapping file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import tomli

from okrsync.config.config import Config
from okrsync.config.load import examine, load_alone
from okrsync.contracts import Clock
from okrsync.errors import UsageError
from okrsync.lifecycle.importing import OPEN_LINE, Head, mapping_text, most_common, period_of
from okrsync.lifecycle.mapping_text import write_new
from okrsync.lifecycle.outside import browse, capabilities_of, store_of
from okrsync.lifecycle.wording import slug
from okrsync.model import StoredKeyResult, StoreRef


@dataclass(frozen=True, slots=True)
class Imported:
    """``found`` says whether a pattern of config.toml finds the file, ``to_fill`` how many key
    results wait for their `from`; the others are kept by hand. ``over`` and ``mapped`` are how many
    were left out, because their period is over or a mapping has them."""

    file: Path
    key_results: int
    found: bool
    to_fill: int
    over: int = 0
    mapped: int = 0


def import_store(path: Path, clock: Clock, store: str | None, out: Path | None) -> Imported:
    """Write the mapping; ``path`` is config.toml. Raises UsageError, OutsideError."""
    known = examine(path, clock=clock).config
    config = known or load_alone(path, clock=clock)
    connection = store_of(config, store)
    file = out or config.root / "mappings" / f"{slug(connection.name, (), otherwise='store')}.toml"
    if file.exists():
        raise UsageError(
            f"{file} is there already; nothing was written",
            next_step="name another one: okrsync init --from-store --out FILE",
        )
    if capabilities_of(config, StoreRef(connection.name, "")).keeps_definitions:
        raise UsageError(
            f"the store `{connection.name}` holds only what the mappings define",
            next_step="okrsync init DIR writes a first mapping",
        )
    listed = browse(config, clock, connection)
    return _import(config, clock, connection.name, listed, file)


def _import(
    config: Config, clock: Clock, store: str, listed: Sequence[StoredKeyResult], file: Path
) -> Imported:
    today = clock().astimezone(config.timezone).date()
    mapped = {rule.key_result.store_ref.id for rule in config.rules.values()}
    new = [one for one in listed if one.ref.id not in mapped]
    open_ = [one for one in new if one.definition.end is None or one.definition.end > today]
    if not open_:
        raise UsageError(
            f"the store `{store}` shows no key result that is under way and not in a mapping yet",
            next_step="okrsync doctor",
        )
    team = _team(open_, file)
    begins = f"{team}."
    ids = [*config.objectives, *config.rules]
    months = config.fiscal_year_starts
    head = Head(
        store=store,
        chosen=len(config.stores) > 1,
        team=team,
        day=today,
        fiscal_year_starts=months,
        taken={id_.removeprefix(begins).partition(".")[0] for id_ in ids if id_.startswith(begins)},
        period=most_common([period_of(one.definition, months) for one in open_]),
    )
    text = mapping_text(open_, head)
    write_new(file, text)
    return Imported(
        file,
        len(open_),
        finds(config, file),
        to_fill=text.splitlines().count(OPEN_LINE),
        over=len(new) - len(open_),
        mapped=len(listed) - len(new),
    )


def _team(stored: Sequence[StoredKeyResult], file: Path) -> str:
    """That of all of them, else named like the file."""
    teams = {one.definition.team for one in stored}
    return slug(teams.pop() if len(teams) == 1 else "", (), otherwise="") or slug(
        file.stem, (), otherwise="store"
    )


def finds(config: Config, file: Path) -> bool:
    """Whether a pattern in config.toml finds the file."""
    text = config.path.read_text("utf-8-sig")
    patterns = tomli.loads(text).get("mappings", ["mappings/*.toml"])
    there = file.resolve()
    return any(one.resolve() == there for pattern in patterns for one in config.root.glob(pattern))
