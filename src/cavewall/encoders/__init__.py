"""Encoders: what turns texts into vectors. One protocol, several implementations."""

from cavewall.encoders.choice import encoder_for_wall
from cavewall.encoders.protocol import Encoder, EncoderIdentity
from cavewall.encoders.remembering import RememberingEncoder
from cavewall.encoders.resolve import resolve
from cavewall.encoders.sentence_transformer import SentenceTransformerEncoder

__all__ = [
    "Encoder",
    "EncoderIdentity",
    "RememberingEncoder",
    "SentenceTransformerEncoder",
    "encoder_for_wall",
    "resolve",
]
