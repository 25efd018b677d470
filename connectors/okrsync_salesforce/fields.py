"""What Salesforce's describe says of an object's fields, as far as a question needs it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from typing import Any, Final

from okrsync.errors import BadAnswer

NUMBERS: Final = frozenset({"int", "long", "double", "currency", "percent"})
DATES: Final = frozenset({"date", "datetime"})
FREE_TEXT: Final = frozenset(
    {"string", "textarea", "email", "url", "phone", "combobox", "encryptedstring", "anyType"}
)
CHOICES: Final = frozenset({"picklist", "id", "reference"})


@dataclass(frozen=True, slots=True)
class Field:
    """``path`` is how SOQL names it, ``kind`` Salesforce's own word for its type."""

    path: str
    kind: str
    filterable: bool = True
    aggregatable: bool = True
    groupable: bool = True


@dataclass(frozen=True, slots=True)
class Relation:
    """A field that leads to records of ``objects``: Account, or User and Group for an owner."""

    name: str
    objects: tuple[str, ...]


@dataclass(frozen=True)
class Described:
    """An object's fields and relations, by their names in small letters."""

    name: str
    fields: Mapping[str, Field]
    relations: Mapping[str, Relation]

    @property
    def many_currencies(self) -> bool:
        """Objects have this field in an org with several currencies, and only there."""
        return "currencyisocode" in self.fields

    def as_text(self) -> str:
        """For the memory: what is needed of a megabyte."""
        fields = [astuple(field) for field in self.fields.values()]
        relations = [astuple(relation) for relation in self.relations.values()]
        return json.dumps({"name": self.name, "fields": fields, "relations": relations})


def from_text(text: str) -> Described:
    """The other way; raises ValueError, KeyError or TypeError for anything else."""
    kept = json.loads(text)
    fields = [Field(*field) for field in kept["fields"]]
    relations = [Relation(name, tuple(objects)) for name, objects in kept["relations"]]
    return _by_name(kept["name"], fields, relations)


def from_answer(answer: object) -> Described:
    """The body of a describe call. Raises ``BadAnswer``."""
    try:
        return _read(answer)
    except (KeyError, TypeError):
        pass
    raise BadAnswer(
        "Salesforce described an object without its fields",
        next_step="check api_version in the source's table",
    )


def _read(answer: Any) -> Described:
    fields, relations = [], []
    for entry in answer["fields"]:
        fields.append(
            Field(
                str(entry["name"]),
                str(entry["type"]),
                filterable=entry["filterable"] is True,
                aggregatable=entry["aggregatable"] is True,
                groupable=entry["groupable"] is True,
            )
        )
        if entry.get("relationshipName"):
            targets = tuple(map(str, entry.get("referenceTo") or ()))
            relations.append(Relation(str(entry["relationshipName"]), targets))
    return _by_name(str(answer["name"]), fields, relations)


def _by_name(name: str, fields: list[Field], relations: list[Relation]) -> Described:
    return Described(
        name,
        {field.path.lower(): field for field in fields},
        {relation.name.lower(): relation for relation in relations},
    )
