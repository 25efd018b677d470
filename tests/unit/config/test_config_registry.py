"""Connectors are found by entry point, one at a time, and a broken one says why."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from okrsync.config.registry import SOURCES, STORES, Broken, NotInstalled, find, installed

GOOD = """
from okrsync.contracts import Settings, SourceSpec
class S(Settings): ...
SOURCE = SourceSpec("good", S, S, open=None)
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Makes an installed package with a module and one entry point."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def install(name: str, type_: str, code: str, value: str = "SOURCE", extras: str = "") -> None:
        module = f"okrsync_probe_{name}"
        (tmp_path / f"{module}.py").write_text(code)
        info = tmp_path / f"probe_{name}-1.0.dist-info"
        info.mkdir()
        about = f"Metadata-Version: 2.1\nName: probe-{name}\nVersion: 1.0\n{extras}"
        (info / "METADATA").write_text(about)
        (info / "entry_points.txt").write_text(f"[{SOURCES}]\n{type_} = {module}:{value}\n")

    return install


def test_a_named_connector_is_loaded_and_no_other(package: Callable[..., None]) -> None:
    package("good", "good", GOOD)
    package("other", "other", "raise RuntimeError('loaded without being named')")
    assert find(SOURCES, "good").name == "good"
    assert "okrsync_probe_other" not in sys.modules
    assert {"good", "other"} <= set(installed(SOURCES))


def test_an_unknown_type_names_the_installed_ones(package: Callable[..., None]) -> None:
    package("good", "good", GOOD)
    with pytest.raises(NotInstalled) as caught:
        find(SOURCES, "god")
    assert "good" in caught.value.installed
    with pytest.raises(NotInstalled):
        find(STORES, "good")


def test_a_missing_library_names_the_extra_where_there_is_one(
    package: Callable[..., None],
) -> None:
    code = "import library_that_nobody_has"
    package("lost", "lost", code, extras="Provides-Extra: lost\n")
    package("bare", "bare", code, extras="Provides-Extra: other\n")
    with pytest.raises(Broken, match=r'library_that_nobody_has: pip install "probe-lost\[lost\]"'):
        find(SOURCES, "lost")
    with pytest.raises(Broken, match=r"library_that_nobody_has: pip install library_that_nobody"):
        find(SOURCES, "bare")


def test_an_error_at_import_is_told_without_its_text(package: Callable[..., None]) -> None:
    package("bad", "bad", "raise ValueError('canary-secret')")
    with pytest.raises(Broken, match="probe-bad could not be loaded \\(ValueError\\)") as caught:
        find(SOURCES, "bad")
    assert "canary" not in str(caught.value)


def test_something_that_is_no_manifest_is_refused(package: Callable[..., None]) -> None:
    package("odd", "odd", "SOURCE = 3")
    with pytest.raises(Broken, match="not a connector's manifest"):
        find(SOURCES, "odd")


def test_two_packages_with_one_type_are_both_named(package: Callable[..., None]) -> None:
    package("one", "twice", GOOD)
    package("two", "twice", GOOD)
    with pytest.raises(Broken, match="probe-one and probe-two both offer"):
        find(SOURCES, "twice")
