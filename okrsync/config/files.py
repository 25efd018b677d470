"""Finds and reads the files of one configuration."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from okrsync.config.documents import Unreadable, read, read_raw
from okrsync.config.findings import Findings, Page

if TYPE_CHECKING:
    from okrsync.config.documents import KeyPath

USUAL_PATTERNS: Final = {"mappings/*.toml", "mappings/**/*.toml", "*.toml", "teams/*.toml"}
CURES: Final = {
    "no-such-file": "okrsync init writes a first one; --config names another",
    "not-utf8": "save the file as UTF-8",
    "too-large": "write shorter numbers and flatter tables",
    "syntax": "text stands in quotes, each key stands once, each table's name in [brackets]",
}


def read_page(path: Path, name: str, findings: Findings) -> Page | None:
    """One file; None, and the reason noted, when it gives no tables."""
    try:
        return Page(read(path, name), findings)
    except Unreadable as error:
        text = read_raw(path, name).text if error.line else ""
        findings.add_unreadable(name, error, text, CURES[error.code])
        return None


def read_mappings(main: Page, patterns: Sequence[str]) -> list[Page]:
    """The files that the patterns find, each once, in the order of patterns and names."""
    pages = (read_page(file, name, main.findings) for file, name in _mapping_files(main, patterns))
    return [page for page in pages if page is not None]


def _mapping_files(main: Page, patterns: Sequence[str]) -> Iterator[tuple[Path, str]]:
    root = main.document.path.parent
    seen = {main.document.path.resolve()}
    for index, pattern in enumerate(patterns):
        path: KeyPath = ("mappings", index) if "mappings" in main.data else ()
        for file in _checked_matches(main, path, root, pattern):
            resolved = file.resolve()
            if resolved not in seen:
                seen.add(resolved)
                yield file, file.relative_to(root).as_posix()


def _checked_matches(main: Page, path: KeyPath, root: Path, pattern: str) -> list[Path]:
    found = _matches(root, pattern)
    inside = root.resolve()
    if found is None or any(not file.resolve().is_relative_to(inside) for file in found):
        message = "mappings are read from the folder of config.toml and below"
        cure = 'write a pattern without "..", such as "mappings/*.toml"'
        main.add(path, "outside-root", message, cure)
        return []
    if not found:
        message = "this pattern matches no file"
        cure = "create a mapping file, or correct the pattern: it starts beside config.toml"
        main.add(path, "no-mappings", message, cure, show=pattern in USUAL_PATTERNS)
    return found


def _matches(root: Path, pattern: str) -> list[Path] | None:
    """Sorted, so that nothing depends on the file system's order; None for a pattern outside."""
    parts = Path(pattern).parts
    if Path(pattern).is_absolute() or ".." in parts:
        return None
    if not parts or "\0" in pattern:
        return []
    try:
        return sorted(file for file in root.glob(pattern) if file.is_file())
    except (ValueError, NotImplementedError, OSError):  # pathlib's words for an odd pattern
        return []
