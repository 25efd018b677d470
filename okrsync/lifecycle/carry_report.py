"""What a carry wrote and left out: as text and in the JSON envelope."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from okrsync.lifecycle.carrying import Carried
from okrsync.report.export import plain
from okrsync.report.json import envelope
from okrsync.report.lines import wrap

_INDENT = "  "


def carried_text(files: Sequence[Carried], root: Path, *, width: int = 80) -> str:
    lines = []
    for one in files:
        count = f"{one.key_results} key result{'' if one.key_results == 1 else 's'}"
        new, old = _name(one.new, root), _name(one.old, root)
        lines += wrap(f"{new}  {one.period.label}, {count}, from {old}", width)
        lines += [line for left in one.left_out for line in _left(left, width)]
        if not one.found:
            said = f"no pattern in config.toml finds it: add {new} to `mappings` there"
            lines += wrap(said, width, _INDENT)
    return "\n".join(lines)


def carried_json(files: Sequence[Carried], root: Path, now: datetime) -> str:
    items = [
        {
            "file": _name(one.new, root),
            "from": _name(one.old, root),
            "period": one.period.label,
            "key_results": one.key_results,
            "left_out": list(one.left_out),
            "found": one.found,
        }
        for one in files
    ]
    return envelope("carry", 0, now, summary={"files": len(items)}, items=items)


def _left(left: str, width: int) -> list[str]:
    return wrap(f"left out {plain(left)}", width, _INDENT)


def _name(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
