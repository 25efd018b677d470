"""A place in a list of tokens, and what to say when something else was expected there."""

from __future__ import annotations

from okrsync.mapping.problems import ExpressionError
from okrsync.mapping.tokens import Token

# Words that other languages use, and what they are called here.
_OTHER_WORDS = {
    "AND": "and",
    "OR": "or",
    "NOT": "not",
    "IN": "in",
    "True": "true",
    "False": "false",
    "TRUE": "true",
    "FALSE": "false",
    "is": "==",
    "IS": "==",
    "equals": "==",
}
NEVER_NAMES = frozenset(_OTHER_WORDS) - {"is", "equals"}


class Cursor:
    """Reads tokens one by one; the last one is always the end."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._position = 0

    @property
    def now(self) -> Token:
        return self._tokens[self._position]

    @property
    def ended(self) -> bool:
        return self.now.sort == "end"

    def take(self) -> Token:
        token = self.now
        self._position += 1
        return token

    def at(self, *words: str) -> bool:
        """Whether these signs or keywords come next; a text in quotes is neither."""
        ahead = self._tokens[self._position : self._position + len(words)]
        return [token.text for token in ahead if token.sort in {"sign", "name"}] == list(words)

    def takes(self, *words: str) -> bool:
        """Take these signs or keywords if they come next."""
        if not self.at(*words):
            return False
        self._position += len(words)
        return True

    def close(self, bracket: str, opened: Token) -> None:
        """Take the closing bracket, or complain at the one that was opened."""
        if self.takes(bracket):
            return
        if not self.ended:
            raise self.unexpected()
        raise ExpressionError(
            "this bracket is not closed",
            offset=opened.offset,
            width=opened.width,
            cure=f"add a `{bracket}`",
        )

    def unexpected(self) -> ExpressionError:
        """The error for the token that comes next."""
        token = self.now
        if self.ended:
            return ExpressionError(
                "this expression ends too early", offset=token.offset, cure=self._cure()
            )
        meant = _OTHER_WORDS.get(token.text) if token.sort == "name" else None
        if meant:
            return ExpressionError(
                f"`{token.text}` is not understood here",
                offset=token.offset,
                width=token.width,
                suggestion=meant,
            )
        return ExpressionError(
            f"this {token.sort} is not expected here",
            offset=token.offset,
            width=token.width,
            cure=self._cure(),
        )

    def _cure(self) -> str:
        before = self._tokens[self._position - 1] if self._position else None
        if before is not None and before.sort == "sign" and before.text == "%":
            return "write a percentage as its number alone: 60, not 60 %"
        return "write a name, a number or a function after an operator, and an operator between two"
