"""Serve requests from a version that is indexed, while a thread indexes the newest one.

Each commit of an `add` is a version, and indexing its words and vectors takes seconds. No request
waits for that: the older version answers until the newer one is ready.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from cavewall.encoders import EncoderIdentity
from cavewall.errors import CavewallError, InputError, VersionExpiredError
from cavewall.query import text
from cavewall.storage.object_store_errors import is_remote
from cavewall.wall import Wall, open_wall

__all__ = ["LiveVersion", "SearchReady"]

T = TypeVar("T")
Work = Callable[[Wall, int | None], T]

_log = logging.getLogger("cavewall.server")

_EVERY, _EVERY_REMOTE = 0.5, 5.0


@dataclass(frozen=True)
class SearchReady:
    """A version that answers at once, how many pictures it has and whose vectors they are."""

    version: int
    pictures: int
    encoder: EncoderIdentity


class LiveVersion:
    """A wall, the version of it that answers, and the thread that makes the next one ready."""

    def __init__(self, wall: Wall) -> None:
        self.wall = wall
        self.ready: SearchReady | None = None
        self._before: SearchReady | None = None
        self._elsewhere: Wall | None = None
        self._stopping = threading.Event()
        self._every = _EVERY_REMOTE if is_remote(wall.address) else _EVERY

    def start(self) -> None:
        """Make the newest version ready, and every one that follows it."""
        self._stopping.clear()
        threading.Thread(target=self._keep_up, name="cavewall-newest", daemon=True).start()

    def stop(self) -> None:
        """Make no more versions ready, and let go of those that were asked elsewhere."""
        self._stopping.set()
        if self._elsewhere is not None:
            self._elsewhere.close()

    def answer(self, work: Work[T], version: int | None = None) -> T:
        """What the work gives, of the version asked for or of the one that is ready.

        `work` takes a wall and the version to ask of it, and whatever reads the table has to be
        done by the time it returns.

        Raises:
            VersionExpiredError: the version asked for was cleaned up.
        """
        if version is not None:
            return work(self._holding(version), version)
        ready = self.ready
        if ready is None:
            return work(self.wall, None)
        try:
            return work(self.wall, ready.version)
        except VersionExpiredError:
            pass
        except InputError:
            # Where the wall has changed its model, its older version is refused.
            if self.wall.encoder.identity.same_vectors_as(ready.encoder):
                raise
        return work(self.wall, None)

    def _holding(self, version: int) -> Wall:
        """Where the version is at hand; any other is asked elsewhere, so that these stay."""
        at_hand = [each.version for each in (self.ready, self._before) if each is not None]
        if not at_hand or version in at_hand:
            return self.wall
        elsewhere, encoder = self._elsewhere, self.wall.encoder
        if elsewhere is None or elsewhere.encoder is not encoder:
            eye = self.wall.image_encoder
            self._elsewhere = elsewhere = open_wall(self.wall.address, encoder, eye)
        return elsewhere

    def _keep_up(self) -> None:
        told = ""
        while not self._stopping.is_set():
            try:
                self.make_ready()
                told = ""
            except CavewallError as fault:
                if str(fault) != told:
                    told = str(fault)
                    _log.warning("the newest version cannot be made ready: %s", fault)
            except Exception:
                _log.exception("the newest version cannot be made ready")
            self._stopping.wait(self._every)

    def make_ready(self) -> None:
        """Make the newest version ready, unless it is, and let it answer from now on."""
        if self.ready is not None and self.ready.version == self.wall.version:
            return
        made = self.wall.maintenance.index()
        # The encoder answers, and what a first search finds out is known.
        self.wall.search(text("a picture"), 1, version=made.version)
        self._before = self.ready
        self.ready = SearchReady(made.version, made.pictures, self.wall.encoder.identity)
        _log.info("version %d answers, of %d pictures", made.version, made.pictures)
