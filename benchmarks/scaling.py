"""What a wall costs as it grows, and what a hundred million pictures would want.

    python benchmarks/scaling.py [10000 100000 1000000]

Each size has processes of its own: a writer that adds pictures, a node that makes what searches
need, and one that answers. Captions are Flickr-8k's, over and over, with noise on their vectors, so
that nothing is encoded and no picture has bytes: what encoding, decoding and bytes cost each is the
same at every size, and measured on the real pictures in the same run.
"""

from __future__ import annotations

import argparse
import json
import math
import shutil
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from measuring import (
    DATA,
    ROOT,
    captions,
    console,
    cores,
    fresh,
    load_average,
    machine,
    say,
    seconds,
)
from rich.table import Table

if TYPE_CHECKING:
    # The parent imports nothing large: the kernel counts that as its children's memory.
    import numpy as np
    from numpy.typing import NDArray

    from cavewall.query import Expression

FULL, QUICK = (10_000, 100_000, 1_000_000), (1_000, 4_000)
FAR = 10**8
OUT = ROOT / "build" / "bench"
# Of the noise on a caption's vector, so that the mean of five has .2 of it.
_NOISE = 0.45
_QUERIES, _K = 50, 10
_FILTER = 'image_id contains "7"'
_ENCODED, _DECODED = 2_000, 200
# What the model takes for granted of the machines that do not exist yet.
_CORES, _DAY = 16, 86_400


@dataclass(frozen=True)
class Size:
    """What so many pictures cost: seconds, bytes, and milliseconds a search.

    Attributes:
        added: seconds of `add`; `writer` its process's peak memory.
        table, derived: bytes on the disk, of the wall and of what searches need.
        indexed: seconds until all of that is made; `maker` the peak memory of who made it.
        first: seconds of another process to its first answer; `node` its peak memory.
        searches: the median milliseconds of each kind of search.
        recalls: their recall@10, beside a look at everyone.
    """

    pictures: int
    added: float
    writer: int
    table: int
    derived: int
    indexed: float
    maker: int
    first: float
    node: int
    searches: dict[str, float]
    recalls: dict[str, float]


@dataclass(frozen=True)
class Each:
    """What one picture costs whatever the size: bytes, and seconds of one core or of all."""

    image: float
    thumbnail: float
    decoding: float
    encoding: float


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("sizes", type=int, nargs="*", help="how many pictures, rising")
    parser.add_argument("--quick", action="store_true", help="small sizes: no figures to publish")
    asked = parser.parse_args()
    if not (DATA / "captions.txt").is_file():
        print(f"skipped: no captions.txt in {DATA} (set CAVEWALL_FLICKR8K; research use only)")
        return
    begin, before = time.perf_counter(), load_average()
    each = Each(**fresh(__file__, "--child", "each")[0])
    say("encoded and decoded", begin)
    sizes = []
    for count in asked.sizes or (QUICK if asked.quick else FULL):
        sizes.append(measured(count))
        say(f"{count:,} pictures", begin)
    about = {"machine": machine(), "load": [before, load_average()], "quick": asked.quick}
    found = {"each": asdict(each), "sizes": [asdict(size) for size in sizes]}
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / "scaling.json").write_text(json.dumps(about | found, indent=1), "utf-8")
    plot(sizes, OUT / "scaling.png")
    out = console()
    out.print(sizes_table(sizes, f"load {before} to {about['load'][1]}"))
    if len(sizes) > 1:
        out.print(model_table(sizes, each))
    print(f"Written to {OUT / 'scaling.json'} and scaling.png", file=sys.stderr)


def measured(count: int) -> Size:
    """One size, in a folder that goes again."""
    place = ROOT / "build" / "walls" / f"scaling-{count}"
    shutil.rmtree(place, ignore_errors=True)
    try:
        wrote, writer = fresh(__file__, "--child", "write", place, count)
        table = size_of(place)
        made, maker = fresh(__file__, "--child", "index", place)
        derived = size_of(place) - table
        asked, node = fresh(__file__, "--child", "ask", place)
        # Looking at everyone reads every vector, which no node that answers has to.
        judged, _ = fresh(__file__, "--child", "judge", place)
    finally:
        shutil.rmtree(place, ignore_errors=True)
    return Size(
        count,
        wrote["seconds"],
        writer,
        table,
        derived,
        made["seconds"],
        maker,
        asked["first"],
        node,
        asked["searches"],
        judged,
    )


def size_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


# --- what the processes do ----------------------------------------------------------------------


def each() -> dict[str, float]:
    """What is the same for every picture, measured on the real ones."""
    from walls import images

    from cavewall._internal.images import decode
    from cavewall.encoders import resolve

    said = captions_of(_ENCODED)
    encoder = resolve()
    encoder.encode(said[:64])
    encoding = seconds(lambda: encoder.encode(said)) / len(said)
    files = [path.read_bytes() for path in images()[:_DECODED]]
    scanned: list[bytes] = []
    decoding = seconds(lambda: scanned.extend(decode(data).thumbnail or b"" for data in files))
    return {
        "image": statistics.mean(map(len, files)),
        "thumbnail": statistics.mean(map(len, scanned)),
        "decoding": decoding / len(files),
        "encoding": encoding * 5 * cores(),
    }


def captions_of(count: int) -> list[str]:
    return [text for texts in captions().values() for text in texts][:count]


def write(place: Path, count: int) -> dict[str, float]:
    """Add so many pictures without bytes; their captions' vectors are known but for the noise."""
    import numpy as np
    from walls import Collection

    import cavewall
    from cavewall._internal.vectors import normalise
    from cavewall.encoders import resolve
    from cavewall.models import Picture

    collection, real = Collection.of(), resolve()
    rows = {text: row for row, text in enumerate(t for said in collection.said for t in said)}
    random = np.random.default_rng(0)

    class Known:
        name, identity = real.name, real.identity

        def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
            vectors = collection.caption_vectors[[rows.get(text, 0) for text in texts]]
            noise = random.standard_normal(vectors.shape, np.float32)
            return normalise(vectors + _NOISE / vectors.shape[1] ** 0.5 * noise).astype(np.float32)

    def pictures() -> Iterator[Picture]:
        for number in range(count):
            said = collection.said[number % len(collection.said)]
            yield Picture(f"{number:09}.jpg", tuple(said))

    report = cavewall.open(place, Known()).add(pictures(), missing="keep")
    assert report.added == count, report
    return {"seconds": report.seconds}


def index(place: Path) -> dict[str, float]:
    import cavewall

    wall = cavewall.open(place)
    return {"seconds": seconds(wall.maintenance.index)}


def queries() -> dict[str, tuple[list[Expression], str, str | None]]:
    """Kinds of searches: expressions, a rule, a filter."""
    import cavewall
    from cavewall.explore.evaluation import Lexicon
    from cavewall.search.rules import DEFAULT

    names = [concept.name for concept in Lexicon.shipped().concepts]
    said = captions_of(5 * 500)[:: 5 * 10][:_QUERIES]

    def swapped(number: int, terms: int) -> Expression:
        found: Expression = cavewall.text(said[number])
        for step in range(terms - 1):
            term = cavewall.text(names[(7 * number + step) % len(names)])
            found = found + term if step % 2 else found - term
        return found

    one, three, five = ([swapped(n, terms) for n in range(len(said))] for terms in (1, 3, 5))
    return {
        "one term": (one, "add", None),
        f"three terms, {DEFAULT}": (three, DEFAULT, None),
        "three terms, standardised": (three, "standardised", None),
        f"five terms, {DEFAULT}": (five, DEFAULT, None),
        "one term, a filter": (one, "add", _FILTER),
    }


def ask(place: Path) -> dict[str, Any]:
    """The first answer, and the median search of each kind once texts are known."""
    from walls import remembering

    import cavewall

    kinds = queries()
    start = time.perf_counter()
    wall = cavewall.open(place, remembering())
    wall.search("dog running through sand - dog + human", _K)
    first = time.perf_counter() - start
    searches = {}
    for name, (expressions, rule, where) in kinds.items():
        for expression in expressions:
            wall.encode([leaf.text for leaf in expression.leaves()])  # type: ignore[union-attr]
        wall.search(expressions[0], _K, rule, where)
        taken = [wall.search(expression, _K, rule, where).took_ms for expression in expressions]
        searches[name] = statistics.median(taken)
    return {"first": first, "searches": searches}


def judge(place: Path) -> dict[str, float]:
    """The share of the true first ten that searches find."""
    from walls import remembering

    from cavewall.search.ranking import SingleSpaceRanking
    from cavewall.search.rules import rule
    from cavewall.search.wall_version import WallVersion
    from cavewall.storage import open_store

    encoder = remembering()
    wall = WallVersion(open_store(str(place)), lambda: encoder).caption
    found = {}
    for name, (expressions, ruled, where) in queries().items():
        if where is not None:
            continue
        shares = []
        for expression in expressions:
            # An inquiry that has looked at everyone does so again.
            ways = [
                SingleSpaceRanking.ask(expression, wall, encoder, rule(ruled)) for _ in range(2)
            ]
            best = {one.position for one in ways[0].top_k(_K)}
            true = {one.position for one in ways[1].page(_K)}
            shares.append(len(best & true) / len(true))
        found[name] = statistics.mean(shares)
    return found


# --- what it comes to ---------------------------------------------------------------------------


def sizes_table(sizes: Sequence[Size], load: str) -> Table:
    table = Table(title=f"As a wall grows, {load}", title_justify="left")
    table.add_column("")
    for size in sizes:
        table.add_column(f"{size.pictures:,}", justify="right")

    def line(what: str, values: Sequence[str]) -> None:
        table.add_row(what, *values)

    line("add, ms a picture, captions known", [f"{1e3 * s.added / s.pictures:.2f}" for s in sizes])
    line("the writer's memory, MB", [f"{s.writer / 1e6:,.0f}" for s in sizes])
    line("bytes a picture, but for its own", [f"{s.table / s.pictures:,.0f}" for s in sizes])
    line("bytes a picture for searches", [f"{s.derived / s.pictures:,.0f}" for s in sizes])
    line("all that searches need made, s", [f"{s.indexed:.1f}" for s in sizes])
    line("memory of who makes it, MB", [f"{s.maker / 1e6:,.0f}" for s in sizes])
    line("first answer of a process, s", [f"{s.first:.2f}" for s in sizes])
    line("memory of a node that answers, MB", [f"{s.node / 1e6:,.0f}" for s in sizes])
    for kind in sizes[0].searches:
        line(f"search, {kind}, ms", [f"{s.searches[kind]:.1f}" for s in sizes])
    for kind in sizes[0].recalls:
        line(f"recall@{_K}, {kind}", [f"{s.recalls[kind]:.3f}" for s in sizes])
    return table


def exponent(few: Size, many: Size, of: str) -> float:
    """How a cost grows: it goes with the count to this power, between two sizes."""
    return math.log(cost(many, of) / cost(few, of)) / math.log(many.pictures / few.pictures)


def cost(size: Size, of: str) -> float:
    return size.searches[of] if of in size.searches else float(getattr(size, of))


def at_far(sizes: Sequence[Size], of: str) -> tuple[float, float]:
    """A cost at 10⁸ by the growth of the last step, never less than none; and its exponent."""
    power = max(0.0, exponent(sizes[-2], sizes[-1], of))
    return cost(sizes[-1], of) * (FAR / sizes[-1].pictures) ** power, power


def model_table(sizes: Sequence[Size], each: Each) -> Table:
    """Assumes that each cost goes on as in the last step, and machines of 16 cores like these."""
    table = Table(
        title=f"10⁸ pictures, each cost growing as from {sizes[-2].pictures:,} to "
        f"{sizes[-1].pictures:,}; machines of {_CORES} cores like these",
        title_justify="left",
    )
    for heading in ("", "10⁸", "how"):
        table.add_column(heading)
    day = _CORES * _DAY
    encode, decode = each.encoding * FAR / day, each.decoding * FAR / day
    written = sizes[-1].added / sizes[-1].pictures * FAR / 3600
    row_bytes = sizes[-1].table / sizes[-1].pictures
    table.add_row(
        "encoding, machine days",
        f"{encode:,.0f}",
        f"five captions a picture, {1e3 * each.encoding:.1f} ms of a core; goes with machines",
    )
    table.add_row(
        "decoding and thumbnails, machine days",
        f"{decode:,.1f}",
        f"{1e3 * each.decoding:.1f} ms of a core for these small pictures; goes with machines",
    )
    table.add_row(
        "the rest of add, hours", f"{written:,.0f}", "by one writer, captions and bytes aside"
    )
    table.add_row(
        "object storage, TB",
        f"{(row_bytes + each.image + each.thumbnail) * FAR / 1e12:,.1f}",
        f"{each.image:,.0f} of a picture, {each.thumbnail:,.0f} of its thumbnail, "
        f"{row_bytes:,.0f} of its row",
    )
    for what, of, scale in (
        ("disk of each node that answers, GB", "derived", 1e9),
        ("memory of such a node, GB", "node", 1e9),
        ("memory of who makes what searches need, GB", "maker", 1e9),
        ("making it on one machine like this, hours", "indexed", 3600),
        *((f"search, {kind}, ms", kind, 1) for kind in sizes[-1].searches),
    ):
        far, power = at_far(sizes, of)
        table.add_row(what, f"{far / scale:,.1f}", f"grows with the count to the {power:.2f}")
    return table


def plot(sizes: Sequence[Size], path: Path) -> None:
    """Costs by the number of pictures, on logarithmic axes."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    canvas = Figure(figsize=(10, 3.4), dpi=120, layout="constrained")
    FigureCanvasAgg(canvas)
    counts = [size.pictures for size in sizes]
    panels: list[tuple[str, dict[str, list[float]]]] = [
        (
            "ms a search",
            {kind: [size.searches[kind] for size in sizes] for kind in sizes[0].searches},
        ),
        (
            "seconds",
            {
                "add, captions known": [size.added for size in sizes],
                "what searches need": [size.indexed for size in sizes],
            },
        ),
        (
            "GB of memory",
            {
                "who writes": [size.writer / 1e9 for size in sizes],
                "who makes the index": [size.maker / 1e9 for size in sizes],
                "who answers": [size.node / 1e9 for size in sizes],
            },
        ),
    ]
    for axis, (title, lines) in zip(canvas.subplots(1, len(panels)), panels, strict=True):
        for name, values in lines.items():
            axis.plot(counts, values, marker="o", label=name)
        axis.set_xscale("log")
        axis.set_yscale("log")
        axis.set_title(title, loc="left", fontsize=10)
        axis.set_xlabel("pictures", fontsize=9)
        axis.legend(fontsize=7.5, frameon=False)
        axis.grid(color="#dddddd", linewidth=0.8)
        for side in ("top", "right"):
            axis.spines[side].set_visible(False)
    canvas.savefig(path)


_CHILDREN = {"each": each, "write": write, "index": index, "ask": ask, "judge": judge}


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        kind, *rest = sys.argv[2:]
        arguments = [int(value) if value.isdigit() else Path(value) for value in rest]
        print(json.dumps(_CHILDREN[kind](*arguments)))  # type: ignore[operator]
    else:
        main()
