"""Pictures under an address in object storage, captions in text files next to or inside them.

Reading each of them would cost a request a picture on every run. So they are listed, and their
captions are read together with their bytes, only if the listing shows that these are new.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import chain
from typing import Any, NamedTuple

from cavewall._internal.images import is_picture_name
from cavewall._internal.object_store import Bucket, ObjectPath, State
from cavewall.errors import SourceError
from cavewall.ingest.sources.folder import described
from cavewall.ingest.sources.sidecar import Sidecars
from cavewall.ingest.sources.source import ImageFolder, Source
from cavewall.models import Picture, Reject

__all__ = ["read_bucket_folder"]


def read_bucket_folder(folder: ObjectPath, captionless: bool = False) -> Source:
    """Every picture below the address, as `read_folder` has those of a folder.

    Raises:
        SourceError: there is no picture below it.
        StorageError: it cannot be listed.
    """
    pictures = _pictures(folder)
    first = next(pictures, None)
    if first is None:
        raise SourceError(
            f"there is no captions.txt or captions.csv in {folder}, and no pictures below it: "
            "a captions file begins with the line image,caption"
        )
    return Source(
        str(folder), chain([first], pictures), in_files=True, look=partial(_look, captionless)
    )


class _SidecarEntry(NamedTuple):
    name: str
    path: ObjectPath

    def is_symlink(self) -> bool:
        return False


class _Listed(ObjectPath):
    """A listed picture with the names of its sidecars, which is all that a remote worker needs.

    Its state covers the sidecars, too.
    """

    __slots__ = ("sidecars",)

    def __init__(
        self, address: str, bucket: Bucket | None, known: State, sidecars: tuple[str, ...]
    ) -> None:
        super().__init__(address, bucket, known)
        self.sidecars = sidecars

    def __reduce__(self) -> tuple[Any, ...]:
        return _Listed, (str(self), None, self.state(), self.sidecars)


def _pictures(root: ObjectPath) -> Iterator[Picture | Reject]:
    """The listed pictures, without captions."""
    waiting = [""]
    while waiting:
        below = waiting.pop()
        folder = root / below.rstrip("/") if below else root
        objects, folders, nameless = folder.listed()
        if nameless:
            reason = "unreadable: names with two slashes in a row cannot be read: rename them"
            yield Reject(f"{below}/", reason, f"{folder}//")
        shown = {name: state for name, state in objects.items() if not name.startswith(".")}
        sidecars = _sidecars(folder, shown)
        for name, state in shown.items():
            if is_picture_name(name):
                names = tuple(sidecars.names(name))
                whole = _state(state, [shown[each] for each in names])
                path = _Listed(f"{folder}/{name}", folder.bucket, whole, names)
                yield Picture(below + name, (), path)
        deeper = (f"{below}{name}/" for name in folders if not name.startswith("."))
        waiting += reversed(list(deeper))


def _look(captionless: bool, picture: Picture, data: bytes) -> Picture | Reject:
    """The picture with its captions and metadata. Called from several threads."""
    path = picture.path
    assert isinstance(path, _Listed)
    sidecars = _sidecars(path.parent, path.sidecars)
    found = described(picture.image_id, path, io.BytesIO(data), sidecars, captionless)
    return found if isinstance(found, Picture) else Reject(picture.image_id, found, str(path))


def _sidecars(folder: ObjectPath, names: Iterable[str]) -> Sidecars:
    return Sidecars(ImageFolder(folder), "", [_SidecarEntry(name, folder / name) for name in names])


def _state(picture: State, beside: Iterable[State]) -> State:
    """The state of a picture and of the files beside it, which changes with any of them.

    Times are of the second or coarser: nanoseconds count the files, so that one that goes is seen.
    """
    times = [state.modified_ns for state in beside]
    return State(picture.size, max([picture.modified_ns, *times]) + len(times))
