"""The store's verbs over Operately's goals.

A check-in is written whole by ``create_check_in``: value, status and note in one transaction. The
value alone is written by ``update_target_value`` where the settings want no check-ins, and where
there is no word for the status; then the goal stays outdated until a person checks in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Final

from okrsync.contracts import Remark, Toolbox, all_read
from okrsync.errors import MovedOn, OutcomeUnknown, OutsideError, Refused
from okrsync.http import Bearer
from okrsync.model import CheckIn, Receipt, Status, StoredKeyResult, StoreRef
from okrsync.standings import Standing, Standings, following
from okrsync_operately.client import API, Operately
from okrsync_operately.documents import document
from okrsync_operately.examining import remarks
from okrsync_operately.goals import WORDS, CheckInThere, Goal, Target
from okrsync_operately.names import Named, counted, named, one_id
from okrsync_operately.settings import OperatelySettings
from okrsync_operately.stands import Stand, signed, stands_alone, stored_of

STATUSES: Final = {
    Status.ACHIEVED: "on_track",
    Status.ON_TRACK: "on_track",
    Status.AT_RISK: "caution",
    Status.OFF_TRACK: "off_track",
    Status.MISSED: "off_track",
}
_DIGITS: Final = Context(prec=15, rounding=ROUND_HALF_EVEN)
_FLOATS_REACH: Final = 300  # powers of ten
_LARGE: Final = 50_000_000  # the list of goals comes in one answer, descriptions and all


def opened(settings: OperatelySettings, toolbox: Toolbox) -> OperatelyStore:
    door = toolbox.http(
        base_url=settings.address + API,
        auth=Bearer(toolbox.secret(settings.token)),
        per_second=settings.per_second,
        max_body=_LARGE,
        ca_file=settings.ca_file,
        proxy=settings.proxy,
    )
    return OperatelyStore(Operately(door, settings), settings, toolbox)


class OperatelyStore:
    def __init__(self, api: Operately, settings: OperatelySettings, toolbox: Toolbox) -> None:
        self._api = api
        self._settings = settings
        self._toolbox = toolbox
        self._standings = Standings(toolbox)

    def read(
        self, refs: Sequence[StoreRef], /
    ) -> Mapping[StoreRef, StoredKeyResult | OutsideError]:
        names = {ref: name for ref in refs if (name := named(ref.id)) is not None}
        if not names:
            return {}
        before = self._api.requests
        goals = self._goals({name.goal for name in names.values()})
        shown: dict[StoreRef, StoredKeyResult | OutsideError] = {}
        found = []
        for ref, name in names.items():
            goal = goals.get(name.goal)
            if isinstance(goal, OutsideError):
                shown[ref] = goal
            elif goal is not None and (target := goal.target(name.target)) is not None:
                found.append((ref, goal, target))
        shown.update(self._stored(found))
        asked = self._api.requests - before
        self._toolbox.tell(f"{counted(len(shown), 'target')} in {counted(asked, 'request')}")
        return shown

    def browse(self) -> Iterator[StoredKeyResult]:
        store = self._toolbox.name
        found = [
            (StoreRef(store, f"{goal.id}/{target.id}"), goal, target)
            for goal in self._api.goals()
            for target in goal.targets
        ]
        yield from all_read(self._stored(found)).values()

    def find(self, check_in: CheckIn, /) -> Receipt | None:
        there = self._there(check_in.ref)
        if there is None:
            return None
        goal, target = there
        stand = self._stand(check_in.ref, goal, target)
        return (
            signed(check_in, stand)
            or self._signed_earlier(check_in, stand)
            or self._by_number(check_in, stand)
        )

    def post(self, check_in: CheckIn, /) -> Receipt:
        there = self._there(check_in.ref)
        if there is None:
            raise Refused(
                "Operately has no such target, or hides it from the token's account",
                next_step="write store_id as GOAL/TARGET: the goal's address, and the target's "
                "name as Operately shows it",
            )
        stand = self._stand(check_in.ref, *there)
        done = signed(check_in, stand)
        if done is not None:
            return done
        self._refuse_unless_it_follows(check_in, stand)
        value = _on_the_wire(check_in)
        word = self._word(check_in, stand)
        if word is None:
            return self._write_value(check_in, stand, value)
        return self._write_check_in(check_in, stand, value, word)

    def examine(self) -> Iterable[Remark]:
        return remarks(self._api, self._settings)

    def _goals(self, wanted: set[str]) -> dict[str, Goal | OutsideError]:
        """The list is one request; what cannot be read in it is asked for by itself."""
        if len(wanted) == 1:
            listed: dict[str, Goal] = {}
        else:
            listed = {one_id(goal.id): goal for goal in self._api.readable_goals()}
        found = {name: listed[one_id(name)] for name in wanted if one_id(name) in listed}
        missing = sorted(wanted - found.keys())
        answers = zip(missing, self._toolbox.each(self._api.goal, missing), strict=True)
        return {**found, **{name: goal for name, goal in answers if goal is not None}}

    def _stored(
        self, found: Sequence[tuple[StoreRef, Goal, Target]]
    ) -> dict[StoreRef, StoredKeyResult | OutsideError]:
        histories = self._histories(found)
        shown: dict[StoreRef, StoredKeyResult | OutsideError] = {}
        for ref, goal, target in found:
            history = histories.get(goal.id)
            if isinstance(history, OutsideError):
                shown[ref] = history
            else:
                shown[ref] = stored_of(ref, self._stand(ref, goal, target, history))
        return shown

    def _histories(
        self, found: Sequence[tuple[StoreRef, Goal, Target]]
    ) -> dict[str, Sequence[CheckInThere] | OutsideError]:
        """The check-ins of the goals whose newest one is not about all that is asked for."""
        wanted = sorted({goal.id for _, goal, target in found if not goal.tells_of(target)})
        answers = self._toolbox.each(self._api.check_ins, wanted)
        return dict(zip(wanted, answers, strict=True))

    def _there(self, ref: StoreRef) -> tuple[Goal, Target] | None:
        name: Named | None = named(ref.id)
        goal = None if name is None else self._api.goal(name.goal)
        target = None if goal is None or name is None else goal.target(name.target)
        return None if goal is None or target is None else (goal, target)

    def _stand(
        self,
        ref: StoreRef,
        goal: Goal,
        target: Target,
        history: Sequence[CheckInThere] | None = None,
    ) -> Stand:
        """The newest check-in that is about this target; that of the goal may be about another."""
        newest = goal.newest
        if not goal.tells_of(target):
            known = self._api.check_ins(goal.id) if history is None else history
            newest = next((one for one in known if one.is_about(target)), None)
        value = target.baseline if target.value is None else target.value
        kept = Standing("")
        if value is not None:
            kept = self._standings.seen(
                ref,
                "" if newest is None else newest.id,
                value,
                untouched=newest is None and value == target.baseline,
                texts_count=self._settings.check_ins,
            )
        return Stand(goal, target, newest, value, kept)

    def _refuse_unless_it_follows(self, check_in: CheckIn, stand: Stand) -> None:
        if stand.goal.automated:
            raise Refused(
                f"{check_in.ref.id} is {stand.goal.automated}",
                next_step="reopen the goal in Operately",
            )
        if stand.target.unit == "%" and check_in.unit != "%":
            raise Refused(
                f"{check_in.ref.id} is measured in % in Operately, and in "
                f"{check_in.unit or 'plain numbers'} here",
                next_step="give both the same unit",
            )
        if stand.revision != check_in.base:
            raise MovedOn(
                f"{check_in.ref.id} shows another value or check-in in Operately than the plan saw",
                next_step="plan again: okrsync plan",
            )

    def _word(self, check_in: CheckIn, stand: Stand) -> str | None:
        """The status of a check-in. What okrsync cannot say stays as it was last said."""
        if not self._settings.check_ins:
            return None
        word = STATUSES.get(check_in.status)
        before = stand.goal.newest.status if stand.goal.newest is not None else ""
        return word or (before if before in WORDS else None)

    def _write_value(self, check_in: CheckIn, stand: Stand, value: float) -> Receipt:
        self._api.set_value(stand.goal.id, stand.target.id, value)
        written = self._wrote(check_in, stand.text)
        return Receipt(check_in.key, written.revision)

    def _write_check_in(self, check_in: CheckIn, stand: Stand, value: float, word: str) -> Receipt:
        made = self._api.add_check_in(
            stand.goal.id,
            stand.target.id,
            value,
            status=word,
            content=document(check_in.note, check_in.key),
        )
        if made.values.get(stand.target.one_id) != _held(check_in):
            raise OutcomeUnknown(
                f"{check_in.ref.id}: Operately shows another value than was sent",
                next_step="run again: okrsync looks into the store before it sends anything",
            )
        return Receipt(check_in.key, self._wrote(check_in, made.id).revision)

    def _signed_earlier(self, check_in: CheckIn, stand: Stand) -> Receipt | None:
        """The check-in under a newer one."""
        if stand.goal.newest is None:
            return None
        for update in self._api.check_ins(stand.goal.id):
            if update.message.key == check_in.key:
                said = update.values.get(stand.target.one_id)
                value = check_in.value if said is None else said
                revision = following(check_in.base, update.id, value)
                return Receipt(check_in.key, str(revision), already_there=True)
        return None

    def _by_number(self, check_in: CheckIn, stand: Stand) -> Receipt | None:
        """A value without a check-in is recognised by itself: it stands there, it did not when the
        plan was made, and nothing else of okrsync's explains it."""
        alone = self._word(check_in, stand) is None
        if not alone or not stands_alone(check_in, _held(check_in), stand):
            return None
        written = self._wrote(check_in, stand.text)
        return Receipt(check_in.key, written.revision, already_there=True)

    def _wrote(self, check_in: CheckIn, text: str) -> Standing:
        return self._standings.wrote(
            check_in.ref, text, _held(check_in), base=check_in.base, key=check_in.key
        )


def _held(check_in: CheckIn) -> Decimal:
    """The value as a float keeps it."""
    return _DIGITS.plus(check_in.value)


def _on_the_wire(check_in: CheckIn) -> float:
    """Up to 15 digits survive a float, and JSON writes them out again."""
    held = _held(check_in)
    if not held.is_finite() or abs(held.adjusted()) > _FLOATS_REACH:
        raise Refused(
            "Operately keeps numbers of at most 15 digits", next_step="measure it in another unit"
        )
    return float(held)
