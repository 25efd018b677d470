"""The store's verbs over Asana Goals.

A check-in is the metric's number and, where the settings want one, a status update after it: the
number first, so that no text ever tells of a number that is not there.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Final

from okrsync.contracts import Remark, Toolbox
from okrsync.errors import MovedOn, OutcomeUnknown, OutsideError, Refused
from okrsync.http import Bearer
from okrsync.http.parts import instant
from okrsync.model import CheckIn, Receipt, StoredKeyResult, StoreRef
from okrsync.standings import Standing, Standings, following
from okrsync_asana.client import Asana
from okrsync_asana.examining import remarks
from okrsync_asana.goals import Goal, gid_of
from okrsync_asana.numbers import as_json, kept, shown
from okrsync_asana.settings import AsanaSettings
from okrsync_asana.stands import (
    Stand,
    refuse_other_unit,
    signed,
    stands_alone,
    words_of,
)
from okrsync_asana.words import (
    GOAL_STATUS,
    STATUS_TYPES,
    WITHOUT_NOTE,
    counted,
    note_of,
    signature,
    title,
)

_FEW: Final = 3  # so many goals are asked for one by one
_BELOW: Final = 0.98  # of the limit: on the way to Asana the requests' distances change a little
_MOST_TEXTS: Final = 50  # in one run: each is a request, and only its author and words are in it
_AGAIN: Final = "run again: okrsync looks into the store before it sends anything"


def opened(settings: AsanaSettings, toolbox: Toolbox) -> AsanaStore:
    door = toolbox.http(
        base_url=settings.address,
        auth=Bearer(toolbox.secret(settings.token)),
        per_second=_BELOW * settings.per_minute / 60,
        ca_file=settings.ca_file,
        proxy=settings.proxy,
    )
    return AsanaStore(Asana(door, settings), settings, toolbox)


class AsanaStore:
    def __init__(self, asana: Asana, settings: AsanaSettings, toolbox: Toolbox) -> None:
        self._asana = asana
        self._settings = settings
        self._toolbox = toolbox
        self._standings = Standings(toolbox)
        self._texts_left = _MOST_TEXTS

    def read(
        self, refs: Sequence[StoreRef], /
    ) -> Mapping[StoreRef, StoredKeyResult | OutsideError]:
        gids = {ref: gid for ref in refs if (gid := gid_of(ref.id)) is not None}
        if not gids:
            return {}
        before = self._asana.requests
        goals = self._goals(set(gids.values()))
        shown = {ref: self._shown(ref, goals[gid]) for ref, gid in gids.items() if gid in goals}
        self._tell(len(shown), self._asana.requests - before)
        return shown

    def browse(self) -> Iterator[StoredKeyResult]:
        for page in self._asana.pages():
            for goal in page:
                yield self._stored(StoreRef(self._toolbox.name, goal.gid), goal)

    def find(self, check_in: CheckIn, /) -> Receipt | None:
        gid = gid_of(check_in.ref.id)
        goal = None if gid is None else self._asana.goal(gid)
        stand = None if goal is None else self._stand(check_in.ref, goal)
        if stand is None:
            return None
        return (
            signed(check_in, stand)
            or self._signed_earlier(check_in, stand)
            or self._by_number(check_in, stand)
        )

    def post(self, check_in: CheckIn, /) -> Receipt:
        stand = self._writable(check_in)
        there = signed(check_in, stand)
        if there is not None:
            return there
        number = kept(check_in.value, stand.metric.unit, stand.metric.decimals)
        with_text = self._with_text(check_in, stand.goal)
        half = with_text and stands_alone(check_in, stand)
        if not half and stand.revision != check_in.base:
            raise MovedOn(
                f"{check_in.ref.id} shows another value or status update in Asana than the plan "
                "saw",
                next_step="plan again: okrsync plan",
            )
        key = None if with_text else check_in.key
        written = stand.kept if half else self._write_number(check_in, stand, number, key)
        if with_text:
            written = self._write_text(check_in, stand, shown(number, stand.metric.unit))
        return Receipt(check_in.key, written.revision)

    def examine(self) -> Iterable[Remark]:
        return remarks(self._asana, self._settings)

    def _goals(self, gids: set[str]) -> dict[str, Goal | OutsideError]:
        """By pages of a hundred while that is quicker than one by one."""
        found: dict[str, Goal | OutsideError] = {}
        if len(gids) > _FEW:
            for read, page in enumerate(self._asana.readable_pages(), 1):
                found.update({goal.gid: goal for goal in page if goal.gid in gids})
                if read >= len(gids) - len(found):
                    break
        missing = sorted(gids - found.keys())
        answers = zip(missing, self._toolbox.each(self._asana.goal, missing), strict=True)
        return {**found, **{gid: goal for gid, goal in answers if goal is not None}}

    def _tell(self, goals: int, requests: int) -> None:
        writes = 2 if self._settings.updates == "never" else 3
        asked = f"{counted(goals, 'goal')} in {counted(requests, 'request')}"
        limit = f"{self._settings.per_minute:,} requests a minute"
        self._toolbox.tell(f"{asked}; a check-in takes {writes} of {limit}")

    def _shown(self, ref: StoreRef, goal: Goal | OutsideError) -> StoredKeyResult | OutsideError:
        """Its newest status update is asked for as well, and may be what cannot be read."""
        if isinstance(goal, OutsideError):
            return goal
        try:
            return self._stored(ref, goal)
        except OutsideError as error:
            return error

    def _stored(self, ref: StoreRef, goal: Goal) -> StoredKeyResult:
        stand = self._stand(ref, goal)
        if stand is None:
            return StoredKeyResult(
                ref,
                goal.name,
                value=None,
                revision="",
                status=goal.status,
                automated=goal.automated,
                definition=goal.definition,
            )
        words = self._words(ref, stand)
        of_the_text = stand.kept.of_text
        # A person's number under okrsync's own text: what that says is not the person's word.
        under_our_text = stand.key is None and signature(goal.title) is not None
        return StoredKeyResult(
            ref=ref,
            title=goal.name,
            value=stand.value if stand.revision else None,
            revision=stand.revision,
            key=stand.key,
            unit=stand.metric.unit,
            author=words.get("author", "") if of_the_text else "",
            at=instant(words.get("at", "")) if of_the_text else None,
            note="" if under_our_text else note_of(words.get("text", "")),
            status="" if under_our_text else goal.status,
            automated=goal.automated,
            definition=goal.definition,
            decimals=stand.metric.decimals,
        )

    def _stand(self, ref: StoreRef, goal: Goal) -> Stand | None:
        """None for a goal without a number."""
        metric = goal.metric
        value = None if metric is None else metric.value
        if metric is None or value is None:
            return None
        seen = self._standings.seen(
            ref,
            goal.update,
            value,
            untouched=not goal.update and value == metric.baseline,
            texts_count=self._settings.updates != "never",
        )
        left = signature(goal.title)
        ours = left.key if left is not None and left.value == value else None
        return Stand(goal, metric, value, seen, seen.key or ours)

    def _words(self, ref: StoreRef, stand: Stand) -> Mapping[str, str]:
        """Author, time and text of the newest status update. The list shows its title alone, so
        that each costs a request, once: then it is remembered."""
        if stand.kept.words:
            known: Mapping[str, str] = json.loads(stand.kept.words)
            return known
        if not stand.goal.update or self._texts_left <= 0:
            return {}
        self._texts_left -= 1
        words = words_of(self._asana.update(stand.goal.update))
        self._standings.describe(ref, stand.kept, json.dumps(words))
        return words

    def _writable(self, check_in: CheckIn) -> Stand:
        gid = gid_of(check_in.ref.id)
        goal = None if gid is None else self._asana.goal(gid)
        if goal is None:
            raise Refused(
                "Asana has no such goal, or hides it from the token's account",
                next_step="copy the goal's address from the browser into store_id",
            )
        stand = self._stand(check_in.ref, goal)
        if goal.automated or stand is None:
            raise Refused(
                f"{check_in.ref.id} in Asana is {goal.automated or 'a goal without a number'}",
                next_step="open the goal in Asana: its progress must be measured by hand",
            )
        refuse_other_unit(check_in, stand.metric)
        return stand

    def _with_text(self, check_in: CheckIn, goal: Goal) -> bool:
        """Whether this check-in is to have a status update. Without a word for its status there is
        none: Asana asks for one."""
        word = STATUS_TYPES.get(check_in.status)
        if self._settings.updates == "never" or word is None:
            return False
        return self._settings.updates == "always" or GOAL_STATUS.get(goal.status) != word

    def _write_number(
        self, check_in: CheckIn, stand: Stand, number: Decimal, key: str | None
    ) -> Standing:
        """``key`` is None while a text is still to come: only that makes the check-in whole."""
        after = self._asana.set_value(stand.goal.gid, as_json(number))
        value = shown(number, stand.metric.unit)
        if after.metric is None or after.metric.value != value:
            raise OutcomeUnknown(
                f"{check_in.ref.id}: Asana shows another number than was sent", next_step=_AGAIN
            )
        return self._standings.wrote(
            check_in.ref, stand.goal.update, value, base=check_in.base, key=key
        )

    def _write_text(self, check_in: CheckIn, stand: Stand, value: Decimal) -> Standing:
        """From here on the number is there: what fails now is to be completed, not forgotten."""
        gid = stand.goal.gid
        try:
            made = self._asana.add_update(
                gid,
                status_type=STATUS_TYPES[check_in.status],
                title=title(check_in, value, stand.metric.unit),
                text=check_in.note or WITHOUT_NOTE,
            )
        except OutcomeUnknown:
            raise
        except OutsideError as error:
            raise OutcomeUnknown(
                f"{check_in.ref.id}: the number is there, its status update is not: "
                f"{error.message}",
                next_step=error.next_step or _AGAIN,
            ) from None
        update = str(made.get("gid", ""))
        written = self._standings.wrote(
            check_in.ref, update, value, base=check_in.base, key=check_in.key
        )
        return self._standings.describe(check_in.ref, written, json.dumps(words_of(made)))

    def _signed_earlier(self, check_in: CheckIn, stand: Stand) -> Receipt | None:
        """The check-in under a newer status update. The text comes after the number, so that a text
        with its key says that all of it was there."""
        if self._settings.updates == "never" or not stand.goal.update:
            return None
        for update in self._asana.updates(stand.goal.gid):
            left = signature(str(update.get("title", "")))
            if left is not None and left.key == check_in.key:
                revision = following(check_in.base, str(update.get("gid", "")), left.value)
                return Receipt(check_in.key, str(revision), already_there=True)
        return None

    def _by_number(self, check_in: CheckIn, stand: Stand) -> Receipt | None:
        """A check-in without a text is recognised by its number: it stands there, it did not when
        the plan was made, and no other check-in of okrsync's explains it."""
        if self._with_text(check_in, stand.goal) or not stands_alone(check_in, stand):
            return None
        written = self._standings.wrote(
            check_in.ref,
            stand.goal.update,
            stand.value,
            base=check_in.base,
            key=check_in.key,
        )
        return Receipt(check_in.key, written.revision, already_there=True)
