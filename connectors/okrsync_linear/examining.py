"""What ``okrsync doctor`` says about a workspace of Linear."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Final

from okrsync.contracts import Remark
from okrsync_linear.items import KINDS, PARTS

if TYPE_CHECKING:
    from okrsync_linear.client import Linear

_MANY: Final = 50


def remarks(linear: Linear) -> Iterator[Remark]:
    said = linear.viewer()
    me, workspace = PARTS.table(said.get("viewer")), PARTS.table(said.get("organization"))
    yield Remark(f"signed in as {me.get('name')} <{me.get('email')}> of {workspace.get('name')}")
    counts = {kind: len(list(islice(linear.items(kind), _MANY))) for kind in KINDS}
    seen = ", ".join(
        f"{kind}s seen: {count}{' or more' if count == _MANY else ''}"
        for kind, count in counts.items()
    )
    well = any(counts.values())
    cure = "" if well else "check what the key's user may see"
    yield Remark(seen, well=well, cure=cure)
    yield Remark(
        "Linear keeps no numbers: the number stands in the text of a status update, and the status "
        "is what can be seen in lists"
    )
    yield Remark(
        "a status update notifies those who follow the initiative or project, and the channels "
        "that it is connected to; Linear cannot send it quietly"
    )
