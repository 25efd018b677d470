"""Columns of numbers that are all written alike, read at once instead of cell by cell.

A file that a program wrote has "1234.50" or "1 234,50 kr" in every row. One regular expression
over the joined cells proves that the rows look like the first one; then the decimal mark, the
groups and the unit can be deleted from all of them together. Whatever is not proven is left to
the careful reading of single cells.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from okrsync.mapping.cells import Unreadable, read_number
from okrsync.mapping.rows.masks import FALSE, TRUE

_GROUP_MARKS = " \xa0\u2007\u2009\u202f'"
_FIRST = re.compile(rf"-?[0-9][0-9{_GROUP_MARKS}]*(?:([.,])([0-9]{{1,9}}))?([^0-9]{{0,8}})")
_LOOKS_LIKE_A_GROUP = 3


@dataclass(frozen=True, slots=True)
class Written:
    values: list[int]
    scale: int
    mark: str | None
    unit: str = ""
    present: bytes | None = None


def alike(texts: Sequence[str], decided: str | None) -> Written | None:
    """All cells written like the first one; None when they are not."""
    first = _FIRST.fullmatch(texts[0]) if texts else None
    if first is None:
        return None
    mark, decimals, suffix = first[1] or "", len(first[2] or ""), first[3]
    if mark and decided is None and decimals == _LOOKS_LIKE_A_GROUP:
        return None
    if mark and decided not in {None, mark}:
        return None
    joined = "\n".join(texts) + "\n"
    if not _pattern(mark, decimals, suffix).fullmatch(joined):
        return None
    unit = _unit(suffix)
    if unit is None or joined.count("\n") != len(texts):
        return None
    for unwanted in (suffix, mark, *_GROUP_MARKS):
        if unwanted and unwanted in joined:
            joined = joined.replace(unwanted, "")
    return Written(list(map(int, joined.split())), decimals, mark or None, unit)


@lru_cache(maxsize=64)
def _pattern(mark: str, decimals: int, suffix: str) -> re.Pattern[str]:
    groups = "|".join(rf"[0-9]{{1,3}}(?:{group}[0-9]{{3}})+" for group in _GROUP_MARKS)
    tail = rf"{re.escape(mark)}[0-9]{{{decimals}}}" if mark else ""
    return re.compile(rf"(?:-?(?:[0-9]{{1,15}}|{groups}){tail}{re.escape(suffix)}\n)*+")


@lru_cache(maxsize=64)
def _unit(suffix: str) -> str | None:
    """The unit behind all cells; None when it is none, or changes the number as "k" does."""
    try:
        one = read_number("1" + suffix)
    except Unreadable:
        return None
    return one.unit if one.point == 1 else None


_RAGGED = {
    mark: re.compile(rf"(?:(?:-?[0-9]{{1,15}}(?:[{mark}][0-9]{{1,6}})?)?\n)*+") for mark in ".,"
}


def ragged(texts: Sequence[str], decided: str | None) -> Written | None:
    """Bare numbers with different numbers of decimals, or none, between empty cells."""
    joined = "\n".join(texts) + "\n"
    if decided is None and ("." in joined or "," in joined):
        return None
    mark = decided or "."
    if not _RAGGED[mark].fullmatch(joined) or joined.count("\n") != len(texts):
        return None
    parts = [text.partition(mark) for text in texts]
    scale = max((len(decimals) for _, _, decimals in parts), default=0)
    zeros = ["0" * (scale - length) for length in range(scale + 1)]
    values = [int(whole + part + zeros[len(part)]) if whole else 0 for whole, _, part in parts]
    present = bytes([TRUE if text else FALSE for text in texts]) if "" in texts else None
    return Written(values, scale, mark if scale else None, "", present)
