"""Image encoders by name: a local folder or a model of the Hugging Face hub; known models."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cavewall.encoders.clip import ImageTextEncoder
from cavewall.encoders.protocol import ImageEncoder
from cavewall.encoders.resolve import hub_folder
from cavewall.errors import InputError

__all__ = ["KNOWN_IMAGE_ENCODERS", "KnownImageEncoder", "resolve_image"]


@dataclass(frozen=True)
class KnownImageEncoder:
    """A model of the hub that `ImageTextEncoder` can load, as its makers describe it.

    `dimension` in floats, `side` in pixels, `parameters` in millions (4 MB each); `needs` is what
    has to be installed besides Cavewall.
    """

    name: str
    dimension: int
    side: int
    parameters: int
    licence: str
    needs: str = ""


KNOWN_IMAGE_ENCODERS = (
    KnownImageEncoder("openai/clip-vit-large-patch14", 768, 224, 428, "MIT"),
    KnownImageEncoder("laion/CLIP-ViT-B-32-laion2B-s34B-b79K", 512, 224, 151, "MIT"),
    KnownImageEncoder("laion/CLIP-ViT-H-14-laion2B-s32B-b79K", 1024, 224, 986, "MIT"),
    KnownImageEncoder(
        "google/siglip-base-patch16-224", 768, 224, 203, "Apache-2.0", "cavewall[siglip]"
    ),
    KnownImageEncoder(
        "google/siglip-so400m-patch14-384", 1152, 384, 878, "Apache-2.0", "cavewall[siglip]"
    ),
    KnownImageEncoder("google/siglip2-base-patch16-224", 768, 224, 375, "Apache-2.0"),
)


def resolve_image(name: str) -> ImageEncoder:
    """The image encoder of that name: a local folder, or a model of the hub.

    Raises:
        EncoderUnavailableError: there is no such model, or it cannot be downloaded.
        InputError: it is neither a folder nor a name of the hub.
    """
    folder = Path(name).expanduser()
    if folder.is_dir():
        return ImageTextEncoder(folder)
    if name.count("/") != 1:
        raise InputError(
            f"no image encoder {name}: it is no folder here, and the hub's names have an owner, "
            f"as {KNOWN_IMAGE_ENCODERS[1].name} has"
        )
    folder = hub_folder(name, name)
    return ImageTextEncoder(folder, name, revision=folder.name)
