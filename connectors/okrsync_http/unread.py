"""A store that nobody can read: only okrsync's own receipts say what it stands at.

A person's check-in there is never seen. An answer that was lost is never followed by the same
request, unless the settings say that it may be.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from okrsync.contracts import Remark, Toolbox
from okrsync.errors import OutcomeUnknown, Refused
from okrsync.model import CheckIn, Receipt, StoredKeyResult, StoreRef
from okrsync_http.asking import Asker
from okrsync_http.sending import browsed, send, told
from okrsync_http.settings import HttpSettings


class UnreadStore:
    def __init__(self, asker: Asker, settings: HttpSettings, toolbox: Toolbox) -> None:
        self._asker = asker
        self._settings = settings
        self._toolbox = toolbox

    def read(self, refs: Sequence[StoreRef], /) -> Mapping[StoreRef, StoredKeyResult]:
        sent = self._toolbox.sent() if refs else {}
        return {ref: _as_sent(ref, sent.get(ref)) for ref in refs}

    def browse(self) -> Iterator[StoredKeyResult]:
        listed = browsed(self._asker, self._settings, self._toolbox.name)
        return iter(listed.values())

    def find(self, check_in: CheckIn, /) -> Receipt | None:
        match self._settings.lost:
            case "again":
                return None
            case "written":
                return Receipt(check_in.key, check_in.key, already_there=True)
        raise Refused(
            f"{self._toolbox.name} cannot be read, so nobody can tell whether the check-in of "
            f"{check_in.ref.id} arrived",
            next_step=self._cure(),
        )

    def post(self, check_in: CheckIn, /) -> Receipt:
        try:
            problem = send(self._asker, self._settings, check_in, self._toolbox)
        except OutcomeUnknown as lost:
            raise OutcomeUnknown(lost.message, next_step=self._cure()) from None
        if problem:
            raise OutcomeUnknown(
                f"the answer for {check_in.ref.id} is not as expected at `{problem}`; it is not "
                "known whether it was written",
                next_step=f"correct post in the store's table; {self._cure()}",
            )
        return Receipt(check_in.key, check_in.key)

    def _cure(self) -> str:
        if self._settings.lost == "hold":
            return (
                'look there; then say lost = "written" or lost = "again" in the store\'s table '
                "for one run: okrsync sync"
            )
        return f"run again: okrsync takes it as lost = {self._settings.lost!r} says"

    def examine(self) -> Iterable[Remark]:
        yield Remark(
            "nothing says where check-ins are read again: a person's are not seen, and would be "
            "written over",
            well=False,
            cure=f"add [{self._toolbox.name}.show] where the API can show them",
        )
        yield told(self._settings)


def _as_sent(ref: StoreRef, last: tuple[CheckIn, Receipt] | None) -> StoredKeyResult:
    if last is None:
        return StoredKeyResult(ref, ref.id, None, "")
    sent, receipt = last
    return StoredKeyResult(
        ref=ref,
        title=ref.id,
        value=sent.value,
        revision=receipt.remote_id,
        key=sent.key,
        unit=sent.unit,
        author="okrsync",
        confidence=sent.confidence,
        note=sent.note,
        status=sent.status.value,
    )
