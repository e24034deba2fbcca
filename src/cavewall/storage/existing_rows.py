"""What an `add` has to know of the rows on the wall, to find out what is new in a source."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["COLUMNS", "ExistingRow", "ExistingRows", "captions_digest"]

COLUMNS = ["image_id", "captions", "source", "sha256", "file_size", "file_modified_ns"]
COLUMNS += ["added_at", "image", "path"]

_DIGEST = 16
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ABSENT = -1


@dataclass(frozen=True, slots=True)
class ExistingRow:
    """The stored state of a picture, to compare with its source.

    `added_us` is the time at which it was added, in microseconds since 1970; `is_seen` whether it
    has an image vector, as far as the wall has any.
    """

    captions: bytes
    source: str
    sha256: str | None
    path: str | None
    file_size: int | None
    file_modified_ns: int | None
    has_image: bool
    added_us: int
    is_seen: bool = True

    @property
    def added_at(self) -> datetime:
        return _EPOCH + timedelta(microseconds=self.added_us)


class ExistingRows:
    """The rows of a wall by id, in columns: a few hundred bytes each, not an object each.

    Filled from batches with the `COLUMNS`; a later row of the same id replaces an earlier one.
    `unseen` are those without an image vector, on walls with an image space.
    """

    def __init__(self) -> None:
        self.unseen: set[str] = set()
        self._rows: dict[str, int] = {}
        self._captions: list[bytes] = []
        self._sources: list[str] = []
        self._source = array("i")
        self._sha256: list[str | None] = []
        self._path: list[str | None] = []
        self._file_size = array("q")
        self._file_modified_ns = array("q")
        self._has_image = bytearray()
        self._added_us = array("q")
        self._codes: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __contains__(self, image_id: object) -> bool:
        return image_id in self._rows

    def get(self, image_id: str) -> ExistingRow | None:
        """The row of that picture; None if the wall does not have it."""
        row = self._rows.get(image_id)
        return None if row is None else self._at(row, image_id not in self.unseen)

    def of_source(self, source: str) -> list[str]:
        """The ids of the pictures whose last `add` was of this source."""
        code = self._codes.get(source)
        return [image_id for image_id, row in self._rows.items() if self._source[row] == code]

    def take(self, batch: pa.RecordBatch) -> None:
        """Take in a batch of rows."""
        start = len(self._added_us)
        ids = batch.column("image_id").to_pylist()
        self._rows.update(zip(ids, range(start, start + len(ids)), strict=True))
        self._captions += _digests(batch.column("captions"))
        self._source.extend(self._code(name or "") for name in batch.column("source").to_pylist())
        self._sha256 += batch.column("sha256").to_pylist()
        self._path += batch.column("path").to_pylist()
        self._file_size.extend(_integers(batch.column("file_size")))
        self._file_modified_ns.extend(_integers(batch.column("file_modified_ns")))
        self._has_image += bytes(batch.column("image").is_valid().to_pylist())
        self._added_us.extend(_integers(batch.column("added_at").cast(pa.int64())))

    def _code(self, source: str) -> int:
        code = self._codes.setdefault(source, len(self._sources))
        if code == len(self._sources):
            self._sources.append(source)
        return code

    def _at(self, row: int, is_seen: bool) -> ExistingRow:
        size, modified_ns = self._file_size[row], self._file_modified_ns[row]
        return ExistingRow(
            self._captions[row],
            self._sources[self._source[row]],
            self._sha256[row],
            self._path[row],
            None if size == _ABSENT else size,
            None if modified_ns == _ABSENT else modified_ns,
            bool(self._has_image[row]),
            self._added_us[row],
            is_seen,
        )


def captions_digest(captions: Sequence[str]) -> bytes:
    """Sixteen bytes that change when a caption does."""
    joined = "\0".join(captions)
    if joined.count("\0") != len(captions) - 1:
        # A caption holds the very character that parts them: count each one's length as well.
        counted = "".join(f"{len(caption)}:{caption}" for caption in captions)
        return _digest(counted, b"counted")
    return _digest(joined)


def _digest(text: str, person: bytes = b"") -> bytes:
    data = text.encode("utf-8", "surrogatepass")
    return hashlib.blake2b(data, digest_size=_DIGEST, person=person).digest()


def _digests(captions: pa.ListArray) -> list[bytes]:
    """The digests of many pictures' captions: joined by Arrow, far faster than one by one."""
    joined = pc.binary_join(captions, "\0")
    parted = pc.equal(
        pc.count_substring(joined, "\0"), pc.subtract(pc.list_value_length(captions), 1)
    )
    if pc.all(parted.fill_null(False)).as_py():
        return [_digest(text) for text in joined.to_pylist()]
    return [captions_digest(texts or ()) for texts in captions.to_pylist()]


def _integers(column: pa.Array) -> Iterable[int]:
    values: Iterable[int] = column.fill_null(_ABSENT).to_numpy(zero_copy_only=False).tolist()
    return values
