"""Encoders: what turns texts into vectors, and what turns pictures and texts into vectors.

One protocol each, several implementations.
"""

from cavewall.encoders.cached import CachedEncoder
from cavewall.encoders.captions import LONGEST_ENCODED, encode_captions
from cavewall.encoders.clip import ImageTextEncoder
from cavewall.encoders.image_registry import KNOWN_IMAGE_ENCODERS, resolve_image
from cavewall.encoders.protocol import Encoder, EncoderIdentity, ImageEncoder
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
