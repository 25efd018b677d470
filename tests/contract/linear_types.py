"""Linear's schema as its own npm package publishes it: the TypeScript types of @linear/sdk.

Each GraphQL type is one `type` or `enum` there, a field's arguments are `type <Type><Field>Args`,
`Maybe` says what may be null. Only what Query and Mutation reach is taken: the file has a client's
types, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

BUILT_IN = {"ID", "String", "Boolean", "Int", "Float"}

_DECLARED = re.compile(
    r"^(?:declare )?(?:type (?P<type>\w+) = (?P<and>(?:\w+ & )*)|enum (?P<enum>\w+) )\{\n"
    r"(?P<body>.*?)^\};?$",
    re.MULTILINE | re.DOTALL,
)
_UNION = re.compile(r"^type (\w+) = (\w+(?: \| \w+)*);$", re.MULTILINE)
_FIELD = re.compile(r"^  (\w+)\??: ([^{};]+);$", re.MULTILINE)
_MEMBER = re.compile(r'^  \w+ = "(\w+)",?$', re.MULTILINE)
_WRAPPED = re.compile(r"(Maybe|InputMaybe|Array)<(.+)>")
_NAMED = re.compile(r": \[*(\w+)")
_SCALAR = re.compile(r'Scalars\["(\w+)"\]')


@dataclass(frozen=True, slots=True)
class Declared:
    """One `type` or `enum`: what it extends, and its lines."""

    extends: tuple[str, ...]
    body: str
    enum: bool

    @property
    def fields(self) -> dict[str, str]:
        return {name: kind for name, kind in _FIELD.findall(self.body) if name != "__typename"}

    @property
    def answers(self) -> bool:
        """Whether it is a type of answers: those of inputs have no name of their own."""
        return "  __typename?: " in self.body


@dataclass(frozen=True, slots=True)
class Types:
    """Every declaration of the package, by its name."""

    declared: Mapping[str, Declared]
    unions: Mapping[str, list[str]]
    interfaces: frozenset[str]
    arguments: Mapping[str, Declared]
    """By `<type><field>args` in small letters: the package writes `Url` where a field has `URL`."""

    @classmethod
    def read(cls, types: str) -> Types:
        declared = {
            found["type"] or found["enum"]: Declared(
                tuple(re.findall(r"\w+", found["and"] or "")), found["body"], bool(found["enum"])
            )
            for found in _DECLARED.finditer(types)
        }
        return cls(
            declared=declared,
            unions={name: members.split(" | ") for name, members in _UNION.findall(types)},
            interfaces=frozenset(name for one in declared.values() for name in one.extends),
            arguments={name.lower(): one for name, one in declared.items() if name[-4:] == "Args"},
        )

    def definition(self, name: str) -> tuple[str, list[str]]:
        """One type in GraphQL's language, and the types that it names."""
        if name in self.unions:
            return f"union {name} = {' | '.join(self.unions[name])}", self.unions[name]
        if name not in self.declared:
            return f"scalar {name}", []
        one = self.declared[name]
        if one.enum:
            return f"enum {name} {{ {' '.join(_MEMBER.findall(one.body))} }}", []
        word = "interface" if name in self.interfaces else "type" if one.answers else "input"
        implements = f" implements {' & '.join(one.extends)}" if one.extends else ""
        fields = list(self._fields(name, one))
        named = [*one.extends, *(kind for text in fields for kind in _NAMED.findall(text))]
        return f"{word} {name}{implements} {{\n{chr(10).join(fields)}\n}}", named

    def _fields(self, name: str, one: Declared) -> Iterator[str]:
        for field, kind in one.fields.items():
            taken = self.arguments.get(f"{name}{field}args".lower())
            asked = [f"{key}: {_kind(of)}" for key, of in taken.fields.items()] if taken else []
            yield (
                f"  {field}({', '.join(asked)}): {_kind(kind)}"
                if asked
                else f"  {field}: {_kind(kind)}"
            )


def schema_language(types: str) -> str:
    """The schema in GraphQL's own language, from the text of the package's `.d.mts` file."""
    published = Types.read(types)
    written: dict[str, str] = {}
    reached = ["Query", "Mutation"]
    while reached:
        name = reached.pop()
        if name not in written and name not in BUILT_IN:
            written[name], named = published.definition(name)
            reached += named
    return "\n".join(written.values())


def _kind(written: str) -> str:
    """`Maybe<Array<Scalars["String"]>>` as `[String!]`: not null unless it says Maybe."""
    wrapped = _WRAPPED.fullmatch(written)
    if wrapped and wrapped[1] == "Array":
        return f"[{_kind(wrapped[2])}]!"
    if wrapped:
        return _kind(wrapped[2]).removesuffix("!")
    scalar = _SCALAR.fullmatch(written)
    return f"{scalar[1] if scalar else written}!"
