"""One vector space of a version of a wall: its vectors, and all that is built from them.

A wall has any number of spaces by name: `caption`, the mean of each picture's caption embeddings,
and `image`, the embeddings of the pixels. Every operation that compares vectors takes one of them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from cavewall._internal.cache import LRUCache, cached_property
from cavewall._internal.images import MAX_BYTES, DecodedImage, UnreadableImageError, decode
from cavewall._internal.vectors import center, shrunk_mean
from cavewall.encoders import CachedEncoder, Encoder, EncoderIdentity, ImageEncoder
from cavewall.errors import InputError
from cavewall.index.artifacts import ArtifactStore
from cavewall.index.background import Background
from cavewall.index.clusters import Clusters
from cavewall.index.inverted_index import InvertedIndex
from cavewall.index.ivf import ARTIFACT, MIN_ROWS, IVFIndex, Placing, Progress
from cavewall.index.layout import MapLayout
from cavewall.index.lexical import WordIndex
from cavewall.index.pca import Pca2D
from cavewall.index.umap_layout import UMAP_ARTIFACT, UmapLayout
from cavewall.query import Centroid, Image, Keyword, Leaf, Like, Text
from cavewall.search.calibration import Calibration
from cavewall.search.rules import Rule
from cavewall.search.rules import rule as rule_named
from cavewall.storage import IMAGE_VECTOR, VECTOR, Snapshot

if TYPE_CHECKING:
    from cavewall.search.wall_version import WallVersion

__all__ = ["CLUSTERS", "UMAP_ARTIFACT", "UPLOAD", "ImageSpace", "VectorSpace"]

T = TypeVar("T")

CLUSTERS = "clusters-1"
# The path of an image that was uploaded begins with this, and ends with its digest.
UPLOAD = "upload:"
# An index that lacks more than this share of the pictures is built again.
_NEWER = 0.1
_CENTRE = "centre.npy"
_MOST_FILES = 64
# The middle of these is taken for that of the texts of queries: what people photograph.
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


class VectorSpace:
    """The caption space, and what every space has.

    Arrays are built, or mapped from the artifacts of the wall, when they are first used.

    Attributes:
        name: `caption` or `image`.
        version: the version of the wall that it belongs to.
        texts: encodes the texts of queries, and remembers the last of them.
    """

    name = "caption"

    def __init__(
        self, version: WallVersion, encoder: Callable[[], Encoder], column: str = VECTOR
    ) -> None:
        self.version = version
        self.column = column
        self._encoder = encoder
        self._lock = threading.RLock()
        self._parts: dict[str, Any] = {}
        store = version.store
        self._artifacts = ArtifactStore(store.address, store.metadata.key(column))

    def __len__(self) -> int:
        return len(self.snapshot.ids)

    # Terms.

    @property
    def texts(self) -> Encoder:
        return self._encoder()

    @property
    def identity(self) -> EncoderIdentity:
        """The encoder that made the vectors, as the wall records it."""
        return self.version.store.metadata.encoder

    def has(self, leaf: Leaf) -> bool:
        """Whether a term has a vector, or a keyword's scores, in this space."""
        if isinstance(leaf, Like):
            return self.snapshot.holds(leaf.image_id)
        return isinstance(leaf, Text | Keyword) or (
            isinstance(leaf, Centroid) and leaf.space == self.name
        )

    def image_vector(self, leaf: Image) -> NDArray[np.float32] | None:
        """The unit vector (d,) of an image file or upload; None where images have none."""
        return None

    def rule(self, rule: Rule) -> Rule:
        """The rule as this space can apply it."""
        return rule

    # Vectors.

    @cached_property
    def snapshot(self) -> Snapshot:
        """The unit vectors (n, d) and their ids."""
        store, number = self.version.store, self.version.number
        return self._made(
            "vectors-2",
            lambda folder: store.snapshot(number, self.column).to_folder(folder),
            lambda folder: Snapshot.from_folder(folder, number),
        )

    @cached_property
    def positions(self) -> NDArray[np.intp] | None:
        """The position in the version of each of its pictures, (n,); None where they are equal."""
        return self.version.positions_of(self.snapshot)

    def positions_at(self, rows: NDArray[np.intp]) -> NDArray[np.intp]:
        """The positions in the version of some rows of this space."""
        return rows if self.positions is None else self.positions[rows]

    def rows_at(self, positions: NDArray[np.intp]) -> NDArray[np.intp]:
        """The rows in this space of positions in the version; -1 where it has no vector."""
        known = self.positions
        if known is None:
            return positions
        if not len(known):
            return np.full(len(positions), -1, np.intp)
        at = np.minimum(np.searchsorted(known, positions), len(known) - 1)
        return np.where(known[at] == positions, at, -1)

    def spread(self, values: NDArray[Any], missing: Any) -> NDArray[Any]:
        """Values of this space's pictures over all of the version: (n,) to (pictures,)."""
        if self.positions is None:
            return values
        found = np.full(len(self.version), missing, values.dtype)
        found[self.positions] = values
        return found

    @cached_property
    def background(self) -> Background:
        """Mean and covariance of the vectors."""
        return self._made(
            "background-1",
            lambda folder: Background.from_vectors(self.snapshot.vectors).to_folder(folder),
            Background.from_folder,
        )

    # Captions.

    def captions(self) -> list[list[str]]:
        """The captions of each picture of this space."""
        every = self.version.captions()
        return every if self.positions is None else [every[at] for at in self.positions]

    @cached_property
    def inverted_index(self) -> InvertedIndex:
        """Which captions hold which words, and where."""
        if self.positions is None:
            return self.version.inverted_index
        return self._made(
            "captions-1",
            lambda folder: InvertedIndex.from_captions(self.captions()).to_folder(folder),
            InvertedIndex.from_folder,
        )

    @cached_property
    def words(self) -> WordIndex:
        """The words of the captions and how near they are: the evidence of rule `words`."""
        return self._made("words-1", self._build_words, WordIndex.from_folder)

    def _build_words(self, folder: Path) -> None:
        older = self._artifacts.load_latest(self._named("words-1"), WordIndex.from_folder)
        WordIndex.from_captions(self.captions(), self.texts.encode, older).to_folder(folder)

    @cached_property
    def calibration(self) -> Calibration | None:
        """What scores are worth; None where that is not known of the space."""
        return Calibration(self.snapshot.vectors, lambda: self.background, lambda: self.words)

    # The index.

    @cached_property
    def index(self) -> IVFIndex | None:
        """The IVF index of the vectors; None on small walls, where a search scans all of them.

        That of an older version is used while its pictures are the first ones of this version.
        """
        with self._lock:
            found = self._latest_index()
            known = 0 if found is None else len(found.rows)
            if len(self) >= MIN_ROWS and known < (1 - _NEWER) * len(self):
                return self.build_index()
            return found

    @property
    def indexed(self) -> int:
        """How many pictures an existing index covers."""
        found = self._latest_index()
        return 0 if found is None else len(found.rows)

    def _latest_index(self) -> IVFIndex | None:
        found = self._artifacts.load_latest(self._named(ARTIFACT), IVFIndex.from_folder)
        if found is None or len(found.rows) > len(self):
            return None
        same = self.snapshot.ids_digest(len(found.rows)) == found.ids.tobytes()
        return found if same else None

    def build_index(
        self, progress: Progress | None = None, placing: Placing | None = None
    ) -> IVFIndex:
        """Build the index of this version unless it exists; `placing` assigns vectors elsewhere."""
        vectors = self.snapshot.vectors
        digest = self.snapshot.ids_digest(len(vectors))

        def build(folder: Path) -> None:
            older = self._artifacts.load_latest(self._named(ARTIFACT), IVFIndex.from_folder)
            IVFIndex.of(vectors, digest, older, progress, placing).to_folder(folder)

        made = self._artifacts.get(
            self._named(ARTIFACT), self.version.number, build, IVFIndex.from_folder
        )
        self.__dict__["index"] = made
        return made

    # The map.

    @cached_property
    def pca_layout(self) -> MapLayout:
        """The pictures on the plane of their first two principal components."""
        background = self.background
        projection = Pca2D.of(background.mean, background.covariance)
        return MapLayout.flat(self.snapshot.vectors, projection)

    @cached_property
    def umap_layout(self) -> UmapLayout:
        """The UMAP layout, finished or not."""
        snapshot = self.snapshot
        return UmapLayout(
            self._artifacts,
            self.version.number,
            snapshot.ids,
            snapshot.ids_digest(len(snapshot.ids)),
            snapshot.vectors,
            lambda: self.pca_layout,
            self._named,
        )

    def layout(self, name: str) -> MapLayout | None:
        """A layout that is ready; None where UMAP has to be computed first."""
        if name == "pca":
            return self.pca_layout
        found: MapLayout | None = self._parts.get(UMAP_ARTIFACT) or self.umap_layout.ready()
        if found is not None:
            self._parts[UMAP_ARTIFACT] = found
        return found

    def make_layout(self, name: str, progress: Progress | None = None) -> MapLayout:
        """A layout, computed where it is not ready. Raises MissingExtraError."""
        return self.layout(name) or self.umap_layout.make(lambda: self.index, progress)

    @cached_property
    def clusters(self) -> Clusters:
        """Groups of near vectors, named by the words of their captions."""
        return self._made(CLUSTERS, self._build_clusters, Clusters.from_folder)

    def _build_clusters(self, folder: Path) -> None:
        older = self._artifacts.load_latest(self._named(CLUSTERS), Clusters.from_folder)
        found = Clusters.of_vectors(self.snapshot.vectors, self.inverted_index, older)
        found.to_folder(folder)

    # Artifacts.

    def _named(self, artifact: str) -> str:
        # Artifacts of one name are those of one column: of others they have names of their own.
        return artifact if self.column == VECTOR else f"{self.column}-{artifact}"

    def _made(self, artifact: str, build: Callable[[Path], None], load: Callable[[Path], T]) -> T:
        with self._lock:
            # Threads that ask at once wait for the first, and share what it made.
            if artifact not in self._parts:
                named, number = self._named(artifact), self.version.number
                self._parts[artifact] = self._artifacts.get(named, number, build, load)
            part: T = self._parts[artifact]
            return part


class _CenteredTexts:
    """The text side of an image encoder, centered on everyday texts.

    Models that read and see put images in one region of their space and texts in another, whatever
    these show (the modality gap: Liang et al., *Mind the Gap*, NeurIPS 2022). So both are centered
    on the mean of their own kind.
    """

    def __init__(self, encoder: Callable[[], ImageEncoder]) -> None:
        self._encoder = encoder

    @property
    def name(self) -> str:
        return self._encoder().name

    @property
    def identity(self) -> EncoderIdentity:
        return self._encoder().identity

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return center(self._encoder().encode_texts(texts), self._mean)

    @cached_property
    def _mean(self) -> NDArray[np.float64]:
        return shrunk_mean(self._encoder().encode_texts(_EVERYDAY))


class ImageSpace(VectorSpace):
    """What pictures show: their vectors centered on the mean of the wall's.

    The mean moves with every version, so there is no index and a search scans all vectors. Scores
    are not calibrated: pictures are nearer to each other than to any text.
    """

    name = "image"
    index = None
    calibration = None

    def __init__(self, version: WallVersion, encoder: Callable[[], ImageEncoder]) -> None:
        queries = CachedEncoder(_CenteredTexts(encoder))
        super().__init__(version, lambda: queries, IMAGE_VECTOR)
        self._image_encoder = encoder
        self._files: LRUCache[tuple[str, int, int], NDArray[np.float32]] = LRUCache(_MOST_FILES)

    @property
    def identity(self) -> EncoderIdentity:
        found = self.version.store.metadata.image
        assert found is not None
        return found

    def has(self, leaf: Leaf) -> bool:
        return isinstance(leaf, Image) or (not isinstance(leaf, Keyword) and super().has(leaf))

    def rule(self, rule: Rule) -> Rule:
        """`product` in place of `words`: pixels have no words to look at."""
        return rule_named("product") if rule.name == "words" else rule

    @cached_property
    def snapshot(self) -> Snapshot:
        """The centered unit vectors (n, d) and their ids."""
        return self._centered[0]

    @cached_property
    def mean(self) -> NDArray[np.float64]:
        """The mean of the wall's image vectors, (d,)."""
        return self._centered[1]

    @cached_property
    def _centered(self) -> tuple[Snapshot, NDArray[np.float64]]:
        store, number = self.version.store, self.version.number

        def build(folder: Path) -> None:
            raw = store.snapshot(number, self.column)
            mean = shrunk_mean(raw.vectors)
            centered = Snapshot(raw.version, raw.ids, center(raw.vectors, mean), raw.rows)
            centered.to_folder(folder)
            np.save(folder / _CENTRE, mean)

        def load(folder: Path) -> tuple[Snapshot, NDArray[np.float64]]:
            return Snapshot.from_folder(folder, number), np.load(folder / _CENTRE)

        return self._made("centred-1", build, load)

    def upload(self, data: bytes) -> Image:
        """An uploaded picture as a term, which carries its vector and fits every version.

        Raises:
            InputError: this is no picture.
        """
        encoder = self._image_encoder()
        try:
            decoded = decode(data, side=encoder.side)
        except UnreadableImageError as fault:
            raise InputError(f"the picture cannot be read: {fault}") from fault
        vector = _encode(decoded, encoder)[0]
        name = f"{UPLOAD}{decoded.sha256[:16]}"
        return Image(name, tuple(vector.tolist()), encoder.identity.digest)

    def image_vector(self, leaf: Image) -> NDArray[np.float32]:
        """The centered unit vector (d,) of an image file or upload.

        Raises:
            InputError: the file cannot be read or is no picture, or another model encoded it.
        """
        if leaf.vector is not None:
            if leaf.made_by != self._image_encoder().identity.digest:
                raise InputError(f"{leaf} was seen by another model than the wall's: do it again")
            return self._center(np.array([leaf.vector], np.float32))
        path = Path(leaf.path).expanduser()
        try:
            status = path.stat()
        except (OSError, ValueError) as fault:
            raise InputError(f"{leaf} cannot be read: {_in_words(fault)}") from fault
        key = (str(path), status.st_size, status.st_mtime_ns)
        return self._files.get(key, lambda: self._encode_file(leaf, path, status.st_size))

    def _encode_file(self, leaf: Image, path: Path, size: int) -> NDArray[np.float32]:
        encoder = self._image_encoder()
        if not path.is_file():
            raise InputError(f"{leaf} is no file")
        if size > MAX_BYTES:
            raise InputError(f"{leaf} has {size:,} bytes, more than the {MAX_BYTES:,} allowed")
        try:
            decoded = decode(path.read_bytes(), side=encoder.side)
        except (OSError, UnreadableImageError) as fault:
            raise InputError(f"{leaf} cannot be read: {_in_words(fault)}") from fault
        return self._center(_encode(decoded, encoder))

    def _center(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        found: NDArray[np.float32] = center(vectors, self.mean)[0]
        return found


def _encode(decoded: DecodedImage, encoder: ImageEncoder) -> NDArray[np.float32]:
    """The raw image vector, (1, d)."""
    assert decoded.picture is not None
    return encoder.encode_images([encoder.prepare(decoded.picture)])


def _in_words(fault: Exception) -> str:
    return str(getattr(fault, "strerror", None) or fault)
