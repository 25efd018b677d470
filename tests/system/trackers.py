"""Real trackers that were not written here: Roundup from PyPI, Redmine from Debian.

They are what a JSON API is outside of a test: their own totals, pages, dates and rate limits.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

ADMIN, PASSWORD = "admin", "only-in-this-test"
REDMINE = Path("/usr/share/redmine")
REDMINE_DATABASE = Path(
    "/var/lib/dbconfig-common/sqlite3/redmine/instances/default/redmine_default"
)


@dataclass(frozen=True)
class Tracker:
    """``url`` is the root of its API; ``headers`` sign in."""

    url: str
    headers: Mapping[str, str]

    def send(self, method: str, path: str, document: object = None) -> Any:
        answer = httpx.request(
            method, f"{self.url}/{path}", json=document, headers=dict(self.headers), timeout=60
        )
        assert answer.is_success, answer.text
        return answer.json() if answer.content.strip() else None


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port: int = trial.getsockname()[1]
    return port


@contextmanager
def roundup(folder: Path, *, calls: int = 0, seconds: int = 0) -> Iterator[Tracker]:
    """A fresh Roundup; ``calls`` of its API are allowed in ``seconds``, 0 for any number."""
    home, port = folder / "tracker", free_port()
    address = f"http://127.0.0.1:{port}/t"
    _administer(
        home,
        "install",
        "classic",
        "anydbm",
        f"tracker_web={address}/,mail_domain=acme.example,mail_host=localhost,"
        "admin_email=admin@acme.example",
    )
    _administer(home, "initialise", PASSWORD)
    _limit(home / "config.ini", calls, seconds)
    process = _started(
        [
            *(sys.executable, "-m", "roundup.scripts.roundup_server"),
            *("-p", str(port), "-n", "127.0.0.1", "-t", "thread"),
            *_as_this_user(),
            f"t={home}",
        ],
        folder,
        env={**os.environ, "SENDMAILDEBUG": os.devnull},
    )
    pair = b64encode(f"{ADMIN}:{PASSWORD}".encode()).decode()
    headers = {
        "Authorization": f"Basic {pair}",
        "X-Requested-With": "rest",
        "Origin": f"http://127.0.0.1:{port}",
        "Referer": f"{address}/",
    }
    with _until_ended(process):
        _wait_for(port, process)
        yield Tracker(f"{address}/rest/data", headers)


def _administer(home: Path, *command: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "roundup.scripts.roundup_admin", "-i", home, *command],
        check=True,
        capture_output=True,
    )


def _limit(config: Path, calls: int, seconds: int) -> None:
    text = config.read_text("utf-8")
    text = text.replace("api_calls_per_interval = 0", f"api_calls_per_interval = {calls}")
    text = text.replace("api_interval_in_sec = 3600", f"api_interval_in_sec = {seconds or 3600}")
    config.write_text(text, "utf-8")


def _as_this_user() -> list[str]:
    """Roundup does not run as root unless it is told to; as nobody it could not read Python."""
    return ["-u", "root"] if os.geteuid() == 0 else []


def redmine_is_installed() -> bool:
    return (REDMINE / "config.ru").is_file() and shutil.which("puma") is not None


SEED = """\
Setting.rest_api_enabled = 1
User.current = admin = User.find_by(login: "admin")
admin.update!(must_change_passwd: false)
Redmine::DefaultData::Loader.load("en") if Redmine::DefaultData::Loader.no_data?
tracker = Tracker.first
project = Project.new(name: "Platform", identifier: "platform")
project.trackers = Tracker.all
project.enabled_module_names = ["issue_tracking"]
project.save!
File.write(ARGV[0], admin.api_key)
"""


@contextmanager
def redmine(folder: Path) -> Iterator[Tracker]:
    """A fresh Redmine with one project ``platform``, on a database of its own."""
    settings = _redmine_settings(folder)
    rails = [str(REDMINE / "bin" / "rails")]
    seed, key = folder / "seed.rb", folder / "key"
    seed.write_text(SEED, "utf-8")
    database = folder / "redmine.sqlite"
    installed = os.access(REDMINE_DATABASE, os.R_OK) and shutil.copy(REDMINE_DATABASE, database)
    migrate = [] if installed else [["db:migrate"]]  # a minute
    for command in (*migrate, ["runner", str(seed), str(key)]):
        subprocess.run(
            [*rails, *command], cwd=REDMINE, env=settings, check=True, capture_output=True
        )
    port = free_port()
    process = _started(
        ["puma", "-b", f"tcp://127.0.0.1:{port}", "-e", "production", "-t", "1:2", "config.ru"],
        folder,
        cwd=REDMINE,
        env=settings,
    )
    with _until_ended(process):
        _wait_for(port, process, seconds=120)
        headers = {"X-Redmine-API-Key": key.read_text("utf-8").strip()}
        yield Tracker(f"http://127.0.0.1:{port}", headers)


def _redmine_settings(folder: Path) -> dict[str, str]:
    """Debian's instance, but on a database of ours."""
    return {
        **os.environ,
        "RAILS_ENV": "production",
        "DATABASE_URL": f"sqlite3:{folder / 'redmine.sqlite'}",
        "SECRET_KEY_BASE": "0" * 64,
        "X_DEBIAN_SITEID": "default",
        "RAILS_LOG_TO_STDOUT": "1",
    }


def _started(
    command: Sequence[str | Path],
    folder: Path,
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    with (folder / "server.log").open("wb") as log:
        return subprocess.Popen(
            command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )


@contextmanager
def _until_ended(process: subprocess.Popen[bytes]) -> Iterator[None]:
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(port: int, process: subprocess.Popen[bytes], seconds: int = 30) -> None:
    for _ in range(seconds * 10):
        if process.poll() is not None:
            raise RuntimeError("the tracker ended while it was started")
        try:
            httpx.get(f"http://127.0.0.1:{port}/", timeout=60)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"the tracker did not start within {seconds} s")
