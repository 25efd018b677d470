"""From bytes to text, without a guess that could be wrong.

A byte order mark decides. Without one the file is UTF-8 or, when it is not valid UTF-8 and nothing
in it looked like UTF-8 before, cp1252 (Latin-1 with the signs that Windows puts into its gaps).
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import BinaryIO

from okrsync.errors import BadAnswer

CHUNK = (
    32_768  # some hundred rows at a time stay in the processor's cache: 3 times the speed of 4,000
)
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NOT_CSV = (
    (b"PK\x03\x04", "an Excel workbook or a zip archive"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"%PDF", "a PDF"),
)
_SAY_ENCODING = 'say encoding = "..." in its [source] table'


class Decoded:
    """Chunks of a file's text. ``note`` says in the end what had to be assumed."""

    def __init__(self, file: BinaryIO, encoding: str | None, name: str) -> None:
        self.note: str | None = None
        self._file = file
        self._encoding = encoding
        self._name = name
        self._only_ascii = True

    def __iter__(self) -> Iterator[str]:
        first = self._file.read(CHUNK)
        self._check_kind(first)
        decoder = self._decoder(first)
        chunk, read = first, 0
        while chunk:
            pending = decoder.getstate()[0]
            try:
                text = decoder.decode(chunk)
            except UnicodeDecodeError as error:
                decoder, text = self._second_try(pending + chunk, error, read - len(pending))
            read += len(chunk)
            yield self._checked(text)
            chunk = self._file.read(CHUNK)
        self._finish(decoder, read)

    def _check_kind(self, first: bytes) -> None:
        for magic, what in _NOT_CSV:
            if first.startswith(magic):
                raise BadAnswer(f"{self._name} is {what}", next_step="save it as CSV")

    def _decoder(self, first: bytes) -> codecs.IncrementalDecoder:
        marked = next((name for mark, name in _MARKS if first.startswith(mark)), None)
        chosen = self._encoding or marked or "utf-8"
        if chosen == "utf-8" and marked == "utf-8-sig":
            chosen = marked
        return codecs.getincrementaldecoder(chosen)()

    def _second_try(
        self, data: bytes, error: UnicodeDecodeError, offset: int
    ) -> tuple[codecs.IncrementalDecoder, str]:
        place = f"{self._name}: byte {offset + error.start + 1:,}"
        if self._encoding is not None:
            raise BadAnswer(f"{place} is not valid {self._encoding}", next_step=_SAY_ENCODING)
        if not self._only_ascii or not data[: error.start].isascii():
            raise BadAnswer(
                f"{place} is not valid UTF-8, and the text before it is", next_step=_SAY_ENCODING
            )
        self._encoding = "cp1252"
        decoder = codecs.getincrementaldecoder("cp1252")()
        try:
            text = decoder.decode(data)
        except UnicodeDecodeError:
            raise BadAnswer(
                f"{place} is neither valid UTF-8 nor valid cp1252", next_step=_SAY_ENCODING
            ) from None
        self.note = "read as cp1252 (Latin-1), because it is not UTF-8"
        return decoder, text

    def _checked(self, text: str) -> str:
        if "\0" in text:
            raise BadAnswer(
                f"{self._name} holds NUL characters, as UTF-16 without a byte order mark does",
                next_step='save it as UTF-8, or say encoding = "utf-16-le" in its [source] table',
            )
        self._only_ascii = self._only_ascii and text.isascii()
        return text

    def _finish(self, decoder: codecs.IncrementalDecoder, read: int) -> None:
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            raise BadAnswer(
                f"{self._name} ends at byte {read:,} in the middle of a character",
                next_step="look whether the export was cut",
            ) from None
