"""Carry: the next period's mappings, made from those of this one and from where they ended.

Both periods load side by side: the new file's `team` names its period, so that every id in it is a
new one. What was written is read back with all other files; if anything in it is wrong, it is taken
away again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import tomli

from okrsync.config.config import Config
from okrsync.config.load import examine
from okrsync.contracts import Clock
from okrsync.errors import UsageError
from okrsync.lifecycle.carry_plan import Last, Step, scores_of, steps, words_of
from okrsync.lifecycle.carry_text import Task, carried_text, dropped
from okrsync.lifecycle.closing import named
from okrsync.lifecycle.from_store import finds
from okrsync.lifecycle.linking import OF_A_PERIOD, names_of
from okrsync.lifecycle.mapping_text import write_new
from okrsync.mapping.periods import between_days, months_later
from okrsync.mapping.relative import is_relative
from okrsync.mapping.rules import Rule
from okrsync.model import Period
from okrsync.report.view import line_of
from okrsync.sync.seeing import LastKnown, last_known

_NO_TEAM: Final = "team"


@dataclass(frozen=True, slots=True)
class Move:
    """From which period to which, and the mapping files that go along."""

    old: Period
    new: Period
    files: Sequence[str]


@dataclass(frozen=True, slots=True)
class Carried:
    """``left_out`` are ids with reasons; ``found`` says whether config.toml finds the new file."""

    old: Path
    new: Path
    period: Period
    key_results: int
    left_out: Sequence[str]
    found: bool


def carry(config: Config, clock: Clock, what: str, to: str | None) -> Sequence[Carried]:
    """Write the next period's files for a period's label, or for one file. Raises UsageError."""
    old, files = _chosen(config, clock, what)
    move = Move(old, _next(config, clock, old, to), files)
    known = last_known(config, clock, [])
    tasks = [_task(known, clock, file, move) for file in files]
    _refuse_half(config, tasks, old)
    texts = {_beside(config.root / task.file, old, move.new): task for task in tasks}
    _refuse_overwriting(texts)
    written: list[Path] = []
    try:
        for path, task in texts.items():
            write_new(path, carried_text((config.root / task.file).read_bytes().decode(), task))
            written.append(path)
        found = {path: finds(config, path) for path in texts}
        _check(config, clock, texts, found)
    except BaseException:
        for path in written:
            with suppress(OSError):
                path.unlink()
        raise
    return [_told(config, path, task, found[path]) for path, task in texts.items()]


def _told(config: Config, path: Path, task: Task, found: bool) -> Carried:  # noqa: FBT001
    kept = sum(not step.left_out for step in task.steps.values())
    return Carried(config.root / task.file, path, task.new, kept, dropped(task), found)


def _chosen(config: Config, clock: Clock, what: str) -> tuple[Period, list[str]]:
    """The period, and the mapping files that have key results of it."""
    file = _file(config, what)
    if file is not None:
        periods = [rule.key_result.period for rule in _in_file(config, file)]
        if not periods:
            raise UsageError(f"{file} has no key result", next_step="okrsync status")
        return max(dict.fromkeys(periods), key=periods.count), [file]
    label = named(config, clock, what).label
    rules = [rule for rule in config.rules.values() if rule.key_result.period.label == label]
    if not rules:
        known = ", ".join(sorted({rule.key_result.period.label for rule in config.rules.values()}))
        raise UsageError(
            f"no key result has the period {label}; there are: {known or 'none'}",
            next_step="okrsync carry PERIOD, or the path of one mapping file",
        )
    return rules[0].key_result.period, list(dict.fromkeys(rule.place.file for rule in rules))


def _file(config: Config, what: str) -> str | None:
    """The mapping file's name as places show it, where ``what`` is one."""
    for path in (Path(what), config.root / what):
        for own in config.files:
            if path.is_file() and path.resolve() == own.resolve() and own != config.path:
                return own.relative_to(config.root).as_posix()
    if what.endswith(".toml"):
        raise UsageError(
            f"{what} is no mapping file that config.toml finds", next_step="okrsync validate"
        )
    return None


def _in_file(config: Config, file: str) -> Sequence[Rule]:
    return [rule for rule in config.rules.values() if rule.place.file == file]


def _next(config: Config, clock: Clock, old: Period, to: str | None) -> Period:
    new = following(old, config.fiscal_year_starts) if to is None else named(config, clock, to)
    if new.start < old.end:
        raise UsageError(
            f"{new.label} does not come after {old.label}", next_step="okrsync carry --to PERIOD"
        )
    return new


def following(period: Period, fiscal_year_starts: int) -> Period:
    """The next one that is as long: whole months where it is made of whole months."""
    start, end = period.start, period.end
    months = (end.year - start.year) * 12 + end.month - start.month
    if start.day == end.day == 1 and months:
        return between_days(end, months_later(end, months), fiscal_year_starts)
    return between_days(end, end + (end - start), fiscal_year_starts)


def team_of(team: str, period: Period) -> str:
    """``platform`` becomes ``platform-2027-Q1``, and that ``platform-2027-Q2``."""
    label = period.label if ".." not in period.label else str(period.start)
    return f"{OF_A_PERIOD.sub('', team) or _NO_TEAM}-{label}"


def _task(known: LastKnown, clock: Clock, file: str, move: Move) -> Task:
    config, rules = known.config, _in_file(known.config, file)
    raw = tomli.loads((config.root / file).read_text("utf-8-sig"))
    _refuse_moving(file, raw, move.old)
    lasts = [_last(known, rule.key_result.id, raw, clock) for rule in rules]
    made = steps(config, lasts, move.old.label)
    kept = {id_ for id_, step in made.items() if not step.left_out}
    team = str(raw.get("team", ""))
    objectives = {rule.key_result.objective for rule in rules}
    alive = {made[id_].rule.key_result.objective for id_ in kept}
    gone = frozenset({*(made.keys() - kept), *(objectives - alive)})
    ids = _new_ids(config, move)
    return Task(
        file=file,
        old=move.old,
        new=move.new,
        day=clock().astimezone(config.timezone).date(),
        team=team,
        new_team=team_of(team, move.new),
        steps={names_of(config, step.rule): step for step in made.values()},
        ids={name: other for name, other in ids.items() if name not in gone},
        own=_own_ids(config, team),
        gone=gone,
    )


def _last(known: LastKnown, id_: str, raw: Mapping[str, Any], clock: Clock) -> Last:
    config, now = known.config, clock()
    rule, outcome = config.rules[id_], known.outcomes.get(id_)
    number = line_of(rule, outcome, now, config).number
    day = str(now.astimezone(config.timezone).date())
    objective, name = names_of(config, rule)
    target = raw["objective"][objective]["kr"][name].get("target")
    return Last(rule, number, words_of(rule, number, outcome, day), is_relative(target))


def _own_ids(config: Config, team: str) -> frozenset[str]:
    begins = f"{team}." if team else ""
    names = [*config.metrics, *config.objectives, *config.rules]
    return frozenset(name for name in names if name.startswith(begins))


def _new_ids(config: Config, move: Move) -> dict[str, str]:
    """Every full id that has another one in the new period: those carried now, and those that an
    earlier carry has written."""
    places = {id_: one.place for id_, one in config.metrics.items()}
    places |= {id_: one.place for id_, one in config.objectives.items()}
    places |= {id_: one.place for id_, one in config.rules.items()}
    teams = {one.team for one in config.objectives.values()}
    ids: dict[str, str] = {}
    for id_, place in places.items():
        team = id_.partition(".")[0] if id_.partition(".")[0] in teams else ""
        other = f"{team_of(team, move.new)}.{id_.removeprefix(f'{team}.') if team else id_}"
        if place.file in move.files or other in places:
            ids[id_] = other
    return ids


def _refuse_moving(file: str, raw: Mapping[str, Any], old: Period) -> None:
    """A period that moves on by itself would take the old file along into the new period."""
    said = [raw.get("period")]
    for objective in raw.get("objective", {}).values():
        said += [objective.get("period"), *(kr.get("period") for kr in objective["kr"].values())]
    moving = next((one for one in said if isinstance(one, str) and one.startswith("this_")), None)
    if moving is not None:
        raise UsageError(
            f'{file}: period = "{moving}" moves on by itself, and would take this file along',
            next_step=f'write period = "{old.label}" there, then carry again',
        )


def _refuse_half(config: Config, tasks: Sequence[Task], old: Period) -> None:
    """A score of the old period must never count in the new one."""
    ids = {name for task in tasks for name in task.ids}
    for task in tasks:
        for step in task.steps.values():
            for scored in [] if step.left_out else scores_of(config, step.rule):
                if scored not in ids and _period_of(config, scored) == old.label:
                    raise UsageError(
                        f"`{step.rule.key_result.id}` is made of the score of `{scored}`, whose "
                        "file is not carried",
                        next_step=f"carry all files at once: okrsync carry {old.label}",
                    )


def _period_of(config: Config, id_: str) -> str:
    if id_ in config.rules:
        return config.rules[id_].key_result.period.label
    return config.objectives[id_].period.label


def _beside(path: Path, old: Period, new: Period) -> Path:
    """The new file's name: the old period in its name or its folder's gives way to the new one."""
    was, will = (one.label if ".." not in one.label else str(one.start) for one in (old, new))
    if was in path.stem:
        return path.with_name(path.name.replace(was, will))
    if path.parent.name == was:
        return path.parent.with_name(will) / path.name
    return path.with_name(f"{path.stem}-{will}{path.suffix}")


def _refuse_overwriting(texts: Mapping[Path, Task]) -> None:
    for path in texts:
        if path.exists():
            raise UsageError(
                f"{path} is there already; nothing was written",
                next_step="edit that one, or move it away and carry again",
            )


def _check(
    config: Config, clock: Clock, texts: Mapping[Path, Task], found: Mapping[Path, bool]
) -> None:
    """Read everything again: no mistake, and every carried number where it should be."""
    examined = examine(config.path, clock=clock)
    if examined.config is None:
        first = next(one for one in examined.problems if not one.warning)
        raise UsageError(
            f"it cannot be carried: {first.message} ({first.file}:{first.line}); "
            "nothing was written",
            next_step="copy the file by hand, or change what is named and carry again",
        )
    for path, task in texts.items():
        for step in task.steps.values():
            if found[path] and not step.left_out:
                _must_be_carried(examined.config, task, step)


def _must_be_carried(config: Config, task: Task, step: Step) -> None:
    was = step.rule.key_result
    rule = config.rules.get(task.ids[was.id])
    wanted = was.baseline if step.baseline is None else step.baseline
    if (
        rule is None
        or rule.key_result.period != task.new
        or (rule.key_result.baseline != wanted and not was.baseline_first)
        or rule.key_result.kind is not was.kind
        or rule.override is not None
        or rule.key_result.store_ref.id != rule.key_result.id
    ):
        raise UsageError(
            f"`{was.id}` is written in a way that cannot be carried by itself; nothing was written",
            next_step="give it a table of its own: [objective.NAME.kr.NAME]",
        )
