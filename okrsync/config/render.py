"""Problems as text for people, as JSON for programs, as commands for a GitHub workflow."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Literal

from okrsync.errors import Problem

Format = Literal["text", "json", "github"]


def render(problems: Sequence[Problem], format: Format, root: Path) -> str:  # noqa: A002
    """All problems in one format; ``root`` is the folder that their files are relative to."""
    if format == "json":
        return json.dumps([as_data(problem) for problem in problems], ensure_ascii=False, indent=2)
    if format == "github":
        return "\n".join(_as_command(problem, root) for problem in problems)
    blocks = [_as_text(problem) for problem in problems]
    return "\n\n".join([*blocks, _count_line(problems)])


def _as_text(problem: Problem) -> str:
    lines = [f"{_severity(problem)}[{problem.code}]: {problem.message}"]
    gutter = len(str(problem.line)) if problem.line else 1
    space = " " * gutter
    place = f":{problem.line}:{problem.column}" if problem.line else ""
    lines.append(f"{space}--> {problem.file}{place}")
    if problem.source_line:
        carets = " " * problem.caret + "^" * problem.width
        meant = f" did you mean `{problem.suggestion}`?" if problem.suggestion else ""
        lines += [
            f"{space} |",
            f"{problem.line} | {problem.source_line}",
            f"{space} | {carets}{meant}",
        ]
    elif problem.suggestion:
        lines.append(f"{space} = did you mean `{problem.suggestion}`?")
    lines += [f"{space} = help: {text}" for text in problem.help]
    return "\n".join(line.rstrip() for line in lines)


def _count_line(problems: Sequence[Problem]) -> str:
    errors = [problem for problem in problems if not problem.warning]
    counted = errors or problems
    files = sorted({problem.file for problem in counted})
    what = "error" if errors else "warning"
    where = files[0] if len(files) == 1 else f"{len(files)} files"
    warnings = len(problems) - len(errors)
    also = f", {_counted(warnings, 'warning')}" if errors and warnings else ""
    return f"{_counted(len(counted), what)}{also} in {where}. Nothing was contacted."


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _severity(problem: Problem) -> str:
    return "warning" if problem.warning else "error"


def as_data(problem: Problem) -> dict[str, object]:
    """One problem as an object for JSON."""
    data = asdict(problem)
    data["severity"] = "warning" if data.pop("warning") else "error"
    data["help"] = list(problem.help)
    return data


def _as_command(problem: Problem, root: Path) -> str:
    """See "Workflow commands for GitHub Actions" at https://docs.github.com/actions."""
    file = problem.file if root == Path() else (root / problem.file).as_posix()
    properties = {
        "file": file,
        "line": str(max(1, problem.line)),
        "col": str(max(1, problem.column)),
        "title": problem.code,
    }
    written = ",".join(
        f"{key}={_escaped(text, property_=True)}" for key, text in properties.items()
    )
    meant = [f"did you mean `{problem.suggestion}`?"] if problem.suggestion else []
    message = "\n".join([problem.message, *meant, *problem.help])
    return f"::{_severity(problem)} {written}::{_escaped(message)}"


def _escaped(text: str, *, property_: bool = False) -> str:
    text = text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return text.replace(":", "%3A").replace(",", "%2C") if property_ else text
