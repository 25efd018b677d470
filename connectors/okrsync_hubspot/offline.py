"""What can be said of a condition without asking HubSpot."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC

from okrsync.conditions import Condition, without_not
from okrsync.errors import SourceError
from okrsync_hubspot.filters import Translator
from okrsync_hubspot.groups import check_size
from okrsync_hubspot.properties import Property, words_of
from okrsync_hubspot.settings import HubSpotQuery


def check_where(query: HubSpotQuery, condition: Condition | SourceError) -> Iterator[str]:
    """Why HubSpot's search cannot be asked this; nothing where it can, or need not be."""
    if query.rows or query.archived:
        return
    try:
        if isinstance(condition, SourceError):
            raise condition
        words = words_of(query.object)
        translator = Translator(lambda column: Property(words.real(column) or column), UTC)
        groups = translator.groups(without_not(condition))
        check_size(groups)
    except SourceError as error:
        yield f"{error.message}; {error.next_step or 'rows = true looks at each record instead'}"
        return
    if not groups:
        yield "this condition lets no record through"
