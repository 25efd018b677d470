"""The names that Operately gives to one thing, made one. Pure.

A goal is ``fewer-bugs-4iBgWKbwQCfv6LPMzPuqUv`` in the browser and ``4iBgWKbwQCfv6LPMzPuqUv`` inside
an answer; a target has such a short id in its goal and the UUID behind it in a check-in.
"""

from __future__ import annotations

import re
import string
from dataclasses import dataclass
from typing import Final
from uuid import UUID

_LETTERS: Final = string.ascii_uppercase + string.ascii_lowercase + string.digits
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_SHORT: Final = re.compile(r"[A-Za-z0-9]{1,22}")
_LARGEST: Final = 1 << 128
_ADDRESS: Final = re.compile(r"https?://[^/]+/(?:[^/]+/)*goals/")


@dataclass(frozen=True, slots=True)
class Named:
    """What a store_id says: a goal, and the id or name of a target, "" for the goal's only one."""

    goal: str
    target: str


def named(store_id: str) -> Named | None:
    """``GOAL``, ``GOAL/TARGET`` or a goal's address with either; None for anything else."""
    path = _ADDRESS.sub("", store_id.strip(), count=1)
    goal, _, target = path.partition("/")
    goal = re.split(r"[?#]", goal)[0]
    if not re.fullmatch(r"[\w-]+", goal) or "://" in path:
        return None
    return Named(goal, target)


def one_id(written: str) -> str:
    """The same text for all spellings of one id."""
    if _UUID.fullmatch(written):
        return written.lower()
    short = written.rpartition("-")[2]
    if not _SHORT.fullmatch(short):
        return written
    number = 0
    for letter in short:
        number = number * len(_LETTERS) + _LETTERS.index(letter)
    return str(UUID(int=number)) if number < _LARGEST else written


def counted(number: int, what: str) -> str:
    """1 target, 2 targets."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"
