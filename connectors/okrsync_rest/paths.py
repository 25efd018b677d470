"""Paths into an answer: JMESPath, and JSONPath (RFC 9535) where one begins with ``$``."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Protocol

from okrsync.errors import BadAnswer, SourceError

MISSING: Any = object()
"""What a path finds that leads nowhere; null in the answer is None."""


class Path(Protocol):
    def find(self, document: Any) -> Any:
        """What stands there, or ``MISSING``."""


def problem_with(path: str) -> str:
    """Why this is no path; empty when it is one."""
    try:
        compiled(path)
    except SourceError as error:
        return error.message
    return ""


@lru_cache(maxsize=1024)
def compiled(path: str) -> Path:
    """Raises ``SourceError`` for what is no path."""
    return _JsonPath(path) if path.startswith("$") else _JmesPath(path)


class _JmesPath:
    def __init__(self, path: str) -> None:
        jmespath = _library("jmespath")
        self._failures = (jmespath.exceptions.JMESPathError, TypeError, ValueError, ArithmeticError)
        problem = ""
        try:
            self._expression = jmespath.compile(path)
        except jmespath.exceptions.JMESPathError:
            problem = "this is no JMESPath; a name with other characters stands in double quotes"
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
            next_step="sum and compare numbers with rows, measure and agg",
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
        f"the library {name} is not installed", next_step='pip install "okrsync[rest]"'
    )
