"""Secrets come by reference only, and leave in no output, whatever fails."""

from __future__ import annotations

import base64
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.system.harness.project import Project

CANARY = "kanarienvogel/9!Xq&zeta+Wolkenbruch"
SECRET = "s3cr3t-Zugvogel%Q7/äö&nachts"
"""With characters that an address, a form and a header each write in another way."""

COMMANDS = (
    ["validate"],
    ["doctor"],
    ["plan"],
    ["plan", "--format", "json"],
    ["plan", "--format", "md"],
    ["plan", "--out", "p"],
    ["sync", "--dry-run"],
    ["sync", "--format", "json"],
    ["sync", "--quiet"],
    ["apply"],
    ["apply", "p"],
    ["set", "team.grow.fine", "4", "--until", "2099-01-01", "--reason", "counted by hand"],
    ["approve", "team.grow.ill", "--reason", "seen"],
    ["backfill", "--from", "2026-01-01"],
    ["status"],
    ["status", "--format", "json"],
    ["explain", "team.grow.ill"],
    ["history", "team.grow.fine", "--format", "csv"],
    ["report"],
    ["report", "--format", "md"],
    ["report", "--format", "json"],
    ["lint"],
    ["schedule", "cron"],
    ["unlock", "0000"],
)


def forms(secret: str) -> set[bytes]:
    """Raw, as an address has it, in base64, and the halves that a wrapped line would show."""
    raw = secret.encode()
    middle = len(secret) // 2
    return {
        raw,
        quote(secret, safe="").encode(),
        base64.b64encode(raw),
        base64.urlsafe_b64encode(raw),
        base64.b64encode(b"bot:" + raw)[8:-4],
        secret[:middle].encode(),
        secret[middle:].encode(),
        secret.encode("unicode_escape"),
    }


def traces(project: Project, secret: str, *ignore: str) -> list[str]:
    """Files of the project, state and its log included, in which the secret can be read."""
    return [
        path.name
        for path in project.folder.rglob("*")
        if path.is_file() and path.name not in ignore
        for form in forms(secret)
        if form in path.read_bytes()
    ]


def seen(text: str, secret: str) -> list[bytes]:
    return [form for form in forms(secret) if form in text.encode()]


@pytest.mark.parametrize("level", ["debug", "warning"])
@pytest.mark.parametrize(
    "ill",
    [
        {"bug": True},
        {"error": "Refused"},
        {"raises": "BadAnswer"},
        {"error": "SignInRefused"},
        {"raises": "OutcomeUnknown"},
        {"answers_with": CANARY},
    ],
    ids=str,
)
def test_guarantee_26_a_secret_is_in_no_output_whatever_fails(
    project: Project, ill: dict[str, str], level: str
) -> None:
    """The plug-in even puts the secret into its errors' texts."""
    project.env["PROBE_TOKEN"] = SECRET
    table = 'type = "probe"\ntoken = { env = "PROBE_TOKEN" }'
    project.configure(f"[source.probe]\n{table}\n")
    project.map({name: f'from = "probe"\nprobe = "{name}"' for name in ("fine", "ill")})
    project.script(fine="3", ill=ill)
    # one command for each way to the source is enough below debug
    for command in COMMANDS if level == "debug" else COMMANDS[1:8]:
        result = project.run("--log-level", level, "--log-format", "json", *command)
        assert result.code in {0, 2, 3, 4, 5}, (command, result)
        assert not seen(result.out + result.err, SECRET), command
        assert "Traceback" not in result.err
    assert traces(project, SECRET) == []


MISPLACED = {
    "in place of a reference": f'[source.probe]\ntype = "probe"\ntoken = "{CANARY}"\n',
    "in a reference": f'[source.probe]\ntype = "probe"\ntoken = {{ env = "{CANARY}", x = 1 }}\n',
    "under an unknown key": f'[source.probe]\ntype = "probe"\npassword = "{CANARY}"\n',
    "as a type": f'[source.probe]\ntype = "{CANARY}"\n',
    "before broken syntax": f'[source.probe]\ntoken = "{CANARY}" "\n',
    "in the state's address": f'[state]\nurl = "postgresql://bot:{quote(CANARY, safe="")}@db/x"\n',
    "as a limit": f'[limits]\ndeadline = "{CANARY}"\n',
    "as a time": f'[source.probe]\ntype = "probe"\nscript = ["{CANARY}"]\n',
}


@pytest.mark.parametrize("where", MISPLACED)
@pytest.mark.parametrize("command", [["validate"], ["sync"], ["validate", "--format", "json"]])
def test_guarantees_25_26_a_secret_in_the_wrong_place_is_refused_and_not_shown(
    project: Project, where: str, command: list[str]
) -> None:
    project.map({"signups": 'from = "probe"\nprobe = "signups"'})
    project.configure(MISPLACED[where])
    result = project.run("--log-level", "debug", *command)
    assert result.code == 2, result
    assert "config.toml" in result.out + result.err
    assert not seen(result.out + result.err, CANARY)


def secret_file(project: Project, mode: int, text: str = SECRET) -> Path:
    path = project.write("token", text)
    path.chmod(mode)
    project.configure('[source.probe]\ntype = "probe"\ntoken = { file = "token" }\n')
    project.map({"signups": 'from = "probe"\nprobe = "signups"'})
    project.script(signups="3")
    return path


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660, 0o601])
def test_guarantee_25_a_secret_file_that_others_may_read_is_refused(
    project: Project, mode: int
) -> None:
    secret_file(project, mode)
    result = project.run("sync")
    assert result.code == 4
    assert "chmod 600" in result.out + result.err
    assert not seen(result.out + result.err, SECRET)


def test_guarantee_25_a_secret_file_of_its_owner_alone_is_read(project: Project) -> None:
    secret_file(project, 0o600)
    assert project.run("sync").code == 0
    assert traces(project, SECRET, "token") == []


def test_guarantee_25_a_secret_that_is_not_there_is_a_refused_sign_in(project: Project) -> None:
    secret_file(project, 0o600).unlink()
    assert project.run("sync").code == 4
    secret_file(project, 0o600, text="")
    assert project.run("sync").code == 4


def test_guarantee_26_the_state_is_for_its_owner_alone(project: Project) -> None:
    project.probe("signups")
    project.script(signups="3")
    assert project.run("sync").code == 0
    assert project.state.stat().st_mode & 0o077 == 0
