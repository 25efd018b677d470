"""The GraphQL documents, as text; every value goes into a variable, never into the text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from okrsync_github.settings import SearchIn

TYPES: Final[Mapping[SearchIn, tuple[str, str]]] = {
    "issues": ("ISSUE", "issueCount"),
    "discussions": ("DISCUSSION", "discussionCount"),
    "repositories": ("REPOSITORY", "repositoryCount"),
}
COST: Final = "rateLimit { cost limit remaining resetAt }"

VIEWER: Final = f"query {{ {COST} viewer {{ login }} }}"

DEPLOYMENTS: Final = f"""
query($owner: String!, $name: String!, $environment: String!, $first: Int!, $after: String) {{
  {COST}
  repository(owner: $owner, name: $name) {{
    nameWithOwner
    deployments(first: $first, after: $after, environments: [$environment],
                orderBy: {{field: CREATED_AT, direction: DESC}}) {{
      totalCount
      pageInfo {{ hasNextPage endCursor }}
      nodes {{
        id
        createdAt
        statuses(first: 50) {{ totalCount nodes {{ state createdAt }} }}
      }}
    }}
  }}
}}
"""

_REVIEWS: Final = """
        author { login }
        reviews(first: 50) { totalCount nodes { submittedAt author { __typename login } } }
        timelineItems(first: 1, itemTypes: [READY_FOR_REVIEW_EVENT]) {
          nodes { ... on ReadyForReviewEvent { createdAt } }
        }
"""
_FIRST_COMMIT: Final = """
        repository { nameWithOwner }
        commits(first: 1) { nodes { commit { authoredDate } } }
"""
_EXTRAS: Final = {"time_to_first_review": _REVIEWS, "lead_time": _FIRST_COMMIT}


def counts(searches: Sequence[SearchIn], repositories: int, owners: int) -> str:
    """Aliases k0, k1, ... for counts, r0, ... for repositories and o0, ... for owners by name."""
    variables = [f"$k{place}: String!" for place in range(len(searches))]
    fields = [COST]
    for place, kind in enumerate(searches):
        type_, count = TYPES[kind]
        fields.append(f"k{place}: search(query: $k{place}, type: {type_}) {{ {count} }}")
    for place in range(repositories):
        variables.append(f"$r{place}o: String!, $r{place}n: String!")
        fields.append(
            f"r{place}: repository(owner: $r{place}o, name: $r{place}n) {{ nameWithOwner }}"
        )
    for place in range(owners):
        variables.append(f"$o{place}: String!")
        fields.append(f"o{place}: repositoryOwner(login: $o{place}) {{ login }}")
    return f"query({', '.join(variables)}) {{\n  " + "\n  ".join(fields) + "\n}"


def listing(measures: frozenset[str]) -> str:
    """One page of a search, with what these measures need beside the dates."""
    extras = "".join(_EXTRAS[measure] for measure in sorted(measures & _EXTRAS.keys()))
    return f"""
query($q: String!, $first: Int!, $after: String) {{
  {COST}
  search(query: $q, type: ISSUE, first: $first, after: $after) {{
    issueCount
    pageInfo {{ hasNextPage endCursor }}
    nodes {{
      __typename
      ... on Issue {{ id createdAt closedAt updatedAt }}
      ... on PullRequest {{
        id createdAt closedAt mergedAt updatedAt {extras}
      }}
    }}
  }}
}}
"""
