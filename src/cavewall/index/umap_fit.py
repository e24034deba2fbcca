"""Vectors laid out so that neighbours stay neighbours: UMAP, by umap-learn, in steps that are kept.

McInnes, Healy and Melville, *UMAP: Uniform Manifold Approximation and Projection for Dimension
Reduction*, arXiv:1802.03426. The layout is optimised a stage of epochs at a time, each with a lower
rate of learning than the one before, and every stage is a file: whoever is killed loses one.
"""

from __future__ import annotations

import os
import uuid
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from cavewall.errors import MissingExtraError
from cavewall.index.ivf import IVFIndex
from cavewall.index.kmeans import Progress
from cavewall.index.knn_graph import KnnGraph

__all__ = ["FEWEST", "INSTALL", "UmapFit", "check_umap", "has_umap"]

Floats = NDArray[np.float32]

INSTALL = "pip install 'cavewall[map]'"
# Fewer have no neighbourhoods to keep.
FEWEST = 16
_NEIGHBOURS = 15
_NEAREST_PLACES = 0.1  # umap-learn's min_dist, in places whose mean distance is about 1
# As umap-learn: large walls, where every place is pulled at more often, take fewer epochs.
_EPOCHS, _EPOCHS_LARGE, _LARGE = 500, 200, 10_000
_STAGE = 100
# The rate of learning, 1 at the beginning, for pictures most of which have a place already.
_CALM = 0.2
# Places that coincide are never parted: each begins so far off, beside 1 for the whole.
_SHAKEN = 1e-4
_START, _GRAPH = "start.npz", "graph.npz"


def has_umap() -> bool:
    """Whether umap-learn is installed. It is not imported, which takes seconds."""
    return find_spec("umap") is not None


def check_umap() -> None:
    """Raises MissingExtraError where umap-learn is not installed."""
    if not has_umap():
        raise MissingExtraError(
            f"the layout umap needs umap-learn, which is not installed: {INSTALL}"
        )


@dataclass(frozen=True)
class UmapFit:
    """A layout under way, in a folder.

    Attributes:
        folder: holds the steps that are done.
        start: float32 (n, 2), principal components or places of an older version, NaN where a
            picture is new: it begins among its neighbours.
        known: whether they are places of an older version. Then the last stage is enough, at a
            low rate: the map stays recognisable.
    """

    folder: Path
    start: Floats
    known: bool

    @classmethod
    def begin(cls, folder: Path, start: Floats, known: bool) -> UmapFit:
        """A new one."""
        folder.mkdir(parents=True, exist_ok=True)
        _keep(folder / _START, lambda out: np.savez(out, start=start, known=known))
        return cls(folder, start, known)

    @classmethod
    def current(cls, folder: Path) -> UmapFit | None:
        """The one that was begun there, if any."""
        try:
            with np.load(folder / _START) as found:
                return cls(folder, found["start"], bool(found["known"]))
        except FileNotFoundError:
            return None

    @property
    def stages(self) -> range:
        """The numbers of its stages."""
        epochs = _EPOCHS if len(self.start) <= _LARGE else _EPOCHS_LARGE
        last = epochs // _STAGE
        return range(last - 1 if self.known else 0, last)

    @property
    def done(self) -> float:
        """The share of the steps that are done, 0 to 1: neighbours, graph, stages."""
        steps = [self._neighbours, self.folder / _GRAPH, *map(self._places, self.stages)]
        return sum(step.exists() for step in steps) / len(steps)

    def finish(
        self,
        vectors: Floats,
        index: IVFIndex | None = None,
        progress: Progress | None = None,
    ) -> Floats:
        """Places (n, 2) of unit vectors (n, d); goes on where it stood.

        The same whether it was stopped in between or not.

        Raises:
            MissingExtraError: umap-learn is not installed.
        """
        check_umap()

        def tell() -> None:
            if progress is not None:
                progress(self.done)

        tell()
        neighbours = self._found_neighbours(vectors, index)
        tell()
        graph = self._found_graph(neighbours)
        tell()
        places = _begun(self.start, neighbours)
        for stage in self.stages:
            file = self._places(stage)
            if file.exists():
                places = np.load(file)
                continue
            rate = _CALM if self.known else 1 - stage / self.stages.stop
            places = _stage(places, graph, stage, rate)
            _keep(file, partial(np.save, arr=places))
            tell()
        return places

    def _found_neighbours(self, vectors: Floats, index: IVFIndex | None) -> KnnGraph:
        if not self._neighbours.exists():
            found = KnnGraph.of(vectors, min(_NEIGHBOURS, len(vectors)), index)
            aside = self.folder / f".{uuid.uuid4().hex}"
            aside.mkdir()
            found.to_folder(aside)
            aside.rename(self._neighbours)
        return KnnGraph.from_folder(self._neighbours)

    def _found_graph(self, neighbours: KnnGraph) -> Any:
        """Sparse (n, n): how surely two are neighbours."""
        from scipy import sparse

        file = self.folder / _GRAPH
        if not file.exists():
            graph = _graph(neighbours)
            _keep(file, lambda out: sparse.save_npz(out, graph))
        return sparse.load_npz(file)

    @property
    def _neighbours(self) -> Path:
        return self.folder / "neighbours"

    def _places(self, stage: int) -> Path:
        return self.folder / f"places-{stage:02}.npy"


def _keep(file: Path, write: Callable[[IO[bytes]], None]) -> None:
    """A whole file or none, that outlives the process."""
    aside = file.with_name(f".{uuid.uuid4().hex}")
    with aside.open("wb") as out:
        write(out)
        out.flush()
        os.fsync(out.fileno())
    aside.rename(file)


def _begun(start: Floats, neighbours: KnnGraph) -> Floats:
    """Where all begin: what is new in the middle of its neighbours, and nobody on another."""
    places = start.astype(np.float64)
    new = np.flatnonzero(np.isnan(places).any(axis=1))
    if len(new):
        middle = np.nanmedian(places, axis=0)
        around = places[neighbours.rows[new]]
        there = ~np.isnan(around).any(axis=2, keepdims=True)
        sums = np.where(there, around, 0).sum(axis=1)
        counts = there.sum(axis=1)
        places[new] = np.where(counts > 0, sums / np.maximum(counts, 1), middle)
    size = float(np.ptp(places, axis=0).max()) or 1.0
    shaken = np.random.default_rng(0).normal(0, _SHAKEN * size, places.shape)
    return np.asarray(places + shaken, np.float32)


def _graph(neighbours: KnnGraph) -> Any:
    with _quietly():
        from umap.umap_ import fuzzy_simplicial_set

        # The vectors themselves are asked for their number alone.
        found = fuzzy_simplicial_set(
            neighbours.rows[:, :1],
            neighbours.rows.shape[1],
            np.random.RandomState(0),
            "cosine",
            knn_indices=neighbours.rows,
            knn_dists=neighbours.distances,
        )
    return found[0].tocsr()


def _stage(places: Floats, graph: Any, stage: int, rate: float) -> Floats:
    with _quietly():
        from umap.umap_ import find_ab_params, simplicial_set_embedding

        a, b = find_ab_params(1.0, _NEAREST_PLACES)
        found, _ = simplicial_set_embedding(
            places,
            graph.tocsr(copy=True),
            n_components=2,
            initial_alpha=rate,
            a=a,
            b=b,
            gamma=1.0,
            negative_sample_rate=5,
            n_epochs=_STAGE,
            init=places,
            random_state=np.random.RandomState(stage),
            metric="euclidean",
            metric_kwds={},
            densmap=False,
            densmap_kwds={},
            output_dens=False,
        )
    return np.asarray(found, np.float32)


@contextmanager
def _quietly() -> Iterator[None]:
    """umap-learn warns of what it is not asked for: Tensorflow, several threads."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
