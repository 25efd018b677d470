"""Initiatives and projects as Linear's answers tell of them. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from okrsync.http.parts import Parts, instant
from okrsync.model import StoredDefinition
from okrsync_linear.bodies import Body, read_body

KINDS: Final = ("initiative", "project")
_ADDRESS: Final = re.compile(r"(?:https://linear\.app/[^/]+/)?(?:(initiative|project)/)?(.+)")
_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SLUG: Final = re.compile(r"[0-9a-zA-Z]+")
Object = Mapping[str, Any]

PARTS: Final = Parts("Linear")


@dataclass(frozen=True, slots=True)
class Named:
    """What a store_id says; ``kinds`` are both where it does not say which."""

    kinds: tuple[str, ...]
    id: str

    @property
    def filter(self) -> dict[str, Any]:
        return {"id" if _UUID.fullmatch(self.id) else "slugId": {"eq": self.id}}


@dataclass(frozen=True, slots=True)
class Update:
    """A status update. Its ``revision`` changes when somebody edits it."""

    id: str
    health: str
    author: str
    at: datetime | None
    edited: str
    archived: bool
    body: Body

    @property
    def revision(self) -> str:
        return f"{self.id}~{self.edited}" if self.edited else self.id


@dataclass(frozen=True, slots=True)
class Item:
    """An initiative or a project."""

    kind: str
    id: str
    slug: str
    name: str
    last: Update | None
    automated: str
    definition: StoredDefinition

    @property
    def revision(self) -> str:
        return "" if self.last is None else self.last.revision


def named(store_id: str) -> Named | None:
    """An address from the browser, the part of it after initiative/ or project/, or an id."""
    found = _ADDRESS.fullmatch(store_id.strip())
    if found is None:
        return None
    kinds = (found[1],) if found[1] else KINDS
    name = re.split(r"[/?#]", found[2])[0]
    id_ = name if _UUID.fullmatch(name) else name.rpartition("-")[2]
    return Named(kinds, id_) if _UUID.fullmatch(id_) or _SLUG.fullmatch(id_) else None


def update_id(key: str) -> str:
    """The id of a check-in's status update: a UUID made of its key, so that it exists once."""
    return str(UUID(bytes=sha256(f"okrsync {key}".encode()).digest()[:16], version=4))


def item_of(kind: str, data: Object) -> Item:
    last = data.get("lastUpdate")
    return Item(
        kind=kind,
        id=PARTS.text(data, "id"),
        slug=PARTS.text(data, "slugId"),
        name=PARTS.text(data, "name"),
        last=update_of(PARTS.table(last)) if last else None,
        automated=_automated(data),
        definition=_definition(data),
    )


def update_of(data: Object) -> Update:
    author, id_, written = data.get("user"), PARTS.text(data, "id"), PARTS.text(data, "body")
    body = read_body(written)
    if body.key is not None and update_id(body.key) != id_:
        body = Body(written, None)  # okrsync's words, copied: the id that belongs to the key is not
    return Update(
        id=id_,
        health=PARTS.text(data, "health"),
        author=PARTS.text(PARTS.table(author), "name") if author else "",
        at=instant(PARTS.text(data, "createdAt")),
        edited=PARTS.text(data, "editedAt"),
        archived=bool(data.get("archivedAt")),
        body=body,
    )


def _automated(data: Object) -> str:
    status = PARTS.text(data, "status").lower()
    completed = status == "completed" or bool(data.get("completedAt"))
    canceled = status == "canceled" or bool(data.get("canceledAt"))
    if not completed and not canceled:
        return ""
    return f"{'completed' if completed else 'canceled'} in Linear"


def _definition(data: Object) -> StoredDefinition:
    """Without days: a target date is a plan that slips, not a period that closes."""
    owner = data.get("owner") or data.get("lead")
    parent = data.get("parentInitiative")
    teams = PARTS.table(data.get("teams") or {}).get("nodes") or []
    return StoredDefinition(
        objective=PARTS.text(PARTS.table(parent), "name") if parent else "",
        team=PARTS.text(PARTS.table(teams[0]), "name") if teams else "",
        owner=PARTS.text(PARTS.table(owner), "name") if owner else "",
        link=PARTS.text(data, "url"),
    )
