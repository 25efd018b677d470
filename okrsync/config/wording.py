"""Near matches of known words, and which words may be shown at all."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from functools import lru_cache
from typing import Final

MASK: Final = "***"
LONGEST_NAME: Final = 40
SHORTEST_SECRET: Final = 16
LONGEST_NUMBER: Final = 18

SECRET_PREFIX: Final = re.compile(
    r"(gh[pousr]_|github_pat_|atatt|atlasc|xox|xapp-|glpat-|sk-|sk_|pk_|rk_|pat-|akia|asia|aiza|ya29|eyj|npm_|pypi-|hf_|"
    r"00d[a-z0-9]|bearer|basic )",
    re.IGNORECASE,
)
WORD: Final = re.compile(
    r"[^\W\d_]{1,3}\d{1,3}|\d{1,3}[^\W\d_]{1,3}|\d{1,4}|[a-z]+([A-Z][a-z]+)+|[^\W\d_]+"
)
NUMBER: Final = re.compile(
    r"[+-]?[\d.,_ \u00a0\u202f']{1,18}([eE][+-]?\d{1,3})?\s?([A-Za-z%\u00b5]{0,6})"
)
PERIOD: Final = re.compile(r"(?i)(FY)?\d{2,4}([-/ ]?[HQWM]?\d{1,2}){0,2}|\d{4}-\d{2}-\d{2}")
MIXED: Final = re.compile(r"(?=.*\d)(?=.*[A-Za-z])")


def near(word: str, known: Iterable[str], *, cutoff: float = 0.6) -> str:
    """The known word that ``word`` was probably meant to be, or ""."""
    if len(word) > LONGEST_NAME:
        return ""
    by_folded = {name.casefold(): name for name in known}
    found = get_close_matches(word.casefold(), by_folded, n=1, cutoff=cutoff)
    return by_folded[found[0]] if found else ""


def _is_word(text: str) -> bool:
    """One word as people write it: not a run of random letters and digits."""
    if not WORD.fullmatch(text) or len(text) > 24:  # noqa: PLR2004 the longest English words
        return False
    if not text.isalpha() or text.islower() or text.istitle():
        return True
    camel = re.fullmatch(r"[A-Za-z][a-z]+([A-Z][a-z]+)+", text) is not None
    return camel or (text.isupper() and len(text) <= 8)  # noqa: PLR2004 abbreviations


@lru_cache(maxsize=4096)
def is_ordinary(name: str) -> bool:
    """True when a name nobody knows may be shown: short, and made of words."""
    if len(name) > LONGEST_NAME or SECRET_PREFIX.match(name):
        return False
    parts = [part for part in re.split(r"[-_. ]", name) if part]
    return bool(parts) and all(_is_word(part) for part in parts)


@lru_cache(maxsize=4096)
def looks_secret(name: str) -> bool:
    """True when a name that has its right place in a file still looks like a pasted secret."""
    if len(name) > LONGEST_NAME or SECRET_PREFIX.match(name):
        return True
    if len(name) < SHORTEST_SECRET or is_ordinary(name):
        return False
    parts = re.split(r"[-_. ]", name)
    return MIXED.match(name) is not None or any(
        len(part) >= SHORTEST_SECRET and not _is_word(part) for part in parts
    )


def shown(name: str, known: Iterable[str] = ()) -> str:
    """``name`` in backticks when it may be shown, else a mask of fixed length."""
    return f"`{name}`" if is_ordinary(name) or near(name, known) else f"`{MASK}`"


def shown_id(name: str) -> str:
    """A defined id for a message; one that looks like a pasted secret is masked."""
    parts = name.split(".")
    return ".".join(MASK if looks_secret(part) else part for part in parts)


def is_ordinary_number(text: str) -> bool:
    return len(text) <= LONGEST_NUMBER and NUMBER.fullmatch(text.strip()) is not None


def is_ordinary_period(text: str) -> bool:
    return PERIOD.fullmatch(text.strip()) is not None
