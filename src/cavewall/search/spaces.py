"""The spaces of one version of a wall: what captions say, what pictures show, and who has either.

Models that see and read put pictures in one part of their space and texts in another, whatever
these show (Liang et al., *Mind the Gap*, NeurIPS 2022). So both are measured from the middle of
their own kind: pictures from that of the wall's, texts from that of some everyday words.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from cavewall._internal.cache import LRUCache, cached_property
from cavewall._internal.images import MAX_BYTES, DecodedImage, UnreadableImageError, decode
from cavewall._internal.vectors import center, shrunk_mean
from cavewall.encoders import CachedEncoder, Encoder, EncoderIdentity, ImageEncoder
from cavewall.errors import InputError
from cavewall.query import Image
from cavewall.query.filters import Filter
from cavewall.search.wall_version import WallVersion
from cavewall.storage import IMAGE_VECTOR, Snapshot, Store

__all__ = ["HANDED_OVER", "Everyone", "ImageSpaceVersion", "Spaces"]

# What people photograph and look for: the middle of these is that of the texts of queries.
_EVERYDAY = (
    *("a dog", "a cat", "a horse", "a bird", "a man", "a woman", "a child", "people", "a crowd"),
    *("a face", "a hand", "a car", "a bus", "a train", "a bicycle", "a boat", "an aeroplane"),
    *("a house", "a street", "a city", "a bridge", "a church", "a room", "a kitchen", "a table"),
    *("a chair", "food", "a cake", "fruit", "a cup", "a book", "a computer", "a ball", "a game"),
    *("a tree", "a flower", "grass", "a mountain", "a river", "a lake", "the sea", "a beach"),
    *("sand", "snow", "the sky", "clouds", "a sunset", "night", "rain", "red", "green", "blue"),
    *("black and white", "a drawing", "a photo", "running", "sitting", "jumping", "sleeping"),
    *("eating", "dancing", "small", "large", "old", "many", "indoors", "outdoors"),
)
# Such a path is the name of a picture that was handed over, with its digest behind.
HANDED_OVER = "upload:"
_CENTRE = "centre.npy"
_MOST_FILES = 64


class _Texts:
    """The image encoder as one of texts, from the middle of the everyday ones."""

    def __init__(self, encoder: Callable[[], ImageEncoder]) -> None:
        self._encoder = encoder

    @property
    def name(self) -> str:
        return self._encoder().name

    @property
    def identity(self) -> EncoderIdentity:
        return self._encoder().identity

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return center(self._encoder().encode_texts(texts), self._middle)

    @cached_property
    def _middle(self) -> NDArray[np.float64]:
        return shrunk_mean(self._encoder().encode_texts(_EVERYDAY))


class ImageSpaceVersion(WallVersion):
    """What pictures show: their vectors from the middle of the wall's, and the files of queries.

    The middle moves with every version, so there is no index of neighbourhoods: a search looks at
    everyone. Scores have no background yet, for pictures are nearer to each other than to texts.
    """

    calibrated = False
    index = None

    def __init__(self, store: Store, encoder: Callable[[], ImageEncoder]) -> None:
        self.texts: Encoder = CachedEncoder(_Texts(encoder))
        super().__init__(store, lambda: self.texts, IMAGE_VECTOR)
        self._eye = encoder
        self._files: LRUCache[tuple[str, int, int], NDArray[np.float32]] = LRUCache(_MOST_FILES)

    @cached_property
    def snapshot(self) -> Snapshot:
        """The vectors from their middle on, and their ids."""
        return self._centred[0]

    @cached_property
    def middle(self) -> NDArray[np.float64]:
        """The middle of the wall's pictures, (d,)."""
        return self._centred[1]

    @cached_property
    def _centred(self) -> tuple[Snapshot, NDArray[np.float64]]:
        def build(folder: Path) -> None:
            raw = self.store.snapshot(self.version, self.column)
            middle = shrunk_mean(raw.vectors)
            vectors = center(raw.vectors, middle)
            Snapshot(raw.version, raw.ids, vectors, raw.rows).to_folder(folder)
            np.save(folder / _CENTRE, middle)

        def load(folder: Path) -> tuple[Snapshot, NDArray[np.float64]]:
            return Snapshot.from_folder(folder, self.version), np.load(folder / _CENTRE)

        return self._made("centred-1", build, load)

    def seen(self, data: bytes) -> Image:
        """A picture that is handed over, as a term: its vector goes with it, whatever the version.

        Raises:
            InputError: this is no picture.
        """
        eye = self._eye()
        try:
            scanned = decode(data, side=eye.side)
        except UnreadableImageError as fault:
            raise InputError(f"the picture cannot be read: {fault}") from fault
        vector = _raw(scanned, eye)[0]
        name = f"{HANDED_OVER}{scanned.sha256[:16]}"
        return Image(name, tuple(vector.tolist()), eye.identity.digest)

    def vector_of(self, leaf: Image) -> NDArray[np.float32]:
        """The vector of a picture in a file or handed over, from the middle of the wall's.

        Raises:
            InputError: the file cannot be read or is no picture, or another model saw it.
        """
        if leaf.vector is not None:
            if leaf.made_by != self._eye().identity.digest:
                raise InputError(f"{leaf} was seen by another model than the wall's: do it again")
            handed: NDArray[np.float32] = center(np.array([leaf.vector], np.float32), self.middle)[
                0
            ]
            return handed
        path = Path(leaf.path).expanduser()
        try:
            status = path.stat()
        except (OSError, ValueError) as fault:
            raise InputError(f"{leaf} cannot be read: {_in_words(fault)}") from fault
        key = (str(path), status.st_size, status.st_mtime_ns)
        return self._files.get(key, lambda: self._seen(leaf, path, status.st_size))

    def _seen(self, leaf: Image, path: Path, size: int) -> NDArray[np.float32]:
        eye = self._eye()
        if not path.is_file():
            raise InputError(f"{leaf} is no file")
        if size > MAX_BYTES:
            raise InputError(f"{leaf} has {size:,} bytes, more than the {MAX_BYTES:,} allowed")
        try:
            scanned = decode(path.read_bytes(), side=eye.side)
        except (OSError, UnreadableImageError) as fault:
            raise InputError(f"{leaf} cannot be read: {_in_words(fault)}") from fault
        vector: NDArray[np.float32] = center(_raw(scanned, eye), self.middle)[0]
        return vector


def _raw(scanned: DecodedImage, eye: ImageEncoder) -> NDArray[np.float32]:
    """What the encoder sees in a picture, (1, d)."""
    assert scanned.picture is not None
    return eye.encode_images([eye.prepare(scanned.picture)])


def _in_words(fault: Exception) -> str:
    return str(getattr(fault, "strerror", None) or fault)


class Everyone(WallVersion):
    """The pictures of both spaces, without vectors of their own: to be looked up and filtered."""

    calibrated = False
    index = None

    def __init__(self, caption: WallVersion, image: WallVersion) -> None:
        super().__init__(caption.store, caption._encoder, "everyone")
        self._spaces = (caption, image)

    @cached_property
    def snapshot(self) -> Snapshot:
        """The ids of all who have a vector, in the order of the table."""
        snapshots = [space.snapshot for space in self._spaces]
        rows = [_rows(snapshot) for snapshot in snapshots]
        everyone, first = np.unique(np.concatenate(rows), return_index=True)
        ids = pa.concat_arrays([snapshot.ids for snapshot in snapshots]).take(pa.array(first))
        nothing = np.zeros((len(ids), 0), np.float32)
        return Snapshot(self.version, ids, nothing, everyone.astype(np.int64))

    def places_of(self, space: WallVersion) -> NDArray[np.intp]:
        """Where the pictures of a space stand among everyone, (n,)."""
        return np.searchsorted(_rows(self.snapshot), _rows(space.snapshot))


def _rows(snapshot: Snapshot) -> NDArray[np.int64]:
    return np.arange(len(snapshot.ids)) if snapshot.rows is None else snapshot.rows


@dataclass(frozen=True)
class Spaces:
    """What there is to be searched of one version; `image` is None where a wall has captions alone.

    Attributes:
        queries: the encoder of the caption space, for the texts of queries.
    """

    caption: WallVersion
    queries: Callable[[], Encoder]
    image: ImageSpaceVersion | None = None

    @cached_property
    def everyone(self) -> WallVersion:
        """All pictures that a search may find."""
        return self.caption if self.image is None else Everyone(self.caption, self.image)

    def filter_mask(self, where: Filter | None) -> NDArray[np.bool_] | None:
        """Of whom among everyone a filter is true, None for all: see `WallVersion.matching`."""
        return None if where is None else self.everyone.filter_mask(where)

    def among_everyone(self, captioned: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """What is true of pictures of the caption space, among everyone: false of all others."""
        if not isinstance(self.everyone, Everyone):
            return captioned
        found = np.zeros(len(self.everyone.snapshot.ids), np.bool_)
        found[self.everyone.places_of(self.caption)] = captioned
        return found
