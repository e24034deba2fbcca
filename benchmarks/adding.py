"""Pictures onto a wall, beside the tutorial's own code, decoding alone and encoding alone.

Three measurements, each side in a fresh process, sides in turn, models loaded before the clock
starts: Flickr-8k's pictures that are at hand, beside the tutorial (one row a batch: the picture's
joined captions encoded, its bytes read, a record batch into LanceDB); pictures of 24 megapixels,
drawn for the purpose, beside Pillow decoding them and making thumbnails in as many threads as
cores; and the captions of what is added, encoded and nothing else.
"""

from __future__ import annotations

import csv
import io
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from measuring import (
    DATA,
    ROUNDS,
    Bar,
    Row,
    captions,
    cores,
    fresh,
    has_bfloat16,
    in_turn,
    run,
    say,
)

FASTER = Bar("≥", 3 if has_bfloat16() else 2)
LARGE = (6000, 4000)
# Of a photograph of that size from a camera, about.
LARGE_BYTES = 8_000_000
_DRAWN = 4


def rows(sizes: list[int], quick: bool) -> Iterator[Row]:
    begin = time.perf_counter()
    pictures, large = sizes
    with tempfile.TemporaryDirectory(prefix="cavewall-adding-") as name:
        folder = Path(name)
        source = small_source(folder / "small", pictures)
        yield from beside_the_tutorial(source, folder, rounds := 1 if quick else ROUNDS)
        say("beside the tutorial", begin)
        yield from beside_encoding(source, folder, rounds)
        say("beside encoding alone", begin)
        # Drawn elsewhere too: what this process held would count as the children's peak.
        (drawn, _) = fresh(__file__, "--child", "draw", folder / "large", folder, large)
        source = Path(drawn["source"])
        say(f"{large} pictures of 24 megapixels drawn", begin)
        yield from beside_decoding(source, folder, rounds)


def beside_the_tutorial(source: Path, folder: Path, rounds: int) -> Iterator[Row]:
    sides = {side: partial(alone, side, source, folder) for side in ("cavewall", "tutorial")}
    found = in_turn(sides, rounds)
    rate = {side: [each["pictures"] / each["seconds"] for each, _ in found[side]] for side in sides}
    peak = {side: [bytes_ / 1e6 for _, bytes_ in found[side]] for side in sides}
    count = found["cavewall"][0][0]["pictures"]
    what, against = f"add {count:,} pictures with five captions", "the tutorial's code"
    yield Row.compared(what, against, rate["cavewall"], rate["tutorial"], "pictures/s", FASTER)
    what = f"peak memory of adding {count:,} pictures"
    bar = Bar("≤", 1.2)
    yield Row.compared(what, against, peak["cavewall"], peak["tutorial"], "MB", bar)


def beside_encoding(source: Path, folder: Path, rounds: int) -> Iterator[Row]:
    for what, side in (
        ("add captions alone, without pictures", "captions"),
        ("add pictures and captions", "pictures"),
    ):
        (found, _) = fresh(__file__, "--child", f"encoding-{side}", source, folder / side, rounds)
        yield Row.compared(
            what,
            "encoding the captions alone",
            found["added"],
            found["encoded"],
            "captions/s",
            Bar("≥", 0.9),
        )


def beside_decoding(source: Path, folder: Path, rounds: int) -> Iterator[Row]:
    sides = {side: partial(alone, side, source, folder) for side in ("cavewall", "decoding")}
    found = in_turn(sides, rounds)
    rate = {side: [each["pictures"] / each["seconds"] for each, _ in found[side]] for side in sides}
    count = found["decoding"][0][0]["pictures"]
    yield Row.compared(
        f"add {count} pictures of 24 megapixels",
        "decoding and thumbnails alone",
        rate["cavewall"],
        rate["decoding"],
        "pictures/s",
        Bar("≥", 0.9),
        note=f"peak memory {max(peak for _, peak in found['cavewall']) / 1e6:,.0f} MB",
    )


def alone(side: str, source: Path, folder: Path) -> tuple[dict[str, Any], int]:
    """One side in a fresh process, onto a wall or table that is not there yet."""
    place = folder / "place"
    shutil.rmtree(place, ignore_errors=True)
    return fresh(__file__, "--child", side, source, place)


# What the pictures are.


def small_source(folder: Path, count: int) -> Path:
    """A captions file of the pictures at hand, beside copies of them."""
    (folder / "Images").mkdir(parents=True)
    said = captions()
    there = [path for path in sorted((DATA / "Images").iterdir()) if path.name in said][:count]
    for path in there:
        shutil.copyfile(path, folder / "Images" / path.name)
    return written(folder, {path.name: said[path.name] for path in there})


def large_source(folder: Path, count: int) -> Path:
    """Pictures of 24 megapixels: soft shapes and a camera's noise, a few of them, each made another
    by what follows its end and nobody reads."""
    (folder / "Images").mkdir(parents=True)
    drawn = [photograph(number) for number in range(min(_DRAWN, count))]
    said = list(captions().values())
    names = {f"{number:04}.jpg": said[number] for number in range(count)}
    for number, name in enumerate(names):
        (folder / "Images" / name).write_bytes(drawn[number % len(drawn)] + b"%08d" % number)
    return written(folder, names)


def photograph(number: int) -> bytes:
    import numpy as np
    from PIL import Image

    random = np.random.default_rng(number)
    shapes = Image.fromarray(random.integers(0, 255, (40, 60, 3), np.uint8))
    pixels = np.asarray(shapes.resize(LARGE, Image.Resampling.BICUBIC), np.int16)
    noise = random.normal(0, 6, (*pixels.shape[:2], 1)).astype(np.int16)
    picture = Image.fromarray(np.clip(pixels + noise, 0, 255).astype(np.uint8))
    for quality in range(95, 50, -3):
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=quality)
        if out.tell() <= LARGE_BYTES:
            break
    return out.getvalue()


def written(folder: Path, said: dict[str, list[str]]) -> Path:
    path = folder / "captions.txt"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["image", "caption"])
        writer.writerows((name, text) for name, texts in said.items() for text in texts)
    return path


# The sides, each in a process of its own.


def cavewall_side(source: Path, place: Path) -> dict[str, Any]:
    import lance  # noqa: F401 -- imports are no part of the seconds on either side

    import cavewall

    wall = cavewall.open(place)
    wall.encode(["warm"])
    start = time.perf_counter()
    report = wall.add(source)
    taken = time.perf_counter() - start
    assert not report.skipped
    return {"pictures": report.added, "seconds": taken}


def tutorial_side(source: Path, place: Path) -> dict[str, Any]:
    import lancedb
    import pyarrow as pa
    from sentence_transformers import SentenceTransformer

    from cavewall.encoders.resolve import packaged_folder

    model = SentenceTransformer(str(packaged_folder()))
    model.encode("warm", show_progress_bar=False)
    schema = pa.schema(
        [
            pa.field("vector", pa.list_(pa.float32(), 384)),
            pa.field("image_id", pa.string()),
            pa.field("image", pa.binary()),
            pa.field("captions", pa.string()),
        ]
    )
    start = time.perf_counter()
    grouped: dict[str, list[str]] = {}
    with source.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            grouped.setdefault(row["image"], []).append(row["caption"])

    def batches() -> Iterator[pa.RecordBatch]:
        for image_id, texts in grouped.items():
            captions = " ".join(texts)
            row = {
                "vector": model.encode(captions, show_progress_bar=False),
                "image_id": image_id,
                "image": (source.parent / "Images" / image_id).read_bytes(),
                "captions": captions,
            }
            yield pa.RecordBatch.from_pylist([row], schema=schema)

    reader = pa.RecordBatchReader.from_batches(schema, batches())
    table = lancedb.connect(place).create_table("pictures", reader)
    return {"pictures": table.count_rows(), "seconds": time.perf_counter() - start}


def decoding_side(source: Path, _: Path) -> dict[str, Any]:
    from PIL import Image

    def thumbnail(path: Path) -> int:
        with Image.open(path) as picture:
            # At an eighth of the size already while decoding, which is as fast as it gets.
            picture.draft("RGB", (256, 256))
            picture.thumbnail((256, 256))
            out = io.BytesIO()
            picture.save(out, "JPEG", quality=85)
        return len(out.getvalue())

    paths = sorted((source.parent / "Images").iterdir())
    thumbnail(paths[0])
    start = time.perf_counter()
    with ThreadPoolExecutor(cores()) as pool:
        made = len(list(pool.map(thumbnail, paths)))
    return {"pictures": made, "seconds": time.perf_counter() - start}


def encoding_side(what: str, source: Path, place: Path, rounds: int) -> dict[str, Any]:
    """Adding, and encoding the same captions and nothing else, in turn by one warm encoder."""
    import lance  # noqa: F401

    import cavewall
    from cavewall.encoders import resolve

    encoder = resolve()
    with source.open(encoding="utf-8", newline="") as file:
        texts = [row["caption"] for row in csv.DictReader(file)]
    encoder.encode(texts[:100])
    place.mkdir()
    found: dict[str, list[float]] = {"added": [], "encoded": []}
    for number in range(rounds):
        start = time.perf_counter()
        wall = cavewall.open(place / f"wall-{number}", encoder)
        if what == "pictures":
            wall.add(source)
        else:
            wall.add(source, images=place, missing="keep")
        middle = time.perf_counter()
        encoder.encode(texts)
        end = time.perf_counter()
        found["added"].append(len(texts) / (middle - start))
        found["encoded"].append(len(texts) / (end - middle))
    return found


SIDES: dict[str, Callable[[Path, Path], dict[str, Any]]] = {
    "cavewall": cavewall_side,
    "tutorial": tutorial_side,
    "decoding": decoding_side,
}


def child(side: str, source: Path, place: Path, *more: str) -> dict[str, Any]:
    if side in SIDES:
        return SIDES[side](source, place)
    if side == "draw":
        return {"source": str(large_source(source, int(more[0])))}
    return encoding_side(side.removeprefix("encoding-"), source, place, int(more[0]))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        print(json.dumps(child(sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]), *sys.argv[5:])))
    else:
        run(__doc__, rows, sizes="pictures", full=(1148, 48), quick=(32, 6))
