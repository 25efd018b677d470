"""The store's verbs over Linear's status updates.

Linear takes the id of a new update from whoever makes it. okrsync's is made of the check-in's key,
so that there is at most one update for a check-in, whatever becomes of an answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from okrsync.contracts import Remark, Toolbox
from okrsync.errors import MovedOn, Refused
from okrsync.http import Bearer
from okrsync.model import CheckIn, Receipt, Status, StoredKeyResult, StoreRef
from okrsync_linear.bodies import body_of
from okrsync_linear.client import PAGE, Linear, Taken
from okrsync_linear.examining import remarks
from okrsync_linear.items import KINDS, Item, Named, Update, named, update_id
from okrsync_linear.settings import LinearSettings

HEALTH: Final = {
    Status.ACHIEVED: "onTrack",
    Status.ON_TRACK: "onTrack",
    Status.AT_RISK: "atRisk",
    Status.OFF_TRACK: "offTrack",
    Status.MISSED: "offTrack",
}


def opened(settings: LinearSettings, toolbox: Toolbox) -> LinearStore:
    bearer = None if settings.oauth_token is None else Bearer(toolbox.secret(settings.oauth_token))
    key = None if settings.token is None else toolbox.secret(settings.token)
    door = toolbox.http(
        base_url=settings.address,
        auth=bearer,
        headers={} if key is None else {"authorization": key},  # an API key comes without a word
        per_second=settings.per_second,
        ca_file=settings.ca_file,
        proxy=settings.proxy,
    )
    return LinearStore(Linear(door, settings.address), toolbox)


class LinearStore:
    def __init__(self, linear: Linear, toolbox: Toolbox) -> None:
        self._linear = linear
        self._toolbox = toolbox

    def read(self, refs: Sequence[StoreRef], /) -> Mapping[StoreRef, StoredKeyResult]:
        names = {ref: name for ref in refs if (name := named(ref.id)) is not None}
        if not names:
            return {}
        before = self._linear.requests
        found = self._items(list(names.values()))
        stored = {
            ref: _stored(ref, found[name.id]) for ref, name in names.items() if name.id in found
        }
        asked = self._linear.requests - before
        times = "1 request" if asked == 1 else f"{asked:,} requests"
        self._toolbox.tell(f"initiatives and projects: {len(stored):,} in {times}")
        return stored

    def browse(self) -> Iterator[StoredKeyResult]:
        for kind in KINDS:
            for item in self._linear.items(kind):
                yield _stored(StoreRef(self._toolbox.name, f"{kind}/{item.slug}"), item)

    def find(self, check_in: CheckIn, /) -> Receipt | None:
        _, update = self._look(check_in)
        return None if update is None else _receipt(check_in, update)

    def post(self, check_in: CheckIn, /) -> Receipt:
        item, update = self._look(check_in)
        if update is not None:
            return _receipt(check_in, _not_archived(check_in, update))
        if item is None:
            raise Refused(
                "Linear has no such initiative or project, or hides it from the key's user",
                next_step="copy its address from the browser into store_id",
            )
        if item.automated:
            raise Refused(
                f"{check_in.ref.id} is {item.automated}", next_step="open it again in Linear"
            )
        if item.revision != check_in.base:
            raise MovedOn(
                f"{check_in.ref.id} has a newer status update in Linear than the plan saw",
                next_step="plan again: okrsync plan",
            )
        return self._write(check_in, item)

    def examine(self) -> Iterable[Remark]:
        return remarks(self._linear)

    def _write(self, check_in: CheckIn, item: Item) -> Receipt:
        health = _health(check_in, item)
        try:
            made = self._linear.add_update(
                item, id_=update_id(check_in.key), body=body_of(check_in), health=health
            )
        except Taken:
            _, there = self._look(check_in)
            if there is None:
                raise
            return _receipt(check_in, there)
        return Receipt(check_in.key, made.revision)

    def _items(self, names: Sequence[Named]) -> dict[str, Item]:
        """By id or slug, whichever the names have."""
        found: dict[str, Item] = {}
        for kind in KINDS:
            wanted = sorted({name.id for name in names if kind in name.kinds} - found.keys())
            for start in range(0, len(wanted), PAGE):
                for item in self._linear.items(kind, _any_of(wanted[start : start + PAGE])):
                    found.update({item.id: item, item.slug: item})
        return found

    def _look(self, check_in: CheckIn) -> tuple[Item | None, Update | None]:
        """What the check-in is for, and its status update where that is there."""
        name = named(check_in.ref.id)
        if name is None:
            return None, None
        for kind in name.kinds:
            item, update = self._linear.with_update(kind, name.filter, update_id(check_in.key))
            if item is not None or update is not None:
                return item, update
        return None, None


def _any_of(ids: Sequence[str]) -> dict[str, Any]:
    """A filter; only what looks like an id may be asked for as one."""
    whole = [id_ for id_ in ids if "-" in id_]
    slugs = [id_ for id_ in ids if "-" not in id_]
    if not whole:
        return {"slugId": {"in": slugs}}
    return {"or": [{"id": {"in": whole}}, {"slugId": {"in": slugs}}]}


def _health(check_in: CheckIn, item: Item) -> str:
    """What okrsync cannot say stays as it was last said."""
    word = HEALTH.get(check_in.status) or (item.last.health if item.last is not None else "")
    if not word:
        raise Refused(
            f"Linear asks for a status, and there is none yet for {check_in.ref.id}",
            next_step="write a first status update in Linear, or wait for more measurements",
        )
    return word


def _not_archived(check_in: CheckIn, update: Update) -> Update:
    if update.archived:
        raise Refused(
            f"somebody archived this status update of {check_in.ref.id} in Linear",
            next_step="restore it in Linear, or write another one there",
        )
    return update


def _receipt(check_in: CheckIn, update: Update) -> Receipt:
    return Receipt(check_in.key, update.revision, already_there=True)


def _stored(ref: StoreRef, item: Item) -> StoredKeyResult:
    last = item.last
    return StoredKeyResult(
        ref=ref,
        title=item.name,
        value=None,
        revision=item.revision,
        key=None if last is None else last.body.key,
        author="" if last is None else last.author,
        at=None if last is None else last.at,
        note="" if last is None else last.body.note,
        status="" if last is None else last.health,
        automated=item.automated,
        definition=item.definition,
    )
