"""The UMAP layout of one version of a wall: ready, under way, or not begun."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import filelock
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from cavewall._internal.files import memory_map_table, write_table
from cavewall.index.artifacts import ArtifactStore
from cavewall.index.ivf import IVFIndex
from cavewall.index.kmeans import Progress
from cavewall.index.layout import MapLayout
from cavewall.index.umap_fit import FEWEST, UmapFit, check_umap
from cavewall.storage import Snapshot

__all__ = ["UNFOLDED", "UmapLayout"]

Floats = NDArray[np.float32]

UNFOLDED = "umap-1"
_WORKPLACE, _LOCK = "unfolding-1", ".lock"
# Where so many of the pictures have a place already, the map goes on with these.
_MOSTLY = 0.5


@dataclass(frozen=True)
class _Kept:
    """Places (n, 2) as they were computed, whose they are, and a digest of ids and vectors."""

    places: Floats
    ids: pa.Array
    digest: bytes

    def to_folder(self, folder: Path) -> None:
        np.save(folder / "places.npy", self.places)
        np.save(folder / "digest.npy", np.frombuffer(self.digest, np.uint8))
        write_table(folder / "ids.arrow", pa.table({"image_id": self.ids}))

    @classmethod
    def from_folder(cls, folder: Path) -> _Kept:
        ids = memory_map_table(folder / "ids.arrow").column("image_id").combine_chunks()
        return cls(np.load(folder / "places.npy"), ids, np.load(folder / "digest.npy").tobytes())

    def begin(self, ids: pa.Array) -> Floats:
        """The places of those pictures, NaN where one has none here: (m, 2)."""
        at = pc.index_in(ids, value_set=self.ids)
        rows = pc.fill_null(at, -1).to_numpy(zero_copy_only=False)
        return np.where((rows >= 0)[:, None], self.places[rows], np.float32(np.nan))


class UmapLayout:
    """What is kept of a layout with the derived artefacts of a version, or can be."""

    def __init__(
        self,
        derived: ArtifactStore,
        snapshot: Snapshot,
        flat: Callable[[], MapLayout],
        named: Callable[[str], str],
    ) -> None:
        self._derived = derived
        self._snapshot = snapshot
        self._flat = flat
        self._artefact, self._work = named(UNFOLDED), named(_WORKPLACE)

    def ready(self) -> MapLayout | None:
        """The layout, None where it has to be made first.

        A few pictures, or such as differ in no two directions, have no other than the flat one.
        """
        if self._is_plain:
            return MapLayout(self._flat().positions)
        kept = self._derived.load_if_present(
            self._artefact, self._snapshot.version, _Kept.from_folder
        )
        return None if kept is None else MapLayout.of_places(kept.places)

    def share(self) -> float | None:
        """How much of it is done, 0 to 1; None where nobody is at it."""
        place = self._derived.scratch_dir(self._work)
        if place is None or not _is_taken(place):
            return None
        found = UmapFit.current(self._steps(place))
        return 0.0 if found is None else found.done

    def make(
        self,
        index: Callable[[], IVFIndex | None],
        progress: Progress | None = None,
    ) -> MapLayout:
        """The layout, made where it is not there; goes on where a run was stopped.

        Raises:
            MissingExtraError: it has to be made, and umap-learn is not installed.
        """
        found = self.ready()
        if found is not None:
            return found
        check_umap()
        with self._alone() as place:
            # Whoever was waited for may have made it.
            found = self.ready()
            if found is None:
                found = self._made(self._steps(place), index, progress)
        return found

    def _made(
        self, steps: Path, index: Callable[[], IVFIndex | None], progress: Progress | None
    ) -> MapLayout:
        for other in steps.parent.glob("v*"):
            if other != steps:
                shutil.rmtree(other, ignore_errors=True)
        digest = self._digest()
        older = self._derived.load_latest(self._artefact, _Kept.from_folder)
        if older is not None and older.digest == digest:
            places = older.places
        else:
            unfolding = UmapFit.current(steps) or self._begun(steps, older)
            places = unfolding.finish(self._snapshot.vectors, index(), progress)
        kept = _Kept(places, self._snapshot.ids, digest)
        version = self._snapshot.version
        kept = self._derived.get(self._artefact, version, kept.to_folder, _Kept.from_folder)
        shutil.rmtree(steps, ignore_errors=True)
        return MapLayout.of_places(kept.places)

    def _begun(self, steps: Path, older: _Kept | None) -> UmapFit:
        if older is not None:
            start = older.begin(self._snapshot.ids)
            if np.isfinite(start[:, 0]).mean() >= _MOSTLY:
                return UmapFit.begin(steps, start, True)
        return UmapFit.begin(steps, self._flat().positions, False)

    @property
    def _is_plain(self) -> bool:
        if len(self._snapshot.ids) < FEWEST:
            return True
        projection = self._flat().projection
        return projection is not None and not projection.axes.any(axis=1).all()

    def _steps(self, place: Path) -> Path:
        return place / f"v{self._snapshot.version}"

    def _digest(self) -> bytes:
        vectors = np.ascontiguousarray(self._snapshot.vectors)
        digest = hashlib.blake2b(self._snapshot.ids_digest(len(self._snapshot.ids)), digest_size=16)
        digest.update(vectors.view(np.uint8).data)
        return digest.digest()

    @contextmanager
    def _alone(self) -> Iterator[Path]:
        """Where to work, when nobody else does."""
        place = self._derived.scratch_dir(self._work)
        if place is None:
            with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as temporary:
                yield Path(temporary)
            return
        with filelock.FileLock(place / _LOCK):
            yield place


def _is_taken(place: Path) -> bool:
    try:
        with filelock.FileLock(place / _LOCK, timeout=0):
            return False
    except filelock.Timeout:
        return True
