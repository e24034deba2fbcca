"""Pictures below an address in object storage, captions in text files beside them or inside them.

Looking at each of them would be a request a picture on every run. So they are listed, and what is
said of them is read together with their bytes, only where the listing tells that these are new.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import NamedTuple

from cavewall.errors import SourceError
from cavewall.images import is_picture_name
from cavewall.objects import ObjectPath, State
from cavewall.pictures import Picture, Reject
from cavewall.sources.folder import described
from cavewall.sources.sidecar import Sidecars
from cavewall.sources.source import ImageFolder, Source

__all__ = ["read_bucket_folder"]


def read_bucket_folder(folder: ObjectPath, captionless: bool = False) -> Source:
    """Every picture below the address, as `read_folder` has those of a folder.

    Raises:
        SourceError: there is no picture below it.
        StorageError: it cannot be listed.
    """
    found = _BucketFolder(folder, captionless)
    pictures = found.pictures()
    first = next(pictures, None)
    if first is None:
        raise SourceError(
            f"there is no captions.txt or captions.csv in {folder}, and no pictures below it: "
            "a captions file begins with the line image,caption"
        )
    return Source(str(folder), chain([first], pictures), in_files=True, look=found.look)


class _Beside(NamedTuple):
    name: str
    path: ObjectPath

    def is_symlink(self) -> bool:
        return False


class _BucketFolder:
    def __init__(self, folder: ObjectPath, captionless: bool) -> None:
        self.folder = folder
        self.captionless = captionless
        self._sidecars: dict[str, Sidecars] = {}

    def pictures(self) -> Iterator[Picture | Reject]:
        """What is listed, nothing said of it yet."""
        waiting = [""]
        while waiting:
            below = waiting.pop()
            folder = self.folder / below.rstrip("/") if below else self.folder
            objects, folders, nameless = folder.listed()
            if nameless:
                reason = "unreadable: names with two slashes in a row cannot be read: rename them"
                yield Reject(f"{below}/", reason, f"{folder}//")
            shown = {name: state for name, state in objects.items() if not name.startswith(".")}
            self._sidecars[below] = Sidecars(
                ImageFolder(self.folder), below, [_Beside(name, folder / name) for name in shown]
            )
            for name, state in shown.items():
                if is_picture_name(name):
                    beside = self._sidecars[below].names(name)
                    path = (folder / name).with_state(_state(state, (shown[it] for it in beside)))
                    yield Picture(below + name, (), path)
            deeper = (f"{below}{name}/" for name in folders if not name.startswith("."))
            waiting += reversed(list(deeper))

    def look(self, picture: Picture, data: bytes) -> Picture | Reject:
        """The picture with what is said of it. Called from several threads."""
        assert picture.path is not None
        image_id = picture.image_id
        sidecars = self._sidecars[image_id[: image_id.rfind("/") + 1]]
        found = described(image_id, picture.path, io.BytesIO(data), sidecars, self.captionless)
        return found if isinstance(found, Picture) else Reject(image_id, found, str(picture.path))


def _state(picture: State, beside: Iterable[State]) -> State:
    """The state of a picture and of the files beside it, which changes with any of them.

    Times are of the second or coarser: nanoseconds count the files, so that one that goes is seen.
    """
    times = [state.modified_ns for state in beside]
    return State(picture.size, max([picture.modified_ns, *times]) + len(times))
