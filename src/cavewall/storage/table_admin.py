"""Administration of the table: versions, tags, deletion, compaction, clean-up, disk usage."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from cavewall.storage.expired_versions import raise_if_expired, scan_batches
from cavewall.storage.sql import sql_in

if TYPE_CHECKING:
    from cavewall.storage.table import Store

__all__ = [
    "OVERWRITTEN",
    "DiskUsage",
    "Fragment",
    "OrphanFiles",
    "TableAdmin",
    "Version",
    "files_of",
    "keep_overwritten",
]

# The tag that keeps what stood here before the last overwrite or restore.
OVERWRITTEN = "overwritten"
_AT_ONCE = timedelta(0)
_ROWS_AT_ONCE = 64  # of compaction: originals are read with the rows
_ABANDONED = timedelta(hours=1)


@dataclass(frozen=True)
class Version:
    """One version of a wall: when it was made, how many pictures it has, what it is called."""

    number: int
    made_at: datetime
    pictures: int
    tags: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        return {
            "version": self.number,
            "made_at": self.made_at.isoformat(),
            "pictures": self.pictures,
            "tags": list(self.tags),
        }


@dataclass(frozen=True)
class Fragment:
    """A piece of the table: rows that live and rows that are dead, bytes with its originals."""

    id: int
    rows: int
    dead: int
    bytes: int


@dataclass(frozen=True)
class DiskUsage:
    """What a table takes on disk: bytes of the newest version's rows, bytes in all, versions."""

    current: int
    total: int
    versions: int


@dataclass(frozen=True)
class OrphanFiles:
    """Files that no version knows: what killed writers left, or what one is writing now."""

    files: int
    bytes: int
    recent: int


class TableAdmin:
    """Administers the table of a store. Every call works on the newest version."""

    def __init__(self, store: Store) -> None:
        self._store = store

    # Versions.

    def versions(self) -> list[Version]:
        """All versions that are there, oldest first."""
        dataset = self._store.handle()
        names: dict[int, list[str]] = defaultdict(list)
        for name, tag in dataset.tags.list().items():
            names[int(tag["version"])].append(name)
        return [
            Version(
                int(found["version"]),
                found["timestamp"].astimezone(UTC),
                int(found["metadata"]["total_rows"]),
                tuple(sorted(names[int(found["version"])])),
            )
            for found in dataset.versions()
        ]

    def tags(self) -> dict[str, int]:
        """The versions that have names."""
        tags = self._store.handle().tags.list()
        return {name: int(tag["version"]) for name, tag in tags.items()}

    def tag(self, name: str, version: int) -> None:
        """Call a version that, moving the name if another one has it."""
        dataset = self._store.handle()
        with raise_if_expired(version):
            _tag(dataset, name, version)

    def untag(self, name: str) -> None:
        self._store.handle().tags.delete(name)

    def restore(self, version: int) -> int:
        """Make a new version with the content of that one, and return its number."""
        with self._store.write_lock(), raise_if_expired(version):
            dataset = self._store.handle().checkout_version(version)
            dataset.restore()
            keep_overwritten(dataset)
        return self._store.refresh()

    # Rows.

    def found(self, image_ids: Sequence[str], columns: Sequence[str]) -> list[dict[str, Any]]:
        """Those columns of those pictures that are on the wall, in the order of its rows."""
        table = self._store.handle().to_table(columns=list(columns), filter=sql_in(image_ids))
        rows: list[dict[str, Any]] = table.to_pylist()
        return rows

    def delete(self, image_ids: Sequence[str]) -> int:
        """Delete those pictures in one version; how many there were."""
        with self._store.write_lock():
            deleted = self._store.handle().delete(sql_in(image_ids))
        self._store.refresh()
        return int(deleted["num_deleted_rows"])

    def scan(
        self, version: int, columns: Sequence[str], rows: int = 1024
    ) -> Iterator[pa.RecordBatch]:
        """Those columns of a version, in the order of its rows."""
        with raise_if_expired(version):
            dataset = self._store.handle().checkout_version(version)
        # Little is read ahead: memory stays small however slow the reader of the batches is.
        scanner = dataset.scanner(
            columns=list(columns), batch_size=rows, batch_readahead=2, fragment_readahead=1
        )
        return scan_batches(version, scanner.to_batches)

    def schema(self) -> pa.Schema:
        """The columns of the newest version."""
        return self._store.handle().schema

    def take(
        self, version: int, rows: Sequence[int], columns: Sequence[str]
    ) -> list[dict[str, Any]]:
        """Those columns of those rows of a version."""
        with raise_if_expired(version):
            dataset = self._store.handle().checkout_version(version)
            found: list[dict[str, Any]] = dataset.take(list(rows), list(columns)).to_pylist()
            return found

    def originals(self, version: int, rows: Sequence[int]) -> Iterator[bytes | None]:
        """The stored bytes of the pictures in those rows of a version, one after another."""
        with raise_if_expired(version):
            dataset = self._store.handle().checkout_version(version)
        for row in rows:
            with raise_if_expired(version):
                (blob,) = dataset.take_blobs("image", indices=[int(row)])
                data = None if blob is None else blob.readall()
            yield data

    # Files.

    def fragments(self) -> list[Fragment]:
        """The pieces of the newest version, in the order of their rows."""
        dataset = self._store.handle()
        sizes = _sizes(dataset)
        return [
            Fragment(
                int(piece.fragment_id),
                int(piece.physical_rows - piece.num_deletions),
                int(piece.num_deletions),
                sum(sizes[stem] for stem in _stems(piece)),
            )
            for piece in dataset.get_fragments()
        ]

    def compact(self, fragments: Iterable[int], target_rows: int) -> None:
        """Write neighbours among those fragments together, and their dead rows no more."""
        with self._store.write_lock():
            dataset = self._store.handle()
            chosen = set(fragments)
            others = {int(piece.fragment_id) for piece in dataset.get_fragments()} - chosen
            dataset.optimize.compact_files(
                target_rows_per_fragment=target_rows,
                materialize_deletions_threshold=0.0,
                batch_size=_ROWS_AT_ONCE,
                num_threads=1,
                excluded_fragment_ids=sorted(others),
            )
        self._store.refresh()

    def footprint(self) -> DiskUsage:
        """What the table takes on disk, by a look at the names and sizes of its files."""
        dataset = self._store.handle()
        stems = {stem for piece in dataset.get_fragments() for stem in _stems(piece)}
        current = total = versions = 0
        for path, size, _ in files_of(dataset):
            total += size
            current += size if path.startswith("data/") and _stem(path) in stems else 0
            versions += path.endswith(".manifest")
        return DiskUsage(current, total, versions)

    def removable(self) -> int:
        """Bytes that a clean-up would give back: reads every version."""
        explained = self._store.handle().explain_cleanup_old_versions(
            older_than=_AT_ONCE, error_if_tagged_old_versions=False
        )
        return int(explained.stats.bytes_removed)

    def clean(self, older_than: timedelta = _AT_ONCE, *, orphans: bool = False) -> int:
        """Remove old versions that have no name; the bytes that were freed.

        `orphans` removes files of unfinished writes too: only while nobody else is at work.
        """
        # The last version that is safely on disk must not be removed before the next one is.
        self._store.fsync()
        removed = self._store.handle().cleanup_old_versions(
            older_than=older_than, delete_unverified=orphans, error_if_tagged_old_versions=False
        )
        return int(removed.bytes_removed)

    def orphans(self) -> OrphanFiles:
        """Data and index files that no version knows."""
        dataset = self._store.handle()
        known = {
            _stem(path)
            for batch in dataset.tracked_files()
            for path in batch.column("path").to_pylist()
        }
        known |= {
            str(segment.uuid) for index in dataset.describe_indices() for segment in index.segments
        }
        files = size = recent = 0
        for path, bytes_, changed in files_of(dataset):
            if path.startswith(("data/", "_indices/")) and _stem(path) not in known:
                files += 1
                size += bytes_
                recent += datetime.now(UTC) - changed < _ABANDONED
        return OrphanFiles(files, size, recent)

    def unindexed(self) -> dict[str, int]:
        """Rows that an index of the table does not have yet, by the index's name."""
        dataset = self._store.handle()
        rows = dataset.count_rows()
        return {
            str(index.name): max(0, rows - int(index.num_rows_indexed))
            for index in dataset.describe_indices()
        }


def keep_overwritten(dataset: Any) -> None:
    """Keep what this version has just replaced, instead of what was replaced before."""
    before = int(dataset.version) - 1
    if dataset.checkout_version(before).count_rows():
        _tag(dataset, OVERWRITTEN, before)


def _tag(dataset: Any, name: str, version: int) -> None:
    if name in dataset.tags.list():
        dataset.tags.update(name, version)
    else:
        dataset.tags.create(name, version)


def files_of(dataset: Any) -> Iterator[tuple[str, int, datetime]]:
    """Path inside the table, bytes and time of change of every file that is there."""
    for batch in dataset.all_files():
        yield from zip(
            batch.column("path").to_pylist(),
            batch.column("size_bytes").to_pylist(),
            batch.column("last_modified").to_pylist(),
            strict=True,
        )


def _sizes(dataset: Any) -> dict[str, int]:
    """Bytes by stem: a data file and the folder of its originals have one."""
    sizes: dict[str, int] = defaultdict(int)
    for path, size, _ in files_of(dataset):
        if path.startswith("data/"):
            sizes[_stem(path)] += size
    return sizes


def _stems(piece: Any) -> Iterator[str]:
    for file in piece.data_files():
        yield PurePosixPath(file.path).stem


def _stem(path: str) -> str:
    """`data/abc.lance` and `data/abc/0.blob` belong together, `_indices/abc/…` too."""
    parts = PurePosixPath(path).parts
    return PurePosixPath(parts[1] if len(parts) > 1 else parts[0]).stem
