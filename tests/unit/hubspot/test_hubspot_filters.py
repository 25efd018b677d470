"""Conditions as HubSpot's filter groups: the same meaning, within the limits, or refused."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okrsync.conditions import Condition, without_not
from okrsync.errors import SourceError
from okrsync.mapping.neutral import neutral
from okrsync_hubspot.filters import Translator
from okrsync_hubspot.groups import CannotSay, Filter, Groups, body_of, check_size, with_all
from okrsync_hubspot.labels import Labels, Pipeline
from okrsync_hubspot.offline import check_where
from okrsync_hubspot.properties import Property, words_of
from okrsync_hubspot.settings import HubSpotQuery
from tests.unit.mapping.test_neutral_conditions import meets

STOCKHOLM = ZoneInfo("Europe/Stockholm")
STAGES = {"won": "Closed won", "lost": "Closed lost", "offer": "Offer"}
PROPERTIES = {
    found.name: found
    for found in (
        Property("dealstage", "enumeration", options=STAGES),
        Property("kind", "enumeration", options={"new": "New", "old": "Old", "": "None"}),
        Property("colours", "enumeration", many=True),
        Property("name", "string"),
        Property("amount", "number"),
        Property("closed", "datetime"),
        Property("due", "date"),
        Property("active", "bool"),
    )
}


def groups(text: str, *, capitals: bool = True) -> Groups:
    tree = without_not(neutral(text, STOCKHOLM))
    return Translator(PROPERTIES.__getitem__, STOCKHOLM, capitals=capitals).groups(tree)


def ms(text: str) -> str:
    return str(int(datetime.fromisoformat(text).timestamp() * 1000))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("dealstage == 'won'", ((Filter("dealstage", "EQ", ("won",)),),)),
        ("dealstage != 'won'", ((Filter("dealstage", "NEQ", ("won",)),),)),
        (
            "kind != 'new'",
            (
                (Filter("kind", "NEQ", ("new",)), Filter("kind", "HAS_PROPERTY")),
                (Filter("kind", "NOT_HAS_PROPERTY"),),
            ),
        ),
        ("not empty(amount)", ((Filter("amount", "HAS_PROPERTY"),),)),
        ("empty(amount)", ((Filter("amount", "NOT_HAS_PROPERTY"),),)),
        (
            "amount != 5",
            ((Filter("amount", "NEQ", ("5",)), Filter("amount", "HAS_PROPERTY")),),
        ),
        (
            "not (amount > 1000000.50)",
            (
                (Filter("amount", "LTE", ("1000000.50",)),),
                (Filter("amount", "NOT_HAS_PROPERTY"),),
            ),
        ),
        ("active == true", ((Filter("active", "EQ", ("true",)),),)),
        ("not active", ((Filter("active", "EQ", ("false",)),),)),
        (
            "dealstage == 'won' or dealstage == 'lost'",
            ((Filter("dealstage", "IN", ("won", "lost")),),),
        ),
        (
            "closed <= '2026-12-31'",
            ((Filter("closed", "LT", (ms("2027-01-01T00:00+01:00"),)),),),
        ),
        (
            "closed == date('2026-10-25')",
            (
                (
                    Filter("closed", "GTE", (ms("2026-10-25T00:00+02:00"),)),
                    Filter("closed", "LT", (ms("2026-10-26T00:00+01:00"),)),
                ),
            ),
        ),
        ("due >= '2026-10-01'", ((Filter("due", "GTE", (ms("2026-10-01T00:00+00:00"),)),),)),
        ("true", ((),)),
        ("false", ()),
        ("true or dealstage == 'won'", ((),)),
    ],
)
def test_a_condition_becomes_groups(text: str, expected: Groups) -> None:
    assert groups(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("contains(name, 'x')", "part of a text"),
        ("not starts_with(name, 'x')", "part of a text"),
        ("name == 'Acme'", "without regard to capitals"),
        ("colours == 'red'", "several values"),
        ("active in [true, false]", "true and false in a list"),
        ("kind in ['new', 5]", "one kind"),
        ("closed in [date('2026-10-01')]", "a day in a list"),
    ],
)
def test_what_search_has_no_words_for_is_refused_with_a_way_out(text: str, message: str) -> None:
    with pytest.raises(CannotSay, match=message) as refused:
        groups(text)
    assert refused.value.next_step


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("amount == 'ten'", "no text in HubSpot, its type is number"),
        ("kind == 5", "no number in HubSpot"),
        ("closed == '2026-10-01'", "closed is a date"),
        ("kind == 'New'", "has no value 'New'"),
        ("kind == 'nwe'", "has no value 'nwe'"),
    ],
)
def test_a_slip_is_told_instead_of_counted_as_zero(text: str, message: str) -> None:
    with pytest.raises(SourceError, match=message) as refused:
        groups(text)
    assert not isinstance(refused.value, CannotSay)


def test_a_label_in_place_of_a_value_names_the_value() -> None:
    with pytest.raises(SourceError) as refused:
        groups("kind == 'New'")
    assert refused.value.next_step == "write 'new'"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (" or ".join(f"amount == {n} and active" for n in range(6)), "6 alternatives"),
        (" and ".join(f"amount != {n}" for n in range(6)), "7 conditions in one alternative"),
        (
            " or ".join(
                f"(amount > {n} and active and not empty(due) and closed > '2026-10-01')"
                for n in range(5)
            ),
            "20 conditions in all",
        ),
    ],
)
def test_more_than_search_takes_is_refused_with_the_limit(text: str, what: str) -> None:
    with pytest.raises(CannotSay, match=what):
        check_size(groups(text))


def test_a_condition_that_would_be_endless_written_out_is_refused() -> None:
    text = " and ".join(f"(amount == {n} or active)" for n in range(20))
    with pytest.raises(CannotSay, match="too many alternatives"):
        groups(text)


def test_the_window_is_laid_over_every_alternative() -> None:
    both = with_all(groups("kind != 'new'"), (Filter("closed", "GTE", ("1",)),))
    assert [group[-1] for group in both] == [Filter("closed", "GTE", ("1",))] * 2


def test_no_condition_is_no_group_and_nothing_is_never_everything() -> None:
    assert body_of(groups("true")) == []
    assert groups("false") == ()


# -- the same meaning ------------------------------------------------------------------------------

PARTS = st.sampled_from(
    [
        "kind == 'new'",
        "kind != 'new'",
        "kind in ['new', 'old']",
        "kind not in ['new']",
        "empty(kind)",
        "amount > 10",
        "amount != 10",
        "amount == 10",
        "amount in [10, 20]",
        "amount not in [10, 20]",
        "closed <= '2026-10-01'",
        "closed != date('2026-10-01')",
        "closed == date('2026-10-01')",
        "true",
        "false",
    ]
)
TEXTS = st.recursive(
    PARTS,
    lambda inner: st.one_of(
        st.builds("({} and {})".format, inner, inner),
        st.builds("({} or {})".format, inner, inner),
        st.builds("(not {})".format, inner),
    ),
    max_leaves=4,
)
RECORDS = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["new", "old", ""]),
        "amount": st.sampled_from(["10", "20", "5.5", ""]),
        "closed": st.sampled_from(
            ["2026-09-30T21:59:59.999Z", "2026-09-30T22:00:00Z", "2026-10-01T22:00:00Z", ""]
        ),
    }
)


@given(TEXTS, RECORDS, st.booleans())
def test_groups_let_through_what_the_condition_lets_through(
    text: str, record: Mapping[str, str], empty_is_unequal: bool
) -> None:
    tree: Condition = neutral(text, STOCKHOLM)
    try:
        said = groups(text)
    except CannotSay:
        return
    through = any(all(passes(one, record, empty_is_unequal) for one in group) for group in said)
    assert through == meets(tree, record)


def passes(one: Filter, record: Mapping[str, str], empty_is_unequal: bool) -> bool:
    """One filter as HubSpot documents it; of NEQ and NOT_IN on empty ones it says nothing."""
    text = record[one.property]
    if one.operator in {"HAS_PROPERTY", "NOT_HAS_PROPERTY"}:
        return bool(text) == (one.operator == "HAS_PROPERTY")
    if not text:
        return one.operator in {"NEQ", "NOT_IN"} and empty_is_unequal
    value: Any = comparable(one.property, text)
    wanted = [comparable(one.property, said) for said in one.values]
    holds: dict[str, bool] = {
        "EQ": value == wanted[0],
        "NEQ": value != wanted[0],
        "IN": value in wanted,
        "NOT_IN": value not in wanted,
        "LT": value < wanted[0],
        "LTE": value <= wanted[0],
        "GT": value > wanted[0],
        "GTE": value >= wanted[0],
    }
    return holds[one.operator]


def comparable(name: str, text: str) -> Any:
    if name == "amount":
        return Decimal(text)
    if name == "closed" and not text.isdecimal():
        epoch = datetime(1970, 1, 1, tzinfo=UTC)
        return (datetime.fromisoformat(text) - epoch) // timedelta(milliseconds=1)
    return int(text) if name == "closed" else text


# -- values that would like to be more than values -------------------------------------------------

NASTY = st.text(min_size=1) | st.sampled_from(
    ['"}]', "\\", "' or true", "\u2028", "*", "\x00", "😀"]
)


@given(NASTY)
def test_a_value_stays_one_value_of_the_request(value: str) -> None:
    tree = neutral("name == :it", UTC, {"it": value})
    said = Translator(PROPERTIES.__getitem__, UTC, capitals=False).groups(tree)
    sent = json.loads(json.dumps(body_of(said)))
    assert sent == [{"filters": [{"propertyName": "name", "operator": "EQ", "value": value}]}]


@pytest.mark.parametrize("name", ["../deals", "deals/1", "deals?x=1", "deals#", "", "a b"])
def test_an_object_cannot_lead_to_another_address(name: str) -> None:
    with pytest.raises(ValueError, match="object"):
        HubSpotQuery(object=name)


# -- labels ----------------------------------------------------------------------------------------

LABELS = Labels(
    words_of("deals"),
    [
        Pipeline("p1", "New business", {"a1": "Offer", "a2": "Closed won"}),
        Pipeline("p2", "Renewals", {"b1": "Talks", "b2": "Closed won"}),
    ],
    {"7": "north@acme.example", "8": "south@acme.example"},
)


def by_id(text: str) -> Condition:
    return LABELS.by_id(without_not(neutral(text, UTC)))


@pytest.mark.parametrize(
    ("labels", "ids"),
    [
        ("stage == 'Offer'", "dealstage == 'a1'"),
        ("stage in ['Offer', 'Talks']", "dealstage in ['a1', 'b1']"),
        (
            "pipeline == 'Renewals' and stage == 'Closed won'",
            "pipeline == 'p2' and dealstage == 'b2'",
        ),
        (
            "stage == 'Closed won' and pipeline_id == 'p1'",
            "dealstage == 'a2' and pipeline == 'p1'",
        ),
        ("not (owner == 'north@acme.example')", "hubspot_owner_id != '7'"),
        ("empty(owner)", "empty(hubspot_owner_id)"),
        ("dealstage == 'x'", "dealstage == 'x'"),
    ],
)
def test_labels_become_ids(labels: str, ids: str) -> None:
    assert by_id(labels) == neutral(ids, UTC)


def test_a_label_of_several_stages_is_refused_with_their_ids() -> None:
    with pytest.raises(SourceError, match="a2, b2"):
        by_id("stage == 'Closed won'")


def test_a_label_that_is_not_there_is_refused_with_the_near_one() -> None:
    with pytest.raises(SourceError, match="no stage 'Ofer'") as refused:
        by_id("stage == 'Ofer'")
    assert refused.value.next_step == "write 'Offer'"


# -- offline ---------------------------------------------------------------------------------------


def told(text: str, **more: Any) -> list[str]:
    asked: Condition | SourceError
    try:
        asked = neutral(text, UTC)
    except SourceError as error:
        asked = error
    return list(check_where(HubSpotQuery(where=text, **more), asked))


@pytest.mark.parametrize(
    "text",
    [
        "ends_with(dealname, 'x')",
        "lower(dealname) == 'x'",
        "false",
        " and ".join(f"amount != {n}" for n in range(6)),
    ],
)
def test_validate_tells_what_search_cannot_say(text: str) -> None:
    [message] = told(text)
    assert message
    assert text == "false" or told(text, rows=True) == []


def test_validate_lets_pass_what_search_can_say() -> None:
    assert told("stage == 'Offer' and not (amount > 5) and owner in ['a@acme.example']") == []
