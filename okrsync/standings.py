"""Where a store stands, for stores that show a number without saying which write it came from.

A revision has to name the check-in that the store stands at, and never the same one twice: 31, 28
and 31 again are three. Such a store shows the number and its newest text alone, so that a third
part is needed: how often the number has changed under that text. It is counted in the connector's
memory, from run to run. A run that only reads counts the same as the one that writes after it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from okrsync.contracts import Memory

_REVISION: Final = re.compile(r"(?P<text>[^@\s]*)@(?P<value>-?[0-9.]+)(#(?P<turn>[0-9]+))?")


@dataclass(frozen=True, slots=True)
class Revision:
    """``text`` is the id of the newest text ("" before the first), ``turn`` how often the number
    has changed under it."""

    text: str
    value: Decimal
    turn: int = 0

    def __str__(self) -> str:
        turn = f"#{self.turn}" if self.turn else ""
        return f"{self.text}@{plain(self.value)}{turn}"

    @classmethod
    def read(cls, written: str) -> Revision | None:
        """None for anything that this class did not write, "" before the first check-in too."""
        found = _REVISION.fullmatch(written)
        if found is None:
            return None
        return cls(found["text"], Decimal(found["value"]), int(found["turn"] or 0))


@dataclass(frozen=True, slots=True)
class Standing:
    """``revision`` is "" before the first check-in; ``key`` is of the check-in of okrsync's own
    that the number came from, None where another wrote it or nothing is known; ``words`` is what
    the connector wanted to be kept with the text."""

    revision: str
    key: str | None = None
    words: str = ""


class Standings:
    """What one store's key results stood at when they were last looked at."""

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def seen(
        self,
        id_: str,
        text: str,
        value: Decimal,
        *,
        untouched: bool = False,
        texts_count: bool = True,
    ) -> Standing:
        """The store shows ``value`` and ``text``.

        ``untouched`` says that both may be what it shows before anybody checked in; they are,
        unless okrsync has seen otherwise. ``texts_count`` says that a new text over the same number
        is another's check-in; where okrsync writes no texts itself it is a remark.
        """
        kept = self._kept(id_)
        if kept is None and untouched:
            return Standing("")
        standing = _next(kept, text, value, texts_count=texts_count)
        self._keep(id_, standing)
        return standing

    def wrote(self, id_: str, text: str, value: Decimal, *, base: str, key: str | None) -> Standing:
        """okrsync has just written ``value`` (and ``text``) on top of the revision ``base``."""
        before = Revision.read(base)
        turn = before.turn + 1 if before is not None and before.text == text else 0
        kept = self._kept(id_)
        same_text = kept is not None and _text_of(kept) == text
        words = kept.words if kept is not None and same_text else ""
        standing = Standing(str(Revision(text, value, turn)), key, words)
        self._keep(id_, standing)
        return standing

    def describe(self, id_: str, standing: Standing, words: str) -> Standing:
        """Keep ``words`` with the text that ``standing`` names, until there is a newer one."""
        described = replace(standing, words=words)
        self._keep(id_, described)
        return described

    def _kept(self, id_: str) -> Standing | None:
        written = self._memory.recall(f"stands {id_}")
        return None if written is None else Standing(*json.loads(written))

    def _keep(self, id_: str, standing: Standing) -> None:
        parts = [standing.revision, standing.key, standing.words]
        self._memory.remember(f"stands {id_}", json.dumps(parts))


def plain(number: Decimal) -> str:
    """31 and 31.0 are one number; no exponent."""
    return f"{number.normalize():f}"


def _next(kept: Standing | None, text: str, value: Decimal, *, texts_count: bool) -> Standing:
    before = None if kept is None else Revision.read(kept.revision)
    if kept is None or before is None:
        return Standing(str(Revision(text, value)))
    same_number = before.value == value
    if before.text != text:
        stays_ours = same_number and not texts_count
        return Standing(str(Revision(text, value)), kept.key if stays_ours else None)
    if same_number:
        return kept
    return Standing(str(Revision(text, value, before.turn + 1)), None, kept.words)


def _text_of(standing: Standing) -> str:
    revision = Revision.read(standing.revision)
    return "" if revision is None else revision.text
