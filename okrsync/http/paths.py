"""Paths into an answer, and what stands there: for APIs that are described by config alone.

JMESPath, and JSONPath (RFC 9535) where a path begins with ``$``.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from math import isfinite
from typing import Any, Final, Protocol

from okrsync.errors import BadAnswer, NoValue, SourceError

MISSING: Any = object()
"""What a path finds that leads nowhere; null in the answer is None."""

_LOOK: Final = "look at the answer, and correct the path"


class Path(Protocol):
    def find(self, document: Any) -> Any:
        """What stands there, or ``MISSING``."""


def problem_with(path: str) -> str:
    """Why this is no path; empty when it is one."""
    try:
        compiled(path)
    except SourceError as error:
        return f"{error.message}; {error.next_step}"
    return ""


def number(found: Any, path: str) -> Decimal:
    """What was found, as a number; raises ``NoValue`` for null, ``BadAnswer`` for all else."""
    match found:
        case None:
            raise NoValue(
                f"the answer's `{path}` is null", next_step="look whether there is data yet"
            )
        case bool():
            raise BadAnswer(f"`{path}` is true or false, and no number", next_step=_LOOK)
        case int():
            return Decimal(found)
        case Decimal() if found.is_finite():
            return found
        case float() if isfinite(found):
            return Decimal(repr(found))
        case str():
            raise BadAnswer(
                f"`{path}` is text, and no number",
                next_step="write to_number(...) around it, in JMESPath",
            )
    raise BadAnswer(f"`{path}` is no number", next_step=_LOOK)


def rows_at(document: Any, path: str) -> list[Any]:
    """The list of rows; raises ``BadAnswer`` where there is none, for that is not no rows."""
    found = compiled(path).find(document)
    if found is MISSING or found is None:
        raise BadAnswer(f"the answer has no rows at `{path}`", next_step=_LOOK)
    if not isinstance(found, list):
        raise BadAnswer(f"`{path}` is no list of rows", next_step=_LOOK)
    return found


def unexpected(document: Any, expect: Mapping[str, Any]) -> str:
    """The first path of ``expect`` that the answer does not agree with; "" where it does.

    A value is to be equal, in kind too: true is not 1. ``{ exists = false }``: nothing, or null.
    """
    for path, wanted in expect.items():
        found = compiled(path).find(document)
        exists = wanted.get("exists") if isinstance(wanted, Mapping) else None
        if isinstance(exists, bool):
            if (found is not MISSING and found is not None) != exists:
                return path
        elif found != wanted or isinstance(found, bool) != isinstance(wanted, bool):
            return path
    return ""


def check_expected(document: Any, expect: Mapping[str, Any]) -> None:
    """Raises ``BadAnswer`` unless the answer says what ``expect`` wants of it."""
    path = unexpected(document, expect)
    if path:
        raise BadAnswer(
            f"the answer's `{path}` is not what was expected",
            next_step="look at the answer; what it must say stands in `expect`",
        )


@lru_cache(maxsize=1024)
def compiled(path: str) -> Path:
    """Raises ``SourceError`` for what is no path."""
    return _JsonPath(path) if path.startswith("$") else _JmesPath(path)


class _JmesPath:
    def __init__(self, path: str) -> None:
        jmespath = _library("jmespath")
        self._failures = (
            jmespath.exceptions.JMESPathError,
            *(TypeError, ValueError, ArithmeticError, LookupError),
        )
        problem = ""
        try:
            self._expression = jmespath.compile(path)
        except jmespath.exceptions.JMESPathError:
            problem = "this is no JMESPath: a name with other characters stands in double quotes"
        if problem:
            raise SourceError(problem, next_step="see jmespath.org")

    def find(self, document: Any) -> Any:
        """JMESPath answers null for what is not there: both are ``MISSING``."""
        try:
            found = self._expression.search(document)
        except self._failures as error:
            name = type(error).__name__
        else:
            return MISSING if found is None else found
        raise BadAnswer(
            f"the answer does not have the form that the path needs ({name})",
            next_step="look at the answer, and at jmespath.org for what a function takes",
        )


class _JsonPath:
    """A path that can find several places must find exactly one: ``$.items``, not ``$.items[*]``.

    Else an empty list could not be told from one that is not there.
    """

    def __init__(self, path: str) -> None:
        jsonpath = _library("jsonpath")
        problem = ""
        try:
            self._path = jsonpath.JSONPathEnvironment(strict=True).compile(path)
        except jsonpath.JSONPathError:
            problem = "this is no JSONPath (RFC 9535)"
        if problem:
            raise SourceError(problem, next_step="see RFC 9535")
        self._failures = (jsonpath.JSONPathError, TypeError, ValueError, ArithmeticError)

    def find(self, document: Any) -> Any:
        try:
            found = self._path.findall(document)
        except self._failures as error:
            name = type(error).__name__
        else:
            return self._single(found)
        raise BadAnswer(
            f"the answer does not have the form that the path needs ({name})",
            next_step="look at the answer",
        )

    def _single(self, found: list[Any]) -> Any:
        if not found:
            return MISSING
        if len(found) > 1:
            raise BadAnswer(
                f"the path finds {len(found)} places, and exactly one was expected",
                next_step="name the list itself, as in $.items, not its members ($.items[*])",
            )
        return found[0]


def _library(name: str) -> Any:
    from importlib import import_module

    try:
        return import_module(name)
    except ImportError:
        pass
    raise SourceError(
        f"the library {name} is not installed", next_step='pip install "okrsync[rest,http]"'
    )
