"""JSON Schema of both kinds of file, for editors: completion, hover texts and red lines.

Draft 7 without ``$id``, which is what taplo and tombi both accept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy
from typing import Any, Final, Literal

from pydantic import BaseModel

from okrsync.config import registry
from okrsync.config.operators_tables import ConfigTable
from okrsync.config.registry import SOURCES, STORES, Broken
from okrsync.config.tables import MappingTable
from okrsync.contracts import AnySourceSpec, AnyStoreSpec

Kind = Literal["config", "mapping", "either"]
Schema = dict[str, Any]

DRAFT: Final = "http://json-schema.org/draft-07/schema#"
TITLES: Final = {"config": "config.toml of okrsync", "mapping": "a mapping of okrsync"}
KEPT: Final = frozenset(
    {
        *("type", "properties", "required", "additionalProperties", "items", "enum", "const"),
        *("anyOf", "minLength", "minimum", "maximum", "pattern", "format", "description"),
        *("default", "minItems", "maxLength", "exclusiveMinimum"),
    }
)


class Installed:
    """The connectors whose keys the schema knows."""

    def __init__(
        self, sources: Iterable[AnySourceSpec] = (), stores: Iterable[AnyStoreSpec] = ()
    ) -> None:
        self.sources = {spec.name: spec for spec in sources}
        self.stores = {spec.name: spec for spec in stores}


def installed_connectors() -> Installed:
    """All connectors that can be imported; one that cannot leaves its keys out."""
    found = Installed()
    for name in registry.installed(SOURCES):
        try:
            found.sources[name] = registry.find(SOURCES, name)
        except Broken:
            continue
    for name in registry.installed(STORES):
        try:
            found.stores[name] = registry.find(STORES, name)
        except Broken:
            continue
    return found


def schema(kind: Kind, installed: Installed | None = None) -> Schema:
    """The JSON Schema of config.toml, of a mapping, or of either."""
    connectors = installed_connectors() if installed is None else installed
    if kind == "either":
        either = [_config(connectors), _mapping(connectors)]
        return {"$schema": DRAFT, "title": "a file of okrsync", "anyOf": either}
    body = _config(connectors) if kind == "config" else _mapping(connectors)
    return {"$schema": DRAFT, "title": TITLES[kind], **body}


def _config(connectors: Installed) -> Schema:
    body = _of(ConfigTable)
    properties = body["properties"]
    description = properties["store"]["description"]
    properties["store"] = _one_or_several(_one_of_types(connectors.stores.values(), description))
    sources = _one_of_types(connectors.sources.values(), "One source: its type and its settings.")
    properties["source"] = {
        "type": "object",
        "additionalProperties": sources,
        "description": properties["source"]["description"],
    }
    return body


def _one_or_several(one: Schema) -> Schema:
    """[store] with a type of its own, or a table of that kind for each name."""
    if "anyOf" not in one:
        return one
    several = {
        "type": "object",
        "additionalProperties": {"anyOf": one["anyOf"], "description": "One store of several."},
        "description": "Several stores by name, of which each mapping chooses one.",
    }
    return {**one, "anyOf": [*one["anyOf"], several]}


def _one_of_types(specs: Iterable[AnySourceSpec | AnyStoreSpec], description: str) -> Schema:
    choices = []
    for spec in sorted(specs, key=lambda spec: spec.name):
        settings = _of(spec.settings)
        type_ = {"const": spec.name, "type": "string", "description": "Which connector this is."}
        settings["properties"] = {"type": type_, **settings["properties"]}
        settings["required"] = ["type", *settings.get("required", [])]
        choices.append(settings)
    if not choices:
        return {"type": "object", "description": description}
    return {"anyOf": choices, "description": description}


def _mapping(connectors: Installed) -> Schema:
    body = _of(MappingTable)
    query = _query_keys(connectors)
    metrics = body["properties"]["metric"]["additionalProperties"]
    objectives = body["properties"]["objective"]["additionalProperties"]
    key_results = objectives["properties"]["kr"]["additionalProperties"]
    for table in (metrics, key_results):
        table["properties"] = {**deepcopy(query), **table["properties"]}
    return body


def _query_keys(connectors: Installed) -> Schema:
    """All query keys of all sources; which of them fit together, ``validate`` knows."""
    keys: dict[str, list[Schema]] = {}
    for name, spec in sorted(connectors.sources.items()):
        for key, value in _of(spec.query)["properties"].items():
            described = f"{name}: {value.get('description', key)}"
            keys.setdefault(key, []).append({**value, "description": described})
    return {key: _merged(values) for key, values in keys.items()}


def _merged(values: list[Schema]) -> Schema:
    if len(values) == 1:
        return values[0]
    description = "\n".join(value["description"] for value in values)
    plain = [{k: v for k, v in value.items() if k != "description"} for value in values]
    choices = [value for index, value in enumerate(plain) if value not in plain[:index]]
    same = choices[0] if len(choices) == 1 else {"anyOf": choices}
    return {**same, "description": description}


def _of(model: type[BaseModel]) -> Schema:
    """The model's schema with every reference written out and only plain keywords kept."""
    generated = model.model_json_schema(by_alias=True)
    definitions = generated.pop("$defs", {})
    plain: Schema = _plain(generated, definitions)
    plain.setdefault("properties", {})
    return plain


def _plain(node: Any, definitions: Mapping[str, Any]) -> Any:
    if isinstance(node, list):
        return [_plain(item, definitions) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        target = definitions[node["$ref"].rpartition("/")[2]]
        node = {**target, **{key: value for key, value in node.items() if key != "$ref"}}
    kept = {key: _kept(key, value, definitions) for key, value in node.items() if key in KEPT}
    return _without_null(kept)


def _kept(key: str, value: Any, definitions: Mapping[str, Any]) -> Any:
    if key == "properties":
        return {name: _plain(inner, definitions) for name, inner in value.items()}
    if key in {"items", "additionalProperties", "anyOf"}:
        return _plain(value, definitions)
    return value


def _without_null(node: Schema) -> Schema:
    """TOML has no null: an optional key is one that may be left out."""
    if node.get("default", "") is None or isinstance(node.get("default"), dict | list):
        node.pop("default")
    choices = [choice for choice in node.get("anyOf", ()) if choice.get("type") != "null"]
    if len(choices) == 1:
        return {**choices[0], **{key: value for key, value in node.items() if key != "anyOf"}}
    if choices:
        node["anyOf"] = choices
    return node
