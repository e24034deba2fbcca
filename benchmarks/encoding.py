"""Captions to vectors, and a fresh process to its first answer, beside the plain way.

The plain way is `SentenceTransformer.encode` as it comes, and the tutorial's own code: torch,
sentence-transformers, LanceDB. Both sides run in turn, so that a busy machine hurts both.
"""

from __future__ import annotations

import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from limits import limits
from measuring import ROUNDS, Bar, Row, captions, has_bfloat16, in_turn, run, say, seconds
from numpy.typing import NDArray

from cavewall._internal.vectors import normalise
from cavewall.encoders import resolve
from cavewall.encoders.resolve import packaged_folder
from cavewall.sample import draw_sample

QUERY = "dog running through sand - dog + human"
COMMAND = [sys.executable, "-c", "from cavewall.cli import main; main()"]
TUTORIAL = f"""
import sys
import lancedb
from sentence_transformers import SentenceTransformer
model = SentenceTransformer({str(packaged_folder())!r})
table = lancedb.connect(sys.argv[1]).open_table("pictures")
query = model.encode("dog running through sand") - model.encode("dog") + model.encode("human")
for hit in table.search(query).distance_type("cosine").limit(10).to_list():
    print(hit["captions"])
"""
# all-MiniLM-L6-v2: six layers of 384 floats, with 1,536 in between.
_LAYERS, _WIDTH, _INNER = 6, 384, 1536
_QUERIES = 21


def rows(sizes: list[int], quick: bool) -> Iterator[Row]:
    begin = time.perf_counter()
    rounds = 3 if quick else ROUNDS
    yield from starting(1 if quick else rounds)
    say("fresh processes", begin)
    yield from encoding(distinct(sizes[0]), rounds, limits(quick))


def distinct(count: int) -> list[str]:
    """Different captions, drawn from Flickr-8k's."""
    found = sorted({text for texts in captions().values() for text in texts})
    return random.Random(0).sample(found, min(count, len(found)))


def encoding(texts: list[str], rounds: int, most: dict[str, float]) -> Iterator[Row]:
    from sentence_transformers import SentenceTransformer

    plain, ours = SentenceTransformer(str(packaged_folder())), resolve()
    against = "SentenceTransformer.encode"
    ways: dict[str, Callable[[list[str]], Any]] = {
        "theirs": lambda some: plain.encode(some, show_progress_bar=False),
        "ours": ours.encode,
    }
    for way in ways.values():
        way(texts[:100])

    def turns(some: list[str], clock: Callable[[Callable[[], Any]], float]) -> dict[str, Any]:
        def rate(way: Callable[[list[str]], Any]) -> float:
            return len(some) / clock(lambda: way(some))

        return {name: partial(rate, way) for name, way in ways.items()}

    rate = in_turn(turns(texts, seconds), rounds)
    operations = statistics.median(rate["ours"]) * work(texts) / len(texts)
    kind = "bfloat16_all" if has_bfloat16() and "bfloat16_all" in most else "flops_all"
    yield Row.compared(
        f"encode {len(texts):,} captions",
        against,
        rate["ours"],
        rate["theirs"],
        "captions/s",
        Bar("≥", 2),
        note=f"{operations / 1e9:.0f} GFLOP/s of products",
        limit="of matrix products",
        share=operations / most[kind],
    )
    spent = in_turn(turns(texts, processor_seconds), 1 if rounds < ROUNDS else rounds)
    what = "the same by processor time"
    yield Row.compared(what, against, spent["ours"], spent["theirs"], "captions/s")

    def one(way: Callable[[list[str]], Any]) -> float:
        text = f"dog {time.monotonic_ns()} on sand"
        return 1000 * seconds(lambda: way([text]))

    query = in_turn({name: partial(one, way) for name, way in ways.items()}, _QUERIES)
    yield Row.compared(
        "encode one query", against, query["ours"], query["theirs"], "ms", sooner=True
    )
    exact = np.asarray(normalise(plain.encode(texts, show_progress_bar=False)), np.float32)
    found = ours.encode(texts)
    cosines = np.einsum("nd,nd->n", exact, found)
    note = f"least {cosines.min():.7f}"
    bar = Bar("≥", 0.9995, "ours")
    yield Row("mean cosine", "float32", float(cosines.mean()), None, "", bar=bar, note=note)
    bar = Bar("≥", 0.99, "ours")
    yield Row("overlap@10", "float32", overlap(exact, found), None, "", bar=bar)


def work(texts: list[str]) -> float:
    """The operations in the matrix products that encoding takes: two for each weight and token,
    and attention's own two products."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(packaged_folder() / "tokenizer.json"))
    tokenizer.no_padding()
    lengths = np.array([len(each.ids) for each in tokenizer.encode_batch(texts)], np.float64)
    weights = _LAYERS * (4 * _WIDTH**2 + 2 * _WIDTH * _INNER)
    attention = _LAYERS * 4 * _WIDTH * lengths**2
    return float((2 * weights * lengths + attention).sum())


def processor_seconds(way: Callable[[], Any]) -> float:
    start = time.process_time()
    way()
    return time.process_time() - start


def overlap(a: NDArray[np.float32], b: NDArray[np.float32], k: int = 10) -> float:
    """The share of each text's k nearest others that both agree on."""
    nearest = []
    for vectors in (a, b):
        cosines = vectors @ vectors.T
        np.fill_diagonal(cosines, -1)
        nearest.append(np.argpartition(-cosines, k)[:, :k])
    pairs = zip(*nearest, strict=True)
    return float(np.mean([len({*left} & {*right}) / k for left, right in pairs]))


def starting(rounds: int) -> Iterator[Row]:
    """From the start of a process to printed hits, the files in memory already."""
    with tempfile.TemporaryDirectory(prefix="cavewall-starting-") as name:
        sample, wall = Path(name) / "sample", Path(name) / "wall"
        draw_sample(sample)

        def started(*command: object) -> float:
            arguments = [str(part) for part in command]
            return seconds(lambda: subprocess.run(arguments, check=True, capture_output=True))

        started(*COMMAND, "add", sample, "--wall", wall)
        ways: dict[str, tuple[object, ...]] = {
            "tutorial": (sys.executable, "-c", TUTORIAL, wall),
            "search": (*COMMAND, "search", QUERY, "--wall", wall),
            "help": (*COMMAND, "--help"),
        }
        for command in ways.values() if rounds > 1 else ():
            started(*command)
        turns = {way: partial(started, *command) for way, command in ways.items()}
        found = in_turn(turns, rounds)
    what, against = "a fresh `cavewall search` to printed hits", "the tutorial's code"
    ours, theirs = found["search"], found["tutorial"]
    yield Row.compared(what, against, ours, theirs, "s", Bar("≥", 4), sooner=True)
    yield Row(what, "", statistics.median(ours), None, "s", bar=Bar("≤", 2, "ours"))
    yield Row("a fresh `cavewall --help`", "", statistics.median(found["help"]), None, "s")


if __name__ == "__main__":
    run(__doc__, rows, sizes="captions", full=(2_000,), quick=(150,))
