"""The files for a scheduler: right as they are, also for awkward paths."""

from __future__ import annotations

import shlex
from configparser import ConfigParser
from pathlib import Path

import pytest

from okrsync.templates.schedule import Kind, schedule_files

KINDS: tuple[Kind, ...] = ("cron", "systemd", "kubernetes")


def cron_command(path: Path, program: str = "/opt/okrsync/bin/okrsync") -> list[str]:
    """What cron hands to the shell: after five fields, with escaped percent signs set free."""
    (line,) = (
        line
        for line in schedule_files("cron", path, program=program).splitlines()
        if not line.startswith("#")
    )
    return shlex.split(line.split(maxsplit=5)[5].replace(r"\%", "%"))


def units(path: Path) -> tuple[ConfigParser, ConfigParser]:
    """The service and the timer, split where the second file's own heading stands."""
    text = schedule_files("systemd", path, program="/opt/okrsync/bin/okrsync")
    service, timer = text.split("# ~/.config/systemd/user/okrsync.timer\n")
    read = (ConfigParser(interpolation=None), ConfigParser(interpolation=None))
    for parser, part in zip(read, (service, timer), strict=True):
        parser.optionxform = str  # type: ignore[assignment,method-assign]
        parser.read_string(part)
    return read


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_runs_a_quiet_sync_of_this_config(kind: Kind, tmp_path: Path) -> None:
    text = schedule_files(kind, tmp_path / "config.toml")
    assert "sync" in text
    assert "--quiet" in text
    assert "config.toml" in text
    assert text.startswith("# ")
    assert text.endswith("\n")


def test_cron_is_given_absolute_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    config = str(tmp_path / "config.toml")
    command = ["/opt/okrsync/bin/okrsync", "sync", "--quiet", "--config", config]
    assert cron_command(Path("config.toml")) == command


@pytest.mark.parametrize("folder", ["our okrs", "100 %", "it's ours", "a;b", "$HOME"])
def test_cron_reads_awkward_paths_as_they_are(tmp_path: Path, folder: str) -> None:
    path = tmp_path / folder / "config.toml"
    assert cron_command(path)[-1] == str(path)


def test_cron_never_sees_a_bare_percent_sign(tmp_path: Path) -> None:
    text = schedule_files("cron", tmp_path / "100 %" / "config.toml")
    assert "%" not in text.replace(r"\%", "")


def test_systemd_takes_a_busy_lock_for_success_and_catches_up_once(tmp_path: Path) -> None:
    service, timer = units(tmp_path / "config.toml")
    assert service["Service"]["Type"] == "oneshot"
    assert service["Service"]["SuccessExitStatus"] == "75"
    assert service["Service"]["WorkingDirectory"] == str(tmp_path)
    assert timer["Timer"]["Persistent"] == "true"
    assert timer["Timer"]["RandomizedDelaySec"] == "5min"
    assert timer["Install"]["WantedBy"] == "timers.target"


def test_systemd_specifiers_and_variables_in_a_path_are_escaped(tmp_path: Path) -> None:
    service, _ = units(tmp_path / "100 %d $HOME" / "config.toml")
    assert f'"{tmp_path}/100 %%d $$HOME/config.toml"' in service["Service"]["ExecStart"]
    assert service["Service"]["WorkingDirectory"].endswith("100 %%d $HOME")


def test_kubernetes_lets_no_second_run_in_and_takes_secrets_from_the_environment(
    tmp_path: Path,
) -> None:
    text = schedule_files("kubernetes", tmp_path / "config.toml")
    assert "kind: CronJob" in text
    assert "concurrencyPolicy: Forbid" in text
    assert "secretRef" in text
    assert 'command: ["okrsync", "sync", "--quiet", "--config", "config.toml"]' in text
    assert str(tmp_path) not in text


def test_the_program_is_the_one_that_runs_now(tmp_path: Path) -> None:
    program = cron_command(tmp_path / "config.toml", program="")[0]
    assert program.endswith("okrsync")
