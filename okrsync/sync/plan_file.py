"""A plan on disk, between the person who approves it and the run that applies it."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from okrsync.errors import StateError, UsageError
from okrsync.model import Plan
from okrsync.sync.fingerprint import fingerprint

_FORMAT = 1
_AS_IT_IS = "surrogatepass"
"""A person's note may hold half an emoji, which is no character and yet what the store shows."""

_plans = TypeAdapter(Plan)


def to_json(plan: Plan) -> str:
    document = {"okrsync_plan": _FORMAT, "plan": _plans.dump_python(plan, mode="json")}
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def from_json(text: str, name: str) -> Plan:
    """Raises UsageError when it is not a plan, or not the one that was written."""
    again = "okrsync plan --out PLAN"
    try:
        document = json.loads(text)
        if document["okrsync_plan"] != _FORMAT:  # what it holds may be shaped in another way
            raise UsageError(f"{name} was written by another version of okrsync", next_step=again)
        plan = _plans.validate_python(document["plan"], strict=False)
    except (ValueError, TypeError, KeyError, RecursionError, ValidationError):
        raise UsageError(f"{name} is not a plan of okrsync", next_step=again) from None
    if fingerprint(plan.changes) != plan.fingerprint:
        raise UsageError(f"{name} was changed after it was made", next_step=again)
    return plan


def save(plan: Plan, path: Path) -> None:
    """Whole or not at all."""
    if path.is_dir():
        raise UsageError(f"{path} is a folder", next_step="name a file: okrsync plan --out PLAN")
    if not path.parent.is_dir():
        raise UsageError(
            f"{path.parent} is not a folder that is there",
            next_step="name a file in one that is: okrsync plan --out PLAN",
        )
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.write_text(to_json(plan), encoding="utf-8", errors=_AS_IT_IS)
        draft.replace(path)
    except OSError as error:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise StateError(
            f"{path} cannot be written: {error.strerror}",
            next_step="name a file where you may write: okrsync plan --out PLAN",
        ) from None


def load(path: Path) -> Plan:
    try:
        text = path.read_text(encoding="utf-8", errors=_AS_IT_IS)
    except (OSError, UnicodeDecodeError):
        raise UsageError(f"{path} cannot be read", next_step="okrsync plan --out PLAN") from None
    return from_json(text, str(path))
