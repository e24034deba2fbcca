"""A second vector for every picture, by another encoder, while the first one serves."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from cavewall.encoders import Encoder, encode_captions
from cavewall.errors import InputError
from cavewall.index.artifacts import ArtifactStore
from cavewall.maintenance.encoder_comparison import Difference
from cavewall.maintenance.vector_journal import Journal
from cavewall.storage import STANDBY, PendingEncoder, PendingVectors, Store, captions_digest
from cavewall.storage.locks import raise_on_disk_full

__all__ = [
    "BatchEncoder",
    "EncodedBatch",
    "MissingVectors",
    "ReencodeReport",
    "discard",
    "encode_missing",
    "finish",
    "switch",
    "vectors_of",
]

Progress = Callable[[int, int], None]

# Small: what is encoded of a window goes with whoever is stopped in it.
_WINDOW = 256
_ATTEMPTS = 5
_FILE = "column.arrow"


@dataclass(frozen=True)
class EncodedBatch:
    """How many pictures got a vector, and how many of those were encoded in this run."""

    pictures: int
    encoded: int


@dataclass(frozen=True)
class MissingVectors:
    """Captions that have no vector yet, by their digests, of a window of so many `pictures`."""

    pictures: int
    captions: dict[bytes, Sequence[str]]


BatchEncoder = Callable[
    [Iterable[MissingVectors]], Iterator[tuple[MissingVectors, NDArray[np.float32]]]
]


@dataclass(frozen=True)
class ReencodeReport:
    """What `Wall.reencode` did: `encoder` stands by, `serving` serves, `change` compares them."""

    encoder: str
    serving: str
    filled: EncodedBatch
    change: Difference

    def to_dict(self) -> dict[str, Any]:
        named = {"encoder": self.encoder, "serving": self.serving}
        return {**named, **asdict(self.filled), **self.change.to_dict()}


def encode_missing(
    store: Store,
    encoder: Encoder,
    progress: Progress | None = None,
    encode_batches: BatchEncoder | None = None,
) -> EncodedBatch:
    """Give every picture a vector of `encoder` that stands by; go on where a run was stopped.

    `encode_batches` gives windows with their vectors, in any order; None is this process.

    Raises:
        InputError: the encoder serves already, vectors of a third one stand by, or someone else is
            making the same ones now.
        DiskSpaceError: the disk is full. What was encoded is kept.
    """
    _check_new(store, encoder)
    standby = PendingEncoder(store)
    with raise_on_disk_full(store.address), _scratch_folder(store, encoder) as folder:
        journal = Journal(folder, encoder.identity.dimension)
        encoded = 0
        for attempt in range(_ATTEMPTS):
            unfilled = standby.unfilled()
            pictures = len(unfilled)
            if pictures == 0 and unfilled.standing:
                return EncodedBatch(0, encoded)
            encoded += _encode(unfilled, encode_batches or _local(encoder), journal, progress)
            column = _write(unfilled, encoder, journal, folder)
            try:
                with raise_on_disk_full(store.address), pa.memory_map(str(column)) as file:
                    standby.fill(unfilled, pa.ipc.open_stream(file))
            except OSError:
                # Someone added pictures meanwhile: what is encoded is kept, they come next.
                if attempt + 1 == _ATTEMPTS:
                    raise
                continue
            return EncodedBatch(pictures, encoded)
    raise AssertionError


def switch(store: Store) -> None:
    """Let the vectors that stand by serve; those that served stand by. Switching back is the same.

    Raises:
        InputError: none stand by, or not for every picture.
    """
    _check_pending(store)
    PendingEncoder(store).switch()


def finish(store: Store) -> None:
    """Drop the older vectors. Raises InputError where the new ones do not serve yet."""
    _check_pending(store)
    standby = PendingEncoder(store)
    if not standby.has_served:
        raise InputError(
            f"the vectors of {store.metadata.standby} do not serve yet: switch to them first "
            "(cavewall reencode --switch), or discard them (--discard)"
        )
    standby.drop()


def discard(store: Store) -> None:
    """Drop the vectors that stand by. Raises InputError where none do."""
    _check_pending(store)
    PendingEncoder(store).drop()


def _check_new(store: Store, encoder: Encoder) -> None:
    made, wanted = store.metadata, encoder.identity
    if wanted.same_vectors_as(made.encoder):
        raise InputError(f"the wall {store.address} is of {made.encoder.name} already")
    if made.standby is not None and not wanted.same_vectors_as(made.standby):
        raise InputError(
            f"vectors of {made.standby} stand by: drop them first, with cavewall reencode "
            "--finish where they are the old ones, --discard where they are not wanted"
        )


def _check_pending(store: Store) -> None:
    store.refresh()
    if store.metadata.standby is None:
        raise InputError(
            f"no second vectors stand by on the wall {store.address}: make them with "
            "cavewall reencode --encoder NAME"
        )


@contextmanager
def _scratch_folder(store: Store, encoder: Encoder) -> Iterator[Path]:
    artefact = f"reencode-1-{encoder.identity.digest[:16]}"
    kept = ArtifactStore(store.address, store.metadata.id).scratch_dir(artefact)
    if kept is None:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as temporary:
            yield Path(temporary)
        return
    with _locked(kept, store, encoder):
        yield kept
    # Left in place by whatever is raised: the next run goes on with it.
    shutil.rmtree(kept.parent, ignore_errors=True)


@contextmanager
def _locked(folder: Path, store: Store, encoder: Encoder) -> Iterator[None]:
    """Two who fill one column would do the same work, and the first to end clears it away."""
    import filelock

    lock = filelock.FileLock(folder / ".lock", timeout=0, fallback_to_soft=False)
    with ExitStack() as held:
        try:
            with suppress(NotImplementedError):
                held.enter_context(lock)
        except filelock.Timeout:
            raise InputError(
                f"someone is encoding the wall {store.address} with {encoder.name} already: wait "
                "for it to end"
            ) from None
        yield


def _encode(
    unfilled: PendingVectors,
    encode_batches: BatchEncoder,
    journal: Journal,
    progress: Progress | None,
) -> int:
    """Encode what the journal does not know, a window at a time."""
    total, done, encoded = len(unfilled), 0, 0

    def advance(pictures: int) -> None:
        nonlocal done
        done += pictures
        if progress is not None:
            progress(done, total)

    for window, vectors in encode_batches(_missing_windows(unfilled, journal, advance)):
        journal.add(list(window.captions), vectors)
        encoded += len(window.captions)
        advance(window.pictures)
    return encoded


def _local(encoder: Encoder) -> BatchEncoder:
    def encode_batches(
        windows: Iterable[MissingVectors],
    ) -> Iterator[tuple[MissingVectors, NDArray[np.float32]]]:
        return ((each, vectors_of(list(each.captions.values()), encoder)) for each in windows)

    return encode_batches


def _missing_windows(
    unfilled: PendingVectors, journal: Journal, advance: Callable[[int], None]
) -> Iterator[MissingVectors]:
    for _, captions in unfilled.batches():
        for at in range(0, len(captions), _WINDOW):
            window = captions[at : at + _WINDOW]
            new = {captions_digest(texts): texts for texts in window}
            new = {digest: texts for digest, texts in new.items() if digest not in journal}
            if new:
                yield MissingVectors(len(window), dict(new))
            else:
                advance(len(window))


def vectors_of(captions: Sequence[Sequence[str]], encoder: Encoder) -> NDArray[np.float32]:
    """The vectors of pictures, (n, d), zero where one has no captions."""
    found = np.zeros((len(captions), encoder.identity.dimension), np.float32)
    with_captions = [at for at, texts in enumerate(captions) if texts]
    if with_captions:
        found[with_captions] = encode_captions(
            [captions[at] for at in with_captions], encoder.encode
        )
    return found


def _write(unfilled: PendingVectors, encoder: Encoder, journal: Journal, folder: Path) -> Path:
    """The new column as a file, which Lance reads without coming back to Python."""
    schema = PendingEncoder.schema(encoder.identity, with_ids=unfilled.standing)
    kind = schema.field(STANDBY).type
    path = folder / _FILE
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, schema) as writer:
        for ids, captions in unfilled.batches():
            flat = journal.vectors([captions_digest(texts) for texts in captions]).ravel()
            # A picture without captions has no vector in their space.
            no_captions = pa.array([not texts for texts in captions])
            vectors = pa.FixedSizeListArray.from_arrays(flat, type=kind, mask=no_captions)
            writer.write_batch(
                pa.record_batch([ids, vectors] if unfilled.standing else [vectors], schema=schema)
            )
    return path
