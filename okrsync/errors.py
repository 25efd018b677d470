"""Every failure okrsync knows, as one tree.

    OkrsyncError                     1   a bug, unless a subclass says otherwise
    ├── UsageError                   2   a wrong flag, name or file; nothing was contacted
    │   └── ConfigError              2   all problems of all files, each at its line
    ├── OutsideError                 3   another system did not do what was asked
    │   ├── SourceError              3   a source's own word for it
    │   ├── StoreError               3   a store's own word for it
    │   ├── Unreachable              3   no answer, or not within the deadline
    │   │   └── OutcomeUnknown       3   a write was sent and its answer was lost
    │   ├── RateLimited              3   told to wait for longer than this run may last
    │   ├── SignInRefused            4   the sign-in is wrong or has expired
    │   ├── Refused                  3   the request is wrong there, or not allowed
    │   ├── MovedOn                  3   the store no longer stands where the plan found it
    │   ├── BadAnswer                3   an answer that cannot be trusted: cut, capped, unreadable
    │   └── NoValue                  3   a whole answer that holds no number
    ├── StateError                   3   the state database could not be read or written
    │   ├── StateDamaged             2   what is there is not a state that this program can use
    │   │   └── StateTooNew          2   a newer okrsync has been here
    │   ├── Busy                    75   another run holds the lease
    │   └── LeaseLost               75   this run held the lease and holds it no more
    └── StalePlan                    5   the approved plan no longer matches the world

A message says what happened and where; ``next_step`` is what to do or to type next. Neither may
contain a secret, nor a value that somebody could have mistyped a secret into.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class OkrsyncError(Exception):
    """Base of the tree; raised as itself it means a bug."""

    exit_code: ClassVar[int] = 1
    code: ClassVar[str] = "bug"

    def __init__(self, message: str, *, next_step: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.next_step = next_step

    def hide(self, mask: Callable[[str], str]) -> None:
        """Mask what of a secret may have got into it, wherever its words are kept."""
        self.message, self.next_step = mask(self.message), mask(self.next_step)
        self.args = (self.message,)


class UsageError(OkrsyncError):
    exit_code = 2
    code = "usage"


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake in one file, ready to be shown.

    ``line`` and ``column`` count from 1; ``source_line`` is the line with every value masked that
    could be a secret, and ``caret`` / ``width`` point into that masked line (from 0).
    """

    file: str
    line: int
    column: int
    code: str
    message: str
    source_line: str = ""
    caret: int = 0
    width: int = 1
    suggestion: str = ""
    help: tuple[str, ...] = ()
    warning: bool = False


class ConfigError(UsageError):
    code = "config"

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems))
        count = len(self.problems)
        super().__init__(
            f"{count} problem{'' if count == 1 else 's'} in the configuration",
            next_step="okrsync validate",
        )


class OutsideError(OkrsyncError):
    exit_code = 3
    code = "outside"


class SourceError(OutsideError):
    code = "source"


class StoreError(OutsideError):
    code = "store"


class Unreachable(OutsideError):
    """``silent`` says that the other side gave no answer at all."""

    code = "unreachable"

    def __init__(self, message: str, *, next_step: str = "", silent: bool = True) -> None:
        super().__init__(message, next_step=next_step)
        self.silent = silent


class OutcomeUnknown(Unreachable):
    code = "outcome-unknown"

    def __init__(self, message: str, *, next_step: str = "", silent: bool = False) -> None:
        super().__init__(message, next_step=next_step, silent=silent)


class RateLimited(OutsideError):
    code = "rate-limited"

    def __init__(self, message: str, *, next_step: str = "", wait: float | None = None) -> None:
        super().__init__(message, next_step=next_step)
        self.wait = wait


class SignInRefused(OutsideError):
    exit_code = 4
    code = "sign-in-refused"


class Refused(OutsideError):
    code = "refused"


class MovedOn(OutsideError):
    code = "moved-on"


class BadAnswer(OutsideError):
    code = "bad-answer"


class NoValue(OutsideError):
    code = "no-value"


class StateError(OkrsyncError):
    exit_code = 3
    code = "state"


class StateDamaged(StateError):
    exit_code = 2
    code = "state-damaged"


class StateTooNew(StateDamaged):
    code = "state-too-new"


class Busy(StateError):
    exit_code = 75
    code = "busy"


class LeaseLost(StateError):
    exit_code = 75
    code = "lease-lost"


class StalePlan(OkrsyncError):
    exit_code = 5
    code = "stale-plan"
