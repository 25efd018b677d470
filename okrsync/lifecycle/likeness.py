"""How alike two titles are, whoever typed them: 0 to 1. Pure.

Case, accents, punctuation and the order of words do not count; numbers count as numbers, however
they are written: 100k, 100 000, 100,000; five and 5.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Final

CLOSER: Final = 0.65
"""Which part of their letters in threes two texts must share to be worth a closer look, which takes
a thousand times as long. Below, that part itself is how alike they are."""
OTHER_ORDER: Final = 0.98
OTHER_NUMBERS: Final = 0.85

_NUMBER: Final = re.compile(
    r"(?<![\w.,])(\d{1,3}(?:[ .,'\u00a0\u202f]\d{3})+|\d+)([.,]\d+)?"
    r"(?:\s?(k|m|mio|mln|million|millions)(?=[a-z]{3}\b|\b))?"
)
_TIMES: Final = {"k": 1_000, "": 1}
_MILLION: Final = 1_000_000
_NUMBER_WORDS: Final = {
    word: str(number)
    for words in (
        "two three four five six seven eight nine ten eleven twelve",
        "zwei drei vier funf sechs sieben acht neun zehn elf zwolf",
        "tva tre fyra fem sex sju atta nio tio elva tolv",
        "to tre fire fem seks sju atte ni ti elleve tolv",
    )
    for number, word in enumerate(words.split(), start=2)
}


def likeness(one: str, other: str) -> float:
    """1.0 for the same words in the same order."""
    first, second = words_of(one), words_of(other)
    if not first or not second:
        return 0.0
    if first == second:
        return 1.0
    rough = _shared_threes(first, second)
    if rough < CLOSER:
        return rough
    straight = _ratio(" ".join(first), " ".join(second))
    turned = _ratio(" ".join(sorted(first)), " ".join(sorted(second))) * OTHER_ORDER
    best = max(straight, turned)
    return best if _numbers(first) == _numbers(second) else best * OTHER_NUMBERS


@lru_cache(maxsize=20_000)
def words_of(text: str) -> tuple[str, ...]:
    """Words and numbers in their plainest form."""
    bare = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(sign for sign in bare if not unicodedata.combining(sign)).replace("ø", "o")
    spelled = _NUMBER.sub(_number, bare.replace("æ", "a"))
    found = re.findall(r"\d+(?:\.\d+)?|[^\W\d_]+|%", spelled)
    return tuple(_NUMBER_WORDS.get(word, word) for word in found)


def _number(found: re.Match[str]) -> str:
    whole = re.sub(r"\D", "", found[1])
    number = Decimal(whole + (found[2] or "").replace(",", "."))
    unit = found[3] or ""
    number *= _TIMES.get(unit, _MILLION)
    text = f"{number:f}"
    plain = text.rstrip("0").rstrip(".") if "." in text else text
    return f" {plain} "


def _numbers(words: tuple[str, ...]) -> list[str]:
    return sorted(word for word in words if word[0].isdigit())


def _shared_threes(one: tuple[str, ...], other: tuple[str, ...]) -> float:
    """Dice's coefficient over trigrams: twice what both have, by what each of them has."""
    first, second = _threes(one), _threes(other)
    return 2 * len(first & second) / (len(first) + len(second))


@lru_cache(maxsize=20_000)
def _threes(words: tuple[str, ...]) -> frozenset[str]:
    padded = [f"  {word} " for word in words]
    return frozenset(word[at : at + 3] for word in padded for at in range(len(word) - 2))


def _ratio(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).ratio()
