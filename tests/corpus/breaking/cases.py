"""Broken configs, mappings, CSV files, states, plans and command lines, each met with its cure.

The cases are data, in ``cases/*.toml``. Each breaks a copy of the project in ``base/``, which has
been synced once, and says what okrsync must answer. The words of a case:

name        what is broken
kind        config (found before anything is contacted), run (one key result fails, the other goes
            on), store (nothing can be written) or edge (state, plan file and command line); said
            once for each file of cases
replace     text that stands exactly once in one of the base's files, and what stands there instead
config      lines added to config.toml, in its last table [source.sheet]
mapping     lines added to mappings/team.toml, in its last table [objective.grow.kr.signups]
files       whole files; ``raw``: the same, with \\xNN for bytes
encoded     files of the base, and the encoding that they are written in
make, mode  paths, and what is made of them: folder, fifo, nothing, or "link:TARGET"; octal rights
sql, cut, overwrite   done to the state: statements, length left, [place, length] of noise
env, before           variables; a command to run on the good project first
command     what is run, if it is not ``sync``
exit, code  of the answer, and ``also`` the codes of what follows from it; ``says`` are words of its
            message, ``cure`` of what to do
at          file:line:column, where no § stands before the place in the case's own text

@SECRET@ and @PASSWORD@ stand for canaries that no output, file or exception may show; @500*x@
stands for 500 times x.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

import tomli

FOLDER = Path(__file__).parents[1]
REPEATED = re.compile(r"@(\d+)\*(.+?)@")
EXIT_CODES = {"config": 2, "run": 3, "store": 3, "edge": 2}


@dataclass(frozen=True)
class Case:
    group: str
    kind: str
    name: str
    replace: dict[str, str] = field(default_factory=dict)
    config: str = ""
    mapping: str = ""
    files: dict[str, str] = field(default_factory=dict)
    raw: dict[str, str] = field(default_factory=dict)
    encoded: dict[str, str] = field(default_factory=dict)
    make: dict[str, str] = field(default_factory=dict)
    mode: dict[str, str] = field(default_factory=dict)
    sql: str = ""
    cut: int | None = None
    overwrite: tuple[int, int] | None = None
    env: dict[str, str] = field(default_factory=dict)
    before: tuple[str, ...] = ()
    command: tuple[str, ...] = ("sync",)
    exit: int | None = None
    code: str = ""
    also: tuple[str, ...] = ()
    at: str = ""
    says: str = ""
    cure: str = ""
    process: bool = False
    not_as_root: bool = False

    @property
    def exit_code(self) -> int:
        return EXIT_CODES[self.kind] if self.exit is None else self.exit

    def canaries(self) -> dict[str, str]:
        """Of this case alone, so that no case can hide what another one read."""
        own = sha256(self.name.encode()).hexdigest()[:12]
        return {
            "@SECRET@": f"kN9x{own}Qv7TzWb4Lm",
            "@PASSWORD@": f"Zugvogel%{own}/7&nachts!Q",
        }

    def planted(self, text: str) -> str:
        for name, canary in self.canaries().items():
            text = text.replace(name, canary)
        return REPEATED.sub(lambda match: int(match[1]) * match[2], text)

    def canaries_in(self, raw: bytes) -> list[bytes]:
        canaries = self.canaries().values()
        return [form for text in canaries for form in _forms(text) if form in raw]


def _forms(secret: str) -> set[bytes]:
    """Raw, halved as by a wrapped line, as an address has it, in base64."""
    raw, middle = secret.encode(), len(secret) // 2
    quoted = quote(secret, safe="").encode()
    return {raw[:middle], raw[middle:], quoted, base64.b64encode(raw), repr(secret).encode()[1:-1]}


def _cases() -> Iterator[Case]:
    for file in sorted((FOLDER / "cases").glob("*.toml")):
        group = tomli.loads(file.read_text(encoding="utf-8"))
        for case in group["case"]:
            yield Case(**{"group": file.stem, "kind": group["kind"], **case})


CASES = list(_cases())
