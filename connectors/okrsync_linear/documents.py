"""The GraphQL documents, as text; every value goes into a variable, never into the text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_UPDATE: Final = "id body health createdAt editedAt archivedAt user { name }"
_PAGE: Final = "pageInfo { hasNextPage endCursor }"


@dataclass(frozen=True, slots=True)
class Documents:
    """The questions about one kind of thing. ``field`` is where the answer's list stands,
    ``parent`` the input's name for what an update is about."""

    field: str
    items: str
    with_update: str
    create: str
    created: str
    parent: str


def _documents(kind: str, capital: str, own: str) -> Documents:
    fields = f"id slugId name url {own} lastUpdate {{ {_UPDATE} }}"
    many = f"{kind}s"
    items = f"""
query($filter: {capital}Filter, $first: Int!, $after: String) {{
  {many}(filter: $filter, first: $first, after: $after) {{
    {_PAGE}
    nodes {{ {fields} }}
  }}
}}
"""
    with_update = f"""
query($filter: {capital}Filter, $update: ID!) {{
  {many}(filter: $filter, first: 1) {{
    {_PAGE}
    nodes {{ {fields} }}
  }}
  {kind}Updates(filter: {{ id: {{ eq: $update }} }}, first: 1, includeArchived: true) {{
    nodes {{ {_UPDATE} }}
  }}
}}
"""
    create = f"""
mutation($input: {capital}UpdateCreateInput!) {{
  {kind}UpdateCreate(input: $input) {{
    success
    {kind}Update {{ {_UPDATE} }}
  }}
}}
"""
    return Documents(
        field=many,
        items=items,
        with_update=with_update,
        create=create,
        created=f"{kind}Update",
        parent=f"{kind}Id",
    )


DOCUMENTS: Final[Mapping[str, Documents]] = {
    "initiative": _documents(
        "initiative", "Initiative", "status owner { name } parentInitiative { name }"
    ),
    "project": _documents(
        "project",
        "Project",
        "completedAt canceledAt lead { name } teams(first: 1) { nodes { name } }",
    ),
}
VIEWER: Final = "query { viewer { name email } organization { name urlKey } }"
