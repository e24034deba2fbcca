"""One version of a wall, with what searching it needs: vectors, background, words, captions."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from cavewall.calibration import Calibration
from cavewall.caption_index import CaptionIndex
from cavewall.derived import Derived
from cavewall.encoders import Encoder
from cavewall.pictures import Picture
from cavewall.statistics import Background
from cavewall.store import VECTOR, Snapshot, Store
from cavewall.vector_index import ARTEFACT, LEAST, Progress, VectorIndex
from cavewall.words import WordIndex

__all__ = ["Searchable"]

T = TypeVar("T")

# Above this share of pictures that an index has not, it is made again.
_NEWER = 0.1


class Searchable:
    """Each part is made, or mapped from the derived artefacts, when it is first asked for.

    `encoder` is called when words of the captions have to be encoded that never were before.
    """

    def __init__(self, store: Store, encoder: Callable[[], Encoder], column: str = VECTOR) -> None:
        self.store = store
        self.column = column
        self._encoder = encoder
        self._lock = threading.RLock()
        self._parts: dict[str, Any] = {}
        self._derived = Derived(store.address, store.metadata.key(column))
        self.version = store.version

    @cached_property
    def snapshot(self) -> Snapshot:
        """The vectors and their ids."""
        return self._made(
            "vectors-2",
            lambda folder: self.store.snapshot(self.version, self.column).to_folder(folder),
            lambda folder: Snapshot.from_folder(folder, self.version),
        )

    @cached_property
    def background(self) -> Background:
        """Mean and covariance of the vectors."""
        return self._made(
            "background-1",
            lambda folder: Background.from_vectors(self.snapshot.vectors).to_folder(folder),
            Background.from_folder,
        )

    @cached_property
    def words(self) -> WordIndex:
        """The words of the captions."""
        return self._made("words-1", self._build_words, WordIndex.from_folder)

    @cached_property
    def caption_index(self) -> CaptionIndex:
        """Which captions hold which words, and where."""
        return self._made(
            "captions-1",
            lambda folder: CaptionIndex.from_captions(self.captions()).to_folder(folder),
            CaptionIndex.from_folder,
        )

    @cached_property
    def index(self) -> VectorIndex | None:
        """Neighbourhoods of the vectors; None on small walls, where a search looks at everyone.

        One of an older version serves while that is the beginning of this one.
        """
        with self._lock:
            pictures = len(self.snapshot.ids)
            found = self._standing_index()
            known = 0 if found is None else len(found.rows)
            if pictures >= LEAST and known < (1 - _NEWER) * pictures:
                return self.build_index()
            return found

    @property
    def indexed(self) -> int:
        """How many pictures an index knows that stands already; 0 where none does."""
        found = self._standing_index()
        return 0 if found is None else len(found.rows)

    def _standing_index(self) -> VectorIndex | None:
        found = self._derived.newest(self._named(ARTEFACT), VectorIndex.from_folder)
        if found is None or len(found.rows) > len(self.snapshot.ids):
            return None
        same = self.snapshot.ids_digest(len(found.rows)) == found.ids.tobytes()
        return found if same else None

    def build_index(self, progress: Progress | None = None) -> VectorIndex:
        """Make the index of this version, where it is not there yet."""
        vectors = self.snapshot.vectors
        digest = self.snapshot.ids_digest(len(vectors))

        def build(folder: Path) -> None:
            older = self._derived.newest(self._named(ARTEFACT), VectorIndex.from_folder)
            VectorIndex.of(vectors, digest, older, progress).to_folder(folder)

        made = self._derived.get(
            self._named(ARTEFACT), self.version, build, VectorIndex.from_folder
        )
        self.__dict__["index"] = made
        return made

    @cached_property
    def calibration(self) -> Calibration:
        """What scores are worth on this wall."""
        return Calibration(self.snapshot.vectors, lambda: self.background, lambda: self.words)

    def take(self, positions: Sequence[int], columns: list[str]) -> list[dict[str, Any]]:
        """Those columns of the pictures at those positions of the snapshot."""
        return self.store.take(self.version, self.snapshot.rows_of(positions), columns)

    def picture(self, image_id: str) -> Picture:
        """One whole picture, bytes included. Raises UnknownPictureError."""
        (row,) = self.snapshot.rows_of([self.snapshot.position(image_id)])
        return self.store.picture(self.version, row)

    def captions(self) -> list[list[str]]:
        """The captions of every picture, in the order of the snapshot."""
        captions = self.store.captions(self.version)
        rows = self.snapshot.rows
        return captions if rows is None else [captions[row] for row in rows]

    def _build_words(self, folder: Path) -> None:
        older = self._derived.newest(self._named("words-1"), WordIndex.from_folder)
        encode = self._encoder().encode
        WordIndex.from_captions(self.captions(), encode, older).to_folder(folder)

    def _named(self, artefact: str) -> str:
        # One kind keeps one wall's latest: vectors that stand by are of another kind.
        return artefact if self.column == VECTOR else f"{self.column}-{artefact}"

    def _made(self, artefact: str, build: Callable[[Path], None], load: Callable[[Path], T]) -> T:
        with self._lock:
            # Threads that ask at once come here one by one: the first one's part is everyone's.
            if artefact not in self._parts:
                named = self._named(artefact)
                self._parts[artefact] = self._derived.get(named, self.version, build, load)
            part: T = self._parts[artefact]
            return part
