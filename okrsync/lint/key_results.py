"""Whether a key result is a result, readable, owned and balanced."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from okrsync.lint.finding import Finding
from okrsync.lint.objectives import check_title
from okrsync.lint.words import activity
from okrsync.mapping.units import Sort, sort_of
from okrsync.model import KeyResult, Kind, Objective

HEAVIEST_SHARE = 10


def check_key_result(key_result: KeyResult, objective: Objective | None) -> Iterator[Finding]:
    yield from _check_activity(key_result)
    yield from check_title(key_result.place, key_result.id, key_result.title)
    yield from _check_owner(key_result, objective)
    yield from _check_period(key_result, objective)
    yield from _check_milestones(key_result)
    if key_result.weight <= 0:
        yield Finding(
            key_result.place,
            "weight-zero",
            f"{key_result.id} has the weight {key_result.weight} and counts for nothing",
            "give it a weight above 0, or watch it as a metric with a healthy range",
        )


def check_pairs(key_results: Sequence[KeyResult]) -> Iterator[Finding]:
    """A quantity key result goes with a quality one; and weights within reach of each other."""
    paired = {one.pair for one in key_results if one.pair}
    for key_result in key_results:
        if _is_quantity(key_result) and key_result.pair is None and key_result.id not in paired:
            yield Finding(
                key_result.place,
                "no-pair",
                f"{key_result.id} counts a quantity and has no pair for quality",
                'write pair = "<key result>": what must not get worse while this one rises?',
            )
    yield from _check_weights(key_results)


def _check_weights(key_results: Sequence[KeyResult]) -> Iterator[Finding]:
    for key_result in key_results:
        peers = [one.weight for one in key_results if one.objective == key_result.objective]
        lightest = min((weight for weight in peers if weight > 0), default=key_result.weight)
        if key_result.weight > lightest * HEAVIEST_SHARE:
            yield Finding(
                key_result.place,
                "weight-lopsided",
                f"{key_result.id} weighs more than {HEAVIEST_SHARE} times as much as another"
                f" key result of {key_result.objective}",
                "the light one hardly counts: leave it out or bring the weights together",
            )


def _is_quantity(key_result: KeyResult) -> bool:
    """Something counted that should grow. Shares and durations say something about quality."""
    if key_result.kind is not Kind.INCREASE:
        return False
    return sort_of(key_result.unit) not in {Sort.PERCENT, Sort.DURATION}


def _check_activity(key_result: KeyResult) -> Iterator[Finding]:
    word = activity(key_result.title)
    if word:
        yield Finding(
            key_result.place,
            "activity",
            f'the title of {key_result.id} names an activity ("{word}")',
            "say what will be different once that is done, with a number",
        )


def _check_owner(key_result: KeyResult, objective: Objective | None) -> Iterator[Finding]:
    if not key_result.owner and not (objective and objective.owner):
        yield Finding(
            key_result.place,
            "no-owner",
            f"{key_result.id} has no owner",
            'write owner = "<role>" at the key result, the objective or in [defaults]',
        )


def _check_period(key_result: KeyResult, objective: Objective | None) -> Iterator[Finding]:
    if objective and key_result.period.end > objective.period.end:
        yield Finding(
            key_result.place,
            "later-than-objective",
            f"{key_result.id} ends after its objective's period {objective.period.label}",
            "give both the same period, or move the key result to a longer objective",
        )


def _check_milestones(key_result: KeyResult) -> Iterator[Finding]:
    undated = [step.title for step in key_result.milestones if step.due is None and not step.done]
    if undated:
        yield Finding(
            key_result.place,
            "milestone-without-date",
            f"{key_result.id} has {len(undated)} open milestone{'s'[: len(undated) > 1]}"
            f' without a date, first "{undated[0]}"',
            "write due = 2026-10-31 (your day) in each, so that its pace can be judged",
        )
    late = [
        step.title for step in key_result.milestones if step.due and _after(key_result, step.due)
    ]
    if late:
        yield Finding(
            key_result.place,
            "milestone-after-period",
            f'{key_result.id} has a milestone due after its period, "{late[0]}"',
            "move the date into the period, or the milestone to the next one",
        )


def _after(key_result: KeyResult, due: date) -> bool:
    return due >= key_result.period.end
