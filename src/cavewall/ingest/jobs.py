"""What is known of each picture while it is brought in, and the tally of the whole."""

from __future__ import annotations

from dataclasses import dataclass, field

from cavewall.pictures import Notice, Picture, Reject
from cavewall.store import Known
from cavewall.store.rows import captions_digest

__all__ = ["Job", "Tally"]


@dataclass
class Job:
    """A picture that has to be read, encoded or written."""

    picture: Picture
    known: Known | None
    size: int | None = None
    modified_ns: int | None = None

    @property
    def says_the_same(self) -> bool:
        """Whether the wall has the picture with these very captions."""
        return self.known is not None and self.known.captions == captions_digest(
            self.picture.captions
        )

    @property
    def has_file(self) -> bool:
        return self.size is not None or self.picture.image is not None

    @property
    def bytes(self) -> int:
        return self.size or len(self.picture.image or b"")


@dataclass
class Tally:
    """What became of the pictures so far. Belongs to one thread."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: list[Reject] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    loading: float = 0.0
    _rejected: set[str] = field(default_factory=set)

    def skip(self, image_id: str, reason: str) -> None:
        """List the picture, once: what else is wrong with it comes after the first fault."""
        if image_id not in self._rejected:
            self.skipped.append(Reject(image_id, reason))
        if image_id:
            self._rejected.add(image_id)
