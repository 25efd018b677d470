"""The store's verbs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from okrsync.contracts import Remark, Toolbox, all_read
from okrsync.errors import MovedOn, OutcomeUnknown, OutsideError, Refused
from okrsync.model import CheckIn, Receipt, StoredDefinition, StoredKeyResult, StoreRef
from okrsync_http.asking import Asker
from okrsync_http.placeholders import OF_A_KEY_RESULT, ids, names_in
from okrsync_http.reading import Reader, Standing, matching
from okrsync_http.sending import browsed, send, told
from okrsync_http.settings import HttpSettings, Show

_LOOK_AGAIN = "run again: okrsync looks into the store before it sends anything"


class HttpStore:
    """A store whose check-ins can be read again."""

    def __init__(self, asker: Asker, settings: HttpSettings, show: Show, toolbox: Toolbox) -> None:
        self._asker = asker
        self._settings = settings
        self._show = show
        self._reader = Reader(settings, show)
        self._toolbox = toolbox

    def read(
        self, refs: Sequence[StoreRef], /
    ) -> Mapping[StoreRef, StoredKeyResult | OutsideError]:
        if not refs:
            return {}
        units = {ref: sent.unit for ref, (sent, _) in self._toolbox.sent().items()}
        table = self._table()

        def one(ref: StoreRef) -> StoredKeyResult | None:
            now = self._standing(ref.id, units.get(ref, ""), table)
            return None if now is None else self._reader.stored(ref, now)

        answers = self._toolbox.each(one, refs, at_once=self._settings.at_once)
        shown = zip(refs, answers, strict=True)
        return {ref: answer for ref, answer in shown if answer is not None}

    def browse(self) -> Iterator[StoredKeyResult]:
        listed = browsed(self._asker, self._settings, self._toolbox.name)
        shown = all_read(self.read(list(listed)))
        for ref, known in listed.items():
            if ref in shown:
                yield _completed(shown[ref], known)

    def find(self, check_in: CheckIn, /) -> Receipt | None:
        now = self._standing(check_in.ref.id, check_in.unit, self._table())
        return None if now is None else self._there(check_in, now)

    def post(self, check_in: CheckIn, /) -> Receipt:
        id_ = check_in.ref.id
        now = self._standing(id_, check_in.unit, self._table())
        if now is None:
            raise Refused(
                f"{self._toolbox.name} has no key result {id_}",
                next_step=f"correct store_id of {check_in.key_result} in the mapping",
            )
        there = self._there(check_in, now)
        if there is not None:
            return there
        if check_in.base != now.revision:
            raise MovedOn(
                f"{id_} has a newer check-in in {self._toolbox.name} than the plan saw",
                next_step="plan again: okrsync plan",
            )
        problem = send(self._asker, self._settings, check_in, self._toolbox)
        return self._seen_again(check_in, problem)

    def examine(self) -> Iterable[Remark]:
        if self._settings.browse is not None:
            listed = browsed(self._asker, self._settings, self._toolbox.name)
            yield Remark(f"signed in: {len(listed)} key results are listed")
        else:
            yield Remark("the sign-in is looked at with the first key result that is read")
        if not self._show.key and not self._settings.signs_notes:
            yield Remark(
                f"check-ins carry no key: they are known again by their number and by their "
                f"author, {self._show.me}",
                well=False,
                cure="send {mark} or {text} into a field that can be read again",
            )
        yield told(self._settings)

    def _table(self) -> list[Any] | None:
        """All rows at once, where they are those of all key results."""
        show = self._show
        if not show.match or OF_A_KEY_RESULT & set(names_in(show.templates())):
            return None
        rows = self._asker.rows(show, {})
        if rows is None:
            raise Refused(
                f"{self._toolbox.name}: the list of show is not there (404)",
                next_step="check url and show.path in the store's table",
            )
        return rows

    def _standing(self, id_: str, unit: str, table: list[Any] | None) -> Standing | None:
        show, values = self._show, dict(ids(id_))
        if not show.rows:
            document = self._asker.document(show, values)
            if document is None:
                return None
            return self._reader.standing([document], document, unit)
        rows = self._asker.rows(show, values) if table is None else table
        if rows is None:
            return None
        if show.match:
            row = matching(rows, show.match, id_)
            return None if row is None else self._reader.standing([row], row, unit)
        oldest_first = rows if show.newest == "last" else rows[::-1]
        return self._reader.standing(oldest_first, rows[0] if rows else None, unit)

    def _there(self, check_in: CheckIn, now: Standing) -> Receipt | None:
        entry = self._reader.found(check_in, now)
        if entry is None:
            return None
        return Receipt(check_in.key, entry.revision, already_there=True)

    def _seen_again(self, check_in: CheckIn, problem: str) -> Receipt:
        try:
            there = self.find(check_in)
        except OutsideError:
            raise OutcomeUnknown(
                f"{check_in.ref.id} was sent and could not be read again", next_step=_LOOK_AGAIN
            ) from None
        if there is not None:
            return Receipt(there.key, there.remote_id)
        if problem:
            raise Refused(
                f"the check-in of {check_in.ref.id} was not taken: the answer is not as expected "
                f"at `{problem}`",
                next_step="look at the answer, and correct post in the store's table",
            )
        return Receipt(check_in.key, f"behind another {check_in.key}")


def _completed(shown: StoredKeyResult, listed: StoredKeyResult) -> StoredKeyResult:
    """What show does not say of a key result, from the list."""
    title = listed.title if shown.title == shown.ref.id else shown.title
    none = StoredDefinition()
    definition = listed.definition if shown.definition == none else shown.definition
    return replace(shown, title=title, definition=definition)
