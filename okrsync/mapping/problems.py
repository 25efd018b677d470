"""What can be wrong with a text in one of the small languages of a mapping.

All are ValueErrors, so that pydantic turns them into problems of the file they stand in. ``cure``
says what to write instead. No message repeats a text that could be a mistyped secret.
"""

from __future__ import annotations


class MappingTextError(ValueError):
    """``message`` says what is wrong, ``cure`` what to write instead."""

    def __init__(self, message: str, *, cure: str = "") -> None:
        super().__init__(f"{message}: {cure}" if cure else message)
        self.message = message
        self.cure = cure


class UnitError(MappingTextError):
    """A number or a unit that cannot be read, or two units that do not go together."""


class PeriodError(MappingTextError):
    """A period that cannot be read."""


class WindowError(MappingTextError):
    """A window that cannot be read."""


class ScheduleError(MappingTextError):
    """A schedule that cannot be read, or not written in another system's words."""


class ExpressionError(MappingTextError):
    """``offset`` and ``width`` point into the expression's text, from 0; ``suggestion`` is the
    name that was probably meant."""

    def __init__(
        self, message: str, *, offset: int = 0, width: int = 1, suggestion: str = "", cure: str = ""
    ) -> None:
        super().__init__(message, cure=f"did you mean `{suggestion}`?" if suggestion else cure)
        self.cure = cure
        self.offset = offset
        self.width = width
        self.suggestion = suggestion
