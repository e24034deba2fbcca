"""What is there to do? Names, sizes and times tell; no picture is read for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from cavewall.ingest.jobs import Job, Tally
from cavewall.ingest.plan import Options
from cavewall.pictures import Notice, Picture, Reject
from cavewall.store import Known

__all__ = ["LONGEST_ENCODED", "Triage"]

LONGEST_ENCODED = 10_000
# A file changed within this time of being added may change again without a newer time stamp.
_CLOCK_GRAIN_NS = 2_000_000_000


class Triage:
    """Tells what a source brings that the wall does not have."""

    def __init__(
        self, source: str, known: dict[str, Known], options: Options, tally: Tally
    ) -> None:
        self.source = source
        self.known = known
        self.options = options
        self.tally = tally

    def look_over(self, pictures: Iterable[Picture | Reject]) -> Iterator[Job]:
        """The pictures that have to be read, encoded or written; the others go to the tally."""
        seen: set[str] = set()
        for found in pictures:
            if isinstance(found, Reject):
                self.tally.skip(found.image_id, found.reason)
                continue
            if found.image_id in seen:
                self.tally.skip(found.image_id, "duplicate: this id occurs twice in the source")
                continue
            seen.add(found.image_id)
            picture = self._with_captions(found)
            if picture is not None:
                job = self._job(picture)
                if job is not None:
                    yield job

    def _with_captions(self, picture: Picture) -> Picture | None:
        captions = tuple(caption.strip() for caption in picture.captions if caption.strip())
        if not picture.image_id.strip():
            self.tally.skip(picture.image_id, "missing: a picture needs an image_id")
            return None
        if not captions:
            self.tally.skip(picture.image_id, "no-caption: every caption is empty")
            return None
        if not _is_unicode(picture.image_id, *captions):
            reason = "unreadable: the id or a caption is not valid Unicode text"
            self.tally.skip(picture.image_id, reason)
            return None
        empty = len(picture.captions) - len(captions)
        if empty:
            self._notice(picture, f"{empty} of {len(picture.captions)} captions empty, left out")
        longest = max(map(len, captions))
        if longest > LONGEST_ENCODED:
            self._notice(
                picture,
                f"a caption of {longest:,} characters: kept whole, but search knows only its "
                "beginning",
            )
        return replace(picture, captions=captions, source=self.source)

    def _notice(self, picture: Picture, notice: str) -> None:
        self.tally.notices.append(Notice(picture.image_id, notice))

    def _job(self, picture: Picture) -> Job | None:
        known = self.known.get(picture.image_id)
        job = Job(picture, known)
        if picture.image is None and picture.path is not None:
            try:
                status = picture.path.stat()
                job.size, job.modified_ns = status.st_size, status.st_mtime_ns
            except (OSError, ValueError):
                pass
        if known is None and not job.has_file and self.options.missing == "skip":
            where = picture.path or "no file and no bytes given"
            self.tally.skip(picture.image_id, f"missing: {where}")
            return None
        if known is not None and self._is_unchanged(job, known):
            self.tally.unchanged += 1
            return None
        return job

    def _is_unchanged(self, job: Job, known: Known) -> bool:
        if known.source != self.source or not job.says_the_same:
            return False
        if not job.has_file:
            return True
        if job.picture.image is not None or not self.stored_alike(job, known):
            return False
        settled = known.added_at.timestamp() * 1e9 - _CLOCK_GRAIN_NS > (job.modified_ns or 0)
        same = (known.file_size, known.file_modified_ns) == (job.size, job.modified_ns)
        return same and settled

    def stored_alike(self, job: Job, known: Known) -> bool:
        """Whether the wall has the bytes, or leaves them in place, as this run would."""
        return known.has_image is not self.is_linked(job)

    def is_linked(self, job: Job) -> bool:
        """Bytes that came without a file have nowhere else to be left."""
        return self.options.link and job.picture.image is None


def _is_unicode(*texts: str) -> bool:
    try:
        "".join(texts).encode()
    except UnicodeEncodeError:
        return False
    return True
