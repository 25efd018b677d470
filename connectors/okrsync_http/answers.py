"""What an answer says, by JMESPath."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

from okrsync.errors import BadAnswer, UsageError

_LOOK = "look at the answer, and correct the path in the store's table"


@lru_cache(maxsize=256)
def _compiled(path: str) -> Any:
    try:
        import jmespath
    except ImportError:
        raise UsageError(
            "the library jmespath is not installed", next_step='pip install "okrsync[http]"'
        ) from None
    return jmespath.compile(path)


def problem_with(path: str) -> str:
    """Why this is no path; "" where it is one, or where nobody can tell."""
    try:
        _compiled(path)
    except UsageError:
        return ""
    except Exception as error:  # noqa: BLE001  (the library's own errors share no base)
        return f"this is no JMESPath ({type(error).__name__})"
    return ""


def at(document: Any, path: str) -> Any:
    """What stands there; None for null and for nothing."""
    if not path:
        return None
    try:
        return _compiled(path).search(document)
    except (ValueError, TypeError, ArithmeticError, LookupError):
        pass
    raise BadAnswer(f"the answer does not have the form that `{path}` needs", next_step=_LOOK)


def number_at(document: Any, path: str) -> Decimal | None:
    """None for null and for nothing; raises ``BadAnswer`` for what is no number."""
    found = at(document, path)
    match found:
        case None:
            return None
        case bool():
            pass
        case int() | Decimal():
            return Decimal(found)
        case float():
            return Decimal(repr(found))
    raise BadAnswer(
        f"`{path}` is no number",
        next_step="write to_number(...) around it where the API answers numbers as text",
    )


def text_at(document: Any, path: str) -> str:
    """ "" for null and for nothing."""
    found = at(document, path)
    if found is None:
        return ""
    if isinstance(found, dict | list):
        raise BadAnswer(f"`{path}` is a table or a list, and no text", next_step=_LOOK)
    return f"{found:f}" if isinstance(found, Decimal) else str(found)


def rows_at(document: Any, path: str) -> list[Any]:
    found = at(document, path)
    if not isinstance(found, list):
        raise BadAnswer(f"the answer has no rows at `{path}`", next_step=_LOOK)
    return found


def unexpected(document: Any, expect: Mapping[str, Any]) -> str:
    """The first path of ``expect`` that the answer does not agree with; "" where it does."""
    for path, wanted in expect.items():
        found = at(document, path)
        if isinstance(wanted, Mapping):
            if (found is not None) != wanted.get("exists", True):
                return path
        elif found != wanted or isinstance(found, bool) != isinstance(wanted, bool):
            return path
    return ""
