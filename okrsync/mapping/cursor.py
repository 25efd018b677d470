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
_WORDS = frozenset({"sign", "name"})
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

    def at(self, word: str) -> bool:
        """Whether this sign or keyword comes next; a text in quotes is neither."""
        token = self._tokens[self._position]
        return token.text == word and token.sort in _WORDS

    def at_one_of(self, words: frozenset[str]) -> bool:
        token = self._tokens[self._position]
        return token.text in words and token.sort in _WORDS

    def takes(self, word: str) -> bool:
        """Take this sign or keyword if it comes next."""
        if not self.at(word):
            return False
        self._position += 1
        return True

    def takes_not_in(self) -> bool:
        """Take `not in`, the one operator of two words."""
        if not self.at("not") or self._tokens[self._position + 1].text != "in":
            return False
        self._position += 2
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
