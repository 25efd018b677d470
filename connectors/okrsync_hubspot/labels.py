"""Stages, pipelines and owners by what people call them, instead of by HubSpot's ids."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Final

from okrsync.conditions import AllOf, AnyOf, Comparison, Condition, Not
from okrsync.errors import SourceError
from okrsync_hubspot.properties import PIPELINE_ID, Words

_BY_ID: Final = frozenset({"==", "!=", "in", "not in"})


@dataclass(frozen=True, slots=True)
class Pipeline:
    """``stages`` are its stages' labels by their ids."""

    id: str
    label: str
    stages: Mapping[str, str]


class Labels:
    """All labels of one object. ``owners`` are email addresses by owner id."""

    def __init__(
        self, words: Words, pipelines: Sequence[Pipeline] = (), owners: Mapping[str, str] = {}
    ) -> None:
        self._words = words
        self._pipelines = pipelines
        self._owners = owners

    def real(self, column: str) -> str:
        """The property behind a column."""
        if column == PIPELINE_ID and self._words.pipeline:
            return self._words.pipeline
        return self._words.real(column) or column

    def shown(self, column: str, id_: str) -> str:
        """What stands in a column of labels for a record that has this id."""
        match column:
            case "stage":
                return next((p.stages[id_] for p in self._pipelines if id_ in p.stages), id_)
            case "pipeline":
                return next((p.label for p in self._pipelines if p.id == id_), id_)
            case "owner":
                return self._owners.get(id_, id_)
            case _:
                return id_

    def by_id(self, condition: Condition) -> Condition:
        """The same condition over ids. ``condition`` is without inner negations.

        Raises SourceError for a label that there is not, or that several ids have.
        """
        return self._by_id(condition, frozenset(p.id for p in self._pipelines))

    def _by_id(self, condition: Condition, within: Collection[str]) -> Condition:
        match condition:
            case AllOf(parts):
                inner = self._pinned(parts, within)
                return AllOf(tuple(self._by_id(part, inner) for part in parts))
            case AnyOf(parts):
                return AnyOf(tuple(self._by_id(part, within) for part in parts))
            case Not(part):
                return Not(self._by_id(part, within))
            case _:
                return self._compared(condition, within)

    def _pinned(self, parts: Iterable[Condition], within: Collection[str]) -> Collection[str]:
        """The pipelines that are left where one of ``parts`` names them."""
        for part in parts:
            if isinstance(part, Comparison) and part.operator in {"==", "in"}:
                if part.column == "pipeline" and self._words.pipeline:
                    within = {self._pipeline(str(value)) for value in part.values}
                elif part.column == PIPELINE_ID:
                    within = {str(value) for value in part.values}
        return within

    def _compared(self, comparison: Comparison, within: Collection[str]) -> Comparison:
        column = comparison.column
        if column == PIPELINE_ID or self._words.real(column) is None:
            return replace(comparison, column=self.real(column))
        if comparison.operator == "empty":
            return replace(comparison, column=self.real(column))
        if comparison.operator not in _BY_ID:
            raise SourceError(
                f"where: {column} is compared as a whole",
                next_step=f"write {column} == '...', or rows = true",
            )
        ids = tuple(self._id(column, value, within) for value in comparison.values)
        return replace(comparison, column=self.real(column), values=ids)

    def _id(self, column: str, value: object, within: Collection[str]) -> str:
        match column:
            case "stage":
                return self._stage(str(value), within)
            case "pipeline":
                return self._pipeline(str(value))
            case _:
                return _the_only(column, str(value), self._owners)

    def _pipeline(self, label: str) -> str:
        return _the_only("pipeline", label, {p.id: p.label for p in self._pipelines})

    def _stage(self, label: str, within: Collection[str]) -> str:
        stages = {
            id_: stage
            for pipeline in self._pipelines
            if pipeline.id in within
            for id_, stage in pipeline.stages.items()
        }
        return _the_only("stage", label, stages)


def _the_only(column: str, label: str, labels: Mapping[str, str]) -> str:
    ids = sorted(id_ for id_, known in labels.items() if known == label)
    if len(ids) == 1:
        return ids[0]
    if ids:
        raise SourceError(
            f"where: {len(ids)} of HubSpot's ids have the {column} {label!r}: {', '.join(ids)}",
            next_step="name the pipeline as well, or compare the id itself",
        )
    known = sorted(set(labels.values()))
    meant = get_close_matches(label, known, n=1)
    raise SourceError(
        f"where: there is no {column} {label!r} in HubSpot",
        next_step=f"write {meant[0]!r}" if meant else f"there is {_listed(known)}",
    )


def _listed(known: Sequence[str]) -> str:
    return ", ".join(repr(label) for label in known[:12]) or "none at all"
