"""What a user installs: built as a release is built, the wheel from the sdist.

Building straight from the checkout would hide what the sdist forgets to bring along.
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from configparser import ConfigParser
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run without anything in the environment that could lead back to the checkout."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "OKRSYNC_", "VIRTUAL_ENV"))
    }
    return subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def done(*command: str | Path, cwd: Path) -> str:
    finished = run(*command, cwd=cwd)
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist and the wheel; without isolation, so that it needs no network."""
    folder = tmp_path_factory.mktemp("release")
    done(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, ROOT, cwd=folder)
    return folder


@pytest.fixture(scope="module")
def wheel(release: Path) -> Path:
    (wheel,) = release.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    return set(zipfile.ZipFile(wheel).namelist())


@pytest.fixture(scope="module")
def program(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """okrsync in an empty environment.

    Its dependencies come from the running environment, by a path file: installing them again would
    need the network and a minute. A path file does not follow other path files, so an editable
    okrsync in the running environment stays out of reach.
    """
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False, symlinks=True)
    pip = [sys.executable, "-m", "pip", "--python", str(folder / "bin" / "python")]
    done(*pip, "install", "--quiet", "--no-deps", "--no-index", wheel, cwd=folder)
    site_packages = Path(sysconfig.get_path("purelib", vars={"base": str(folder)}))
    dependencies = sysconfig.get_path("purelib")
    (site_packages / "dependencies.pth").write_text(f"{dependencies}\n", "utf-8")
    return folder / "bin" / "okrsync"


def test_every_top_level_name_is_ours(names: set[str]) -> None:
    tops = {name.partition("/")[0] for name in names}
    assert {top for top in tops if not top.startswith("okrsync")} == set()


def test_the_whole_engine_and_every_connector_are_inside(names: set[str]) -> None:
    engine = {str(path.relative_to(ROOT)) for path in ROOT.glob("okrsync/**/*.py")}
    connectors = {
        str(path.relative_to(ROOT / "connectors")) for path in ROOT.glob("connectors/*/**/*.py")
    }
    assert engine | connectors <= names


def test_every_package_is_typed(names: set[str]) -> None:
    tops = {name.partition("/")[0] for name in names if name.endswith("__init__.py")}
    assert {f"{top}/py.typed" for top in tops} <= names


def test_every_template_is_inside(names: set[str]) -> None:
    mappings = {
        f"okrsync/{path.relative_to(ROOT)}" for path in ROOT.glob("mappings/**/*") if path.is_file()
    }
    assert mappings
    assert mappings <= names


def test_nothing_else_is_inside(names: set[str]) -> None:
    strangers = {
        name
        for name in names
        if Path(name).suffix not in {".py", ".toml", ".csv", ".typed", ".html", ".css"}
        and ".dist-info/" not in name
    }
    assert strangers == set()


def test_the_licence_travels_along(names: set[str]) -> None:
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)


def test_every_entry_point_names_a_module_of_the_wheel(wheel: Path, names: set[str]) -> None:
    (file,) = (name for name in names if name.endswith(".dist-info/entry_points.txt"))
    entries = ConfigParser()
    entries.read_string(zipfile.ZipFile(wheel).read(file).decode())
    values = [value for section in entries.sections() for value in entries[section].values()]
    modules = {value.partition(":")[0].replace(".", "/") for value in values}
    assert {"okrsync.sources", "okrsync.stores", "console_scripts"} <= set(entries.sections())
    assert {m for m in modules if not {f"{m}.py", f"{m}/__init__.py"} & names} == set()


def test_the_sdist_brings_all_that_its_tests_need(release: Path) -> None:
    (sdist,) = release.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        inside = {name.partition("/")[2] for name in archive.getnames()}
    needed = {"Makefile", "README.md", "config.example.toml", "LICENSE", "CHANGELOG.md"}
    needed |= {str(path.relative_to(ROOT)) for path in ROOT.glob("docs/*.md")}
    needed |= {str(path.relative_to(ROOT)) for path in ROOT.glob("tests/**/*.py")}
    assert needed <= inside


@pytest.mark.parametrize("template", ["starter", "engineering-csv", "sales-csv", "company"])
def test_a_fresh_install_runs_every_template(program: Path, tmp_path: Path, template: str) -> None:
    done(program, "init", "okrs", "--template", template, cwd=tmp_path)
    folder = tmp_path / "okrs"
    done(program, "sync", cwd=folder)
    assert done(program, "status", cwd=folder).strip()


def test_the_installed_program_is_not_the_checkout(program: Path, tmp_path: Path) -> None:
    code = "import okrsync, okrsync_csv; print(okrsync.__file__); print(okrsync_csv.__file__)"
    for line in done(program.with_name("python"), "-c", code, cwd=tmp_path).splitlines():
        assert Path(line).is_relative_to(program.parents[1])
