"""What an open wall holds: its table, its encoders, and versions ready to be searched."""

from __future__ import annotations

import functools
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from cavewall._internal.cache import LRUCache
from cavewall.encoders import (
    CachedEncoder,
    Encoder,
    EncoderIdentity,
    ImageEncoder,
    encoder_for_wall,
    image_encoder_for_wall,
)
from cavewall.errors import VersionExpiredError, WallNotFoundError
from cavewall.query import Expression, parse, substitute
from cavewall.search.saved_terms import TermResolver
from cavewall.search.wall_version import WallVersion
from cavewall.storage import UNFILLED, ImageVectors, Store, open_store

__all__ = ["Connection", "Namespace", "full_address", "retried"]

# Versions that are kept ready: paging through one goes on while pictures are added.
_VERSIONS = 3
_ATTEMPTS = 3

P = ParamSpec("P")
T = TypeVar("T")


class Connection:
    """One open wall, shared by the façade and its namespaces. Safe to use from several threads.

    Attributes:
        address: a folder's absolute path, or an object-storage address.
        adding: held by what writes to the wall for long, so that only other writers wait.
    """

    def __init__(
        self,
        uri: str | os.PathLike[str],
        encoder: str | Encoder | None,
        image_encoder: str | ImageEncoder | None,
    ) -> None:
        self.address = full_address(uri)
        self.adding = threading.RLock()
        self._lock = threading.RLock()
        self._store: Store | None = None
        self._versions: LRUCache[tuple[str, int], WallVersion] = LRUCache(_VERSIONS)
        self._encoder: Encoder | None = None
        self._queries: CachedEncoder | None = None
        self._image_encoder: ImageEncoder | None = None
        self.wanted_encoder = encoder
        self._wanted_image_encoder = image_encoder
        store = self.try_store()
        # A wrong encoder is reported at once; the wall's own is resolved when it is needed.
        if store is not None and encoder is not None:
            _ = self.encoder
        if store is not None and image_encoder is not None:
            _ = self.image_encoder

    def clear(self) -> None:
        """Let go of vectors and files."""
        self._versions.clear()

    # The table.

    def store(self) -> Store:
        """The table at its newest version. Raises WallNotFoundError."""
        with self._lock:
            if self._store is None:
                store = open_store(self.address)
                if self._encoder is not None:
                    # Another process created the wall since: it must be with this encoder.
                    encoder_for_wall(self.address, self._encoder, store.metadata.encoder)
                self._store = store
            self._store.refresh()
            made_by = self._store.metadata.encoder
            if self._encoder is not None and not self._encoder.identity.same_vectors_as(made_by):
                # The wall has switched its encoder: the next use resolves the right one.
                self._encoder = self._queries = None
            image = self._store.metadata.image
            known = self._image_encoder
            if (
                known is not None
                and image is not None
                and not known.identity.same_vectors_as(image)
            ):
                self._image_encoder = None
            return self._store

    def try_store(self) -> Store | None:
        """The same, None where there is no wall yet."""
        try:
            return self.store()
        except WallNotFoundError:
            return None

    def store_for_adding(self) -> Store | None:
        """The table where there is one, with an image space if images are to be encoded."""
        encoder, store = self.image_encoder, self.try_store()
        if encoder is not None and store is not None and store.metadata.image is None:
            ImageVectors(store).make(encoder.identity)
        return store

    def store_or_new(self) -> Store:
        """The table, created where there is none."""
        with self._lock:
            if self._store is None:
                images = self.image_encoder
                identity = None if images is None else images.identity
                store = Store.create(self.address, self.encoder.identity, identity)
                # If another process was faster, it must have used these encoders too.
                encoder_for_wall(self.address, self.encoder, store.metadata.encoder)
                image_encoder_for_wall(self.address, images, store.metadata.image)
                self._store = store
            return self._store

    def info(self) -> dict[str, Any]:
        """What the wall holds, and the encoders of its vectors."""
        store = self.store()
        standby, image = store.metadata.standby, store.metadata.image
        return {
            "address": self.address,
            "pictures": store.count(),
            "without_image": store.count_without_image(),
            "version": store.version,
            "format": store.metadata.format,
            "encoder": store.metadata.encoder.to_dict(),
            "standby": None if standby is None else standby.to_dict(),
            "indexed": self.version().caption.indexed,
            "standby_lacking": 0 if standby is None else store.count(UNFILLED),
            "image_encoder": None if image is None else image.to_dict(),
            "without_captions": store.count_without_captions(),
            "image_lacking": 0 if image is None else ImageVectors(store).lacking(),
        }

    # Versions.

    def version(self, number: int | None = None) -> WallVersion:
        """A version of the wall, the newest by default, ready to be searched."""
        with self._lock:
            store = self.store()
            wanted = store.version if number is None else number
            # Vectors of an encoder that was switched away from are not searched with another one.
            return self._versions.get(
                (store.metadata.key(), wanted), lambda: self._ready(store.at(wanted))
            )

    def _ready(self, store: Store) -> WallVersion:
        made_by = store.metadata.image
        if made_by is None:
            return WallVersion(store, lambda: self.queries)
        return WallVersion(store, lambda: self.queries, lambda: self._image_encoder_of(made_by))

    def retry(self, work: Callable[[], T]) -> T:
        """Do the work, and again on the newest version where its own is cleaned up meanwhile."""
        for _ in range(_ATTEMPTS - 1):
            try:
                return work()
            except VersionExpiredError:
                with self._lock:
                    self._versions.clear()
                    self._store = None
        return work()

    # Encoders.

    @property
    def encoder(self) -> Encoder:
        """The encoder of the wall. Its model loads at the first use."""
        with self._lock:
            if self._encoder is None:
                store = self.try_store()
                wanted = None if store is None else store.metadata.encoder
                self._encoder = encoder_for_wall(self.address, self.wanted_encoder, wanted)
            return self._encoder

    @property
    def queries(self) -> Encoder:
        """The same with a cache, for the texts of queries."""
        with self._lock:
            if self._queries is None:
                self._queries = CachedEncoder(self.encoder)
            return self._queries

    @property
    def image_encoder(self) -> ImageEncoder | None:
        """The encoder of the image space, None where there is none. Loads at the first use."""
        with self._lock:
            if self._image_encoder is None:
                store = self.try_store()
                made_by = None if store is None else store.metadata.image
                wanted = self._wanted_image_encoder
                self._image_encoder = image_encoder_for_wall(self.address, wanted, made_by)
            return self._image_encoder

    def use_image_encoder(self, encoder: ImageEncoder | None) -> None:
        """Set the encoder of the image space; None once that is dropped."""
        self._image_encoder = encoder
        if encoder is None:
            self._wanted_image_encoder = None

    def _image_encoder_of(self, made_by: EncoderIdentity) -> ImageEncoder:
        """The encoder of a version's image space, which the newest version may not have."""
        found = self.image_encoder
        if found is None or not found.identity.same_vectors_as(made_by):
            found = image_encoder_for_wall(self.address, self._wanted_image_encoder, made_by)
        assert found is not None
        return found

    # Expressions.

    def resolve(self, *expressions: str | Expression) -> list[Expression]:
        """Expressions, parsed where they are text, with every `@name` replaced by its meaning.

        Raises:
            ExpressionError: one does not parse.
            InputError: nothing is saved under a name, or the centroid of another encoder.
        """
        values = [parse(each) if isinstance(each, str) else each for each in expressions]
        # Read once for all, and only where there is an `@`.
        terms = TermResolver(self.store)
        return [substitute(value, terms) for value in values]


class Connected(Protocol):
    """What has a connection: the façade and its namespaces."""

    connection: Connection


class Namespace:
    """A part of the façade: `wall.terms`, `wall.map` and so on."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.address = connection.address

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.address!r})"


C = TypeVar("C", bound=Connected)


def retried(method: Callable[Concatenate[C, P], T]) -> Callable[Concatenate[C, P], T]:
    """A method that reads one version, tried again where that is cleaned up meanwhile."""

    @functools.wraps(method)
    def tried(self: C, /, *args: P.args, **kwargs: P.kwargs) -> T:
        return self.connection.retry(lambda: method(self, *args, **kwargs))

    return tried


def full_address(uri: str | os.PathLike[str]) -> str:
    """An object-storage address as it is, a folder's path absolute."""
    text = os.fspath(uri)
    # `~name` of no user is a folder of that name: pathlib's expanduser would raise.
    return text if "://" in text else str(Path(os.path.expanduser(text)).absolute())  # noqa: PTH111
