"""Where a store stands, for stores that show a number without saying which write it came from.

A revision has to name the check-in that the store stands at, and never the same one twice: 31, 28
and 31 again are three. Such a store shows the number and its newest text alone, and a person may
bring back both, so that a third part is needed: how often they were seen to change. It is counted
from what the connector's memory and okrsync's own receipts hold. The memory is written at a run's
end and the receipts at once, so that a run that is killed loses no count of its own writes; a run
that only reads counts the same as the one that writes after it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from okrsync.contracts import Toolbox
from okrsync.decimals import plain
from okrsync.model import CheckIn, Receipt, StoreRef

_REVISION: Final = re.compile(r"(?P<text>[^@\s]*)@(?P<value>-?[0-9.]+)(#(?P<turn>[0-9]+))?")


@dataclass(frozen=True, slots=True)
class Revision:
    """``text`` is the id of the newest text ("" before the first), ``turn`` how often text or
    number were seen to change."""

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
    the connector wanted to be kept with the text; ``of_text`` says that the number has not changed
    since the text came."""

    revision: str
    key: str | None = None
    words: str = ""
    of_text: bool = True

    @property
    def parts(self) -> Revision | None:
        return Revision.read(self.revision)

    def shows(self, text: str, value: Decimal) -> bool:
        parts = self.parts
        return parts is not None and (parts.text, parts.value) == (text, value)


class Standings:
    """What one store's key results stood at when they were last looked at."""

    def __init__(self, toolbox: Toolbox) -> None:
        self._toolbox = toolbox
        self._sent: Mapping[StoreRef, tuple[CheckIn, Receipt]] | None = None

    def seen(
        self,
        ref: StoreRef,
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
        kept, sent = self._kept(ref), self._last_sent(ref)
        if kept is None and sent is None and untouched:
            return Standing("")
        before = _newest(kept, sent, text, value)
        standing = _next(before, text, value, texts_count=texts_count)
        standing = replace(standing, words=_words(kept, text))
        self._keep(ref, standing)
        return standing

    def wrote(
        self, ref: StoreRef, text: str, value: Decimal, *, base: str, key: str | None
    ) -> Standing:
        """okrsync has just written ``value`` (and ``text``) on top of the revision ``base``; with
        ``key`` the check-in is whole."""
        revision = following(base, text, value)
        before, words = Revision.read(base), _words(self._kept(ref), text)
        of_text = bool(text) and (before is None or before.text != text)
        standing = Standing(str(revision), key, words, of_text)
        self._keep(ref, standing)
        return standing

    def describe(self, ref: StoreRef, standing: Standing, words: str) -> Standing:
        """Keep ``words`` with the text that ``standing`` names, until there is a newer one."""
        described = replace(standing, words=words)
        self._keep(ref, described)
        return described

    def _last_sent(self, ref: StoreRef) -> Standing | None:
        if self._sent is None:
            self._sent = self._toolbox.sent()
        if ref not in self._sent:
            return None
        check_in, receipt = self._sent[ref]
        before, after = Revision.read(check_in.base), Revision.read(receipt.remote_id)
        of_text = after is not None and after.text != ("" if before is None else before.text)
        return Standing(receipt.remote_id, check_in.key, of_text=of_text)

    def _kept(self, ref: StoreRef) -> Standing | None:
        written = self._toolbox.memory.recall(f"stands {ref.id}")
        return None if written is None else Standing(*json.loads(written))

    def _keep(self, ref: StoreRef, standing: Standing) -> None:
        parts = [standing.revision, standing.key, standing.words, standing.of_text]
        self._toolbox.memory.remember(f"stands {ref.id}", json.dumps(parts))


def following(base: str, text: str, value: Decimal) -> Revision:
    """What the store stands at once ``text`` and ``value`` are written on top of ``base``."""
    before = Revision.read(base)
    return Revision(text, value, 0 if before is None else before.turn + 1)


def number_is_there(
    check_in: CheckIn, held: Decimal, shown: Decimal | None, text: str, standing: Standing
) -> bool:
    """Whether a check-in that left no text behind is what the store shows: ``shown`` is its number
    as the store holds it (``held``) and came to stand there since the plan was made, under the
    ``text`` of that time."""
    base = Revision.read(check_in.base)
    since = standing.revision not in {"", check_in.base}
    same_text = text == ("" if base is None else base.text)
    return since and same_text and shown == held


def _newest(
    kept: Standing | None, sent: Standing | None, text: str, value: Decimal
) -> Standing | None:
    """What is known to have stood there last; of two that are as new, what stands there now."""
    known = [
        (parts.turn, standing.shows(text, value), place, standing)
        for place, standing in enumerate((sent, kept))
        if standing is not None and (parts := standing.parts) is not None
    ]
    return max(known, key=lambda one: one[:3])[3] if known else None


def _next(before: Standing | None, text: str, value: Decimal, *, texts_count: bool) -> Standing:
    parts = None if before is None else before.parts
    if before is None or parts is None:
        return Standing(str(Revision(text, value)), of_text=bool(text))
    if before.shows(text, value):
        return before
    revision = Revision(text, value, parts.turn + 1)
    new_text = parts.text != text
    # a new text over a number that stays leaves the number's author as it was
    stays = new_text and parts.value == value and not texts_count
    return Standing(str(revision), before.key if stays else None, of_text=new_text)


def _words(kept: Standing | None, text: str) -> str:
    parts = None if kept is None else kept.parts
    return kept.words if kept is not None and parts is not None and parts.text == text else ""
