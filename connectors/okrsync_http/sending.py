"""What both kinds of store do alike: send a check-in, and list key results."""

from __future__ import annotations

from okrsync.contracts import Remark, Toolbox
from okrsync.errors import BadAnswer, Refused
from okrsync.model import CheckIn, StoredKeyResult, StoreRef
from okrsync_http import answers
from okrsync_http.asking import Asker
from okrsync_http.reading import described
from okrsync_http.settings import HttpSettings
from okrsync_http.words import as_held, values_of


def send(asker: Asker, settings: HttpSettings, check_in: CheckIn, toolbox: Toolbox) -> str:
    """Send it; returns which path of ``expect`` the answer does not agree with."""
    holds = settings.holds
    if not holds.negative and as_held(check_in.value, holds) < 0:
        raise Refused(
            f"{toolbox.name} takes no negative number, and {check_in.ref.id} would get one",
            next_step="measure it from another zero, or choose another store for it",
        )
    values = values_of(check_in, holds, toolbox.zone)
    return asker.post(settings.post, values)


def browsed(asker: Asker, settings: HttpSettings, store: str) -> dict[StoreRef, StoredKeyResult]:
    """All that is listed, without check-ins. Raises ``Refused`` where nothing says where."""
    browse = settings.browse
    if browse is None:
        raise Refused(
            f"{store}: nothing says where its key results are listed",
            next_step=f"add [{store}.browse] with path, rows and id to config.toml",
        )
    rows = asker.rows(browse, {})
    if rows is None:
        raise BadAnswer(
            f"{store}: the list of key results is not there (404)",
            next_step="check url and browse.path in the store's table",
        )
    found = {}
    for row in rows:
        ref = StoreRef(store, answers.text_at(row, browse.id))
        title, definition = described(browse, row)
        found[ref] = StoredKeyResult(ref, title or ref.id, None, "", definition=definition)
    return found


def told(settings: HttpSettings) -> Remark:
    return Remark(
        "people are told of each check-in, and that cannot be turned off here"
        if settings.holds.notifies
        else "nobody is notified, as the store's table says"
    )
