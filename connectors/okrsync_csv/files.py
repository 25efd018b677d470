"""Files that stay in their folder.

Every step below the base folder is opened relative to the one before and follows no link, so
whatever is swapped between the look and the opening leads to an error and never out of the folder.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from okrsync.errors import BadAnswer, OutsideError, SourceError

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC  # a FIFO must not make us wait
_KERNEL = (Path("/proc"), Path("/sys"))
_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFLNK: "a symbolic link",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFBLK: "a device",
    stat.S_IFCHR: "a device",
}


@dataclass(frozen=True, slots=True)
class Found:
    """An open file; ``name`` is its path below the base folder."""

    name: str
    file: BinaryIO
    status: os.stat_result


def base_and_pattern(root: Path, path: str, file: str | None) -> tuple[Path, str]:
    """The folder that is trusted as it is, and the steps below it that are not.

    An absolute path is the operator's own word, down to its last folder without a pattern.
    """
    pure = PurePosixPath(path)
    if not pure.is_absolute():
        return root, str(pure / file) if file else str(pure)
    if file:
        return Path(pure), file
    steps = pure.parts[1:]
    fixed = next((i for i, step in enumerate(steps) if is_pattern(step)), len(steps) - 1)
    return Path("/", *steps[:fixed]), "/".join(steps[fixed:]) or "."


def is_pattern(step: str) -> bool:
    return any(mark in step for mark in "*?[")


@contextmanager
def opened(base: Path, pattern: str, max_size: int) -> Iterator[Found]:
    """The newest file that matches. Raises ``SourceError`` for anything but a plain file."""
    try:
        folder = os.open(base, _FOLDER)
    except OSError as error:
        raise _cannot("folder", base.name, error) from None
    try:
        steps = PurePosixPath(pattern).parts
        found = _open_steps(folder, _newest(folder, steps) if is_pattern(pattern) else steps)
    finally:
        os.close(folder)
    with found.file:
        _check_size(found, max_size)
        yield found
        _check_unchanged(found)


def _newest(folder: int, steps: Sequence[str]) -> tuple[str, ...]:
    matches = list(_matches(folder, steps, ()))
    if not matches:
        raise SourceError(
            f"no file matches {'/'.join(steps)}", next_step="look whether the export has run"
        )
    return max(matches)[1]


def _matches(
    folder: int, steps: Sequence[str], above: tuple[str, ...]
) -> Iterator[tuple[int, tuple[str, ...]]]:
    """(Modification time, steps) of every plain file that the patterns name."""
    step, *rest = steps
    with os.scandir(folder) as entries:
        names = sorted(entry.name for entry in entries if _fits(entry.name, step))
    for name in names:
        status = os.stat(name, dir_fd=folder, follow_symlinks=False)
        if not rest and stat.S_ISREG(status.st_mode):
            yield status.st_mtime_ns, (*above, name)
        elif rest and stat.S_ISDIR(status.st_mode):
            below = os.open(name, _FOLDER | os.O_NOFOLLOW, dir_fd=folder)
            try:
                yield from _matches(below, rest, (*above, name))
            finally:
                os.close(below)


def _fits(name: str, step: str) -> bool:
    if not is_pattern(step):
        return name == step
    return fnmatchcase(name, step) and (not name.startswith(".") or step.startswith("."))


def _open_steps(folder: int, steps: Sequence[str]) -> Found:
    name = "/".join(steps)
    current = os.dup(folder)
    try:
        for step in steps[:-1]:
            below = os.open(step, _FOLDER | os.O_NOFOLLOW, dir_fd=current)
            os.close(current)
            current = below
        return _open_plain(current, steps, name)
    except OSError as error:
        raise _cannot("file", name, error) from None
    finally:
        os.close(current)


def _open_plain(folder: int, steps: Sequence[str], name: str) -> Found:
    if not steps or ".." in steps:
        raise SourceError(f"{name or '.'} is a folder", next_step='say file = "..." in the mapping')
    _check_plain(os.stat(steps[-1], dir_fd=folder, follow_symlinks=False), name)
    descriptor = os.open(steps[-1], _FILE, dir_fd=folder)
    try:
        status = os.fstat(descriptor)
        _check_plain(status, name)
    except OutsideError:
        os.close(descriptor)
        raise
    return Found(name, os.fdopen(descriptor, "rb"), status)


def _check_plain(status: os.stat_result, name: str) -> None:
    kind = stat.S_IFMT(status.st_mode)
    if kind == stat.S_IFDIR:
        raise SourceError(
            f"{name} is a folder",
            next_step='say file = "..." in the mapping, or path = ".../*.csv" for the newest file',
        )
    if kind != stat.S_IFREG:
        what = _KINDS.get(kind, "no plain file")
        raise SourceError(
            f"{name} is {what}, only plain files are read", next_step="name the file itself"
        )
    if status.st_dev in _kernel_devices():
        raise SourceError(
            f"{name} is no file but the kernel's, only plain files are read",
            next_step="name the file itself",
        )


def _kernel_devices() -> set[int]:
    return {path.stat().st_dev for path in _KERNEL if path.is_mount()}


def _check_size(found: Found, max_size: int) -> None:
    if found.status.st_size > max_size:
        raise BadAnswer(
            f"{found.name} has {found.status.st_size:,} bytes, more than max_size allows",
            next_step="raise max_size in its [source] table if that is right",
        )


def _check_unchanged(found: Found) -> None:
    now = os.fstat(found.file.fileno())
    before = found.status
    if (now.st_size, now.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
        raise BadAnswer(
            f"{found.name} changed while it was read",
            next_step="write the export under another name, and rename it when it is whole",
        )


def _cannot(what: str, name: str, error: OSError) -> SourceError:
    reasons: dict[type[OSError], str] = {
        FileNotFoundError: "is not there",
        PermissionError: "may not be read by this user",
        NotADirectoryError: "lies below something that is no folder, or a symbolic link",
    }
    reason = reasons.get(type(error), f"cannot be opened ({error.strerror})")
    return SourceError(
        f"the {what} {name} {reason}", next_step="look at path in its [source] table"
    )
