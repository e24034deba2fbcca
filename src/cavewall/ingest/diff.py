"""Finds what is new or changed in a source, by names, sizes and times: no picture is read."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from cavewall._internal.object_store import AnyPath, ObjectPath
from cavewall.encoders import LONGEST_ENCODED
from cavewall.ingest.options import Options
from cavewall.ingest.pending import IngestStats, PendingPicture
from cavewall.models import Notice, Picture, Reject
from cavewall.storage import ExistingRow, ExistingRows
from cavewall.storage.existing_rows import captions_digest
from cavewall.storage.rows import utf8

__all__ = ["ChangeDetector", "stripped"]

# A file changed within this time of being added may change again without a newer time stamp.
_CLOCK_GRAIN_NS = 2_000_000_000


class ChangeDetector:
    """Tells what a source brings that the wall does not have.

    Where the wall `sees`, pictures need no captions, and each is to get an image vector. With a
    `look`, what is said of pictures is known once they are read: see `Source`.
    """

    def __init__(
        self,
        source: str,
        known: ExistingRows,
        options: Options,
        tally: IngestStats,
        *,
        sees: bool = False,
        look: Callable[[Picture, bytes], Picture | Reject] | None = None,
    ) -> None:
        self.source = source
        self.sees = sees
        self.look = look
        self.listed: set[str] = set()
        self._folders: dict[str, str] = {}
        self.known = known
        self.options = options
        self.tally = tally

    def classify(self, pictures: Iterable[Picture | Reject]) -> Iterator[PendingPicture]:
        """The pictures that have to be read, encoded or written; the others go to the tally.

        The ids of all that the source has gather in `listed`.
        """
        rejected: set[str] = set()
        for found in pictures:
            if isinstance(found, Reject):
                self.tally.skip(found.image_id, found.reason, found.place or self.source)
                rejected.add(found.image_id)
                continue
            if found.image_id in self.listed:
                self.skip(found, "duplicate: this id occurs twice in the source")
                continue
            self.listed.add(found.image_id)
            captions = self._captions(found)
            job = None if captions is None else self._job(found, captions)
            if job is not None:
                yield job
        self.listed |= rejected

    def skip(self, picture: Picture, reason: str) -> None:
        self.tally.skip(picture.image_id, reason, self.place(picture))

    def place(self, picture: Picture) -> str:
        """Where to look for the picture: its file, else what the source is called."""
        return self.source if picture.path is None else str(picture.path.absolute())

    def _captions(self, picture: Picture) -> tuple[str, ...] | None:
        """The captions that count; None where the picture is rejected."""
        captions = stripped(picture.captions)
        if not picture.image_id.strip():
            self.skip(picture, "missing: a picture needs an image_id")
            return None
        if not captions and not self.sees and self.look is None:
            self.skip(picture, "no-caption: every caption is empty")
            return None
        if not _is_unicode(picture.image_id, *captions):
            reason = "unreadable: the id or a caption is not valid Unicode text"
            self.skip(picture, reason)
            return None
        empty = len(picture.captions) - len(captions)
        if empty:
            self._notice(picture, f"{empty} of {len(picture.captions)} captions empty, left out")
        self.note_long(picture, captions)
        return captions

    def note_long(self, picture: Picture, captions: Sequence[str]) -> None:
        """Tell of captions that are longer than an encoder reads."""
        longest = max(map(len, captions), default=0)
        if longest > LONGEST_ENCODED:
            self._notice(
                picture,
                f"a caption of {longest:,} characters: kept whole, but search knows only its "
                "beginning",
            )

    def _notice(self, picture: Picture, notice: str) -> None:
        self.tally.notices.append(Notice(picture.image_id, notice))

    def _job(self, picture: Picture, captions: tuple[str, ...]) -> PendingPicture | None:
        known = self.known.get(picture.image_id)
        job = PendingPicture(picture, known)
        if picture.image is None and picture.path is not None:
            job.size, job.modified_ns = _state(picture.path) or (None, None)
        # A caption is enough to be found by: without one there has to be something to see.
        keep = self.options.missing == "keep" and captions
        if known is None and not job.has_file and not keep:
            where = picture.path or "no file and no bytes given"
            self.skip(picture, f"missing: {where}")
            return None
        if known is not None and self._is_unchanged(job, known, captions):
            self.tally.unchanged += 1
            return None
        return job

    def completed(self, job: PendingPicture) -> PendingPicture:
        """The job with captions and source as they are stored.

        Done when its turn comes: until then it holds no more than the source itself does.
        """
        captions = stripped(job.picture.captions)
        job.picture = replace(job.picture, captions=captions, source=self.source)
        return job

    def _is_unchanged(
        self, job: PendingPicture, known: ExistingRow, captions: tuple[str, ...]
    ) -> bool:
        if known.source != self.source:
            return False
        # What is said beside a picture that is not looked at is part of its state.
        if self.look is None and known.captions != captions_digest(captions):
            return False
        if not job.has_file:
            return True
        if self.sees and not known.is_seen:
            return False
        job.elsewhere = self._is_elsewhere(job, known)
        if job.elsewhere or job.picture.image is not None or not self.stored_alike(job, known):
            return False
        settled = known.added_us * 1000 - _CLOCK_GRAIN_NS > (job.modified_ns or 0)
        same = (known.file_size, known.file_modified_ns) == (job.size, job.modified_ns)
        return same and settled

    def _is_elsewhere(self, job: PendingPicture, known: ExistingRow) -> bool:
        """Whether the wall knows the picture from another file than the source names now."""
        if job.size is None or known.path is None:
            return False
        if isinstance(job.picture.path, ObjectPath):
            return known.path != str(job.picture.path)
        folder, name = os.path.split(job.picture.path or "")
        if folder not in self._folders:
            self._folders[folder] = os.path.realpath(folder)
        if known.path == f"{self._folders[folder]}{os.sep}{name}":
            return False
        # It may be a link, whose end is what the wall knows.
        return known.path != utf8(os.path.realpath(job.picture.path or ""))

    def stored_alike(self, job: PendingPicture, known: ExistingRow) -> bool:
        """Whether the wall has the bytes, or leaves them in place, as this run would."""
        return known.has_image is not self.is_linked(job)

    def is_linked(self, job: PendingPicture) -> bool:
        """Bytes that came without a file have nowhere else to be left."""
        return self.options.link and job.size is not None


def _state(path: AnyPath) -> tuple[int, int] | None:
    """Size in bytes and time in nanoseconds of a file or object; None where there is none."""
    if isinstance(path, ObjectPath):
        return path.state()
    try:
        status = os.stat(path)  # noqa: PTH116 -- hot path
    except (OSError, ValueError):
        return None
    return status.st_size, status.st_mtime_ns


def stripped(captions: Iterable[str]) -> tuple[str, ...]:
    return tuple(text for caption in captions if (text := caption.strip()))


def _is_unicode(*texts: str) -> bool:
    try:
        "".join(texts).encode()
    except UnicodeEncodeError:
        return False
    return True
