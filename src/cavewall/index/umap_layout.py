"""The UMAP layout of a version of a wall: computed by umap-learn, kept as a derived artefact.

McInnes, Healy and Melville, *UMAP: Uniform Manifold Approximation and Projection for Dimension
Reduction*, arXiv:1802.03426: places in the plane in which vectors that are neighbours stay
neighbours. The k-NN graph is our own (`index.knn_graph`). The points start from the places of an
older version or else from principal components, so that the map stays recognisable. The same
vectors and start always give the same layout. A computation that is killed starts again.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import shutil
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import filelock
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from cavewall._internal.files import memory_map_table, write_table
from cavewall.errors import MissingExtraError
from cavewall.index.artifacts import ArtifactStore
from cavewall.index.ivf import IVFIndex
from cavewall.index.kmeans import Progress
from cavewall.index.knn_graph import KnnGraph
from cavewall.index.layout import MapLayout

__all__ = ["INSTALL", "UMAP_ARTIFACT", "UmapLayout", "check_umap", "fit_umap", "has_umap"]

Floats = NDArray[np.float32]

UMAP_ARTIFACT = "umap-1"
INSTALL = "pip install 'cavewall[map]'"
# The lock and the progress of the process that computes. Earlier revisions kept steps in _STEPS.
_WORK, _LOCK, _SHARE, _STEPS = "umap-work-1", ".lock", "share", "unfolding-1"
# With fewer pictures every picture is a neighbour of every other one.
_FEWEST = 16
_NEIGHBOURS = 15
_MIN_DIST = 0.1  # umap-learn's own; the mean distance of points is about 1
# If this share of the pictures has a place in an older layout, the others join them there, in few
# epochs at a low learning rate: the known points hardly move.
_MOSTLY_KNOWN = 0.5
_EPOCHS_KNOWN, _RATE_KNOWN = 100, 0.1
# Points that coincide are never pulled apart: each starts this far off, where the whole is 1.
_JITTER = 1e-4
# The shares of the work, roughly, that are done after the k-NN graph and after the fuzzy graph.
_AFTER_KNN, _AFTER_GRAPH = 0.2, 0.3


def has_umap() -> bool:
    """Whether umap-learn is installed. It is not imported, which takes seconds."""
    return find_spec("umap") is not None


def check_umap() -> None:
    """Raise MissingExtraError if umap-learn is not installed."""
    if not has_umap():
        raise MissingExtraError(
            f"the layout umap needs umap-learn, which is not installed: {INSTALL}"
        )


@dataclass(frozen=True)
class UmapLayout:
    """The UMAP layout of one version: ready, being computed by some process, or absent.

    Attributes:
        artifacts: where layouts are kept.
        version: the version of the wall.
        ids: its n picture ids, an Arrow array.
        ids_digest: changes if any id does.
        vectors: (n, d), unit rows.
        start: the layout by principal components.
        named: the name of an artefact in this vector space.
    """

    artifacts: ArtifactStore
    version: int
    ids: pa.Array
    ids_digest: bytes
    vectors: Floats
    start: Callable[[], MapLayout]
    named: Callable[[str], str]

    def ready(self) -> MapLayout | None:
        """The layout, None if it has to be computed first.

        A few pictures, or vectors on a line or in one point, lie as by principal components.
        """
        if self._is_trivial():
            return MapLayout(self.start().positions)
        kept = self.artifacts.load_if_present(
            self.named(UMAP_ARTIFACT), self.version, _Kept.from_folder
        )
        return None if kept is None else MapLayout.of_places(kept.places)

    def share(self) -> float | None:
        """How much of it is done, 0 to 1; None if no process is computing it."""
        work = self.artifacts.scratch_dir(self.named(_WORK))
        if work is None:
            return None
        with contextlib.suppress(filelock.Timeout), filelock.FileLock(work / _LOCK, timeout=0):
            return None
        try:
            return float((work / _SHARE).read_text())
        except (OSError, ValueError):
            return 0.0

    def make(
        self, index: Callable[[], IVFIndex | None], progress: Progress | None = None
    ) -> MapLayout:
        """The layout, computed if it is not ready, by one process at a time.

        Raises:
            MissingExtraError: it has to be computed, and umap-learn is not installed.
        """
        found = self.ready()
        if found is not None:
            return found
        check_umap()
        work = self.artifacts.scratch_dir(self.named(_WORK))
        with contextlib.nullcontext() if work is None else filelock.FileLock(work / _LOCK):
            # Another process may have finished it while this one waited for the lock.
            return self.ready() or self._compute(work, index, progress)

    def _compute(
        self,
        work: Path | None,
        index: Callable[[], IVFIndex | None],
        progress: Progress | None,
    ) -> MapLayout:
        def report(share: float) -> None:
            if work is not None:
                with contextlib.suppress(OSError):
                    (work / _SHARE).write_text(f"{share:.3f}")
            if progress is not None:
                progress(share)

        if work is not None:
            shutil.rmtree(work.parent.with_name(self.named(_STEPS)), ignore_errors=True)
        artefact, digest = self.named(UMAP_ARTIFACT), self._digest()
        older = self.artifacts.load_latest(artefact, _Kept.from_folder)
        if older is not None and older.digest == digest:
            places = older.places
        else:
            report(0.0)
            start = None if older is None else older.places_of(self.ids)
            known = start is not None and bool(np.isfinite(start[:, 0]).mean() >= _MOSTLY_KNOWN)
            if start is None or not known:
                start = self.start().positions
            places = fit_umap(self.vectors, start, known, index(), report)
        kept = _Kept(places, self.ids, digest)
        kept = self.artifacts.get(artefact, self.version, kept.to_folder, _Kept.from_folder)
        return MapLayout.of_places(kept.places)

    def _is_trivial(self) -> bool:
        if len(self.ids) < _FEWEST:
            return True
        projection = self.start().projection
        return projection is not None and not projection.axes.any(axis=1).all()

    def _digest(self) -> bytes:
        digest = hashlib.blake2b(self.ids_digest, digest_size=16)
        digest.update(np.ascontiguousarray(self.vectors).view(np.uint8).data)
        return digest.digest()


@dataclass(frozen=True)
class _Kept:
    """The artefact: places (n, 2) as UMAP gave them, whose they are, a digest of ids and vectors.

    The digest lets a newer version with the same vectors take over the layout.
    """

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

    def places_of(self, ids: pa.Array) -> Floats:
        """The places of those pictures, (m, 2); NaN for pictures that have none here."""
        at = pc.index_in(ids, value_set=self.ids)
        rows = pc.fill_null(at, -1).to_numpy(zero_copy_only=False)
        return np.where((rows >= 0)[:, None], self.places[rows], np.float32(np.nan))


def fit_umap(
    vectors: Floats,
    start: Floats,
    known: bool,
    index: IVFIndex | None = None,
    progress: Progress | None = None,
) -> Floats:
    """UMAP places (n, 2) of unit vectors (n, d), n at least 2.

    `start` (n, 2) are the places at the beginning; NaN is replaced by the mean of the neighbours'.
    `known` says that they are an older layout's and should change little. `index`, if given, makes
    the search for neighbours fast and approximate.

    Raises:
        MissingExtraError: umap-learn is not installed.
    """
    check_umap()
    report = progress or (lambda _: None)
    graph = KnnGraph.of(
        vectors,
        min(_NEIGHBOURS, len(vectors)),
        index,
        lambda share: report(_AFTER_KNN * share),
    )
    begin = _filled(start, graph)
    # umap-learn warns that Tensorflow is absent and that a seed keeps it to one thread.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from umap.umap_ import find_ab_params, fuzzy_simplicial_set, simplicial_set_embedding

        # With a graph given, umap-learn looks at the number of vectors only.
        fuzzy, _, _ = fuzzy_simplicial_set(
            begin,
            graph.rows.shape[1],
            np.random.RandomState(0),
            "cosine",
            knn_indices=graph.rows,
            knn_dists=graph.distances,
        )
        report(_AFTER_GRAPH)
        a, b = find_ab_params(1.0, _MIN_DIST)
        places, _ = simplicial_set_embedding(
            begin,
            fuzzy,
            n_components=2,
            initial_alpha=_RATE_KNOWN if known else 1.0,
            a=a,
            b=b,
            gamma=1.0,
            negative_sample_rate=5,
            # None: 500, and 200 above 10,000 pictures.
            n_epochs=_EPOCHS_KNOWN if known else None,
            init=begin,
            random_state=np.random.RandomState(0),
            metric="euclidean",
            metric_kwds={},
            densmap=False,
            densmap_kwds={},
            output_dens=False,
            tqdm_kwds={"disable": progress is None, "file": _EpochsFile(report)},
        )
    report(1.0)
    return np.asarray(places, np.float32)


def _filled(start: Floats, graph: KnnGraph) -> Floats:
    """The start with a place for every vector, and no two in the same one.

    A new picture goes to the mean of its neighbours that have a place, or to the median of all.
    """
    places = start.astype(np.float64)
    new = np.flatnonzero(np.isnan(places).any(axis=1))
    if len(new):
        middle = np.nanmedian(places, axis=0)
        around = places[graph.rows[new]]
        placed = ~np.isnan(around).any(axis=2, keepdims=True)
        sums = np.where(placed, around, 0).sum(axis=1)
        counts = placed.sum(axis=1)
        places[new] = np.where(counts > 0, sums / np.maximum(counts, 1), middle)
    size = float(np.ptp(places, axis=0).max()) or 1.0
    jitter = np.random.default_rng(0).normal(0, _JITTER * size, places.shape)
    return np.asarray(places + jitter, np.float32)


class _EpochsFile:
    """The file that umap-learn's progress bar writes to: reports its percentage.

    umap-learn has no other hook between epochs.
    """

    def __init__(self, report: Progress) -> None:
        self._report = report

    def write(self, text: str) -> None:
        found = re.search(r"(\d+)%", text)
        if found:
            self._report(_AFTER_GRAPH + (1 - _AFTER_GRAPH) * int(found[1]) / 100)

    def flush(self) -> None:
        pass
