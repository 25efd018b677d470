"""Every document that the connector can build is one that GitHub's schema understands."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path
from typing import Any

import httpx
import pytest
from graphql import parse, validate
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from okrsync_github import documents
from okrsync_github.settings import SearchIn
from tests.standins.github import Github, asked, question, schema

_MEASURES = ("age", "time_to_close", "time_to_merge", "time_to_first_review", "lead_time")
_NASTY = st.text(
    st.characters(exclude_categories=["Cs", "Cc"])
    | st.sampled_from(list("\"'\\{}()$#:&?=%\u2028")),
    max_size=60,
)


def _wrong(document: str) -> list[Any]:
    return list(validate(schema(), parse(document)))


@pytest.mark.parametrize("document", [documents.VIEWER, documents.DEPLOYMENTS])
def test_fixed_documents_fit_the_schema(document: str) -> None:
    assert _wrong(document) == []


@pytest.mark.parametrize(
    "measures",
    [several for n in range(len(_MEASURES) + 1) for several in combinations(_MEASURES, n)],
)
def test_listings_of_all_measures_fit_the_schema(measures: tuple[str, ...]) -> None:
    assert _wrong(documents.listing(frozenset(measures))) == []


@given(
    kinds=st.lists(
        st.sampled_from(["issues", "discussions", "repositories"]), min_size=1, max_size=50
    ),
    repositories=st.integers(0, 50),
    owners=st.integers(0, 50),
)
@settings(deadline=None, max_examples=20)
def test_counts_of_all_kinds_fit_the_schema(
    kinds: list[SearchIn], repositories: int, owners: int
) -> None:
    assert _wrong(documents.counts(kinds, repositories, owners)) == []


def test_the_check_would_notice(tmp_path: Path) -> None:
    assert _wrong(documents.counts(["issues"], 1, 0).replace("issueCount", "issueCounts"))


@given(words=st.lists(_NASTY, min_size=1, max_size=4))
@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_value_gets_into_the_document_and_every_one_arrives_as_it_was(
    tmp_path: Path, words: list[str]
) -> None:
    sent: list[dict[str, Any]] = []

    def keep(body: dict[str, Any]) -> httpx.Response:
        sent.append(body)
        return httpx.Response(200, json={"data": {"k0": {"issueCount": 1}}})

    searches = [f"is:issue {word}".strip() for word in dict.fromkeys(words)]
    asked(Github(trouble=keep), tmp_path, *(question(search=text) for text in searches), aliases=1)
    assert sorted(body["variables"]["k0"] for body in sent) == sorted(set(searches))
    assert {json.dumps(body["query"]) for body in sent} == {
        json.dumps(documents.counts(["issues"], 0, 0))
    }
