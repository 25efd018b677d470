"""How many objectives, how many key results beneath each, and what they are tied to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from okrsync.config.config import Config
from okrsync.lint.finding import Finding
from okrsync.lint.words import abbreviations
from okrsync.mapping.rules import Metric
from okrsync.model import Objective, Place
from okrsync.scoring.perspectives import PERSPECTIVES, perspective_name

FEWEST_OBJECTIVES, MOST_OBJECTIVES = 2, 4
FEWEST_KEY_RESULTS, MOST_KEY_RESULTS = 2, 5
TOP_LEVELS = frozenset({"company", "organisation", "organization"})


def check_teams(objectives: Sequence[Objective]) -> Iterator[Finding]:
    """2-4 objectives a team at a time. Periods that overlap count as one time."""
    for team in sorted({objective.team for objective in objectives}):
        own = [objective for objective in objectives if objective.team == team]
        busiest = max((_running_with(one, own) for one in own), key=len)
        if FEWEST_OBJECTIVES <= len(busiest) <= MOST_OBJECTIVES:
            continue
        many = len(busiest) > MOST_OBJECTIVES
        yield Finding(
            busiest[-1].place if many else busiest[0].place,
            "too-many-objectives" if many else "too-few-objectives",
            f"{_team(team)} has {len(busiest)} objective{'' if len(busiest) == 1 else 's'} at a"
            f" time in {busiest[0].period.label}",
            f"keep {FEWEST_OBJECTIVES}-{MOST_OBJECTIVES} objectives a team, the ones that matter",
        )


def check_objective(objective: Objective) -> Iterator[Finding]:
    count = len(objective.key_results)
    if count and not FEWEST_KEY_RESULTS <= count <= MOST_KEY_RESULTS:
        yield Finding(
            objective.place,
            "too-few-key-results" if count < FEWEST_KEY_RESULTS else "too-many-key-results",
            f"{objective.id} has {count} key result{'' if count == 1 else 's'}",
            f"{FEWEST_KEY_RESULTS}-{MOST_KEY_RESULTS} key results prove an objective best",
        )
    if objective.team and objective.parent is None and not _at_the_top(objective):
        yield Finding(
            objective.place,
            "no-parent",
            f"{objective.id} supports no objective above it",
            'write parent = "company.<objective>", or level = "company" when it is the top',
        )
    if any(letter.isdigit() for letter in objective.title):
        yield Finding(
            objective.place,
            "number-in-objective",
            f"the title of {objective.id} holds a number",
            "an objective says where to go; move the number into a key result",
        )
    yield from check_title(objective.place, objective.id, objective.title)
    if objective.weight == 0:
        yield Finding(
            objective.place,
            "weight-zero",
            f"{objective.id} has the weight 0 and counts for nothing above it",
            "give it a weight above 0, or take it out",
        )


def check_title(place: Place, id_: str, title: str) -> Iterator[Finding]:
    """Everybody reads every OKR: no insiders' abbreviations."""
    found = abbreviations(title)
    if found:
        yield Finding(
            place,
            "abbreviation",
            f"the title of {id_} says {', '.join(found)}",
            "write it out, so that a colleague from another team understands it",
        )


def check_perspectives(config: Config) -> Iterator[Finding]:
    """Once anything carries a perspective, all four of the balanced scorecard should be seen."""
    kpis = (metric for metric in config.metrics.values() if metric.watched)
    carriers: list[Objective | Metric] = [*config.objectives.values(), *kpis]
    tagged = [one for one in carriers if one.perspective]
    used = {perspective_name(one.perspective) for one in tagged}
    for perspective in PERSPECTIVES:
        if tagged and perspective not in used:
            yield Finding(
                tagged[0].place,
                "empty-perspective",
                f"nothing looks from the {perspective} perspective",
                f'give an objective or a metric perspective = "{perspective}"',
            )


def _running_with(one: Objective, others: Sequence[Objective]) -> list[Objective]:
    """Those whose period covers the first day of ``one``'s."""
    day = one.period.start
    return [other for other in others if other.period.start <= day < other.period.end]


def _at_the_top(objective: Objective) -> bool:
    return objective.level in TOP_LEVELS or (not objective.level and objective.team in TOP_LEVELS)


def _team(name: str) -> str:
    return f"the team {name}" if name else "the mapping without a team"
