"""From key results to objectives, and from objectives to those above them.

- Score: the mean of the key results' scores, weighted; one without a score is left out and named.
- Confidence: that of the weakest key result. All of them must come true for the objective to come
  true, so nothing higher could be defended.
- Status: the worst of all. What is missing or stale counts as worse than at risk.
- An objective without key results of its own gets all three from the objectives beneath it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal

from okrsync.errors import NoValue
from okrsync.model import Confidence, KeyResult, Objective, Score, Status
from okrsync.scoring.progress import ONE, SCORE_STEP, ZERO

WORST_FIRST = (
    Status.MISSED,
    Status.OFF_TRACK,
    Status.UNKNOWN,
    Status.STALE,
    Status.AT_RISK,
    Status.ON_TRACK,
    Status.ACHIEVED,
)


@dataclass(frozen=True, slots=True)
class Part:
    """A key result's (or lower objective's) share in an objective."""

    id: str
    weight: Decimal
    score: Decimal | None
    confidence: float | None
    status: Status


@dataclass(frozen=True, slots=True)
class ObjectiveScore:
    """``score`` 0-1 in steps of 0.0001; ``missing`` names the parts without a score."""

    score: Decimal | None
    confidence: Confidence | None
    status: Status
    counted: int
    missing: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class PairWarning:
    """A key result that got better while the one that it is paired with got worse."""

    key_result: str
    pair: str
    message: str


def part(key_result: KeyResult, score: Score | None) -> Part:
    """A key result as a part of its objective."""
    if score is None:
        return Part(key_result.id, key_result.weight, None, None, Status.UNKNOWN)
    chance = None if score.confidence is None else score.confidence.probability
    return Part(key_result.id, key_result.weight, score.score, chance, score.status)


def objective_score(parts: Sequence[Part]) -> ObjectiveScore:
    """Roll the parts up; a part of weight 0 is watched and does not count."""
    counting = [one for one in parts if one.weight > ZERO]
    missing = tuple(one.id for one in counting if one.score is None)
    status = min((one.status for one in counting), key=WORST_FIRST.index, default=Status.UNKNOWN)
    scored = [(one.score, one.weight) for one in counting if one.score is not None]
    return ObjectiveScore(
        score=weighted_mean(scored) if scored else None,
        confidence=_weakest(counting),
        status=status,
        counted=len(counting) - len(missing),
        missing=missing,
        reason=_reason(len(counting), missing),
    )


def weighted_mean(scores: Iterable[tuple[Decimal, Decimal]]) -> Decimal:
    """The mean of (score, weight) pairs in steps of 0.0001; a full 1 only where all are 1.

    Raises ``NoValue`` when nothing has a weight."""
    counting = [(score, weight) for score, weight in scores if weight > ZERO]
    if not counting:
        raise NoValue("nothing here counts towards a score", next_step="give a weight above 0")
    total = sum((weight for _, weight in counting), ZERO)
    mean = sum((score * weight for score, weight in counting), ZERO) / total
    rounded = mean.quantize(SCORE_STEP, ROUND_HALF_EVEN)
    return rounded if all(score == ONE for score, _ in counting) else min(rounded, ONE - SCORE_STEP)


def roll_up(
    objectives: Mapping[str, Objective], parts: Mapping[str, Part]
) -> dict[str, ObjectiveScore]:
    """Every objective's score; ``parts`` are the key results by id."""
    done: dict[str, ObjectiveScore] = {}
    for objective in objectives.values():
        _roll_up_one(objective, objectives, parts, done, frozenset())
    return done


def pair_warnings(
    key_results: Iterable[KeyResult], moves: Mapping[str, Decimal]
) -> list[PairWarning]:
    """Where one rises and its pair falls; ``moves`` are changes of progress by key result."""
    found: dict[tuple[str, str], PairWarning] = {}
    for key_result in key_results:
        if key_result.pair is None:
            continue
        for up, down in ((key_result.id, key_result.pair), (key_result.pair, key_result.id)):
            if moves.get(up, ZERO) > ZERO > moves.get(down, ZERO):
                message = f"{up} got better while its pair {down} got worse"
                found[up, down] = PairWarning(up, down, message)
    return list(found.values())


def _roll_up_one(
    objective: Objective,
    objectives: Mapping[str, Objective],
    parts: Mapping[str, Part],
    done: dict[str, ObjectiveScore],
    above: frozenset[str],
) -> ObjectiveScore:
    if objective.id in done:
        return done[objective.id]
    own = [parts[name] for name in objective.key_results if name in parts]
    if not own:
        above |= {objective.id}  # a circle of parents must end somewhere
        own = [
            _as_part(child, _roll_up_one(child, objectives, parts, done, above))
            for child in objectives.values()
            if child.parent == objective.id and child.id not in above
        ]
    done[objective.id] = objective_score(own)
    return done[objective.id]


def _as_part(objective: Objective, scored: ObjectiveScore) -> Part:
    chance = None if scored.confidence is None else scored.confidence.probability
    return Part(objective.id, objective.weight, scored.score, chance, scored.status)


def _weakest(parts: Sequence[Part]) -> Confidence | None:
    known = [(one.confidence, one.id) for one in parts if one.confidence is not None]
    if not known:
        return None
    probability, name = min(known)
    unknown = len(parts) - len(known)
    more = f"; {unknown} without confidence could be weaker" if unknown else ""
    return Confidence(probability, reason=f"the weakest is {name}{more}")


def _reason(count: int, missing: tuple[str, ...]) -> str:
    if count == 0:
        return "nothing beneath it counts"
    if not missing:
        return f"mean of {count}"
    return f"mean of {count - len(missing)} of {count}; without {', '.join(missing)}"
