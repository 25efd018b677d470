"""What a connector is lent for one run: the okrsync.contracts.Toolbox."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from datetime import timedelta, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from okrsync.conditions import NO_VALUES, Condition, Constant
from okrsync.config.config import Config
from okrsync.config.secrets import masked, remember, reveal
from okrsync.contracts import CellStyle, Clock, RowAnswer, RowBatch, RowQuestion, SecretRef
from okrsync.errors import OutsideError

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from okrsync.http import Door
    from okrsync.http.deadline import Deadline

_AS_BEYOND_DOUBT = CellStyle()


class Outfit:
    """The parts that all toolboxes of one run share; closing it closes every door it opened."""

    def __init__(
        self,
        config: Config,
        *,
        clock: Clock,
        time_left: Callable[[], timedelta],
        engine: Callable[[], Engine],
        fence: Callable[[], None],
    ) -> None:
        self.config = config
        self.clock = clock
        self.time_left = time_left
        self.engine = engine
        self.fence = fence
        self._doors = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._doors.close()

    def toolbox(self, name: str) -> LentToolbox:
        return LentToolbox(self, name)

    def door(self, settings: dict[str, Any]) -> Door:
        from okrsync.http import Door

        limits = self.config.limits
        door = Door(
            clock=self.clock,
            deadline=self.deadline(),
            network=limits.network,
            allow_hosts=limits.allow_hosts,
            mask=masked,
            remember=remember,
            **settings,
        )
        return self._doors.enter_context(door)

    def deadline(self) -> Deadline:
        from okrsync.http.deadline import Deadline

        return Deadline(self.time_left().total_seconds())


class LentToolbox:
    def __init__(self, outfit: Outfit, name: str) -> None:
        self._outfit = outfit
        self.name = name
        self.root: Path = outfit.config.root
        self.zone: tzinfo = outfit.config.timezone
        self.clock: Clock = outfit.clock

    def secret(self, reference: SecretRef, /) -> str:
        return reveal(reference, self.root)

    def http(self, **settings: Any) -> Door:
        return self._outfit.door(settings)

    def admit(self, host: str, port: int, /) -> None:
        from okrsync.http.admission import admit

        limits = self._outfit.config.limits
        admit(host, port, network=limits.network, allow_hosts=limits.allow_hosts)

    def aggregate(
        self,
        questions: Sequence[RowQuestion],
        header: Sequence[str],
        batches: Iterable[RowBatch],
        style: CellStyle = _AS_BEYOND_DOUBT,
    ) -> Sequence[RowAnswer | OutsideError]:
        from okrsync.mapping.rows import aggregate

        return aggregate(questions, header, batches, style, self.zone)

    def condition(self, text: str, values: Mapping[str, Constant] = NO_VALUES, /) -> Condition:
        from okrsync.mapping.neutral import neutral

        return neutral(text, self.zone, values)

    def database(self) -> Engine:
        return self._outfit.engine()

    def fence(self) -> None:
        self._outfit.fence()
