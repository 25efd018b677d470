"""`store_id` is written into a mapping, and not one other byte changes."""

from __future__ import annotations

import stat
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from okrsync.lifecycle.mapping_text import NotEditable, with_store_ids, write_whole

comments = st.sampled_from(
    ["", "  # a comment", "# [objective.o.kr.z]\n", "\n", '# """\n', "\t# →\n"]
)
values = st.sampled_from(
    ['"a # b"', "'it # is'", '"""\nkr\n\n# no comment\n"""', "[ 1, # one\n\n  2 ]", "0x1F",
     "2026-10-01", '{ max_step = "25 %" }', '"store_id = 1"', "'''\n[x]\n'''"]
)  # fmt: skip
extra_lines = st.lists(st.tuples(st.sampled_from(["  ", "", "\t"]), values, comments), max_size=4)


@st.composite
def tables(draw: st.DrawFn, number: int) -> str:
    lines = "".join(
        f"{indent}k{place} = {value}{tail if tail.strip() == '' or tail.startswith(' ') else ''}\n"
        f"{tail if tail.endswith(chr(10)) else ''}"
        for place, (indent, value, tail) in enumerate(draw(extra_lines))
    )
    steps = draw(st.sampled_from(["", f'[[objective.o.kr.k{number}.milestones]]\ntitle = "m"\n']))
    between = draw(st.lists(comments, max_size=3))
    head = draw(st.sampled_from(["[objective.o.kr.k{}]", "[ objective.o . kr.k{} ] # head"]))
    after = "".join(one if one.endswith("\n") else "" for one in between)
    return f'{head.format(number)}\ntitle = "T{number}"\n{lines}{after}{steps}\n'


@st.composite
def mappings(draw: st.DrawFn) -> tuple[str, int]:
    count = draw(st.integers(1, 4))
    body = "".join(draw(tables(number)) for number in range(count))
    text = f'# top\nversion = 1\n\n[objective.o]\ntitle = "O"  # why\n{body}'
    text = text if draw(st.booleans()) else text.rstrip("\n")
    text = text.replace("\n", "\r\n") if draw(st.booleans()) else text
    return ("\ufeff" if draw(st.booleans()) else "") + text, count


@settings(deadline=None, max_examples=60)
@given(mappings(), st.text(min_size=1, max_size=8), st.data())
def test_only_the_new_lines_are_new(made: tuple[str, int], id_: str, data: st.DataObject) -> None:
    text, count = made
    chosen = data.draw(st.sets(st.integers(0, count - 1), min_size=1))
    new = with_store_ids(text, {("o", f"k{number}"): id_ for number in chosen})
    lines = new.split("\n")
    added = [line for line in lines if line.lstrip().startswith("store_id = ")]
    assert len(added) == len(chosen)
    kept = "\n".join(line for line in lines if not line.lstrip().startswith("store_id = "))
    assert kept.rstrip("\r\n") == text.rstrip("\r\n")
    assert all(line.endswith("\r") for line in lines[:-1]) or "\r\n" not in text
    read = tomllib.loads(new.removeprefix("\ufeff").replace("\r\n", "\n"))
    for number in range(count):
        table = read["objective"]["o"]["kr"][f"k{number}"]
        assert ("store_id" in table) == (number in chosen)


def test_it_stands_with_its_own_table_and_not_beneath_the_next_ones_comment() -> None:
    text = '[objective.o.kr.a]\ntitle = "A" # x\n\n# about b\n[objective.o.kr.b]\ntitle = "B"\n'
    new = with_store_ids(text, {("o", "a"): "12", ("o", "b"): 'g"1'})
    assert new == (
        '[objective.o.kr.a]\ntitle = "A" # x\nstore_id = "12"\n\n# about b\n'
        '[objective.o.kr.b]\ntitle = "B"\nstore_id = "g\\"1"\n'
    )


@pytest.mark.parametrize(
    "text",
    [
        '[objective.o.kr]\na = { title = "A", target = 5 } # c\nb = { title = "B" }\n',
        '[objective.o]\nkr.a.title = "A"\nkr.a.target = 5\nkr.b.title = "B"\n',
        '[objective.o]\nkr = { a = { title = "A" }, b = { title = "B" } }\n',
    ],
)
def test_tables_on_one_line_and_dotted_keys_get_theirs_too(text: str) -> None:
    try:
        new = with_store_ids(text, {("o", "a"): "12"})
    except NotEditable:  # refused as a whole is right as well; a changed line elsewhere is not
        return
    read = tomllib.loads(new)["objective"]["o"]["kr"]
    assert (read["a"]["store_id"], "store_id" in read["b"]) == ("12", False)


def test_a_table_that_is_not_there_is_refused_by_its_name() -> None:
    with pytest.raises(NotEditable, match=r"o\.b"):
        with_store_ids('[objective.o.kr.a]\ntitle = "A"\n', {("o", "b"): "12"})


def test_a_file_is_replaced_whole_and_keeps_its_rights(tmp_path: Path) -> None:
    path, link = tmp_path / "team.toml", tmp_path / "link.toml"
    path.write_text("a = 1\n")
    path.chmod(0o640)
    link.symlink_to(path)
    write_whole(link, "a = 2\r\n")
    assert path.read_bytes() == b"a = 2\r\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert link.is_symlink()
    assert sorted(tmp_path.iterdir()) == [link, path]
