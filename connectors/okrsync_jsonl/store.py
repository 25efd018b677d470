"""The store's verbs: what the journal's lines mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from okrsync.contracts import Toolbox
from okrsync.errors import BadAnswer, MovedOn, Refused
from okrsync.model import (
    CheckIn,
    KeyResult,
    Objective,
    Receipt,
    StoredKeyResult,
    StoreRef,
)
from okrsync_jsonl.journal import Entry, Journal

_MOST_DIGITS = 100  # 1e400000000 is a number, but no key result's


class JsonLinesStore:
    """An entry's number in the file is the revision of its key result."""

    def __init__(self, path: Path, toolbox: Toolbox) -> None:
        self._path = path
        self._toolbox = toolbox
        self._journal = Journal(path, take=self._take, forget=self._forget)
        self._forget()

    def _forget(self) -> None:
        self._definitions: dict[str, Entry] = {}
        self._newest: dict[str, tuple[int, Entry]] = {}
        self._by_key: dict[str, int] = {}

    def _take(self, number: int, entry: Entry) -> None:
        for name in ("define", "ref", "key"):
            if not isinstance(entry.get(name, ""), str | None):
                raise BadAnswer(
                    f"{self._path.name}: entry {number} has a {name} that is no text",
                    next_step=f"correct or delete entry {number} of {self._path}",
                )
        if "define" in entry:
            self._definitions[entry["define"]] = entry
        elif "ref" in entry:
            self._newest[entry["ref"]] = (number, entry)
            if entry.get("key"):
                self._by_key[entry["key"]] = number

    def declare(self, _objectives: Sequence[Objective], key_results: Sequence[KeyResult], /) -> int:
        self._journal.catch_up()
        wanted = [_definition(key_result) for key_result in key_results]
        changed = [entry for entry in wanted if self._definitions.get(entry["define"]) != entry]
        if changed:
            with self._journal.locked() as file:
                self._toolbox.fence()
                for entry in changed:
                    self._journal.append(file, entry)
        return len(changed)

    def read(self, refs: Sequence[StoreRef], /) -> Mapping[StoreRef, StoredKeyResult]:
        self._journal.catch_up()
        return {ref: self._stored(ref) for ref in refs if ref.id in self._definitions}

    def browse(self) -> Iterator[StoredKeyResult]:
        self._journal.catch_up()
        refs = [StoreRef(self._toolbox.name, name) for name in sorted(self._definitions)]
        return (self._stored(ref) for ref in refs)

    def find(self, check_in: CheckIn, /) -> Receipt | None:
        self._journal.catch_up()
        number = self._by_key.get(check_in.key)
        if number is None:
            return None
        return Receipt(check_in.key, str(number), already_there=True)

    def post(self, check_in: CheckIn, /) -> Receipt:
        with self._journal.locked() as file:
            self._toolbox.fence()  # after the lock: waiting for it may have cost the lease
            there = self.find(check_in)
            if there is not None:
                return there
            self._refuse_unless_it_follows(check_in)
            number = self._journal.append(file, self._entry(check_in))
            return Receipt(check_in.key, str(number))

    def _refuse_unless_it_follows(self, check_in: CheckIn) -> None:
        name = check_in.ref.id
        if name not in self._definitions:
            raise Refused(
                f"{self._path.name} has no key result {name}",
                next_step="run okrsync sync: it makes what the mappings define",
            )
        if check_in.base != self._stored(check_in.ref).revision:
            raise MovedOn(
                f"{name} has a newer check-in in {self._path.name} than the plan saw",
                next_step="plan again: okrsync plan",
            )

    def _entry(self, check_in: CheckIn) -> Entry:
        return {
            "ref": check_in.ref.id,
            "key": check_in.key,
            "value": str(check_in.value),
            "unit": check_in.unit,
            "as_of": check_in.as_of.astimezone(UTC).isoformat(),
            "at": self._toolbox.clock().astimezone(UTC).isoformat(),
            "author": "okrsync",
            "score": None if check_in.score is None else str(check_in.score),
            "confidence": check_in.confidence,
            "status": check_in.status.value,
            "note": check_in.note,
        }

    def _stored(self, ref: StoreRef) -> StoredKeyResult:
        definition = self._definitions[ref.id]
        number, entry = self._newest.get(ref.id, (0, {}))
        try:
            return StoredKeyResult(
                ref=ref,
                title=definition["title"],
                value=_finite(entry["value"]) if entry else None,
                revision=str(number) if entry else "",
                key=entry.get("key"),
                unit=str(entry.get("unit", definition["unit"])),
                author=entry.get("author", ""),
                at=datetime.fromisoformat(entry["at"]) if "at" in entry else None,
                confidence=None if (c := entry.get("confidence")) is None else float(c),
                note=entry.get("note", ""),
            )
        except (KeyError, TypeError, ValueError, InvalidOperation) as error:
            raise BadAnswer(
                f"{self._path.name}: entry {number} is not a check-in",
                next_step=f"correct or delete entry {number} of {self._path}",
            ) from error


def _definition(key_result: KeyResult) -> Entry:
    return {
        "define": key_result.store_ref.id,
        "title": key_result.title,
        "unit": key_result.unit,
    }


def _finite(written: Any) -> Decimal:
    number = Decimal(written)
    if not number.is_finite() or abs(number.adjusted()) > _MOST_DIGITS:
        raise ValueError
    return number
