"""References to encoders for workers: by name and folder, or pickled as they are."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar, cast

from cavewall.encoders import Encoder, EncoderIdentity, ImageEncoder, resolve, resolve_image
from cavewall.encoders.clip import ImageTextEncoder
from cavewall.encoders.resolve import DEFAULT
from cavewall.encoders.sentence_transformer import SentenceTransformerEncoder
from cavewall.errors import EncoderUnavailableError

__all__ = ["EncoderRef", "encoder_ref"]

E = TypeVar("E", Encoder, ImageEncoder)


@dataclass(frozen=True)
class EncoderRef(Generic[E]):
    """A serialisable reference: the `encoder` itself, or how a worker loads it from files."""

    identity: EncoderIdentity
    encoder: E | None = None
    folder: Path | None = None
    make: Callable[[str], E] | None = None

    def load(self) -> E:
        """The encoder, in the process of a worker.

        Raises:
            EncoderUnavailableError: the machine does not have the same model.
        """
        found = self.encoder if self.make is None else self.make(self._name())
        assert found is not None
        if not found.identity.same_vectors_as(self.identity):
            raise EncoderUnavailableError(
                f"the worker on {socket.gethostname()} has {found.identity} where {self.identity} "
                "is wanted: install the same model there, or name a folder that all machines share"
            )
        return found

    def _name(self) -> str:
        # The bundled model and those of the hub have other folders on each machine.
        name, folder = self.identity.name, self.folder
        return str(folder) if name != DEFAULT and folder and folder.is_dir() else name


def encoder_ref(encoder: E) -> EncoderRef[E]:
    """The reference of an encoder."""
    if isinstance(encoder, SentenceTransformerEncoder):
        folder, make = encoder.folder.resolve(), cast(Callable[[str], E], resolve)
        return EncoderRef(encoder.identity, folder=folder, make=make)
    if isinstance(encoder, ImageTextEncoder):
        folder, make = encoder.folder.resolve(), cast(Callable[[str], E], resolve_image)
        return EncoderRef(encoder.identity, folder=folder, make=make)
    return EncoderRef(encoder.identity, encoder=encoder)
