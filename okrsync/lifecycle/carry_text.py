"""A mapping's text for the next period: only what must change does, and each change says so.

Every line to think over ends with "carried:". Comments stay where they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from okrsync.config.documents import KeyPath
from okrsync.lifecycle.carry_plan import Step
from okrsync.lifecycle.toml_places import Edits, Place, Places
from okrsync.lifecycle.wording import Names, period_value, quoted, toml_number
from okrsync.model import Period
from okrsync.report.export import plain

_BOM: Final = "\ufeff"
_SCHEMA: Final = "#:schema"
_TARGETS: Final = ("target", "at_least", "at_most", "min", "max", "done", "milestones", "manual")
_REFERENCES: Final = frozenset({"parent", "pair", "value", "done", "when", "metric"})
_TOKEN: Final = re.compile(r"(?<![\w.-])[\w-]+(?:\.[\w-]+)+(?![\w.-])")
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Task:
    """One file's way from ``old`` to ``new``. ``ids`` are the full ids that change, old to new;
    ``own`` those of this team, which short names mean first; ``gone`` what is left out."""

    file: str
    old: Period
    new: Period
    day: date
    team: str
    new_team: str
    steps: Mapping[Names, Step]
    ids: Mapping[str, str]
    own: frozenset[str]
    gone: frozenset[str]


def carried_text(text: str, task: Task) -> str:
    mark = _BOM if text.startswith(_BOM) else ""
    body = text.removeprefix(_BOM)
    places = Places(body.encode())
    edits = Edits(places)
    for change in (_head, _periods, _key_results, _objectives, _overrides, _references, _days):
        change(places, edits, task)
    return mark + edits.text()


def dropped(task: Task) -> list[str]:
    """What the new file leaves out, for people: ids with their reasons."""
    return [
        f"{plain(step.rule.key_result.id)}: {plain(step.left_out)}"
        for step in task.steps.values()
        if step.left_out
    ]


def _head(places: Places, edits: Edits, task: Task) -> None:
    """The comment at the top, below a line for the editor, and the team that keeps ids apart."""
    lines = [
        f"# Carried from {plain(task.file)}, {task.old.label} to {task.new.label}, on {task.day}.",
        '# Look at every line that says "carried:". Then okrsync validate.',
    ]
    left = dropped(task)
    lines += ["# Left out:", *(f"#   {one}" for one in left)] if left else []
    team = places.keys.get(("team",))
    if team is not None:
        edits.write_value(team, quoted(task.new_team))
    own = [] if team is not None else [f"team = {quoted(task.new_team)}"]
    first = 0
    if places.text.startswith(_SCHEMA.encode()):
        first = min(places.text.find(b"\n") + 1 or len(places.text), len(places.text))
    edits.insert(first, [*lines, *own, ""])


def _periods(places: Places, edits: Edits, task: Task) -> None:
    """The file's, and those of objectives and key results that say the same one again."""
    wanted: list[KeyPath] = [("period",)]
    for names, step in task.steps.items():
        if not step.left_out:
            wanted += [("objective", names[0], "period"), (*_path(names), "period")]
    for path in dict.fromkeys(wanted):
        place = places.keys.get(path)
        if place is not None and _says(places.shown(place), task.old):
            edits.write_value(place, period_value(task.new))


def _says(written: str, period: Period) -> bool:
    """Whether a period as written is this one; what is not is left as it is."""
    bare = written.strip("\"'")
    first = str(period.start) in written or f"{period.start:%Y-%m}" in written
    return bare in {period.label, f"FY{period.label}"} or (".." in period.label and first)


def _key_results(places: Places, edits: Edits, task: Task) -> None:
    for names, step in task.steps.items():
        path = _path(names)
        if step.left_out:
            _remove(places, edits, path, f"left out {step.rule.key_result.id}: {step.left_out}")
            continue
        _numbers(places, edits, path, step)
        _milestones(places, edits, path, step, task)
        for key, why in (
            ("store_id", "most stores have new key results in a new period: okrsync link"),
            ("pace", f"the days are of {task.old.label}"),
        ):
            _leave_out(places, edits, (*path, key), why)


def _numbers(places: Places, edits: Edits, path: KeyPath, step: Step) -> None:
    baseline = places.keys.get((*path, "baseline"))
    if baseline is not None:
        if step.baseline is not None:
            edits.write_value(baseline, _number(places.shown(baseline), step))
        if step.about_baseline:
            edits.remark(baseline, plain(step.about_baseline))
    for key in _TARGETS:
        target = places.keys.get((*path, key))
        if target is not None and step.about_target:
            edits.remark(target, plain(step.about_target))
            return


def _number(written: str, step: Step) -> str:
    """With its unit where the old one had one."""
    number = toml_number(step.baseline)
    unit = step.rule.key_result.unit
    if number is None:
        return written
    return quoted(f"{number} {unit}") if written[:1] in {'"', "'"} and unit else number


def _milestones(places: Places, edits: Edits, path: KeyPath, step: Step, task: Task) -> None:
    """Steps that are done are history; the days of the others were those of the old period."""
    whole, days = (*path, "milestones"), False
    for number, milestone in enumerate(step.rule.key_result.milestones):
        own = (*whole, number)
        due = places.keys.get((*own, "due"))
        if milestone.done and own in places.elements:
            edits.remove(places.elements[own])
        elif milestone.done and own in places.tables:
            edits.remove_table(places.tables[own], f"left out, done: {plain(milestone.title)}")
        elif due is not None:
            days = days or due.inline
            edits.comment_out(due, f"a day of {task.old.label}")
    if days and whole in places.keys:
        edits.remark(places.keys[whole], f"days of {task.old.label} left out: write new ones")


def _leave_out(places: Places, edits: Edits, path: KeyPath, why: str) -> None:
    place = places.keys.get(path)
    if place is not None:
        edits.comment_out(place, f"left out, {why}")
    for number, table in enumerate(places.within(path)):
        edits.remove_table(table, "" if number else f"left out {path[-1]}, {why}")


def _objectives(places: Places, edits: Edits, task: Task) -> None:
    """An objective of which nothing is left cannot stay: nobody could tell that it is reached."""
    kept = {names[0] for names, step in task.steps.items() if not step.left_out}
    for name in dict.fromkeys(names[0] for names in task.steps):
        if name in kept:
            continue
        path = ("objective", name)
        _remove(places, edits, path, f"left out {name}: nothing of it goes on", alone=True)


def _remove(
    places: Places, edits: Edits, path: KeyPath, words: str, *, alone: bool = False
) -> None:
    """A table however it is written: with a header, within a line, or by dotted keys. ``alone``
    leaves the tables of its key results, which are removed with their own reasons."""
    told = plain(words)
    tables = places.within(path)
    if alone:
        tables = [places.tables[path]] if path in places.tables else []
    for place in tables:
        edits.remove_table(place, told)
        told = ""
    if tables or alone:
        return
    own = places.keys.get(path)
    beneath = [place for key, place in places.keys.items() if key[: len(path)] == path]
    for place in [own] if own is not None else beneath:
        edits.comment_out(place, told)


def _overrides(places: Places, edits: Edits, task: Task) -> None:
    for path, place in places.tables.items():
        if path[:1] == ("override",):
            told = f"left out, an override of {task.old.label}: {plain(str(path[-1]))}"
            edits.remove_table(place, told if len(path) > 1 else "")


def _references(places: Places, edits: Edits, task: Task) -> None:
    """Full ids of what is carried as well; short ones mean the file's own and stay."""
    for path, place in places.keys.items():
        if path[-1] not in _REFERENCES:
            continue
        written = places.shown(place)
        if written[:1] not in {'"', "'"}:
            continue
        if path[-1] in {"parent", "pair"} and _means(written.strip("\"'"), path, task) in task.gone:
            edits.comment_out(place, "left out, what it names is left out")
            continue
        new = _TOKEN.sub(lambda found: _new_id(found[0], task), written)
        if new != written:
            edits.write_value(place, new)


def _means(name: str, path: KeyPath, task: Task) -> str:
    """The full id behind a name as written: of the same objective, of the team, or in full."""
    begins = f"{task.team}." if task.team else ""
    for full in (f"{begins}{path[1]}.{name}", f"{begins}{name}"):
        if full in task.own:
            return full
    return name


def _new_id(name: str, task: Task) -> str:
    begins = f"{task.team}." if task.team else ""
    return name if begins and begins + name in task.own else task.ids.get(name, name)


def _days(places: Places, edits: Edits, task: Task) -> None:
    """Days that stand in questions: nobody but a person knows what becomes of them."""
    for place in _asking(places, task):
        if _DAY.search(places.shown(place)):
            edits.remark(place, f"there is a day in it, perhaps one of {task.old.label}")


def _asking(places: Places, task: Task) -> Iterator[Place]:
    handled = {"period", "pace", "milestones", "baseline", "store_id", *_TARGETS}
    gone = {names for names, step in task.steps.items() if step.left_out}
    for path, place in places.keys.items():
        in_metric = path[:1] == ("metric",) and len(path) == 3  # noqa: PLR2004 metric.name.key
        in_key_result = path[:1] == ("objective",) and len(path) == 5 and path[2] == "kr"  # noqa: PLR2004
        if in_key_result and (path[1], path[3]) in gone:
            continue
        if (in_metric or in_key_result) and path[-1] not in handled:
            yield place


def _path(names: Names) -> KeyPath:
    return ("objective", names[0], "kr", names[1])
