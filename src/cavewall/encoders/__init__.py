"""Encoders: texts to vectors (`Encoder`), or pictures and texts to vectors (`ImageEncoder`)."""

from cavewall.encoders.cached import CachedEncoder
from cavewall.encoders.clip import ImageTextEncoder
from cavewall.encoders.image_registry import KNOWN_IMAGE_ENCODERS, resolve_image
from cavewall.encoders.protocol import (
    LONGEST_ENCODED,
    Encoder,
    EncoderIdentity,
    ImageEncoder,
    encode_captions,
)
from cavewall.encoders.resolve import resolve, warm_up
from cavewall.encoders.select import encoder_for_wall, image_encoder_for_wall
from cavewall.encoders.sentence_transformer import SentenceTransformerEncoder

__all__ = [
    "KNOWN_IMAGE_ENCODERS",
    "LONGEST_ENCODED",
    "CachedEncoder",
    "Encoder",
    "EncoderIdentity",
    "ImageEncoder",
    "ImageTextEncoder",
    "SentenceTransformerEncoder",
    "encode_captions",
    "encoder_for_wall",
    "image_encoder_for_wall",
    "resolve",
    "resolve_image",
    "warm_up",
]
