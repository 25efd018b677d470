"""Log lines on stderr: text for people, JSON lines for machines, secrets masked in both."""

from __future__ import annotations

import json
import logging
from typing import Any

from okrsync.errors import UsageError

_LEVELS = ("debug", "info", "warning", "error")
_FORMATS = ("text", "json")


class _Line(logging.Formatter):
    """One line a record. A traceback would show what variables hold: only its type is told."""

    def format(self, record: logging.LogRecord) -> str:
        from okrsync.config.secrets import masked

        message = masked(record.getMessage())
        if record.exc_info and record.exc_info[0]:
            message += f" ({record.exc_info[0].__name__})"
        return self._dress(record, " ".join(message.splitlines()))

    def _dress(self, record: logging.LogRecord, message: str) -> str:
        return f"{record.levelname.lower():7} {record.name}: {message}"


class _JsonLine(_Line):
    def _dress(self, record: logging.LogRecord, message: str) -> str:
        line: dict[str, Any] = {
            "at": self.formatTime(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": message,
        }
        return json.dumps(line, ensure_ascii=False)


def start_logging(level: str | None, form: str | None) -> None:
    """Options win over OKRSYNC_LOG_LEVEL and OKRSYNC_LOG_FORMAT. Raises UsageError."""
    from okrsync.config import environment

    level, form = level or environment.log_level(), form or environment.log_format()
    if level not in _LEVELS:
        raise UsageError(
            f"--log-level or OKRSYNC_LOG_LEVEL must be one of {', '.join(_LEVELS)}",
            next_step="--log-level warning",
        )
    if form not in _FORMATS:
        raise UsageError(
            f"--log-format or OKRSYNC_LOG_FORMAT must be one of {', '.join(_FORMATS)}",
            next_step="--log-format text",
        )
    handler = logging.StreamHandler()
    handler.setFormatter(_JsonLine() if form == "json" else _Line())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
