"""Where a secret may only be named: what is written there instead is noted, never shown."""

from __future__ import annotations

from collections.abc import Mapping
from types import UnionType
from typing import TYPE_CHECKING, Any, Final, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from okrsync.contracts import FromEnvironment, FromFile, FromKeyring

if TYPE_CHECKING:
    from okrsync.config.documents import KeyPath
    from okrsync.config.findings import Page

REFERENCES: Final = frozenset[type[BaseModel]]((FromEnvironment, FromFile, FromKeyring))


def check_secrets(
    model: type[BaseModel],
    table: Mapping[str, Any],
    page: Page,
    path: KeyPath,
) -> list[KeyPath]:
    """Note secrets written in plain text and references that name no place; their places."""
    noted: list[KeyPath] = []
    for name, info in model.model_fields.items():
        key = info.alias or name
        if key in table and _takes_reference(info.annotation):
            plain_allowed = str in _branches(info.annotation)
            if _note_secret(key, table[key], page, path, plain_allowed=plain_allowed):
                noted.append((key,))
    return noted


def _note_secret(
    key: str,
    value: Any,
    page: Page,
    path: KeyPath,
    *,
    plain_allowed: bool,
) -> bool:
    """True when the value was noted as a mistake."""
    full = (*path, key)
    if isinstance(value, dict):
        if any(_fits(value, reference) for reference in REFERENCES):
            return False
        message = f"`{key}` must name exactly one place where the secret is kept"
        page.add(full, "secret-reference", message, *secret_cure(key), at="key")
        return True
    if plain_allowed and isinstance(value, str):
        return False
    message = f"`{key}` holds a secret in plain text"
    page.add(full, "plain-secret", message, *secret_cure(key))
    return True


def _fits(value: dict[str, Any], reference: type[BaseModel]) -> bool:
    try:
        reference.model_validate(value)
    except ValidationError:
        return False
    return True


def secret_cure(key: str) -> tuple[str, str]:
    """What to write instead of a secret in plain text."""
    variable = f"OKRSYNC_{key.upper()}".replace("-", "_")
    return (
        f'put it in the environment and write {key} = {{ env = "{variable}" }}',
        f'or write {key} = {{ file = "secrets/{key}" }} or {{ keyring = "okrsync/{key}" }}',
    )


def _takes_reference(annotation: Any) -> bool:
    return bool(_branches(annotation) & REFERENCES)


def _branches(annotation: Any) -> set[Any]:
    """The types in a union, however deep."""
    origin = get_origin(annotation)
    if origin in {Union, UnionType} or hasattr(annotation, "__metadata__"):
        arguments = get_args(annotation)
        inner = arguments[:1] if hasattr(annotation, "__metadata__") else arguments
        return set().union(*(_branches(argument) for argument in inner))
    return {annotation}
