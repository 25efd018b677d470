"""A Linear workspace with initiatives and projects, in the part of its schema that okrsync speaks.

An update's id may be given by its maker, as a UUID of version 4; a second one of an id is refused.
Texts are Markdown and come back as Linear's editor writes them: with as few escapes as it needs.
"Too often" is said with 400 and a code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final
from uuid import UUID, uuid5

from graphql import GraphQLError, GraphQLSchema, build_schema, graphql_sync

from tests.system.standins.serving import Asked, Reply
from tests.system.standins.stores import LEAD, OKRSYNC, Clock, StoreStandIn, key_in, monday, zulu

TOKEN: Final = "lin_api_key"
_SPACE: Final = UUID("0b0f6a4e-7a35-4c8e-9f43-6a1de0c2b7aa")
_PER_KIND: Final = """
  type KIND {
    id: ID! slugId: String! name: String! url: String! FIELDS
    lastUpdate: KINDUpdate
  }
  type KINDUpdate {
    id: ID! body: String! health: Health! createdAt: String! editedAt: String archivedAt: String
    user: User!
  }
  type KINDConnection { nodes: [KIND!]! pageInfo: PageInfo! }
  type KINDUpdateConnection { nodes: [KINDUpdate!]! pageInfo: PageInfo! }
  type KINDUpdatePayload { success: Boolean! LOWERUpdate: KINDUpdate! }
  input KINDFilter { id: IDComparator slugId: StringComparator or: [KINDFilter!] }
  input KINDUpdateFilter { id: IDComparator }
  input KINDUpdateCreateInput { LOWERId: String! id: String body: String health: Health }
"""
_SCHEMA: Final = """
  enum Health { onTrack atRisk offTrack }
  type Named { name: String! }
  type NamedConnection { nodes: [Named!]! }
  type User { name: String! email: String! }
  type Organization { name: String! urlKey: String! }
  type PageInfo { hasNextPage: Boolean! endCursor: String }
  input IDComparator { eq: ID in: [ID!] }
  input StringComparator { eq: String in: [String!] }
  type Query {
    viewer: User! organization: Organization!
    initiatives(filter: InitiativeFilter, first: Int, after: String): InitiativeConnection!
    projects(filter: ProjectFilter, first: Int, after: String): ProjectConnection!
    initiativeUpdates(
      filter: InitiativeUpdateFilter, first: Int, includeArchived: Boolean
    ): InitiativeUpdateConnection!
    projectUpdates(
      filter: ProjectUpdateFilter, first: Int, includeArchived: Boolean
    ): ProjectUpdateConnection!
  }
  type Mutation {
    initiativeUpdateCreate(input: InitiativeUpdateCreateInput!): InitiativeUpdatePayload!
    projectUpdateCreate(input: ProjectUpdateCreateInput!): ProjectUpdatePayload!
  }
"""
_OWN: Final = {
    "initiative": "status: String! owner: Named parentInitiative: Named",
    "project": "completedAt: String canceledAt: String "
    "lead: Named teams(first: Int): NamedConnection!",
}
_TOKEN: Final = re.compile(r"\\\n|\\[!-/:-@\[-`{-~]|https?://[^\s\\]+|.", re.DOTALL)
_ROBOT: Final = "OKR robot"

Object = dict[str, Any]


@dataclass
class Item:
    kind: str
    id: str
    slug: str
    name: str
    more: Object = field(default_factory=dict)
    updates: list[Object] = field(default_factory=list)


class Linear(StoreStandIn):
    def __init__(self, clock: Clock = monday) -> None:
        super().__init__(clock)
        self.items: list[Item] = []
        self.errors: list[str] = []  # codes that the next answers are, one each

    def add(self, kind: str, name: str, **more: Any) -> Item:
        """A new initiative or project without updates."""
        id_ = uuid5(_SPACE, f"{kind} {name}")
        own: Object = {"status": "Active"}
        if kind == "project":
            own = {"teams": {"nodes": []}}
        item = Item(kind, str(id_), id_.hex[:12], name, {**own, **more})
        self.items.append(item)
        return item

    def ref(self, kind: str, name: str) -> str:
        """The store_id that ``browse`` gives it."""
        return f"{kind}/{self._named(kind, name).slug}"

    def person(
        self, ref: str, value: float | None = None, *, text: str = "", status: str = "atRisk"
    ) -> None:
        """The team's lead writes a status update."""
        id_ = str(uuid5(_SPACE, str(self.number())))
        self._add(self._found(ref), LEAD, id_, text or f"I see {value}", status)

    def updates(self, ref: str) -> list[Object]:
        """Its status updates in their order."""
        return self._found(ref).updates

    def shown(self, ref: str) -> str | None:
        updates = self.updates(ref)
        return updates[-1]["health"] if updates else None

    def edit(self, ref: str, text: str) -> None:
        """Somebody changes the words of the newest update."""
        self.updates(ref)[-1].update(body=text, editedAt=zulu(self.now()))

    def writes(self, asked: Asked) -> bool:
        return "mutation" in asked.body["query"]

    def too_often(self, wait: int) -> Reply:
        reset = str(1000 * (int(self.clock()) + wait))
        headers = {"X-RateLimit-Requests-Remaining": "0", "X-RateLimit-Requests-Reset": reset}
        return Reply(_error("RATELIMITED"), 400, headers)

    def _found(self, ref: str) -> Item:
        kind, _, slug = ref.partition("/")
        return next(one for one in self.items if (one.kind, one.slug) == (kind, slug))

    def _named(self, kind: str, name: str) -> Item:
        return next(one for one in self.items if (one.kind, one.name) == (kind, name))

    def respond(self, asked: Asked) -> Reply:
        if asked.headers.get("authorization") != TOKEN:
            return Reply(_error("AUTHENTICATION_ERROR"), 400)
        if self.errors:
            return Reply(_error(self.errors.pop(0)))
        result = graphql_sync(
            _schema(),
            asked.body["query"],
            root_value=self._root(),
            variable_values=asked.body["variables"],
        )
        if not result.errors:
            return Reply({"data": result.data})
        codes = [
            (one.extensions or {}).get("code", "GRAPHQL_VALIDATION_FAILED") for one in result.errors
        ]
        return Reply(_error(codes[0]), 400 if result.data is None else 200)

    def _root(self) -> Object:
        root: Object = {
            "viewer": {"name": _ROBOT, "email": "robot@acme.example"},
            "organization": {"name": "Acme", "urlKey": "acme"},
        }
        for kind in _OWN:
            root[f"{kind}s"] = _Field(self._list, kind)
            root[f"{kind}Updates"] = _Field(self._updates, kind)
            root[f"{kind}UpdateCreate"] = _Field(self._create, kind)
        return root

    def _list(self, kind: str, **asked: Any) -> Object:
        wanted, first = asked.get("filter"), asked.get("first") or 50
        after = asked.get("after")
        found = [one for one in self.items if one.kind == kind and _meets(one, wanted)]
        start = int(after or 0)
        page = found[start : start + first]
        more = start + first < len(found)
        cursor = str(start + first) if more else None
        info = {"hasNextPage": more, "endCursor": cursor}
        return {"nodes": [self._shown(one) for one in page], "pageInfo": info}

    def _updates(self, kind: str, filter: Any, **_: Any) -> Object:  # noqa: A002  (its name there)
        wanted = filter["id"]["eq"]
        every: Iterator[Object] = (u for one in self.items if one.kind == kind for u in one.updates)
        info = {"hasNextPage": False, "endCursor": None}
        return {"nodes": [one for one in every if one["id"] == wanted], "pageInfo": info}

    def _create(self, kind: str, input: Object) -> Object:  # noqa: A002  (its name there)
        item = next((one for one in self.items if one.id == input[f"{kind}Id"]), None)
        ids = {update["id"] for one in self.items for update in one.updates}
        if item is None or UUID(input["id"]).version != 4 or input["id"] in ids:
            raise GraphQLError("refused", extensions={"code": "INVALID_INPUT"})
        health = input["health"]
        update = self._add(item, _ROBOT, input["id"], as_linear_writes(input["body"]), health)
        return {"success": True, f"{kind}Update": update}

    def _add(self, item: Item, by: str, id_: str, body: str, health: str) -> Object:
        update = {
            "id": id_,
            "body": body,
            "health": health,
            "createdAt": zulu(self.now()),
            "editedAt": None,
            "archivedAt": None,
            "user": {"name": by},
        }
        item.updates.append(update)
        who = OKRSYNC if by == _ROBOT else by
        self.note(f"{item.kind}/{item.slug}", body, who, key=key_in(body), status=health)
        return update

    def _shown(self, item: Item) -> Object:
        standing = [update for update in item.updates if not update["archivedAt"]]
        return {
            "id": item.id,
            "slugId": item.slug,
            "name": item.name,
            "url": f"https://linear.app/acme/{item.kind}/{item.slug}",
            "lastUpdate": standing[-1] if standing else None,
            **item.more,
        }


@cache
def _schema() -> GraphQLSchema:
    kinds = [
        _PER_KIND.replace("KIND", kind.capitalize()).replace("LOWER", kind).replace("FIELDS", own)
        for kind, own in _OWN.items()
    ]
    return build_schema(_SCHEMA + "".join(kinds))


class _Field:
    """A root value that graphql-core calls with the field's arguments."""

    def __init__(self, answer: Any, kind: str) -> None:
        self._answer = answer
        self._kind = kind

    def __call__(self, _info: Any, **arguments: Any) -> Any:
        return self._answer(self._kind, **arguments)


def as_linear_writes(markdown: str) -> str:
    """Read, and written again with the escapes that the editor's own writer uses."""
    written = []
    for token in _TOKEN.findall(markdown):
        if token == "\\\n" or token.startswith("http"):
            written.append(token)
            continue
        letter = token[-1]
        written.append(f"\\{letter}" if letter in "\\`*_~[]" else letter)
    return "".join(written)


def _meets(item: Item, wanted: Any) -> bool:
    if not wanted:
        return True
    if wanted.get("or"):
        return any(_meets(item, one) for one in wanted["or"])
    own: dict[str, str] = {"id": item.id, "slugId": item.slug}
    return all(_compares(own[name], rule) for name, rule in wanted.items())


def _compares(value: str, rule: Any) -> bool:
    allowed: Sequence[str] = rule["in"] if "in" in rule else [rule["eq"]]
    return value in allowed


def _error(code: str) -> Object:
    return {"errors": [{"message": "refused", "extensions": {"code": code}}], "data": None}
