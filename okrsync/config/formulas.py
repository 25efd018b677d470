"""Expressions over metrics, with every name resolved to its full id."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from okrsync.config.wording import is_ordinary, near
from okrsync.mapping.binding import bind
from okrsync.mapping.evaluate import gives_truth
from okrsync.mapping.functions import FUNCTIONS
from okrsync.mapping.parser import ExpressionError, parse, plain_equality
from okrsync.mapping.rules import Formula
from okrsync.mapping.tokens import KEYWORDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from okrsync.conditions import Constant
    from okrsync.config.documents import KeyPath
    from okrsync.config.findings import Page
    from okrsync.config.scope import Scope
    from okrsync.mapping.expression import Name

WORDS: Final = KEYWORDS | FUNCTIONS["metrics"].keys() | FUNCTIONS["rows"].keys() | {"row"}
NAMES_IN_TEXT: Final = re.compile(r"[^\W\d][\w.-]*")
NUMBERS_IN_TEXT: Final = re.compile(r"\d[\d._]*")
LONGEST_NUMBER: Final = 12
_NEEDED: Final = {
    True: ("this gives a number, and true or false is needed", "compare it: bugs-open <= 5"),
    False: ("this gives true or false, and a number is needed", "write 1 if ... else 0"),
}
MARKS: Final = re.compile(r"[\s\w.'\"()\[\],+*/%<>=!-]*")


def read_formula(scope: Scope, path: KeyPath, text: str, place_path: KeyPath) -> Formula | None:
    """A formula that gives a number, or None where a problem was noted. ``place_path`` is the
    table it stands in."""
    return _read(scope, path, text, place_path, condition=False)


def read_condition(scope: Scope, path: KeyPath, text: str, place_path: KeyPath) -> Formula | None:
    """A formula that gives true or false."""
    return _read(scope, path, text, place_path, condition=True)


def _read(
    scope: Scope, path: KeyPath, text: str, place_path: KeyPath, *, condition: bool
) -> Formula | None:
    try:
        expression = parse(text, "metrics")
    except ExpressionError as error:
        note_expression(scope.page, path, text, error, _known_words(scope))
        return None
    if gives_truth(expression) is not condition:
        message, cure = _NEEDED[condition]
        scope.page.add(path, "bad-expression", message, cure)
        return None
    names = scope.world.names
    metrics = [(name, scope.resolve(name.name, names.metrics)) for name in expression.names]
    scores = [(name, _scored(scope, name.name)) for name in expression.scores]
    for name, found in metrics:
        if found is None:
            _unknown(scope, path, name, text, "unknown-metric")
    for name, found in scores:
        if found is None:
            _unknown(scope, path, name, text, "unknown-score")
    if any(found is None for _, found in (*metrics, *scores)):
        return None
    return Formula(
        text=text,
        expression=expression,
        names=tuple(dict.fromkeys((name.name, found or "") for name, found in metrics)),
        scores=tuple(dict.fromkeys((name.name, found or "") for name, found in scores)),
        place=scope.place(place_path),
    )


def check_row_expression(
    page: Page, path: KeyPath, text: str, values: Mapping[str, Constant]
) -> bool:
    """Note what is wrong in a condition over rows; True when nothing is."""
    if plain_equality(text):
        return True
    try:
        bind(parse(text, "rows"), values)
    except ExpressionError as error:
        note_expression(page, path, text, error, ())
        return False
    return True


def note_expression(
    page: Page,
    path: KeyPath,
    text: str,
    error: ExpressionError,
    known: Iterable[str],
) -> None:
    """Note an expression that cannot be read; it is shown only when all its words are known."""
    known = set(known)
    show = _may_show(text, known)
    suggestion = error.suggestion if show or error.suggestion in WORDS else ""
    cure = error.cure or "see the expressions chapter of the mapping language"
    page.add(
        path,
        "bad-expression",
        error.message,
        cure,
        offset=error.offset,
        width=max(1, error.width),
        suggestion=suggestion,
        show=show,
    )


def _scored(scope: Scope, name: str) -> str | None:
    names = scope.world.names
    return scope.resolve(name, names.objectives) or scope.resolve(name, names.key_results)


def _known_words(scope: Scope) -> set[str]:
    names = scope.world.names
    everything = {**names.metrics, **names.objectives, **names.key_results}
    return set(scope.as_written(everything))


def _unknown(scope: Scope, path: KeyPath, name: Name, text: str, code: str) -> None:
    names = scope.world.names
    is_metric = code == "unknown-metric"
    candidates = scope.as_written(
        names.metrics if is_metric else {**names.objectives, **names.key_results}
    )
    meant = near(name.name, candidates)
    what = "a metric" if is_metric else "an objective or a key result"
    subject = f"`{name.name}`" if meant else "a name here"
    listed = ", ".join(sorted(candidates, key=len)[:8])
    scope.page.add(
        path,
        code,
        f"{subject} is not {what}",
        _minus_cure(name.name, candidates)
        or (f"defined: {listed}" if listed else "none is defined"),
        offset=name.offset,
        width=len(name.name),
        suggestion=meant,
        show=_may_show(text, _known_words(scope)),
    )


def _minus_cure(name: str, known: Iterable[str]) -> str:
    """For a name such as a-b, where a and b are names: it was meant as a difference."""
    known = set(known)
    left, minus, right = name.partition("-")
    meant = minus and left in known and (right in known or right.isdigit())
    return "a name may hold a minus sign: to subtract, put spaces around it" if meant else ""


def _may_show(text: str, known: set[str]) -> bool:
    """True when an expression holds nothing but known names, near misses, marks and numbers."""
    if not MARKS.fullmatch(text):
        return False
    words = NAMES_IN_TEXT.findall(text)
    rest = NAMES_IN_TEXT.sub(" ", text)
    numbers = NUMBERS_IN_TEXT.findall(rest)
    return all(
        word in WORDS or word in known or (is_ordinary(word) and near(word, known | WORDS))
        for word in words
    ) and all(len(number) <= LONGEST_NUMBER for number in numbers)
