"""Copies a ready-made folder (config, mappings, sample data) to where somebody wants to start."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from okrsync.errors import UsageError

SCHEMA_FILE: Final = "okrsync.schema.json"
_MARK: Final = "config.toml"


def init_project(folder: Path, template: str) -> tuple[Path, ...]:
    """Write the template's files and the schema for editors into ``folder``; the files written.

    Raises UsageError for a template that does not exist, for a file that is already there (then
    nothing was written), and for a folder that cannot be written to.
    """
    contents = _contents(_folder_of(template))
    contents[Path(SCHEMA_FILE)] = _schema()
    _refuse_overwriting(folder, contents)
    try:
        return tuple(_write(folder / name, content) for name, content in contents.items())
    except OSError as error:
        raise UsageError(
            f"{folder} cannot be written to: {error.strerror}",
            next_step="name a folder that you may write to: okrsync init DIR",
        ) from error


def template_names() -> tuple[str, ...]:
    """The templates there are: every folder of mappings/ that holds a config.toml."""
    return tuple(sorted(path.parent.name for path in _shipped().glob(f"*/{_MARK}")))


def _shipped() -> Path:
    """In an installed package inside it, in a checkout beside it."""
    package = Path(__file__).resolve().parents[1]
    inside = package / "mappings"
    return inside if inside.is_dir() else package.parent / "mappings"


def _folder_of(template: str) -> Path:
    names = template_names()
    if template not in names:
        raise UsageError(
            f"there is no template with this name; there are {', '.join(names)}",
            next_step=f"okrsync init --template {names[0] if names else 'NAME'}",
        )
    return _shipped() / template


def _contents(template: Path) -> dict[Path, bytes]:
    files = sorted(path for path in template.rglob("*") if path.is_file())
    return {path.relative_to(template): path.read_bytes() for path in files}


def _schema() -> bytes:
    from okrsync.config.schema import schema

    return (json.dumps(schema("either"), ensure_ascii=False, indent=2) + "\n").encode()


def _refuse_overwriting(folder: Path, names: dict[Path, bytes]) -> None:
    there = [str(name) for name in names if (folder / name).exists()]
    if there:
        raise UsageError(
            f"{folder} already holds {', '.join(there)}; nothing was written",
            next_step="name an empty folder: okrsync init DIR",
        )


def _write(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:  # x: also a file that appeared meanwhile is not overwritten
        file.write(content)
    return path
