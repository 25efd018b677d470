"""Who holds a lease: one process, told apart from every other, also from a later one of its number.

On Linux /proc tells; elsewhere the fields stay empty and a lease only ends by its time.
"""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Holder:
    """``process_start`` is in clock ticks since boot, as /proc/<pid>/stat says it."""

    host: str
    pid: int
    boot_id: str
    pid_namespace: str
    process_start: str
    command: str


def this_process(command: str) -> Holder:
    pid = os.getpid()
    return Holder(
        host=socket.gethostname(),
        pid=pid,
        boot_id=_boot_id(),
        pid_namespace=_pid_namespace(),
        process_start=_start_of(pid),
        command=command,
    )


def certainly_dead(holder: Holder, *, asked_by: Holder) -> bool:
    """True when the holder ran on this very machine, since its last boot, and runs no more."""
    if not (holder.boot_id and holder.pid_namespace and holder.process_start):
        return False
    there = (holder.host, holder.boot_id, holder.pid_namespace)
    if there != (asked_by.host, asked_by.boot_id, asked_by.pid_namespace):
        return False
    return _start_of(holder.pid) != holder.process_start


def _boot_id() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


def _pid_namespace() -> str:
    try:
        return str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return ""


def _start_of(pid: int) -> str:
    """ "" when there is no such process, or one that has ended and only waits to be reaped."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    # the second field is the program's name in brackets, which may hold blanks and brackets
    fields = stat.rpartition(")")[2].split()
    state, start = fields[0], fields[19]
    return "" if state in "ZX" else start
