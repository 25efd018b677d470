"""Matches with their scores and reasons, as text and in the JSON envelope."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from okrsync.lifecycle.linking import Links, percent
from okrsync.lifecycle.matching import Likely, Match
from okrsync.mapping.rules import Rule
from okrsync.report.export import plain
from okrsync.report.json import envelope
from okrsync.report.lines import wrap

OPEN = 3
SURE, LEAST = 90, 50
"""In percent: how sure a match is written without asking, and how low that may be set."""
_INDENT = "       "


def links_text(links: Links, *, width: int = 80) -> str:
    """Every match with its score and why; then what has none."""
    head = f"okrsync link   store: {links.store}"
    if links.makes_its_own:
        own = "This store makes its key results from the mappings: there is nothing to link."
        return f"{head}\n\n{own}"
    blocks = [head, *("\n".join(match_lines(one, links, width)) for one in links.matches)]
    blocks += ["\n".join(_without(one, width)) for one in links.unmatched]
    blocks += ["\n".join(_lost(one, width)) for one in links.lost]
    return "\n\n".join([*blocks, "\n".join(wrap(_count(links), width))])


def match_lines(match: Match, links: Links, width: int) -> Iterator[str]:
    """Our key result, the store's beneath it, why, and the rivals."""
    yield from wrap(f"{percent(match.best.score):3d} %  {plain(match.best.ours)}", width)
    yield from _choice(match.best, links, width)
    if not match.rivals:
        return
    yield from wrap("ambiguous, a person must choose; near it:", width, _INDENT)
    for rival in match.rivals:
        ours = "" if rival.ours == match.best.ours else f"  for {plain(rival.ours)}"
        yield from wrap(f"{percent(rival.score)} %{ours}", width, _INDENT)
        yield from _choice(rival, links, width, _INDENT * 2)


def written_text(chosen: Mapping[str, str], files: Sequence[Path], root: Path) -> str:
    """What was written where; files as they are called from config.toml's folder."""
    if not chosen:
        return "Nothing was written."
    ids = f"{len(chosen)} store_id{'' if len(chosen) == 1 else 's'}"
    names = ", ".join(file.relative_to(root).as_posix() for file in files)
    return f"wrote {ids} in {names}"


def offer_text(links: Links, chosen: Mapping[str, str], at_least: int, again: str) -> str:
    """How to have the rest written, where no person must choose; ``again`` is the command as it
    was typed."""
    bar = "" if at_least == SURE else f" --at-least {at_least}"
    rest = [
        percent(one.best.score)
        for one in links.matches
        if not one.rivals and one.best.ours not in chosen
    ]
    below = [score for score in rest if LEAST <= score < at_least]
    lines = []
    if any(score >= at_least for score in rest):
        lines.append(f"To write what is sure: {again} --write{bar}")
    if below:
        matches = "1 match is" if len(below) == 1 else f"{len(below)} matches are"
        lines.append(f"{matches} less than {at_least} % sure. If they are right, to write them:")
        lines.append(f"  {again} --write --at-least {min(below)}")
    return "\n".join(lines)


def links_json(
    links: Links, chosen: Mapping[str, str], now: datetime, *, exit_code: int = 0
) -> str:
    """Matches and open ones; ``written`` says of each whether its `store_id` is in the file now."""
    items = [
        {
            **_likely(one.best, links),
            "ambiguous": bool(one.rivals),
            "rivals": [_likely(rival, links) for rival in one.rivals],
            "written": chosen.get(one.best.ours),
        }
        for one in links.matches
    ]
    diagnostics = [
        *(_open(one, "no-match", "nothing in the store is like it") for one in links.unmatched),
        *(_open(one, "not-in-store", "the store does not have its store_id") for one in links.lost),
    ]
    summary = {
        "store": links.store,
        "linked": links.linked,
        "matched": len(links.matches),
        "ambiguous": sum(bool(one.rivals) for one in links.matches),
        "unmatched": len(links.unmatched),
        "lost": len(links.lost),
        "written": len(chosen),
    }
    return envelope("link", exit_code, now, summary=summary, items=items, diagnostics=diagnostics)


def left_open(links: Links, chosen: Mapping[str, str]) -> bool:
    """Whether some key result still has no place in the store."""
    return bool(links.unmatched or links.lost or len(chosen) < len(links.matches))


def _choice(likely: Likely, links: Links, width: int, indent: str = _INDENT) -> Iterator[str]:
    stored = links.stored[likely.theirs]
    yield from wrap(f"{plain(stored.title)}  ({plain(likely.theirs)})", width, indent)
    yield from wrap(plain(", ".join(likely.why)), width, indent)
    if stored.automated:
        said = f"the store will not be written: it is {stored.automated}"
        yield from wrap(plain(said), width, indent)


def _without(rule: Rule, width: int) -> Iterator[str]:
    yield from wrap(f"  -    {plain(rule.key_result.id)}", width)
    yield from wrap("nothing in the store is like it", width, _INDENT)


def _lost(rule: Rule, width: int) -> Iterator[str]:
    yield from wrap(f"  x    {plain(rule.key_result.id)}", width)
    id_ = plain(rule.key_result.store_ref.id)
    told = f"the store has no key result {id_}: correct store_id at {rule.place}, or take it out"
    yield from wrap(told, width, _INDENT)


def _count(links: Links) -> str:
    ambiguous = sum(bool(one.rivals) for one in links.matches)
    parts = [
        f"{links.linked} linked already",
        f"{len(links.matches) - ambiguous} matched",
        f"{ambiguous} ambiguous",
        f"{len(links.unmatched)} without a match",
    ]
    parts += [f"{len(links.lost)} not in the store"] if links.lost else []
    return f"{', '.join(parts)}; {len(links.free)} of the store's are free."


def _likely(likely: Likely, links: Links) -> dict[str, object]:
    stored = links.stored[likely.theirs]
    return {
        "kr": likely.ours,
        "store_id": likely.theirs,
        "title": stored.title,
        "score": percent(likely.score),
        "why": list(likely.why),
        "link": stored.definition.link or None,
        "automated": stored.automated or None,
    }


def _open(rule: Rule, code: str, message: str) -> dict[str, object]:
    return {
        "code": code,
        "kr": rule.key_result.id,
        "message": message,
        "file": rule.place.file,
        "line": rule.place.line,
        "next": 'write store_id = "..." there by hand',
    }
