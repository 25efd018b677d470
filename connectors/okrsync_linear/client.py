"""Linear's GraphQL requests, and what makes an answer one that can be counted on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from okrsync.errors import (
    BadAnswer,
    OutcomeUnknown,
    OutsideError,
    Refused,
    SignInRefused,
)
from okrsync_linear.documents import DOCUMENTS, VIEWER
from okrsync_linear.items import PARTS, Item, Update, item_of, update_of

if TYPE_CHECKING:
    from okrsync.http import Answer, Door

PAGE: Final = 50  # a page costs points by its size; 50 with their updates are some 300 of 10,000
_LIMITED: Final = "RATELIMITED"
_SIGN_IN: Final = frozenset({"AUTHENTICATION_ERROR"})
_UNSURE: Final = frozenset({"INTERNAL_SERVER_ERROR", "INTERNAL_ERROR", "LOCK_TIMEOUT"})
_AGAIN: Final = "run again: okrsync looks into the store before it sends anything"

Object = Mapping[str, Any]


class Taken(Refused):
    """Linear would not make the status update; it may be there already."""


class Linear:
    """The requests of one account; safe to share by threads."""

    def __init__(self, door: Door, address: str) -> None:
        self._door = door
        self._address = address

    @property
    def requests(self) -> int:
        return self._door.requests

    def items(self, kind: str, wanted: Object | None = None) -> Iterator[Item]:
        """All initiatives or projects that ``wanted``, a filter of Linear's, lets in."""
        documents = DOCUMENTS[kind]
        after: str | None = None
        while True:
            variables = {"filter": wanted, "first": PAGE, "after": after}
            answer = self._read(documents.items, variables)
            page = PARTS.table(answer.get(documents.field))
            for node in _nodes(page):
                yield item_of(kind, node)
            info = PARTS.table(page.get("pageInfo"))
            before, after = after, info.get("endCursor")
            if not info.get("hasNextPage"):
                return
            if not isinstance(after, str) or after == before:
                raise BadAnswer("Linear's pages lead nowhere", next_step="run again: okrsync sync")

    def with_update(
        self, kind: str, wanted: Object, update: str
    ) -> tuple[Item | None, Update | None]:
        """One initiative or project, and a status update by its id, archived or not."""
        documents = DOCUMENTS[kind]
        answer = self._read(documents.with_update, {"filter": wanted, "update": update})
        items = [item_of(kind, node) for node in _nodes(PARTS.table(answer.get(documents.field)))]
        updates = _nodes(PARTS.table(answer.get(f"{documents.created}s")))
        return (
            items[0] if items else None,
            update_of(updates[0]) if updates else None,
        )

    def add_update(self, item: Item, *, id_: str, body: str, health: str) -> Update:
        """Raises ``Taken`` where Linear refuses, also because there is an update of this id."""
        documents = DOCUMENTS[item.kind]
        wanted = {documents.parent: item.id, "id": id_, "body": body, "health": health}
        answer = self._door.post(
            self._address,
            json={"query": documents.create, "variables": {"input": wanted}},
            accept={HTTPStatus.BAD_REQUEST},
            limited=_is_limited,
        )
        data, codes = _parts(answer)
        if codes & _UNSURE:
            raise OutcomeUnknown("Linear had trouble with a write", next_step=_AGAIN)
        if codes:
            raise _said(codes, Taken)
        try:
            made = PARTS.table(
                PARTS.table(data.get(f"{documents.created}Create")).get(documents.created)
            )
            return update_of(made)
        except BadAnswer as unreadable:
            raise OutcomeUnknown(f"{unreadable.message} after a write", next_step=_AGAIN) from None

    def viewer(self) -> Object:
        return self._read(VIEWER, {})

    def _read(self, document: str, variables: Object) -> Object:
        answer = self._door.post(
            self._address,
            json={"query": document, "variables": variables},
            safe=True,
            accept={HTTPStatus.BAD_REQUEST},
            limited=_is_limited,
        )
        data, codes = _parts(answer)
        if codes:
            raise _said(codes, Refused)
        return data


def _is_limited(answer: Answer) -> bool:
    """Linear says "too often" with 400, or with 200, and a code."""
    try:
        return _LIMITED in _parts(answer)[1]
    except OutsideError:
        return False


def _parts(answer: Answer) -> tuple[Object, set[str]]:
    """The data and the codes of the errors, "UNKNOWN" for one without."""
    said = PARTS.table(answer.json())
    errors = said.get("errors") or []
    if not isinstance(errors, list) or not (errors or isinstance(said.get("data"), dict)):
        raise BadAnswer("Linear's answer holds neither data nor errors", next_step="check address")
    return said.get("data") or {}, {_code(error) for error in errors}


def _code(error: Any) -> str:
    extensions = error.get("extensions") if isinstance(error, dict) else None
    code = extensions.get("code") if isinstance(extensions, dict) else None
    return code if isinstance(code, str) and code.isidentifier() else "UNKNOWN"


def _said(codes: set[str], refused: type[Refused]) -> OutsideError:
    if codes & _SIGN_IN:
        return SignInRefused(
            "Linear refused the sign-in", next_step="make a new API key: Settings, Security"
        )
    return refused(
        f"Linear refused the request ({', '.join(sorted(codes))})",
        next_step="check what the key's user may read and write: okrsync doctor",
    )


def _nodes(page: Object) -> Sequence[Object]:
    nodes = page.get("nodes")
    if not isinstance(nodes, list):
        raise BadAnswer("Linear's answer holds no list", next_step="okrsync doctor")
    return [PARTS.table(node) for node in nodes]
