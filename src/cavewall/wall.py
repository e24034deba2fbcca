"""The façade that users hold."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from cavewall import ingest
from cavewall.derived import Derived
from cavewall.encoders import Encoder, encoder_for_wall
from cavewall.errors import InputError, WallNotFoundError
from cavewall.expression import Expression, Like, parse
from cavewall.pictures import AddReport, Hit, Hits, Picture
from cavewall.rules import rule as rule_named
from cavewall.search import Query, Ranked, rank, understand
from cavewall.sources import open_source
from cavewall.store import Snapshot, Store
from cavewall.vectors import cosines

__all__ = ["Wall", "open_wall"]

MAX_K = 10_000
_HIT_COLUMNS = ["image_id", "captions", "path", "thumbnail"]


def open_wall(uri: str | os.PathLike[str], encoder: str | Encoder | None = None) -> Wall:
    """A wall at a folder or an object-storage address. Never creates anything.

    Where nothing is yet, the first `add` creates the wall; reading before raises
    WallNotFoundError. `encoder` is a name, a model folder or an `Encoder`; None means the wall's
    own, else the packaged all-MiniLM-L6-v2.

    Raises:
        EncoderMismatchError: the wall was made with another encoder.
        WallFormatError: something else than a wall stands there.
    """
    return Wall(uri, encoder)


class Wall:
    """A collection of pictures that can be searched by meaning.

    Safe to use from several threads, and a context manager.
    """

    def __init__(self, uri: str | os.PathLike[str], encoder: str | Encoder | None = None) -> None:
        self.address = _address(uri)
        self._lock = threading.RLock()
        # An `add` takes as long as it takes: only another one waits for it, no search does.
        self._adding = threading.RLock()
        self._store: Store | None = None
        self._snapshot: Snapshot | None = None
        self._encoder: Encoder | None = None
        self._asked = encoder
        if self._try_store() is not None and encoder is not None:
            # A wrong encoder is told at once; the wall's own is looked up when it is needed.
            _ = self.encoder

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Wall({self.address!r})"

    def close(self) -> None:
        """Let go of vectors and files. The wall may be used again afterwards."""
        with self._lock:
            self._snapshot = None

    # Adding.

    def add(
        self,
        source: Any,
        images: str | os.PathLike[str] | None = None,
        missing: ingest.Missing = "skip",
        overwrite: bool = False,
        *,
        link: bool = False,
        progress: ingest.Progress | None = None,
    ) -> AddReport:
        """Add the pictures of a source; what is there already and unchanged costs nothing.

        Args:
            source: a captions file, a folder that holds one, a DataFrame or Arrow table, or an
                iterable of `Picture`.
            images: the folder of the pictures, where it is not beside the captions.
            missing: `skip` a captioned picture without a file, or `keep` it without bytes.
            overwrite: replace the wall's content, in one version.
            link: store thumbnails and paths, and leave the originals where they are.
            progress: told how the work goes.
        """
        options = ingest.Options(missing, link)
        start = time.perf_counter()
        opened = open_source(source, images)
        with self._adding:
            store = self._try_store()
            known = {} if store is None or overwrite else store.known()
            return ingest.add(
                opened,
                self.encoder,
                self.address,
                self._store_or_new,
                known,
                options,
                overwrite=overwrite,
                progress=progress,
                start=start,
            )

    # Searching.

    def search(
        self,
        expression: str | Expression,
        k: int = 10,
        rule: str | None = None,
        *,
        include_inputs: bool = False,
    ) -> Hits:
        """The `k` pictures that the expression describes best.

        Args:
            expression: text in the expression language, or a value built with `cavewall.text`,
                `image`, `like` and operators.
            k: how many, 1 to 10,000.
            rule: how terms combine; None is the default.
            include_inputs: let pictures that are terms of the expression answer it too.
        """
        if not 1 <= k <= MAX_K:
            raise InputError(f"k is how many pictures to show, 1 to {MAX_K:,}, not {k}")
        chosen = rule_named(rule)
        value = _expression(expression)
        start = time.perf_counter()
        store, snapshot = self._current()
        query = understand(value, self.encoder, snapshot)
        inputs = [leaf.image_id for leaf in query.leaves if isinstance(leaf, Like)]
        excluded = [] if include_inputs else [snapshot.position(image_id) for image_id in inputs]
        ranked = rank(query, snapshot, chosen, k, excluded)
        hits = _hits(store, snapshot, ranked)
        return Hits(
            hits,
            str(value),
            chosen.name,
            self.encoder.name,
            snapshot.version,
            (time.perf_counter() - start) * 1000,
        )

    def vector(self, expression: str | Expression) -> NDArray[np.float32]:
        """The unit vector of an expression, (dimension,), for searches with plain LanceDB."""
        return self._query(expression).vector

    def similarity(self, a: str | Expression, b: str | Expression) -> float:
        """The cosine of two texts or expressions, -1 to 1. Strings are texts, never parsed."""
        vectors = [
            self.encoder.encode([item])[0] if isinstance(item, str) else self.vector(item)
            for item in (a, b)
        ]
        return float(cosines(vectors[0][None], vectors[1][None])[0, 0])

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors of texts, float32 (n, dimension)."""
        return self.encoder.encode(list(texts))

    # Looking.

    def picture(self, image_id: str) -> Picture:
        """One picture with its captions and bytes. Raises UnknownPictureError."""
        store, snapshot = self._current()
        return store.picture(snapshot.version, snapshot.position(image_id))

    def info(self) -> dict[str, Any]:
        """What the wall holds and who made its vectors."""
        store = self._reading()
        return {
            "address": self.address,
            "pictures": store.count(),
            "without_image": store.count("sha256 IS NULL"),
            "version": store.version,
            "format": store.metadata.format,
            "encoder": store.metadata.encoder.to_dict(),
        }

    @property
    def encoder(self) -> Encoder:
        """The encoder of this wall. Its model loads at the first use."""
        with self._lock:
            if self._encoder is None:
                store = self._try_store()
                wanted = None if store is None else store.metadata.encoder
                self._encoder = encoder_for_wall(self.address, self._asked, wanted)
            return self._encoder

    def __len__(self) -> int:
        return self._reading().count()

    # Inside.

    def _reading(self) -> Store:
        with self._lock:
            if self._store is None:
                store = Store.open(self.address)
                if self._encoder is not None:
                    # Someone else made the wall since: it must be with this encoder.
                    encoder_for_wall(self.address, self._encoder, store.metadata.encoder)
                self._store = store
            self._store.refresh()
            return self._store

    def _try_store(self) -> Store | None:
        try:
            return self._reading()
        except WallNotFoundError:
            return None

    def _store_or_new(self) -> Store:
        with self._lock:
            if self._store is None:
                self._store = Store.create(self.address, self.encoder.identity)
            return self._store

    def _current(self) -> tuple[Store, Snapshot]:
        with self._lock:
            store = self._reading()
            if self._snapshot is None or self._snapshot.version != store.version:
                version = store.version
                self._snapshot = Derived(self.address, store.metadata.id).get(
                    "vectors-1",
                    version,
                    build=lambda folder: store.snapshot(version).to_folder(folder),
                    load=lambda folder: Snapshot.from_folder(folder, version),
                )
            return store, self._snapshot

    def _query(self, expression: str | Expression) -> Query:
        value = _expression(expression)
        needs_wall = any(isinstance(leaf, Like) for leaf in value.leaves())
        return understand(value, self.encoder, self._current()[1] if needs_wall else None)


def _address(uri: str | os.PathLike[str]) -> str:
    text = os.fspath(uri)
    return text if "://" in text else str(Path(text).expanduser().absolute())


def _expression(expression: str | Expression) -> Expression:
    return parse(expression) if isinstance(expression, str) else expression


def _hits(store: Store, snapshot: Snapshot, ranked: list[Ranked]) -> tuple[Hit, ...]:
    if not ranked:
        return ()
    rows = store.take(snapshot.version, [place.position for place in ranked], _HIT_COLUMNS)
    return tuple(
        Hit(
            row["image_id"],
            place.score,
            tuple(row["captions"] or ()),
            row["path"],
            place.terms,
            row["thumbnail"],
        )
        for row, place in zip(rows, ranked, strict=True)
    )
