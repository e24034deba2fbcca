"""Re-encoding a wall with another encoder into a second column while the first is searched."""

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

from cavewall._internal.progress import CountProgress
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


# Small, because an interrupted run loses the batch it is in.
_WINDOW = 256
_ATTEMPTS = 5
_FILE = "column.arrow"


@dataclass(frozen=True)
class EncodedBatch:
    """The number of pictures that got a vector, and of those encoded in this run."""

    pictures: int
    encoded: int


@dataclass(frozen=True)
class MissingVectors:
    """Captions without a vector, by their digests, of a batch of `pictures` pictures."""

    pictures: int
    captions: dict[bytes, Sequence[str]]


BatchEncoder = Callable[
    [Iterable[MissingVectors]], Iterator[tuple[MissingVectors, NDArray[np.float32]]]
]


@dataclass(frozen=True)
class ReencodeReport:
    """The result of `Wall.reencode`: the new `encoder`, the `serving` one, and their comparison."""

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
    progress: CountProgress | None = None,
    encode_batches: BatchEncoder | None = None,
) -> EncodedBatch:
    """Compute pending vectors of `encoder` for all pictures; an interrupted run is resumed.

    `encode_batches` yields batches with their vectors, in any order; by default in this process.

    Raises:
        InputError: the encoder is in use already, vectors of a third one are pending, or another
            process is computing the same ones.
        DiskSpaceError: the disk is full. Encoded vectors are kept.
    """
    _check_new(store, encoder)
    standby = PendingEncoder(store)
    with raise_on_disk_full(store.address), _scratch_folder(store, encoder) as folder:
        journal = Journal(folder, encoder.identity.dimension)
        encoded = 0
        for attempt in range(_ATTEMPTS):
            unfilled = standby.unfilled()
            pictures = len(unfilled)
            if pictures == 0 and unfilled.has_column:
                return EncodedBatch(0, encoded)
            encoded += _encode(unfilled, encode_batches or _local(encoder), journal, progress)
            column = _write(unfilled, encoder, journal, folder)
            try:
                with raise_on_disk_full(store.address), pa.memory_map(str(column)) as file:
                    standby.fill(unfilled, pa.ipc.open_stream(file))
            except OSError:
                # Pictures were added meanwhile: retry with those, the encoded vectors are kept.
                if attempt + 1 == _ATTEMPTS:
                    raise
                continue
            return EncodedBatch(pictures, encoded)
    raise AssertionError


def switch(store: Store) -> None:
    """Exchange the pending vectors and those in use. Switching back is the same.

    Raises:
        InputError: there are no pending vectors, or not for every picture.
    """
    _check_pending(store)
    PendingEncoder(store).switch()


def finish(store: Store) -> None:
    """Drop the old vectors. Raises InputError if the new ones are not in use yet."""
    _check_pending(store)
    standby = PendingEncoder(store)
    if not standby.has_served:
        raise InputError(
            f"the vectors of {store.metadata.standby} do not serve yet: switch to them first "
            "(cavewall reencode --switch), or discard them (--discard)"
        )
    standby.drop()


def discard(store: Store) -> None:
    """Drop the pending vectors. Raises InputError if there are none."""
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
    # Kept on any exception: the next run resumes from it.
    shutil.rmtree(kept.parent, ignore_errors=True)


@contextmanager
def _locked(folder: Path, store: Store, encoder: Encoder) -> Iterator[None]:
    """Hold a lock: of two processes, the first to finish would delete the other's files."""
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
    progress: CountProgress | None,
) -> int:
    """Encode the captions that are not in the journal, a batch at a time."""
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
    """The vectors of pictures, (n, d), zero for those without captions."""
    found = np.zeros((len(captions), encoder.identity.dimension), np.float32)
    with_captions = [at for at, texts in enumerate(captions) if texts]
    if with_captions:
        found[with_captions] = encode_captions(
            [captions[at] for at in with_captions], encoder.encode
        )
    return found


def _write(unfilled: PendingVectors, encoder: Encoder, journal: Journal, folder: Path) -> Path:
    """Write the new column as an Arrow file, which Lance reads without calling Python."""
    schema = PendingEncoder.schema(encoder.identity, with_ids=unfilled.has_column)
    kind = schema.field(STANDBY).type
    path = folder / _FILE
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, schema) as writer:
        for ids, captions in unfilled.batches():
            flat = journal.vectors([captions_digest(texts) for texts in captions]).ravel()
            # A picture without captions has a null vector.
            no_captions = pa.array([not texts for texts in captions])
            vectors = pa.FixedSizeListArray.from_arrays(flat, type=kind, mask=no_captions)
            writer.write_batch(
                pa.record_batch([ids, vectors] if unfilled.has_column else [vectors], schema=schema)
            )
    return path
