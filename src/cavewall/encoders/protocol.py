"""The protocols of encoders: texts to unit vectors, or pictures and texts to unit vectors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from cavewall._internal.vectors import mean_directions

if TYPE_CHECKING:
    from PIL import Image

__all__ = [
    "LONGEST_ENCODED",
    "Encode",
    "Encoder",
    "EncoderIdentity",
    "ImageEncoder",
    "encode_captions",
]

# Characters of a caption: models read less, but tokenise everything.
LONGEST_ENCODED = 10_000

Encode = Callable[[list[str]], NDArray[np.float32]]


@dataclass(frozen=True)
class EncoderIdentity:
    """Which model made a vector. Two encoders are the same if digest and dimension agree.

    `revision` is the hub's commit where it is known; `digest` covers every file of the model.
    """

    name: str
    dimension: int
    digest: str
    revision: str | None = None
    normalised: bool = True

    def same_vectors_as(self, other: EncoderIdentity) -> bool:
        return (self.digest, self.dimension) == (other.digest, other.dimension)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    def __str__(self) -> str:
        return f"{self.name} ({self.dimension}-d, digest {self.digest[:12]})"


@runtime_checkable
class Encoder(Protocol):
    """Turns texts into unit vectors. Making one is cheap: models load at the first `encode`."""

    @property
    def name(self) -> str: ...

    @property
    def identity(self) -> EncoderIdentity:
        """Which model this is. May read the model's files, but does not load the model."""
        ...

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors of the texts in their order, float32 of shape (n, dimension)."""
        ...


@runtime_checkable
class ImageEncoder(Protocol):
    """Turns pictures and texts into unit vectors of one space: its pixels, not its captions.

    Making one is cheap: models load at the first call that encodes.
    """

    @property
    def name(self) -> str: ...

    @property
    def identity(self) -> EncoderIdentity:
        """Which model this is. May read the model's files, but does not load the model."""
        ...

    @property
    def side(self) -> int:
        """How many pixels of a picture's shorter side the model sees: more need not be decoded."""
        ...

    def prepare(self, picture: Image.Image) -> NDArray[np.uint8]:
        """An upright picture in RGB, resized and cropped as the model sees it. For any thread."""
        ...

    def encode_images(self, prepared: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Unit vectors of prepared pictures in their order, float32 of shape (n, dimension)."""
        ...

    def encode_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors of the texts in their order, float32 of shape (n, dimension)."""
        ...


def encode_captions(captions: Sequence[Sequence[str]], encode: Encode) -> NDArray[np.float32]:
    """The mean direction of each picture's captions, (n, d), each picture with one at least.

    Rows are unit vectors, or zero if a picture's captions cancel out.
    """
    texts = [caption[:LONGEST_ENCODED] for each in captions for caption in each]
    return mean_directions(encode(texts), [len(each) for each in captions])
