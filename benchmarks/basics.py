"""Add and search, next to the plain way with the same model, in one run on one machine.

The plain way: `SentenceTransformer.encode` on each picture's joined captions, one row a batch into
a LanceDB table, flat cosine search.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import lancedb
import pyarrow as pa
from rich.console import Console
from rich.table import Table
from sentence_transformers import SentenceTransformer

import cavewall
from cavewall.encoders.resolve import packaged_folder
from cavewall.pictures import Picture
from cavewall.sample import draw_sample
from cavewall.sources import open_source

QUERY = "dog running through sand"
SEARCHES = 21


def seconds(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def plain_add(folder: Path, pictures: list[Picture], model: Any) -> Any:
    schema = pa.schema(
        [
            pa.field("vector", pa.list_(pa.float32(), 384)),
            pa.field("image_id", pa.string()),
            pa.field("image", pa.binary()),
            pa.field("captions", pa.string()),
        ]
    )

    def rows() -> Iterator[pa.RecordBatch]:
        for picture in pictures:
            assert picture.path is not None
            captions = " ".join(picture.captions)
            row = {
                "vector": model.encode(captions, show_progress_bar=False),
                "image_id": picture.image_id,
                "image": picture.path.read_bytes(),
                "captions": captions,
            }
            yield pa.RecordBatch.from_pylist([row], schema=schema)

    reader = pa.RecordBatchReader.from_batches(schema, rows())
    return lancedb.connect(folder).create_table("plain", reader)


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = Path(sys.argv[1]) if len(sys.argv) > 1 else folder / "sample"
        if len(sys.argv) == 1:
            draw_sample(source)
        found = [p for p in open_source(source).pictures if isinstance(p, Picture)]
        pictures = [p for p in found if p.path is not None and p.path.is_file()]
        model = SentenceTransformer(str(packaged_folder()))
        model.encode("warm", show_progress_bar=False)

        tables: list[Any] = []
        plain = seconds(lambda: tables.append(plain_add(folder / "plain", pictures, model)))
        wall = cavewall.open(folder / "wall")
        ours = wall.add(source).seconds

        vector = wall.vector(QUERY)
        table = tables[0]
        flat = statistics.median(
            seconds(
                lambda: (
                    table.search(vector)
                    .distance_type("cosine")
                    .select(["image_id", "_distance"])
                    .limit(10)
                    .to_list()
                )
            )
            for _ in range(SEARCHES)
        )
        wall.search(QUERY)
        search = statistics.median(
            wall.search(cavewall.text(QUERY)).took_ms / 1000 for _ in range(SEARCHES)
        )

    report = Table(title=f"{len(pictures):,} pictures, medians of {SEARCHES} searches")
    for heading in ("what", "plain", "cavewall", "ratio"):
        report.add_column(heading, justify="left" if heading == "what" else "right")
    n = len(pictures)
    report.add_row(
        "add, pictures/s", f"{n / plain:.0f}", f"{n / ours:.0f}", f"{plain / ours:.2f} ×"
    )
    report.add_row(
        "search, ms (plain: vector given; cavewall: from the text to hits)",
        f"{flat * 1000:.1f}",
        f"{search * 1000:.1f}",
        f"{flat / search:.2f} ×",
    )
    Console().print(report)


if __name__ == "__main__":
    main()
