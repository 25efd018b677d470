"""Plan and report as Markdown, for a wiki, a pull request or a mail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from okrsync.config.config import Config
from okrsync.model import Change, Outcome, Plan, Verdict
from okrsync.report import numbers, signs
from okrsync.report.export import markdown, plain
from okrsync.report.left_out import LeftOut, left_out_markdown
from okrsync.report.people import word_sentence
from okrsync.report.plan import APPLY, last_line, notes, plan_head, plan_summary
from okrsync.report.provenance import from_where
from okrsync.report.status import line_cells, line_story, objective_words
from okrsync.report.tree import healthy_range, reading_rules
from okrsync.report.view import Branch, Kpi, Line, View, build
from okrsync.scoring.words import percent

PLAN_COLUMNS = (
    "",
    "Key result",
    "In store",
    "New",
    "Target",
    "Progress",
    "Pace",
    "Forecast",
    "Confidence",
    "Status",
)
LINE_COLUMNS = (
    "",
    "Key result",
    "Value",
    "Target",
    "Score",
    "Pace",
    "Confidence",
    "Status",
    "Where it came from",
)
KPI_COLUMNS = ("", "KPI", "Value", "Healthy", "Status", "Where it came from")
ONE_LINE = 10_000
DEEPEST_HEADING = 6


def plan_markdown(
    plan: Plan,
    config: Config,
    *,
    due: LeftOut | None = None,
    warnings: Sequence[str] = (),
    apply: str = APPLY,
) -> str:
    """A table of all changes, then the held and failed ones with what to do, what else is to be
    known of them, and what people said; ``warnings`` are of no key result."""
    lines = [f"## {markdown(plan_head(plan, config))}", ""]
    if plan.changes:
        lines += table(PLAN_COLUMNS, [_plan_cells(change, config) for change in plan.changes])
        lines.append("")
    lines += [markdown(plan_summary(plan.changes)), ""]
    left = left_out_markdown(due)
    lines += [*(f"- {markdown(one)}" for one in left), *([""] if left else [])]
    troubled = [one for one in plan.changes if one.verdict in {Verdict.HELD, Verdict.FAILED}]
    for change in troubled:
        what = f"**{change.verdict.value}** {markdown(change.key_result)}"
        lines.append(f"- {what}: {markdown(change.reason)}{_next(change.cure)}")
    noted = notes(plan.changes)
    for said, ids in noted.items():
        lines.append(f"- **note** {markdown(', '.join(ids))}: {markdown(said)}")
    spoken = [one for one in plan.changes if one.word is not None]
    lines += [_spoken(change, config) for change in spoken]
    lines += [f"- **warning** {markdown(warning)}" for warning in warnings]
    lines += [""] if troubled or noted or spoken or warnings else []
    lines += [f"- {markdown(source)}: {markdown(words)}" for source, words in plan.costs]
    lines += [""] if plan.costs else []
    lines.append(markdown(last_line(plan.changes, apply)))
    return "\n".join(lines)


def _spoken(change: Change, config: Config) -> str:
    word = change.word
    said = "" if word is None else word_sentence(word, config.timezone, change.score)
    return f"- **person** {markdown(change.key_result)}: {markdown(said)}"


def report_markdown(
    config: Config,
    outcomes: Mapping[str, Outcome],
    now: datetime,
    *,
    moves: Mapping[str, Decimal] | None = None,
) -> str:
    """Attention first, then objectives as nested headings, KPIs and perspectives."""
    view = build(config, outcomes, now, moves=moves)
    lines = ["# OKR report", "", numbers.moment(now, config.timezone), "", "## Needs attention", ""]
    lines += [
        f"- **{one.kind}** {markdown(one.subject)}: {markdown(one.message)}{_next(one.cure)}"
        for one in view.attention
    ] or ["Nothing."]
    lines += ["", "## Objectives", ""]
    for branch in view.tree:
        lines += _branch(branch, view, config, depth=3)
    if view.kpis:
        rows = [_kpi_cells(kpi, config) for kpi in view.kpis]
        lines += ["## KPIs", "", *table(KPI_COLUMNS, rows), ""]
    if view.perspectives:
        lines += ["## Perspectives", ""]
        for name, ids in view.perspectives:
            named = ", ".join(markdown(id_) for id_ in ids) or "*empty*"
            lines.append(f"- **{markdown(name)}**: {named}")
        lines.append("")
    lines += ["## How to read this", "", *(f"- {one.strip()}" for one in reading_rules(ONE_LINE))]
    return "\n".join(lines)


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A table of cells that are Markdown already."""
    lines = [f"| {' | '.join(header)} |", f"|{'---|' * len(header)}"]
    return lines + [f"| {' | '.join(row)} |" for row in rows]


def code(text: str) -> str:
    """A command or a query in one span, whatever it holds; only outside tables."""
    line = plain(text)
    longest = max((len(run) for run in _runs_of_backticks(line)), default=0)
    fence = "`" * (longest + 1)
    space = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{space}{line}{space}{fence}"


def _runs_of_backticks(text: str) -> list[str]:
    return [run for run in "".join(c if c == "`" else " " for c in text).split(" ") if run]


def _next(cure: str) -> str:
    if not cure:
        return ""
    return f". Next: {code(cure) if cure.startswith('okrsync') else markdown(cure)}"


def _plan_cells(change: Change, config: Config) -> list[str]:
    rule = config.rules.get(change.key_result)
    key_result = rule.key_result if rule else None
    value, score = change.value, change.score
    unit = value.unit if value else ""
    troubled = change.verdict in {Verdict.HELD, Verdict.FAILED}
    word = signs.WORDS[score.status] if score and not troubled else change.verdict.value
    cells = [
        signs.VERDICT_SIGNS[change.verdict],
        f"{change.key_result}: {change.title}",
        numbers.value(key_result, change.stored, unit),
        numbers.value(key_result, value.number if value else None, unit),
        numbers.target(key_result) if key_result else numbers.NOTHING,
        percent(score.progress) if score and score.progress is not None else numbers.NOTHING,
        numbers.points(score.pace if score and not troubled else None),
        numbers.middle(key_result, score) if score and not troubled else numbers.NOTHING,
        numbers.probability(score.confidence if score and not troubled else None),
        word,
    ]
    return [markdown(cell) for cell in cells]


def _branch(branch: Branch, view: View, config: Config, *, depth: int) -> Iterator[str]:
    level = "#" * min(depth, DEEPEST_HEADING)
    sign = signs.SIGNS[branch.score.status]
    yield f"{level} {sign} {markdown(branch.objective.title)}"
    yield ""
    told = f"{branch.objective.id}, {branch.objective.period.label}"
    missing = f"; {branch.score.reason}" if branch.score.missing else ""
    yield markdown(f"{told}: {objective_words(branch.score)}{missing}")
    yield ""
    if branch.lines:
        yield from table(LINE_COLUMNS, [_line_row(line, view, config) for line in branch.lines])
        yield ""
    for child in branch.children:
        yield from _branch(child, view, config, depth=depth + 1)


def _line_row(line: Line, view: View, config: Config) -> list[str]:
    sign, name, *rest = line_cells(line)
    story = "; ".join(line_story(line, view.now, config))
    cells = [sign, f"{line.key_result.title} ({name})", *rest, story]
    return [markdown(cell) for cell in cells]


def _kpi_cells(kpi: Kpi, config: Config) -> list[str]:
    value = kpi.outcome.value if kpi.outcome else None
    cells = [
        signs.SIGNS[kpi.status],
        kpi.metric.title or kpi.metric.id,
        numbers.amount(value.number, value.unit) if value else numbers.NOTHING,
        healthy_range(kpi).removeprefix("healthy "),
        kpi.reason,
        from_where(value, config.timezone) if value else numbers.NOTHING,
    ]
    return [markdown(cell) for cell in cells]
