"""One way to search among vectors, in a process of its own: what searching.py asks.

    python benchmarks/peers.py NAME VECTORS.npy QUERIES.npy FOLDER

Builds, says so in a line of JSON, and then answers, a line each, the numbers of queries that come
on standard input. Needs NumPy and what the way is called after: the peers live in an environment of
their own (`make bench-peers`), so nothing of Cavewall is imported before it is asked for.

Every graph has what its makers give it, but a search wide enough for a recall of .98 on vectors of
this kind; Cavewall and LanceDB's IVF_RQ are as they come.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Search = Callable[[Floats], Sequence[Any]]

K = 10
# FAISS's graph misses a recall of .98 at 64, by little.
WIDE = 96


@dataclass(frozen=True)
class Way:
    """`make` gives a search of vectors, which may be kept in a folder.

    `imports` are loaded before the clock starts; `package` is who made it, None for Cavewall;
    `scans` tells that it looks at every vector.
    """

    title: str
    package: str | None
    imports: tuple[str, ...]
    make: Callable[[Floats, Path], Search]
    scans: bool = False


def by_numpy(vectors: Floats, _: Path) -> Search:
    here = np.array(vectors)

    def search(query: Floats) -> Sequence[Any]:
        scores = here @ query
        first = np.argpartition(-scores, K)[:K]
        return list(first[np.argsort(-scores[first])])

    return search


def by_cavewall(vectors: Floats, folder: Path) -> Search:
    """A search of one term from its vector to ranked ids: all that is not reading and encoding."""
    import pyarrow as pa

    from cavewall import text
    from cavewall.index.ivf import MIN_ROWS, IVFIndex
    from cavewall.query import LinearCombination
    from cavewall.search.compile import Query
    from cavewall.search.ranking import SingleSpaceRanking
    from cavewall.search.rules import rule
    from cavewall.storage import Snapshot

    snapshot = Snapshot(1, pa.array([str(row) for row in range(len(vectors))]), vectors)
    index = None
    if len(vectors) >= MIN_ROWS:
        IVFIndex.of(vectors, snapshot.ids_digest(len(vectors))).to_folder(folder)
        # Mapped, as a wall has it.
        index = IVFIndex.from_folder(folder)
    held: Any = Held(snapshot, index)
    encoder: Any = None
    said = text("any")

    def search(query: Floats) -> Sequence[Any]:
        unit = query.astype(np.float64)[None]
        asked = Query((said,), unit, LinearCombination(np.ones(1), 1.0))
        best = SingleSpaceRanking(said, asked, held, encoder, rule()).top_k(K)
        found: list[Any] = snapshot.ids.take([one.position for one in best]).to_pylist()
        return found

    return search


@dataclass(frozen=True)
class Held:
    """What an inquiry of one term looks at of a `WallVersion`."""

    snapshot: Any
    index: Any


def by_lance(vectors: Floats, folder: Path, index: bool = False) -> Search:
    import lancedb
    import pyarrow as pa

    flat = pa.FixedSizeListArray.from_arrays(pa.array(np.ravel(vectors)), vectors.shape[1])
    table = pa.table({"row": np.arange(len(vectors)), "vector": flat})
    opened = lancedb.connect(folder).create_table("t", table)
    if index:
        from lancedb.index import IvfRq

        opened.create_index("vector", config=IvfRq(distance_type="cosine"))

    def search(query: Floats) -> Sequence[Any]:
        asked = opened.search(query).distance_type("cosine").limit(K)
        if index:
            asked = asked.nprobes(20).refine_factor(10)
        found: list[Any] = asked.select(["row", "_distance"]).to_arrow().column("row").to_pylist()
        return found

    return search


def by_lance_rq(vectors: Floats, folder: Path) -> Search:
    return by_lance(vectors, folder, True)


def by_faiss(vectors: Floats, _: Path) -> Search:
    import faiss

    index = faiss.IndexHNSWFlat(vectors.shape[1], 16, faiss.METRIC_INNER_PRODUCT)
    index.hnsw.efSearch = WIDE
    index.add(np.ascontiguousarray(vectors))
    return lambda query: list(index.search(query[None], K)[1][0])


def by_faiss_ivf(vectors: Floats, _: Path) -> Search:
    """Laid out as Cavewall's: 2 √n neighbourhoods, of which 48 are looked into."""
    import faiss

    dimension = vectors.shape[1]
    lists = round(2 * len(vectors) ** 0.5)
    coarse = faiss.IndexFlatIP(dimension)
    index = faiss.IndexIVFFlat(coarse, dimension, lists, faiss.METRIC_INNER_PRODUCT)
    here = np.ascontiguousarray(vectors)
    index.train(here)
    index.add(here)
    index.nprobe = 48
    return lambda query: list(index.search(query[None], K)[1][0])


def by_usearch(vectors: Floats, _: Path) -> Search:
    from usearch.index import Index

    index = Index(ndim=vectors.shape[1], metric="ip", dtype="f32")
    index.add(np.arange(len(vectors)), np.ascontiguousarray(vectors))
    return lambda query: list(index.search(query, K).keys)


def by_chroma(vectors: Floats, folder: Path) -> Search:
    import chromadb

    settings = chromadb.Settings(anonymized_telemetry=False)
    client = chromadb.PersistentClient(str(folder), settings)
    held = client.create_collection("vectors", metadata={"hnsw:space": "cosine"})
    for start in range(0, len(vectors), 5000):
        part = np.array(vectors[start : start + 5000])
        held.add([str(start + at) for at in range(len(part))], embeddings=part)

    def search(query: Floats) -> Sequence[Any]:
        found = held.query(query_embeddings=[query], n_results=K, include=[])
        return list(found["ids"][0])

    return search


def by_sqlite(vectors: Floats, _: Path) -> Search:
    import sqlite3

    import sqlite_vec

    held = sqlite3.connect(":memory:")
    held.enable_load_extension(True)
    sqlite_vec.load(held)
    held.execute(f"create virtual table v using vec0(e float[{vectors.shape[1]}])")
    rows = ((at, row.tobytes()) for at, row in enumerate(vectors))
    held.executemany("insert into v(rowid, e) values (?, ?)", rows)
    nearest = f"select rowid from v where e match ? and k = {K}"
    return lambda query: [row for (row,) in held.execute(nearest, (query.tobytes(),))]


def by_qdrant(vectors: Floats, folder: Path) -> Search:
    """In this process, as its client has it without a server: every vector is looked at."""
    from qdrant_client import QdrantClient
    from qdrant_client.models import Batch, Distance, VectorParams

    client = QdrantClient(":memory:")
    kind = VectorParams(size=vectors.shape[1], distance=Distance.COSINE)
    client.create_collection("vectors", vectors_config=kind)
    for start in range(0, len(vectors), 5000):
        part = vectors[start : start + 5000]
        ids = list(range(start, start + len(part)))
        client.upsert("vectors", Batch(ids=ids, vectors=part.tolist()))

    def search(query: Floats) -> Sequence[Any]:
        found = client.query_points("vectors", query=query.tolist(), limit=K, with_payload=False)
        return [point.id for point in found.points]

    return search


def by_milvus(vectors: Floats, folder: Path) -> Search:
    from pymilvus import MilvusClient

    client = MilvusClient(str(folder / "milvus.db"))
    client.create_collection("vectors", dimension=vectors.shape[1], metric_type="COSINE")
    for start in range(0, len(vectors), 5000):
        part = vectors[start : start + 5000]
        client.insert(
            "vectors", [{"id": start + at, "vector": row.tolist()} for at, row in enumerate(part)]
        )

    def search(query: Floats) -> Sequence[Any]:
        found = client.search("vectors", data=[query.tolist()], limit=K)
        return [hit["id"] for hit in found[0]]

    return search


WAYS = {
    "cavewall": Way("Cavewall", None, ("pyarrow", "lance", "cavewall.search.ranking"), by_cavewall),
    "numpy": Way("NumPy, every vector", "numpy", ("numpy",), by_numpy, scans=True),
    "lance": Way("LanceDB, flat", "lancedb", ("lancedb.index",), by_lance, scans=True),
    "lance-rq": Way("LanceDB, IVF_RQ", "lancedb", ("lancedb.index",), by_lance_rq),
    "faiss": Way("FAISS, HNSW16", "faiss-cpu", ("faiss",), by_faiss),
    "faiss-ivf": Way("FAISS, IVF", "faiss-cpu", ("faiss",), by_faiss_ivf),
    "usearch": Way("usearch", "usearch", ("usearch.index",), by_usearch),
    "chroma": Way("Chroma", "chromadb", ("chromadb",), by_chroma),
    "sqlite-vec": Way("sqlite-vec", "sqlite-vec", ("sqlite_vec",), by_sqlite, scans=True),
    "qdrant": Way("Qdrant, local", "qdrant-client", ("qdrant_client",), by_qdrant, scans=True),
    "milvus": Way("milvus-lite", "milvus-lite", ("pymilvus", "milvus_lite"), by_milvus, scans=True),
}


def main(name: str, vectors: Path, queries: Path, folder: Path) -> None:
    # What libraries print is none of the answers.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    way = WAYS[name]

    def say(**what: Any) -> None:
        print(json.dumps(what), file=answers, flush=True)

    asked = np.load(queries)
    held = np.load(vectors, mmap_mode="r")
    held.max()  # it is in memory, for everyone
    try:
        for module in way.imports:
            import_module(module)
        start = time.perf_counter()
        search = way.make(held, folder)
        search(asked[0])
        taken = time.perf_counter() - start
    except Exception as fault:  # a peer that is not there, or not able to
        say(fault=f"{type(fault).__name__}: {str(fault).splitlines()[0] if str(fault) else ''}")
        return
    say(built=taken, version="" if way.package is None else version(way.package))
    for line in sys.stdin:
        query = asked[int(line)]
        start = time.perf_counter()
        rows = search(query)
        say(ms=1000 * (time.perf_counter() - start), rows=[int(row) for row in rows])


if __name__ == "__main__":
    main(sys.argv[1], *map(Path, sys.argv[2:5]))
