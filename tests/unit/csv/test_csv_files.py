"""Guarantee 29: files stay in their root; and files behind an address."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from okrsync.contracts import FromEnvironment
from okrsync.errors import BadAnswer, OutsideError, SourceError
from okrsync.model import Measurement, Question, Window
from okrsync.testing.toolbox import FakeToolbox
from okrsync_csv import SOURCE, files
from okrsync_csv.files import base_and_pattern, opened
from okrsync_csv.settings import CsvQuery, CsvSettings, check

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
COUNT = Question("sheet", CsvQuery(), None, "count", None, Window("all"), NOW)


def read(root: Path, pattern: str) -> bytes:
    with opened(root, pattern, 1000) as found:
        return found.file.read()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "root"
    folder.mkdir()
    (folder / "in.csv").write_text("inside")
    (folder / "sub").mkdir()
    (folder / "sub" / "in.csv").write_text("below")
    (tmp_path / "out.csv").write_text("outside")
    return folder


def test_guarantee_29_plain_files_inside_are_read(root: Path) -> None:
    assert read(root, "in.csv") == b"inside"
    assert read(root, "sub/in.csv") == b"below"
    assert read(root, "*/in.csv") == b"below"


def _link(root: Path) -> None:
    (root / "x").symlink_to(root.parent / "out.csv")


def _link_to_a_file_inside(root: Path) -> None:
    (root / "x").symlink_to(root / "in.csv")


def _fifo(root: Path) -> None:
    os.mkfifo(root / "x")


def _socket(root: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        here = Path.cwd()
        os.chdir(root)
        try:
            listener.bind("x")
        finally:
            os.chdir(here)


def _folder(root: Path) -> None:
    (root / "x").mkdir()


def _nothing(root: Path) -> None:
    assert not (root / "x").exists()


@pytest.mark.parametrize("make", [_link, _link_to_a_file_inside, _fifo, _socket, _folder, _nothing])
def test_guarantee_29_anything_but_a_plain_file_is_refused(
    root: Path, make: Callable[[Path], None]
) -> None:
    make(root)
    with pytest.raises(SourceError) as caught:
        read(root, "x")
    assert "x" in caught.value.message
    assert caught.value.next_step


def test_guarantee_29_a_link_to_a_folder_is_not_followed(root: Path) -> None:
    (root / "x").symlink_to(root.parent)
    for pattern in ("x/out.csv", "x/*.csv", "*/out.csv"):
        with pytest.raises(SourceError):
            read(root, pattern)


def test_guarantee_29_a_pattern_passes_over_links(root: Path) -> None:
    (root / "newer.csv").symlink_to(root.parent / "out.csv")
    assert read(root, "*.csv") == b"inside"


def test_guarantee_29_a_swap_between_look_and_opening_does_not_lead_out(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked = files._check_plain

    def swap_after(status: os.stat_result, name: str) -> None:
        looked(status, name)
        (root / "in.csv").unlink(missing_ok=True)
        (root / "in.csv").symlink_to(root.parent / "out.csv")

    monkeypatch.setattr(files, "_check_plain", swap_after)
    with pytest.raises(SourceError):
        read(root, "in.csv")


@pytest.mark.parametrize("path", ["/proc/self/environ", "/dev/null", "/dev/zero", "/sys/kernel"])
def test_guarantee_29_devices_and_the_kernels_files_are_refused(root: Path, path: str) -> None:
    base, pattern = base_and_pattern(root, path, None)
    with pytest.raises(SourceError):
        read(base, pattern)


@pytest.mark.parametrize(
    "file", ["../out.csv", "sub/../../out.csv", "/etc/passwd", "..", "a/**/b.csv", "a\0b", ""]
)
def test_guarantee_29_a_mapping_cannot_name_a_file_outside(file: str) -> None:
    with pytest.raises(ValidationError):
        CsvQuery(file=file)


@settings(max_examples=150, deadline=None)
@given(steps=st.lists(st.sampled_from(["..", ".", "sub", "in.csv", "out.csv", "", "*", "root"])))
def test_guarantee_29_no_path_leads_out(
    steps: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    top = tmp_path_factory.mktemp("top")
    (top / "out.csv").write_text("outside")
    (top / "root" / "sub").mkdir(parents=True)
    (top / "root" / "in.csv").write_text("inside")
    try:
        query = CsvQuery(file="/".join(steps))
        assert query.file is not None
        assert read(top / "root", query.file) == b"inside"
    except (ValidationError, SourceError):
        pass


def test_guarantee_29_an_absolute_path_is_the_operators_word(root: Path) -> None:
    assert base_and_pattern(root, "/data/x/*.csv", None) == (Path("/data/x"), "*.csv")
    assert base_and_pattern(root, "/data/*/a.csv", None) == (Path("/data"), "*/a.csv")
    assert base_and_pattern(root, "/data/x.csv", None) == (Path("/data"), "x.csv")
    assert base_and_pattern(root, "data", "a.csv") == (root, "data/a.csv")


def test_guarantee_19_a_file_that_changes_while_it_is_read_is_no_answer(root: Path) -> None:
    with (
        pytest.raises(BadAnswer, match="changed while it was read"),
        opened(root, "in.csv", 1000),
        (root / "in.csv").open("a") as writer,
    ):
        writer.write("more")


@pytest.mark.parametrize(
    "path",
    ["http://files.acme.example/a.csv", "https://user:pass@files.acme.example/a.csv",
     "ftp://files.acme.example/a.csv", "../a.csv", "a/**/b.csv", "https://", ""],
)  # fmt: skip
def test_settings_refuse_what_is_not_safe_to_read(path: str) -> None:
    with pytest.raises(ValidationError):
        CsvSettings(path=path)


def test_a_token_needs_an_address_and_an_encoding_a_name() -> None:
    with pytest.raises(ValidationError):
        CsvSettings(path="a.csv", token=FromEnvironment(env="TOKEN"))
    with pytest.raises(ValidationError, match="proxy is only for an https address"):
        CsvSettings(path="a.csv", proxy="http://proxy.acme.example:3128")
    with pytest.raises(ValidationError):
        CsvSettings(path="a.csv", encoding="hex")


def test_file_belongs_to_a_folder_which_is_seen_offline() -> None:
    query = CsvQuery(file="a.csv")
    assert [key for key, _ in check(CsvSettings(path="exports/*.csv"), query)] == ["file"]
    assert not list(check(CsvSettings(path="exports"), query))


class Door:
    """The network's side of one download."""

    def __init__(self, body: bytes, headers: Mapping[str, str], given: dict[str, Any]) -> None:
        self._body = body
        self._headers = headers
        self.given = given

    def download(self, url: str, to: BinaryIO, *, max_bytes: int) -> Mapping[str, str]:
        self.given["url"] = url
        self.given["max_bytes"] = max_bytes
        to.write(self._body)
        return self._headers


def behind_address(
    tmp_path: Path, body: bytes, headers: Mapping[str, str], **more: Any
) -> tuple[Measurement | OutsideError, dict[str, Any]]:
    given: dict[str, Any] = {}

    class Toolbox(FakeToolbox):
        def http(self, **settings: Any) -> Any:
            given.update(settings)
            return Door(body, headers, given)

    toolbox = Toolbox(tmp_path, name="sheet", clock=lambda: NOW, secrets={"TOKEN": "s3cret"})
    address = CsvSettings(path="https://files.acme.example/x/data.csv?sig=abc", **more)
    with SOURCE.open(address, toolbox) as source:
        (answer,) = source.measure([COUNT])
    return answer, given


def test_an_address_is_read_with_the_age_that_the_server_gives(tmp_path: Path) -> None:
    headers = {"content-type": "text/csv", "last-modified": "Fri, 20 Nov 2026 08:00:00 GMT"}
    answer, given = behind_address(
        tmp_path, b"n\n1\n2\n", headers, token=FromEnvironment(env="TOKEN"), max_size=500
    )
    assert isinstance(answer, Measurement)
    assert (answer.value, answer.as_of) == (Decimal(2), datetime(2026, 11, 20, 8, tzinfo=UTC))
    assert answer.evidence.link == "https://files.acme.example/x/data.csv"
    assert given["base_url"] == "https://files.acme.example"
    assert given["auth"].headers() == {"Authorization": "Bearer s3cret"}
    assert given["max_bytes"] == 500


def test_an_address_without_an_age_is_as_old_as_its_reading(tmp_path: Path) -> None:
    answer, given = behind_address(tmp_path, b"n\n1\n", {})
    assert isinstance(answer, Measurement)
    assert answer.as_of == NOW
    assert "auth" not in given


@pytest.mark.parametrize("headers", [{"content-type": "text/html; charset=utf-8"}, {}])
def test_guarantee_19_a_sign_in_page_is_not_a_table(
    tmp_path: Path, headers: Mapping[str, str]
) -> None:
    answer, _ = behind_address(tmp_path, b"<html><body>Sign in</body></html>", headers)
    assert isinstance(answer, BadAnswer)
    assert "web page" in answer.message
