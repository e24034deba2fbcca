"""The state of each picture during an `add`, and the counts of the whole."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from cavewall.errors import InputError
from cavewall.models import AddReport, Notice, Picture, Reject
from cavewall.storage import ExistingRow
from cavewall.storage.existing_rows import captions_digest

__all__ = ["IngestStats", "PendingPicture"]


@dataclass(slots=True)
class PendingPicture:
    """A picture that has to be read, encoded or written.

    `moved_from` is the id under which the wall has it, where all that changes is its id or file;
    `elsewhere` tells that the wall knows it from another file; `prepared` is what an image encoder
    is to see of it.
    """

    picture: Picture
    known: ExistingRow | None
    size: int | None = None
    modified_ns: int | None = None
    moved_from: str | None = None
    elsewhere: bool = False
    prepared: NDArray[np.uint8] | None = None

    @property
    def same_captions(self) -> bool:
        """Whether the wall has the picture with these very captions."""
        return self.known is not None and self.known.captions == captions_digest(
            self.picture.captions
        )

    @property
    def same_image(self) -> bool:
        """Whether the wall has an image vector of these very bytes."""
        known, sha256 = self.known, self.picture.sha256
        return known is not None and known.is_seen and sha256 in (None, known.sha256)

    @property
    def has_file(self) -> bool:
        return self.size is not None or self.picture.image is not None

    @property
    def bytes(self) -> int:
        return self.size or len(self.picture.image or b"")


@dataclass
class IngestStats:
    """Counts and lists what happened to the pictures so far. Not thread-safe."""

    strict: bool = False
    added: int = 0
    updated: int = 0
    unchanged: int = 0
    moved: int = 0
    vanished: int = 0
    removed: int = 0
    skipped: list[Reject] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    loading: float = 0.0
    _rejected: set[str] = field(default_factory=set)

    def skip(self, image_id: str, reason: str, place: str) -> None:
        """List the picture, once: what else is wrong with it comes after the first fault.

        Raises:
            InputError: the tally is a strict one.
        """
        if self.strict:
            raise InputError(
                f"stopped at {image_id or place}: {reason} (in {place}; strict). Without --strict "
                "it is listed and left out"
            )
        if image_id not in self._rejected:
            self.skipped.append(Reject(image_id, reason, place))
        if image_id:
            self._rejected.add(image_id)

    def report(self, seconds: float) -> AddReport:
        """The tally as it stands; loading the model is no part of the seconds."""
        return AddReport(
            self.added,
            self.updated,
            self.unchanged,
            tuple(self.skipped),
            seconds - self.loading,
            tuple(self.notices),
            self.moved,
            self.vanished,
            self.removed,
        )
