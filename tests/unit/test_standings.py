"""Revisions of stores that show a number and a text, and not which write they came from."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from okrsync.model import CheckIn, Receipt, StoreRef
from okrsync.standings import Revision, Standings
from okrsync.testing import FakeToolbox, a_check_in

REF = StoreRef("store", "1201")
START = Decimal(42)


@dataclass
class Company:
    """A store with one number, the people in it, and okrsync's runs."""

    texts_count: bool
    text: str = ""
    value: Decimal = START
    memories: dict[str, str] = field(default_factory=dict)
    receipts: dict[StoreRef, tuple[CheckIn, Receipt]] = field(default_factory=dict)
    bases: list[str] = field(default_factory=list)

    def toolbox(self) -> FakeToolbox:
        return FakeToolbox(Path(), remembered=dict(self.memories), receipts=dict(self.receipts))

    def look(self, toolbox: FakeToolbox) -> tuple[str, str | None]:
        untouched = not self.text and self.value == START
        seen = Standings(toolbox).seen(
            REF, self.text, self.value, untouched=untouched, texts_count=self.texts_count
        )
        return seen.revision, seen.key

    def run(self, value: int, *, text: str, killed: bool) -> None:
        """okrsync writes; killed, it loses its memory of this run, and never a receipt."""
        toolbox = self.toolbox()
        base, _ = self.look(toolbox)
        self.bases.append(base)
        check_in = a_check_in(REF, value, base=base, key=f"key-{len(self.bases)}")
        self.text, self.value = text or self.text, check_in.value
        written = Standings(toolbox).wrote(REF, self.text, self.value, base=base, key=check_in.key)
        receipt = Receipt(check_in.key, written.revision)
        self.receipts[REF] = (check_in, receipt)
        if not killed:
            self.memories = toolbox.remembered
        assert self.look(self.toolbox()) == (receipt.remote_id, check_in.key)

    def read(self) -> None:
        """A run that held the key result; it keeps what it saw."""
        toolbox = self.toolbox()
        self.look(toolbox)
        self.memories = toolbox.remembered


NUMBERS = st.integers(30, 33)
EVENTS = st.one_of(
    st.tuples(st.just("run"), NUMBERS),
    st.tuples(st.just("killed run"), NUMBERS),
    st.tuples(st.just("run with a text"), NUMBERS),
    st.tuples(st.just("killed run with a text"), NUMBERS),
    st.tuples(st.just("person"), NUMBERS),
    st.tuples(st.just("remark"), NUMBERS),
    st.tuples(st.just("held"), NUMBERS),
    st.tuples(st.just("text removed"), NUMBERS),
)


@settings(max_examples=500, deadline=None)
@given(events=st.lists(EVENTS, max_size=12), texts_count=st.booleans())
def test_no_two_check_ins_ever_follow_the_same_revision(
    events: list[tuple[str, int]], texts_count: bool
) -> None:
    company = Company(texts_count)
    texts: list[str] = []
    for number, (event, value) in enumerate(events):
        if "run" in event:
            text = f"text-{number}" if "text" in event else ""
            texts += [company.text] if text else []
            company.run(value, text=text, killed="killed" in event)
        elif event == "person":
            company.value = Decimal(value)
        elif event == "remark":
            texts.append(company.text)
            company.text = f"remark-{number}"
        elif event == "text removed":
            company.text = texts.pop() if texts else ""
        else:
            company.read()
    assert len(set(company.bases)) == len(company.bases)


def test_before_the_first_check_in_there_is_no_revision() -> None:
    assert Company(texts_count=True).look(Company(texts_count=True).toolbox()) == ("", None)


def test_a_first_check_in_of_the_start_value_is_known_also_when_the_run_was_killed() -> None:
    company = Company(texts_count=False)
    company.run(42, text="", killed=True)
    assert company.look(company.toolbox()) == ("@42", "key-1")


@pytest.mark.parametrize("texts_count", [True, False])
def test_a_new_number_is_a_persons_and_a_new_text_is_where_texts_count(texts_count: bool) -> None:
    company = Company(texts_count)
    company.run(31, text="", killed=False)
    company.text = "remark"
    assert company.look(company.toolbox()) == ("remark@31#1", None if texts_count else "key-1")
    company.value = Decimal(28)
    assert company.look(company.toolbox()) == ("remark@28#1", None)


@pytest.mark.parametrize("written", ["", "12", "a-check-in", "@", "5@x", "5@31#", "5 @31"])
def test_another_stores_revision_is_not_taken_for_one_of_these(written: str) -> None:
    assert Revision.read(written) is None


def test_a_number_of_thirty_digits_stands_still_until_it_changes() -> None:
    company = Company(texts_count=False, value=Decimal(10**29 + 1))
    first, _ = company.look(toolbox := company.toolbox())
    company.memories = toolbox.remembered
    assert company.look(company.toolbox()) == (first, None)
    company.value = Decimal(10**29 + 2)
    assert company.look(company.toolbox()) != (first, None)


@pytest.mark.parametrize("revision", [Revision("", Decimal(31)), Revision("u", Decimal("-0.5"), 7)])
def test_a_revision_is_read_as_it_was_written(revision: Revision) -> None:
    assert Revision.read(str(revision)) == revision
