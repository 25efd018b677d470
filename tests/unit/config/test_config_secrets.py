"""Secrets are read where they are kept, and masked from then on."""

from __future__ import annotations

import base64
import sys
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okrsync.config.secrets import masked, remember, reveal
from okrsync.contracts import FromEnvironment, FromFile, FromKeyring
from okrsync.errors import SignInRefused

SECRET = "p@ss/word+1 väl=dold&"


def test_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("OKR_TOKEN", f" {SECRET}\n")
    assert reveal(FromEnvironment(env="OKR_TOKEN"), tmp_path) == SECRET


@pytest.mark.parametrize(("value", "state"), [(None, "not set"), ("", "empty"), ("  ", "empty")])
def test_a_variable_without_a_value_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, value: str | None, state: str
) -> None:
    monkeypatch.delenv("OKR_TOKEN", raising=False)
    if value is not None:
        monkeypatch.setenv("OKR_TOKEN", value)
    with pytest.raises(SignInRefused, match=f"OKR_TOKEN is {state}") as caught:
        reveal(FromEnvironment(env="OKR_TOKEN"), tmp_path)
    assert "OKR_TOKEN" in caught.value.next_step


@pytest.mark.parametrize("absolute", [True, False])
def test_from_a_file_beside_the_config(tmp_path: Path, absolute: bool) -> None:
    file = tmp_path / "token"
    file.write_text(SECRET + "\n")
    file.chmod(0o600)
    ref = FromFile(file=str(file) if absolute else "token")
    assert reveal(ref, tmp_path) == SECRET


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660, 0o602])
def test_guarantee_25_a_file_that_others_can_open_is_refused(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "token"
    file.write_text(SECRET)
    file.chmod(mode)
    with pytest.raises(SignInRefused, match="open to others") as caught:
        reveal(FromFile(file="token"), tmp_path)
    assert caught.value.next_step == f"chmod 600 {file}"
    assert SECRET not in caught.value.message


def test_a_secret_file_that_is_not_there_or_empty(tmp_path: Path) -> None:
    with pytest.raises(SignInRefused, match="no secret file"):
        reveal(FromFile(file="token"), tmp_path)
    (tmp_path / "token").touch(mode=0o600)
    with pytest.raises(SignInRefused, match="is empty"):
        reveal(FromFile(file="token"), tmp_path)
    with pytest.raises(SignInRefused, match="cannot be read"):
        reveal(FromFile(file="."), tmp_path)


def test_from_the_keyring(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    entries = {("okrsync", "jira/bot"): SECRET}
    ring = SimpleNamespace(get_password=lambda service, user: entries.get((service, user)))
    monkeypatch.setitem(sys.modules, "keyring", ring)
    assert reveal(FromKeyring(keyring="okrsync/jira/bot"), tmp_path) == SECRET
    with pytest.raises(SignInRefused, match="no entry okrsync/other"):
        reveal(FromKeyring(keyring="okrsync/other"), tmp_path)


def test_without_the_keyring_extra_it_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    with pytest.raises(SignInRefused) as caught:
        reveal(FromKeyring(keyring="okrsync/jira"), tmp_path)
    assert "okrsync[keyring]" in caught.value.next_step


def test_guarantee_26_a_revealed_secret_is_masked_in_every_form() -> None:
    remember(SECRET)
    forms = [
        SECRET,
        quote(SECRET, safe=""),
        quote(SECRET),
        base64.b64encode(SECRET.encode()).decode(),
        base64.urlsafe_b64encode(SECRET.encode()).decode(),
    ]
    for form in forms:
        assert masked(f"before {form} after") == "before *** after"


@given(st.text(min_size=1, max_size=40), st.text("abcdefXYZ0189-_", min_size=12, max_size=40))
def test_guarantee_26_a_secret_inside_basic_sign_in_is_masked(user: str, secret: str) -> None:
    remember(secret)
    header = base64.b64encode(f"{user}:{secret}".encode()).decode()
    left = masked(header).replace("***", "")
    # at most the two characters at each end, which hold bits of their neighbours too
    assert len(left) <= len(header) - (len(secret) * 8 // 6 - 2)


def test_guarantee_26_secrets_that_overlap_leave_no_end_over() -> None:
    remember("first-half-of-it")
    remember("half-of-it-and-more")
    assert masked("<first-half-of-it-and-more>") == "<***>"


def test_text_without_secrets_stays_as_it_is() -> None:
    assert masked("nothing to hide") == "nothing to hide"


def test_a_key_of_many_lines_is_masked_line_by_line() -> None:
    remember("-----BEGIN KEY-----\nMIIEpAIBAAKCAQEA7\nq83vEjRWeJ\n-----END KEY-----")
    assert "MIIEpAIBAAKCAQEA7" not in masked("log: MIIEpAIBAAKCAQEA7")
