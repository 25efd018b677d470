"""One for one, by all that both sides know; what is near is left to a person."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from okrsync.lifecycle.matching import Facts, compare, match

BUGS = Facts(
    "t.o.bugs",
    "Open bugs from 42 to 10",
    objective="Customers trust us",
    team="platform",
    start=date(2026, 10, 1),
    end=date(2027, 1, 1),
    baseline=Decimal(42),
    target=Decimal(10),
)


def test_the_same_in_everything_is_certain_and_says_why() -> None:
    (found,) = match([BUGS], [replace(BUGS, name="12")])
    assert (found.best.theirs, found.best.score, found.rivals) == ("12", 1.0, ())
    assert found.best.why == (
        "same title",
        "same objective",
        "same team",
        "same period",
        "baseline 42",
        "target 10",
    )


def test_another_quarters_key_result_is_never_a_match() -> None:
    before = replace(BUGS, name="11", start=date(2026, 7, 1), end=date(2026, 10, 1))
    assert compare(BUGS, before) is None
    assert match([BUGS], [before]) == []


def test_two_that_are_alike_are_ambiguous_until_something_tells_them_apart() -> None:
    bare = Facts("t.o.bugs", "Open bugs")
    (found,) = match([bare], [Facts("1", "Open bugs"), Facts("2", "open bugs")])
    assert [rival.theirs for rival in found.rivals] == ["2"]
    objectives = [
        Facts("1", "Open bugs", "Platform"),
        Facts("2", "Open bugs", "Customers trust us"),
    ]
    (told,) = match([replace(BUGS, team="", title="Open bugs")], objectives)
    assert (told.best.theirs, told.rivals) == ("2", ())


def test_two_of_ours_for_one_of_theirs_are_ambiguous() -> None:
    ours = [Facts("a", "Open bugs"), Facts("b", "Open bugs")]
    (found,) = match(ours, [Facts("1", "Open bugs")])
    assert (found.best.ours, [rival.ours for rival in found.rivals]) == ("a", ["b"])


def test_a_pair_that_fits_each_other_is_no_rival() -> None:
    ours = [Facts("a", "Open bugs of platform"), Facts("b", "Open bugs of payments")]
    theirs = [Facts("1", "Open bugs of payments"), Facts("2", "Open bugs of platform")]
    found = match(ours, theirs)
    assert [(one.best.ours, one.best.theirs, one.rivals) for one in found] == [
        ("a", "2", ()),
        ("b", "1", ()),
    ]


def test_a_percentage_kept_as_a_share_is_the_same_number() -> None:
    ours = replace(BUGS, unit="%", target=Decimal(25))
    found = compare(ours, replace(ours, target=Decimal("0.25")))
    assert found is not None
    assert found.score == 1.0


titles = st.lists(
    st.sampled_from(["Open bugs", "open bugs!", "Sales", "Sales of 20", "Talks", "x"]), max_size=6
)


@given(titles, titles)
def test_nothing_is_matched_twice(ours: list[str], theirs: list[str]) -> None:
    found = match(
        [Facts(f"o{n}", title) for n, title in enumerate(ours)],
        [Facts(f"t{n}", title) for n, title in enumerate(theirs)],
    )
    assert len({one.best.ours for one in found}) == len(found)
    assert len({one.best.theirs for one in found}) == len(found)
