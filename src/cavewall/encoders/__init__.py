"""Encoders: what turns texts into vectors. One protocol, several implementations."""

from cavewall.encoders.captions import LONGEST_ENCODED, encode_pictures
from cavewall.encoders.choice import encoder_for_wall
from cavewall.encoders.protocol import Encoder, EncoderIdentity
from cavewall.encoders.remembering import RememberingEncoder
from cavewall.encoders.resolve import resolve, warm_up
from cavewall.encoders.sentence_transformer import SentenceTransformerEncoder

__all__ = [
    "LONGEST_ENCODED",
    "Encoder",
    "EncoderIdentity",
    "RememberingEncoder",
    "SentenceTransformerEncoder",
    "encode_pictures",
    "encoder_for_wall",
    "resolve",
    "warm_up",
]
