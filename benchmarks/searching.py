"""One search among many vectors, beside what else a user could pick, in one run.

    python benchmarks/searching.py [8091 200000 1000000]

Vectors are Flickr-8k's caption vectors, again and again with noise added; queries are captions held
out. Peers that are installed take part: faiss-cpu, usearch, chromadb, lancedb, sqlite-vec,
best in an environment of their own that has this project too. Needs the captions (research use
only): in $CAVEWALL_FLICKR8K, or ../shared/data/flickr8k beside this folder.
"""

# ruff: noqa: PLC0415 -- peers that may not be installed
from __future__ import annotations

import argparse
import contextlib
import csv
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from arithmetic import DATA, ROOT
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from cavewall.encoders import resolve
from cavewall.shortlist import by_index
from cavewall.vector_index import LEAST, VectorIndex

Floats = NDArray[np.float32]
Search = Callable[[Floats], Any]

KEPT = ROOT / "build" / "searching"
QUERIES, K, NOISE = 200, 10, 0.3


def main() -> None:
    parser = argparse.ArgumentParser(description="One search among many vectors.")
    parser.add_argument("vectors", type=int, nargs="*", default=[8_091, 200_000])
    asked = parser.parse_args()
    if not (DATA / "captions.txt").is_file():
        print(f"skipped: no captions.txt in {DATA} (set CAVEWALL_FLICKR8K; research use only)")
        return
    said = np.random.default_rng(0).permutation(captions())
    queries, base = said[:QUERIES], said[QUERIES:]
    for count in asked.vectors:
        Console(width=100).print(compared(noisy(base, count), queries))


def captions() -> Floats:
    """The vectors of all captions, encoded in the first run only."""
    path = KEPT / "captions.npy"
    if not path.exists():
        KEPT.mkdir(parents=True, exist_ok=True)
        with (DATA / "captions.txt").open(newline="") as file:
            texts = [row["caption"].strip() or "nothing" for row in csv.DictReader(file)]
        np.save(path, resolve().encode(texts))
    found: Floats = np.load(path)
    return found


def noisy(base: Floats, count: int) -> Floats:
    random = np.random.default_rng(1)
    found = np.empty((count, base.shape[1]), np.float32)
    for start in range(0, count, 50_000):
        part = found[start : start + 50_000]
        part[:] = base[random.integers(0, len(base), len(part))]
        part += random.normal(0, NOISE / part.shape[1] ** 0.5, part.shape)
        part /= np.linalg.norm(part, axis=1, keepdims=True)
    return found


def compared(vectors: Floats, queries: Floats) -> Table:
    report = Table(title=f"{len(vectors):,} vectors, first {K}, {len(queries)} queries in turn")
    for heading in ("what", "searchable after", "ms a search", "beside NumPy", "recall"):
        report.add_column(heading, justify="left" if heading == "what" else "right")
    true = [set(np.argpartition(-(vectors @ query), K)[:K].tolist()) for query in queries]
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        built = list(made(vectors, folder))
        times: dict[str, list[float]] = {name: [] for name, _, _ in built}
        found: dict[str, list[float]] = {name: [] for name, _, _ in built}
        for query, best in zip(queries, true, strict=True):
            for name, _, search in built:
                start = time.perf_counter()
                rows = search(query)
                times[name].append(1000 * (time.perf_counter() - start))
                found[name].append(len(best & {int(row) for row in rows}) / K)
    plain = statistics.median(times["NumPy, every vector"])
    for name, seconds, _ in built:
        ms = statistics.median(times[name])
        recall = statistics.mean(found[name])
        report.add_row(
            name, f"{seconds:.1f} s", f"{ms:.2f}", f"{ms / plain:.2f} ×", f"{recall:.3f}"
        )
    return report


def made(vectors: Floats, folder: Path) -> Iterator[tuple[str, float, Search]]:
    """Every way that can be had here: its name, the seconds until it answers, and a search."""
    for name, make in WAYS.items():
        start = time.perf_counter()
        try:
            search = make(vectors, folder)
        except (ImportError, AttributeError):  # Python's SQLite may be built without extensions
            continue
        if search is None:
            continue
        search(vectors[0])
        yield name, time.perf_counter() - start, search


def by_numpy(vectors: Floats, _: Path) -> Search:
    return lambda query: np.argpartition(-(vectors @ query), K)[:K]


def by_cavewall(vectors: Floats, _: Path) -> Search | None:
    """As `Inquiry.best` does: candidates of the index, scored again."""
    if len(vectors) < LEAST:
        return None
    index = VectorIndex.of(vectors, bytes(16))

    def search(query: Floats) -> Any:
        rows = by_index(index, vectors, query, None, K)
        scores = vectors[rows].astype(np.float64) @ query
        return rows[np.argsort(-scores)[:K]]

    return search


def by_lance(vectors: Floats, folder: Path, index: bool = False) -> Search:
    import lancedb
    import pyarrow as pa

    flat = pa.FixedSizeListArray.from_arrays(pa.array(vectors.ravel()), vectors.shape[1])
    table = pa.table({"row": np.arange(len(vectors)), "vector": flat})
    opened = lancedb.connect(folder / f"lance-{index}").create_table("t", table)
    if index:
        from lancedb.index import IvfRq

        opened.create_index("vector", config=IvfRq(distance_type="cosine"))

    def search(query: Floats) -> Any:
        asked = opened.search(query).distance_type("cosine").limit(K)
        if index:
            asked = asked.nprobes(20).refine_factor(10)
        return asked.select(["row", "_distance"]).to_arrow().column("row").to_pylist()

    return search


def by_faiss(vectors: Floats, _: Path) -> Search | None:
    import faiss

    if len(vectors) > 200_000:
        return None  # more than five minutes
    index = faiss.IndexHNSWFlat(vectors.shape[1], 16, faiss.METRIC_INNER_PRODUCT)
    index.hnsw.efSearch = 64
    index.add(vectors)
    return lambda query: index.search(query[None], K)[1][0]


def by_usearch(vectors: Floats, _: Path) -> Search | None:
    from usearch.index import Index

    if len(vectors) > 200_000:
        return None
    index = Index(ndim=vectors.shape[1], metric="ip", dtype="f32")
    index.add(np.arange(len(vectors)), vectors)
    return lambda query: index.search(query, K).keys


def by_chroma(vectors: Floats, folder: Path) -> Search | None:
    import chromadb

    if len(vectors) > 200_000:
        return None
    settings = chromadb.Settings(anonymized_telemetry=False)
    client = chromadb.PersistentClient(str(folder / "chroma"), settings)
    held = client.create_collection("vectors", metadata={"hnsw:space": "cosine"})
    for start in range(0, len(vectors), 5000):
        part = vectors[start : start + 5000]
        held.add([str(start + at) for at in range(len(part))], embeddings=part)
    return lambda query: held.query(query_embeddings=[query], n_results=K, include=[])["ids"][0]


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


def named(package: str, what: str) -> str:
    with contextlib.suppress(Exception):
        return f"{what} {version(package)}"
    return what


WAYS: dict[str, Callable[[Floats, Path], Search | None]] = {
    "NumPy, every vector": by_numpy,
    "Cavewall's index": by_cavewall,
    named("lancedb", "LanceDB, flat,"): by_lance,
    named("lancedb", "LanceDB, IVF_RQ,"): lambda vectors, folder: by_lance(vectors, folder, True),
    named("faiss-cpu", "FAISS, HNSW16,"): by_faiss,
    named("usearch", "usearch"): by_usearch,
    named("chromadb", "Chroma"): by_chroma,
    named("sqlite-vec", "sqlite-vec"): by_sqlite,
}


if __name__ == "__main__":
    main()
