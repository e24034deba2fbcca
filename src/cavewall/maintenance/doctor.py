"""Health check of a wall: problems, and how to fix them."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa

from cavewall._internal.images import digest
from cavewall._internal.object_store import ObjectPath, is_object_address
from cavewall._internal.vectors import cosines, mean_direction
from cavewall.encoders import Encoder
from cavewall.errors import CavewallError
from cavewall.maintenance.stale_artifacts import stale_artifacts
from cavewall.storage import VECTOR, Store
from cavewall.storage.table_admin import TableAdmin

__all__ = ["Finding", "HealthReport", "check"]

_SAMPLE = 64
_RE_ENCODED = 8
_LENGTH = 1e-3
# Half precision and other machines change vectors less than this.
_COSINE = 0.99
_AGAIN = "delete them and add their source again"


@dataclass(frozen=True)
class Finding:
    """One finding. `wrong` needs action, `note` is information.

    `examples` are all ids or paths concerned.
    """

    check: str
    level: Literal["wrong", "note"]
    message: str
    count: int = 1
    examples: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        return {
            "check": self.check,
            "level": self.level,
            "message": self.message,
            "count": self.count,
            "examples": list(self.examples),
        }


@dataclass(frozen=True)
class HealthReport:
    """Counts and findings of a check."""

    version: int
    counts: dict[str, int]
    findings: tuple[Finding, ...]

    @property
    def healthy(self) -> bool:
        return not any(finding.level == "wrong" for finding in self.findings)

    def to_dict(self) -> dict[str, Any]:
        return {
            "healthy": self.healthy,
            "version": self.version,
            "counts": self.counts,
            "findings": [finding.to_dict() for finding in self.findings],
        }


@dataclass
class _Rows:
    """The results of one scan of the rows."""

    count: int = 0
    captions: int = 0
    stored: list[int] = field(default_factory=list)
    linked: int = 0
    without_file: int = 0
    sha256: list[str | None] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    no_vector: list[str] = field(default_factory=list)
    not_finite: list[str] = field(default_factory=list)
    not_unit: list[str] = field(default_factory=list)
    missing_files: list[str] = field(default_factory=list)
    valid: list[int] = field(default_factory=list)


def check(store: Store, encoder: Callable[[], Encoder]) -> HealthReport:
    """Check a wall. Reads every row, but only a sample of 64 originals.

    `encoder` returns the wall's encoder; its errors become findings.
    """
    version = store.refresh()
    admin = TableAdmin(store)
    rows = _scan(admin, version)
    findings = [
        *_check_vectors(rows),
        *_check_originals(admin, version, rows),
        *_check_encoder(admin, version, rows, encoder),
        *_check_files(admin, store),
    ]
    repeated = [name for name, times in Counter(rows.ids).items() if times > 1]
    if repeated:
        findings.insert(0, _wrong("ids", repeated, f"ids occur twice: {_AGAIN}"))
    counts = {
        "pictures": rows.count,
        "captions": rows.captions,
        "stored": len(rows.stored),
        "linked": rows.linked,
        "without_file": rows.without_file,
        "fragments": len(admin.fragments()),
        "versions": len(admin.versions()),
        "bytes": admin.footprint().total,
    }
    return HealthReport(version, counts, tuple(findings))


def _wrong(check: str, names: Sequence[str], message: str) -> Finding:
    return Finding(check, "wrong", f"{len(names):,} {message}", len(names), tuple(names))


def _scan(admin: TableAdmin, version: int) -> _Rows:
    rows = _Rows()
    buckets: dict[str, ObjectPath] = {}
    columns = ["image_id", "captions", "path", "sha256", "image", VECTOR]
    for batch in admin.scan(version, columns, 8192):
        start = rows.count
        ids = batch.column("image_id").to_pylist()
        rows.ids += ids
        rows.sha256 += batch.column("sha256").to_pylist()
        rows.captions += sum(map(len, filter(None, batch.column("captions").to_pylist())))
        has_captions = [bool(texts) for texts in batch.column("captions").to_pylist()]
        _scan_vectors(batch.column(VECTOR), ids, has_captions, start, rows)
        stored = batch.column("image").is_valid().to_pylist()
        for at, (has_image, path) in enumerate(
            zip(stored, batch.column("path").to_pylist(), strict=True)
        ):
            if has_image:
                rows.stored.append(start + at)
            elif rows.sha256[start + at] is None:
                rows.without_file += 1
            else:
                rows.linked += 1
                if path is None or not _exists(path, buckets):
                    rows.missing_files.append(ids[at])
        rows.count += batch.num_rows
    return rows


def _exists(path: str, buckets: dict[str, ObjectPath]) -> bool:
    """Whether the file or object exists; `buckets` caches the listings."""
    if is_object_address(path):
        root = "/".join(path.split("/", 3)[:3])
        found = buckets.setdefault(root, ObjectPath(root)).below(path)
        return found is not None and found.state() is not None
    try:
        return Path(path).is_file()
    except (OSError, ValueError):
        return False


def _scan_vectors(
    column: pa.Array, ids: list[str], has_captions: list[bool], start: int, rows: _Rows
) -> None:
    present = np.flatnonzero(column.is_valid().to_numpy(zero_copy_only=False))
    # A picture without captions has no vector.
    missing = np.setdiff1d(np.flatnonzero(has_captions), present)
    rows.no_vector += [ids[at] for at in missing]
    flat = column.drop_null().flatten().to_numpy(zero_copy_only=False)
    vectors = flat.reshape(-1, column.type.list_size).astype(np.float64)
    lengths = np.linalg.norm(vectors, axis=1)
    finite = np.isfinite(lengths)
    unit = finite & (np.abs(lengths - 1) <= _LENGTH)
    rows.not_finite += [ids[at] for at in present[~finite]]
    rows.not_unit += [ids[at] for at in present[finite & ~unit]]
    rows.valid += [start + int(at) for at in present[unit]]


def _check_vectors(rows: _Rows) -> Iterator[Finding]:
    unfound = f"no search finds their pictures: {_AGAIN}"
    if rows.no_vector:
        yield _wrong("vectors", rows.no_vector, f"vectors are missing, and {unfound}")
    if rows.not_finite:
        yield _wrong("vectors", rows.not_finite, f"vectors hold NaN or infinity, and {unfound}")
    if rows.not_unit:
        yield _wrong(
            "vectors",
            rows.not_unit,
            "vectors are not of unit length, and score wrong. Something else than Cavewall wrote "
            f"them: {_AGAIN}",
        )


def _check_originals(admin: TableAdmin, version: int, rows: _Rows) -> Iterator[Finding]:
    sample = sorted(random.sample(rows.stored, min(_SAMPLE, len(rows.stored))))
    damaged = []
    for row, data in zip(sample, admin.originals(version, sample), strict=True):
        if data is None or digest(data) != rows.sha256[row]:
            damaged.append(rows.ids[row])
    if damaged:
        yield _wrong(
            "originals",
            damaged,
            f"of {len(sample):,} originals looked at are not what was added (sha256): the disk or "
            f"another program changed them: {_AGAIN}",
        )
    if rows.missing_files:
        yield _wrong(
            "links",
            rows.missing_files,
            "linked files are gone: put them back, or delete the pictures",
        )


def _check_encoder(
    admin: TableAdmin, version: int, rows: _Rows, encoder: Callable[[], Encoder]
) -> Iterator[Finding]:
    try:
        chosen = encoder()
    except CavewallError as fault:
        yield Finding("encoder", "wrong", str(fault))
        return
    sample = set(random.sample(rows.valid, min(_RE_ENCODED, len(rows.valid))))
    other = []
    try:
        for image_id, captions, vector in _sampled(admin, version, sample):
            if captions:
                made = mean_direction(chosen.encode(captions))
                if float(cosines(made[None], vector[None])[0, 0]) < _COSINE:
                    other.append(image_id)
    except (CavewallError, ValueError) as fault:
        yield Finding("encoder", "wrong", f"{chosen.name} cannot encode the captions: {fault}")
        return
    if other:
        yield _wrong(
            "encoder",
            other,
            f"of {len(sample)} pictures looked at have vectors that {chosen.name} does not make of "
            f"their captions: {_AGAIN}",
        )


def _sampled(
    admin: TableAdmin, version: int, rows: set[int]
) -> Iterator[tuple[str, list[str], np.ndarray[Any, np.dtype[np.float32]]]]:
    for row in admin.take(version, sorted(rows), ["image_id", "captions", VECTOR]):
        yield row["image_id"], row["captions"] or [], np.array(row[VECTOR], np.float32)


def _check_files(admin: TableAdmin, store: Store) -> Iterator[Finding]:
    for name, missing in admin.unindexed().items():
        if missing:
            yield Finding(
                "index",
                "note",
                f"the index {name} lacks {missing:,} rows: LanceDB's optimize() takes them in",
                missing,
            )
    orphans = admin.orphans()
    if orphans.files:
        writing = ", some younger than an hour: an add may be running" if orphans.recent else ""
        yield Finding(
            "orphans",
            "note",
            f"{orphans.files:,} files ({orphans.bytes / 1e6:.1f} MB) belong to no version: writers "
            f"that were stopped left them{writing}. cavewall optimize removes them",
            orphans.files,
        )
    leftovers = stale_artifacts(store)
    if leftovers:
        yield Finding(
            "derived",
            "note",
            f"{len(leftovers):,} derived artefacts are of older versions or of stopped builders: "
            "cavewall optimize removes them, and searches replace them",
            len(leftovers),
            tuple(map(str, leftovers)),
        )
