"""Writing windows to the wall, each picture once, while other processes may write too.

`Writer` knows the rows as read at one version. As long as it alone commits, these stay true and are
not read again. Once the version has moved on, the ids of each window are looked up again, and a
commit that conflicts after that look is retried with another look.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from cavewall.encoders import EncoderIdentity
from cavewall.errors import EncoderMismatchError, InputError, StorageError
from cavewall.ingest.diff import ChangeDetector
from cavewall.storage import (
    ExistingRow,
    ExistingRows,
    NewPicture,
    RowRename,
    StagedFragment,
    StagedFragments,
    Store,
)
from cavewall.storage.crash_recovery import BackgroundFsync
from cavewall.storage.existing_rows import captions_digest
from cavewall.storage.locks import CommitConflictError, raise_on_disk_full, retry_commits

__all__ = ["Window", "Writer"]

# More ids than this are looked up by reading what is known of all.
_MANY = 10_000
_REMOVED = "missing: someone removed it from the wall meanwhile, add it again"


@dataclass(frozen=True)
class Window:
    """What is written at one time.

    `whole` rows are inserted or replaced; of `captions_only` the wall keeps the bytes; `moves` come
    before both.
    """

    whole: list[NewPicture]
    captions_only: list[NewPicture]
    moves: list[RowRename]


class Writer:
    """Writes windows, and counts what became of their pictures.

    `opened` gives the store, and is asked only once there is something to write; `version` is the
    one that the triage's known pictures were read at, and `made` who made its vectors then; 0 and
    None where there was no wall.
    """

    def __init__(
        self,
        address: str,
        opened: Callable[[], Store],
        triage: ChangeDetector,
        version: int,
        made: EncoderIdentity | None,
        flushing: BackgroundFsync,
    ) -> None:
        self.address = address
        self.opened = opened
        self.triage = triage
        self.tally = triage.tally
        self.flushing = flushing
        self._version = version
        self._made = made
        self._alone = True

    def write(self, window: Window) -> None:
        """Commit a window: each of its pictures is there, whole, or none of it is.

        Raises:
            DiskSpaceError: the disk is full.
            InputError: the whole wall was replaced since this `add` started.
            StorageError: every attempt conflicted with other writers.
        """
        with raise_on_disk_full(self.address):
            store = self.opened()
            moved: set[str] = set()
            for _ in retry_commits():
                left = self._commit(window, store, moved)
                if left is None:
                    break
                window = left
            else:
                raise self._too_many_conflicts()
            self.flushing.start(store)

    def resume(self, pieces: Sequence[StagedFragment]) -> set[str]:
        """Commit all fragments that workers have written, in one version.

        Returns the ids that another process has added meanwhile: then nothing was committed.

        Raises:
            InputError: the whole wall was replaced since this `add` started.
            StorageError: every attempt conflicted with other writers.
        """
        with raise_on_disk_full(self.address):
            store = self.opened()
            image_ids = [image_id for piece in pieces for image_id in piece.image_ids]
            for _ in retry_commits():
                with store.write_lock():
                    known = self._known(image_ids, store)
                    taken = {image_id for image_id in image_ids if image_id in known}
                    if taken:
                        return taken
                    try:
                        StagedFragments(store).append(pieces)
                    except CommitConflictError:
                        continue
                self._version = store.version
                self.tally.added += len(image_ids)
                return set()
        raise self._too_many_conflicts()

    def replace(self, pieces: Sequence[StagedFragment]) -> None:
        """Replace everything by what workers have written, in one version."""
        if not any(piece.image_ids for piece in pieces):
            raise self._nothing_to_store()
        with raise_on_disk_full(self.address):
            StagedFragments(self.opened(), anew=True).replace(pieces)
        self.tally.added += sum(len(piece.image_ids) for piece in pieces)

    def _commit(self, window: Window, store: Store, moved: set[str]) -> Window | None:
        """Commit what the wall does not have yet; returns the rest if that conflicted.

        The rest has to be compared with the wall again before the next attempt.
        `moved` gathers the ids of
        pictures that have moved.
        """
        with store.write_lock() as alone:
            known = self._known(_ids_of(window), store)
            moves = [move for move in window.moves if self._can_move(move, known)]
            moved |= {move.image_id for move in moves}
            captions_only = [
                row
                for row in self._still_new(window.captions_only, known)
                if row.picture.image_id in moved or self._is_there(row, known)
            ]
            whole = self._still_new(window.whole, known)
            # Versions that others make between ours are told from them by their number.
            self._version = store.version
            if moves:
                store.move(moves)
                self.tally.moved += len(moves)
                self._version += 1
            try:
                if whole:
                    self._insert(whole, known, moved, store, alone)
                    self._count(whole, known, moved)
                    whole = []
                if captions_only:
                    store.update_captions(captions_only, if_unchanged=not alone)
                    self._version += 1
            except CommitConflictError:
                return Window(whole, captions_only, [])
        self._count(captions_only, known, moved)
        return None

    def _insert(
        self,
        rows: list[NewPicture],
        known: ExistingRows,
        moved: set[str],
        store: Store,
        alone: bool,
    ) -> None:
        ids = [row.picture.image_id for row in rows]
        if alone and not any(image_id in known or image_id in moved for image_id in ids):
            store.append(rows)
        else:
            store.upsert(rows, if_unchanged=not alone)
        self._version += 1

    def _count(self, rows: list[NewPicture], known: ExistingRows, moved: set[str]) -> None:
        for row in rows:
            if row.picture.image_id in moved:
                continue
            if row.picture.image_id in known:
                self.tally.updated += 1
            else:
                self.tally.added += 1

    def overwrite(self, windows: Iterator[Window]) -> None:
        """Replace everything by these windows, in one version."""
        window = next(windows, None)
        if window is None:
            raise self._nothing_to_store()

        def counted() -> Iterator[list[NewPicture]]:
            nonlocal window
            while window is not None:
                self.tally.added += len(window.whole)
                yield window.whole
                self.flushing.start(store)
                # Drop the reference, so that its memory is free while the next is prepared.
                window = None
                window = next(windows, None)

        with raise_on_disk_full(self.address):
            store = self.opened()
            store.overwrite(counted())

    def _nothing_to_store(self) -> InputError:
        skipped = self.tally.skipped
        return InputError(
            "nothing of this source can be stored, so the wall is left as it was: "
            + (skipped[0].reason if skipped else "the source is empty")
        )

    def _too_many_conflicts(self) -> StorageError:
        return StorageError(
            f"others write the same pictures to {self.address} all the time: what was written is "
            "kept. Run the same command again when they are done"
        )

    def _known(self, image_ids: list[str], store: Store) -> ExistingRows:
        """What the wall has of those pictures, looked up again where others wrote since."""
        if self._made is None:
            self._made = store.metadata.encoder
        # A wall that was not there begins with an empty version.
        foreign = store.refresh() != (self._version or 1)
        if not store.metadata.encoder.same_vectors_as(self._made):
            raise EncoderMismatchError(
                f"the wall {self.address} has changed to {store.metadata.encoder} meanwhile: run "
                "the same command again, what was written is kept"
            )
        if foreign and self._version and not store.is_continued_from(self._version):
            raise InputError(
                f"the wall {self.address} was replaced while this add ran: what others wrote is "
                "there. Run the same command again to add the rest"
            )
        # Once others have written, their rows may include pictures of any later window.
        self._alone = self._alone and not foreign
        if self._alone:
            return self.triage.known
        return store.existing_rows(image_ids if len(image_ids) <= _MANY else None)

    def _can_move(self, move: RowRename, known: ExistingRows) -> bool:
        if move.before in known and (move.before == move.image_id or move.image_id not in known):
            return True
        if move.image_id in known:
            self.tally.unchanged += 1
        else:
            self.tally.skip(move.image_id, _REMOVED, str(move.path or self.triage.source))
        return False

    def _is_there(self, row: NewPicture, known: ExistingRows) -> bool:
        """Whether the wall still has the picture whose captions alone are written."""
        if row.picture.image_id in known:
            return True
        self.triage.skip(row.picture, _REMOVED)
        return False

    def _still_new(self, rows: list[NewPicture], known: ExistingRows) -> list[NewPicture]:
        if known is self.triage.known:
            return rows
        return [row for row in rows if self._is_new(row, known.get(row.picture.image_id))]

    def _is_new(self, row: NewPicture, known: ExistingRow | None) -> bool:
        """Whether someone else has not brought the picture, or another of its id, meanwhile."""
        if known is None:
            return True
        picture = row.picture
        has_bytes = picture.sha256 is not None
        same_bytes = not has_bytes or picture.sha256 == known.sha256
        if known.source != picture.source and known.sha256 is not None and not same_bytes:
            reason = f"duplicate: another picture of this id came from {known.source}"
            self.triage.skip(picture, reason)
            return False
        same = same_bytes and known.source == picture.source
        same = same and (known.is_seen or row.image_vector is None)
        if has_bytes:
            # Stored, or left in place, as this run would.
            same = same and known.has_image is (picture.image is not None)
        if same and known.captions == captions_digest(picture.captions):
            self.tally.unchanged += 1
            return False
        return True


def _ids_of(window: Window) -> list[str]:
    """All ids in the window."""
    rows = (row.picture.image_id for row in chain(window.whole, window.captions_only))
    return [*rows, *(name for move in window.moves for name in (move.before, move.image_id))]
