"""From questions to the few passes over columns that answer all of them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator
from dataclasses import dataclass

from okrsync.contracts import RowQuestion
from okrsync.errors import SourceError
from okrsync.mapping.binding import bind
from okrsync.mapping.cells.dates import microseconds
from okrsync.mapping.parser import parse, plain_equality
from okrsync.mapping.problems import ExpressionError
from okrsync.mapping.rows.blocks import Table
from okrsync.mapping.rows.compiling import Compiler
from okrsync.mapping.rows.conditions import Condition, TextIs
from okrsync.mapping.rows.grouped import Grouped
from okrsync.mapping.rows.selections import Selection, Share, Single
from okrsync.mapping.rows.tallies import Stores, Tally, tally_for

# From here on one pass over a column's texts beats a mask for each of them.
_WORTH_GROUPING = 16


@dataclass(slots=True)  # not frozen: ten thousand are made, and none outlives the pass
class Wanted:
    """A question with its names looked up and its conditions compiled."""

    index: int
    parts: tuple[Condition, ...]
    window: Condition | None
    measure: int | None
    on: int | None
    tally: type[Tally]

    def manner(self) -> tuple[object, ...]:
        """What must be equal for two questions to share a tally, their rows apart."""
        return id(self.window), self.measure, self.on, self.tally

    def pickers(self) -> list[tuple[Hashable, TextIs]]:
        """Each ``column == 'text'`` among the conditions, with all but that text as a key."""
        if self.tally.wants == "days":  # few ask for days, and a group is fed without instants
            return []
        return [
            ((part.column, self._without(part), *self.manner()), part)
            for part in self.parts
            if isinstance(part, TextIs)
        ]

    def _without(self, part: Condition) -> frozenset[int]:
        return frozenset([id(other) for other in self.parts if other is not part])


class Plan:
    def __init__(self, table: Table, stores: Stores) -> None:
        self._table = table
        self._stores = stores
        self._compiler = Compiler(table)
        self._wanted: list[Wanted] = []
        self.shares: dict[int, Share] = {}
        self.columns: dict[int, frozenset[int]] = {}

    def add(self, index: int, question: RowQuestion) -> None:
        """Raises ``SourceError`` for what the table does not have, or nobody can compute."""
        place = self._table.header.place
        parts, columns = self._where(question)
        measure = None if question.measure is None else place(question.measure)
        on = None if question.on is None else place(question.on)
        tally = tally_for(question.agg, measured=measure is not None)
        if measure is not None and tally.wants in {"numbers", "dated"}:
            self._table.numbers(measure)
        if tally.wants == "days":
            _check_days(question)
        self.columns[index] = columns | ({measure} if measure is not None else set())
        window = self._window(question, on)
        self._wanted.append(Wanted(index, parts, window, measure, on, tally))

    def _where(self, question: RowQuestion) -> tuple[tuple[Condition, ...], frozenset[int]]:
        where = question.where
        if where is None:
            return (), frozenset()
        plain = plain_equality(where)
        if plain is not None:
            column = self._table.header.place(plain[0])
            return (self._compiler.text_is(column, plain[1]),), frozenset((column,))
        try:
            expression = bind(parse(where, "rows"), question.vars)
        except ExpressionError as error:
            raise SourceError(f"where: {error.message}", next_step=error.cure) from None
        columns = frozenset(self._table.header.place(name.name) for name in expression.names)
        return tuple(dict.fromkeys(self._compiler.conjuncts(expression.root))), columns

    def _window(self, question: RowQuestion, on: int | None) -> Condition | None:
        start, end = question.window.start, question.window.end
        if on is None:
            if start is not None or end is not None:
                raise SourceError("a window needs a date", next_step='say on = "..." (a column)')
            return None
        after = microseconds(question.as_of) + 1
        return self._compiler.within(
            on,
            None if start is None else microseconds(start),
            after if end is None else min(after, microseconds(end)),
        )

    def takers(self) -> list[Single | Grouped]:
        pickers = [wanted.pickers() for wanted in self._wanted]
        popular = Counter([key for choice in pickers for key, _ in choice])
        groups: defaultdict[Hashable, list[tuple[Wanted, TextIs]]] = defaultdict(list)
        alone: list[Wanted] = []
        for wanted, choice in zip(self._wanted, pickers, strict=True):
            best = max(choice, key=lambda pair: popular[pair[0]], default=None)
            if best is not None and popular[best[0]] >= _WORTH_GROUPING:
                groups[best[0]].append((wanted, best[1]))
            else:
                alone.append(wanted)
        return [*self._singles(alone), *map(self._grouped, groups.values())]

    def _singles(self, alone: list[Wanted]) -> Iterator[Single]:
        made: dict[Hashable, Share] = {}
        for wanted in alone:
            selection = self._selection(wanted, wanted.parts)
            key = id(selection.chosen), wanted.manner()
            known = key in made
            share = made.setdefault(key, Share(wanted.tally(self._stores)))
            self.shares[wanted.index] = share
            if not known:
                yield Single(selection, wanted.measure, share)

    def _grouped(self, members: list[tuple[Wanted, TextIs]]) -> Grouped:
        shares: dict[str, Share] = {}
        for wanted, picker in members:
            if picker.text not in shares:
                shares[picker.text] = Share(wanted.tally(self._stores))
            self.shares[wanted.index] = shares[picker.text]
        first, picker = members[0]
        others = tuple(part for part in first.parts if part is not picker)
        return Grouped(self._selection(first, others), picker.column, first.measure, shares)

    def _selection(self, wanted: Wanted, parts: tuple[Condition, ...]) -> Selection:
        dated = parts if wanted.window is None else (*parts, wanted.window)
        matched = self._compiler.all_of(list(parts))
        return Selection(self._compiler.all_of(list(dated)), matched, wanted.on)


def _check_days(question: RowQuestion) -> None:
    if question.on is None or question.window.start is None:
        raise SourceError(
            f"agg = {question.agg!r} counts the days of a window by a date",
            next_step='say on = "..." (a date column) and window = "period"',
        )
