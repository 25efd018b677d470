"""A file of JSON lines that survives crashes, full disks and editors.

A write that was cut short leaves a last line without its end. Readers pass over it; the next
writer removes it before it adds its own line, so that the two never grow together.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

from okrsync.errors import BadAnswer, StoreError, Unreachable

Entry = dict[str, Any]


class Journal:
    """``take`` gets every whole line once, with its number; ``forget`` is called before a file
    that somebody has rewritten is read again from its start."""

    def __init__(
        self, path: Path, *, take: Callable[[int, Entry], None], forget: Callable[[], None]
    ) -> None:
        self._path = path
        self._take = take
        self._forget = forget
        self._inode = 0
        self._offset = 0
        self._lines = 0

    def catch_up(self) -> None:
        """Read what was added since."""
        try:
            with self._path.open("rb") as file:
                self._start_over_if_rewritten(os.fstat(file.fileno()))
                file.seek(self._offset)
                self._read(file)
        except FileNotFoundError:
            return  # nothing was ever written
        except OSError as error:
            raise self._failed("cannot be read", error) from error

    def _start_over_if_rewritten(self, status: os.stat_result) -> None:
        if status.st_ino != self._inode or status.st_size < self._offset:
            self._forget()
            self._inode, self._offset, self._lines = status.st_ino, 0, 0

    def _read(self, lines: Iterator[bytes]) -> None:
        for line in lines:
            entry = _parsed(line)
            if entry is not None:
                self._lines += 1
                self._take(self._lines, entry)
            elif not line.endswith(b"\n"):
                return  # cut short; half an object is never a whole one
            elif line.strip():
                raise BadAnswer(
                    f"{self._path.name}: after entry {self._lines} comes a line that is not a "
                    "JSON object",
                    next_step=f"correct or delete that line of {self._path}",
                )
            self._offset += len(line)

    @contextmanager
    def locked(self) -> Iterator[int]:
        """The file, open to append, for this process alone, its end in order."""
        try:
            file = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise self._failed("cannot be written", error) from error
        try:
            self._lock(file)
            self.catch_up()
            self._mend(file)
            yield file
        finally:
            os.close(file)  # ends the lock as well

    def _lock(self, file: int) -> None:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Unreachable(
                f"{self._path} is locked by another program", next_step="run again: okrsync sync"
            ) from None

    def _mend(self, file: int) -> None:
        if os.fstat(file).st_size > self._offset:
            os.ftruncate(file, self._offset)  # cut short, so nobody was told that it is there
        elif self._offset and os.pread(file, 1, self._offset - 1) != b"\n":
            self._write(file, b"\n")  # an editor left the last line without its end

    def append(self, file: int, entry: Entry) -> int:
        """Add one line, on the disk when this returns; returns its number."""
        self._write(file, json.dumps(entry, ensure_ascii=False).encode() + b"\n")
        self.catch_up()
        return self._lines

    def _write(self, file: int, line: bytes) -> None:
        end = os.fstat(file).st_size
        try:
            rest = memoryview(line)
            while rest:
                rest = rest[os.write(file, rest) :]
            os.fsync(file)
        except OSError as error:
            os.ftruncate(file, end)
            raise self._failed("cannot be written", error) from error

    def _failed(self, what: str, error: OSError) -> StoreError:
        return StoreError(
            f"{self._path} {what}: {error.strerror}",
            next_step="check the file's owner and the space left on its disk",
        )


def _parsed(line: bytes) -> Entry | None:
    try:
        entry = json.loads(line, parse_float=Decimal)
    except (ValueError, RecursionError):  # neither JSON nor even UTF-8, or brackets without end
        return None
    return entry if isinstance(entry, dict) else None
