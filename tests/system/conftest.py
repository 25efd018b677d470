"""The real command line on real files: a project folder, and processes to run it in."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.system.harness.project import Project
from tests.system.harness.runner import Zygote
from tests.system.harness.servers import free_port, from_npm, serving
from tests.system.harness.wiremock import WireMock

HERE = Path(__file__).parent

ENTRY_POINTS = """\
[okrsync.sources]
probe = okrsync_probe:SOURCE
broken = okrsync_broken:SOURCE
missing = okrsync_that_is_not_there:SOURCE
no-manifest = okrsync_probe:NO_MANIFEST
[okrsync.stores]
shelf = okrsync_shelf:STORE
stuck = okrsync_stuck:STORE
"""

ProjectMaker = Callable[..., Project]


@pytest.fixture(scope="session")
def plugins(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that makes the test plug-ins installed, as pip would."""
    folder = tmp_path_factory.mktemp("plugins")
    for module in (HERE / "plugins").glob("*.py"):
        shutil.copy(module, folder)
    about = folder / "okrsync_probe-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: okrsync-probe\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(ENTRY_POINTS)
    return folder


@pytest.fixture(scope="session")
def environment(plugins: Path) -> dict[str, str]:
    """What a run inherits: nothing of okrsync's, and the test plug-ins."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith("OKRSYNC_")}
    path = os.pathsep.join(filter(None, (str(plugins), kept.get("PYTHONPATH"))))
    return kept | {"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}


@pytest.fixture(scope="session")
def faults(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library of faults, compiled."""
    compiler = shutil.which("cc")
    if compiler is None or sys.platform != "linux":
        pytest.skip("faults are injected by a C library, which needs Linux and a C compiler")
    library = tmp_path_factory.mktemp("faults") / "faults.so"
    source = HERE / "harness" / "faults.c"
    subprocess.run([compiler, "-O1", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    return library


@pytest.fixture(scope="session")
def zygote(
    environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Zygote]:
    warmed = Zygote(tmp_path_factory.mktemp("outputs"), environment, faults=None)
    yield warmed
    warmed.close()


@pytest.fixture(scope="session")
def faulty_zygote(
    environment: dict[str, str], faults: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Zygote]:
    warmed = Zygote(tmp_path_factory.mktemp("outputs"), environment, faults=faults)
    yield warmed
    warmed.close()


@pytest.fixture
def project(tmp_path: Path, zygote: Zygote, environment: dict[str, str]) -> Project:
    folder = tmp_path / "project"
    folder.mkdir()
    return Project(folder, zygote, environment)


@pytest.fixture
def in_memory(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one: a thousand syncs must not wait for a real disk."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        yield Path(folder)


@pytest.fixture
def faulty_project(
    in_memory: Path, faulty_zygote: Zygote, environment: dict[str, str]
) -> ProjectMaker:
    """Makes a project with the given store, whose runs can meet faults."""

    def make(store: str) -> Project:
        folder = in_memory / store
        folder.mkdir()
        return Project(folder, faulty_zygote, environment, store=store)

    return make


@pytest.fixture(scope="session")
def wiremock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WireMock]:
    program = from_npm("wiremock", "wiremock")
    from_npm("java", "a Java runtime of the system, not npm")
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    command = [str(program), "--port", str(port), "--bind-address", "127.0.0.1"]
    folder = tmp_path_factory.mktemp("wiremock")
    command += ["--root-dir", str(folder)]
    with (
        serving(command, ready=f"{address}/__admin/mappings", log=folder / "log"),
        httpx.Client(base_url=f"{address}/__admin", trust_env=False) as admin,
    ):
        yield WireMock(address, admin)
