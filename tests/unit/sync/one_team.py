"""The mapping of one team whose key results each read the memory source by their own name."""

from __future__ import annotations

_HEAD = """\
version = 1
team = "web"
period = "2026-Q4"
[objective.grow]
title = "People find us"
"""
_KEY_RESULT = """\
[objective.grow.kr.{name}]
title = "Sign-ups from 0 to 100"
baseline = 0
target = 100
from = "memory"
name = "{name}"
store_id = "{name}"
{more}
"""


def mapping(*names: str, more: str = "") -> str:
    """``more`` are further lines of each key result."""
    return _HEAD + "".join(_KEY_RESULT.format(name=name, more=more) for name in names)
