"""The store's verbs.

A check-in is a value added at this moment (POST), with okrsync's key in its comment. The API could
also put a value on a day (PUT). okrsync never does: that deletes what people wrote on that day, and
the API shows no text for it, so nobody could tell afterwards whose it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Final

from okrsync import marks
from okrsync.contracts import Remark, Toolbox, all_read
from okrsync.errors import MovedOn, OutcomeUnknown, OutsideError, Refused
from okrsync.model import CheckIn, Receipt, StoredKeyResult, StoreRef
from okrsync_okr_tracker.client import NotShown, OkrTracker, not_there
from okrsync_okr_tracker.reading import Standing, not_shown, revision, standing, stored

_CLOCKS_DIFFER: Final = timedelta(minutes=5)


class OkrTrackerStore:
    """``listed`` are the key results that ``browse`` shows."""

    def __init__(self, tracker: OkrTracker, listed: Sequence[str], toolbox: Toolbox) -> None:
        self._tracker = tracker
        self._listed = listed
        self._toolbox = toolbox

    def read(
        self, refs: Sequence[StoreRef], /
    ) -> Mapping[StoreRef, StoredKeyResult | OutsideError]:
        answers = zip(refs, self._toolbox.each(self._stored, refs), strict=True)
        return {ref: answer for ref, answer in answers if answer is not None}

    def browse(self) -> Iterator[StoredKeyResult]:
        """Those that the settings name; raises ``Refused`` where they name none."""
        if not self._listed:
            raise Refused(
                "OKR Tracker's API cannot list key results",
                next_step='name them in the store\'s table: key_results = ["...", "..."]; the id '
                "stands in a key result's address in OKR Tracker",
            )
        refs = [StoreRef(self._toolbox.name, id_) for id_ in self._listed]
        return iter(all_read(self.read(refs)).values())

    def find(self, check_in: CheckIn, /) -> Receipt | None:
        now = self._standing(check_in.ref.id)
        return None if now is None else _there(check_in, now)

    def post(self, check_in: CheckIn, /) -> Receipt:
        id_ = check_in.ref.id
        if check_in.value < 0:
            raise Refused(
                f"OKR Tracker takes no negative number, and {id_} would get one",
                next_step="measure it from another zero, or choose another store for it",
            )
        now = self._standing(id_)
        if now is None:
            raise not_there(id_)
        there = _there(check_in, now)
        if there is not None:
            return there
        self._refuse_unless_it_follows(check_in, now)
        comment = marks.signed(check_in.note, check_in.key, check_in.value)
        self._tracker.add(id_, check_in.value, comment)
        return Receipt(check_in.key, self._seen_again(check_in))

    def examine(self) -> Iterable[Remark]:
        yield Remark(
            "OKR Tracker looks at the API client only when something is written; it may write the "
            "key results of its own team or product"
        )
        yield Remark("people are not notified; confidence and negative numbers are not kept")
        if not self._listed:
            yield Remark(
                "key results cannot be listed",
                well=False,
                cure="name the ids of those to link to or to import in key_results",
            )

    def _stored(self, ref: StoreRef) -> StoredKeyResult | None:
        try:
            said = self._tracker.key_result(ref.id)
        except NotShown:
            return not_shown(ref)
        return None if said is None else stored(ref, standing(ref.id, said))

    def _standing(self, id_: str) -> Standing | None:
        try:
            said = self._tracker.key_result(id_)
        except NotShown:
            problem = not_shown(StoreRef(self._toolbox.name, id_)).automated
            raise Refused(f"{id_} is {problem}") from None
        return None if said is None else standing(id_, said)

    def _refuse_unless_it_follows(self, check_in: CheckIn, now: Standing) -> None:
        id_ = check_in.ref.id
        if check_in.base != now.revision:
            raise MovedOn(
                f"{id_} has a newer check-in in OKR Tracker than the plan saw",
                next_step="plan again: okrsync plan",
            )
        if now.update is not None and now.update.at > self._toolbox.clock() + _CLOCKS_DIFFER:
            raise MovedOn(
                f"{id_} has a value in OKR Tracker that is dated in the future, and no other one "
                "would show before that",
                next_step="correct that value's date in OKR Tracker",
            )

    def _seen_again(self, check_in: CheckIn) -> str:
        """The revision that the new check-in has."""
        try:
            now = self._standing(check_in.ref.id)
        except OutsideError:
            raise OutcomeUnknown(
                f"{check_in.ref.id} was written to OKR Tracker and could not be read again",
                next_step="run again: okrsync looks into the store before it sends anything",
            ) from None
        update = None if now is None else now.update
        if update is None or update.key != check_in.key:
            return f"behind another {check_in.key}"  # a person was quicker: the next plan shows it
        # `currentValue` follows a moment later: this is what it will be.
        return revision(update, update.value)


def _there(check_in: CheckIn, now: Standing) -> Receipt | None:
    update = now.update
    if update is None or update.key != check_in.key:
        return None
    return Receipt(check_in.key, revision(update, update.value), already_there=True)
