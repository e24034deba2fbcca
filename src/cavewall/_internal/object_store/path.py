"""Addresses of objects, which readers use as they use paths of files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from cavewall._internal.object_store.client import SCHEMES, Bucket, State
from cavewall.errors import SourceError

__all__ = ["AnyPath", "ObjectPath", "any_path", "is_object_address"]


class ObjectPath:
    """An object, or what objects lie below: `s3://bucket/photos/dog.jpg`.

    It has of pathlib's methods those that readers of sources use. All paths that are made of one
    another share what was listed, so a folder is listed once for all that is asked about it; make
    a new one to look again. `known` is the state that a listing told, where that is not the
    object's alone.
    """

    __slots__ = ("_bucket", "_key", "_known")

    def __init__(
        self, address: str, bucket: Bucket | None = None, known: State | None = None
    ) -> None:
        scheme, _, rest = address.partition("://")
        name, _, key = rest.partition("/")
        if scheme not in SCHEMES or not name:
            raise SourceError(f"{address} names no bucket: write s3://bucket/path")
        self._bucket = bucket or Bucket(scheme, name)
        self._key = key.strip("/")
        self._known = known

    @property
    def bucket(self) -> Bucket:
        """What lists and reads for this path and all that are made of it."""
        return self._bucket

    def __str__(self) -> str:
        bucket = self._bucket
        return f"{bucket.scheme}://{bucket.name}" + (f"/{self._key}" if self._key else "")

    def __repr__(self) -> str:
        return f"ObjectPath({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ObjectPath) and str(self) == str(other)

    def __hash__(self) -> int:
        return hash(str(self))

    def __reduce__(self) -> tuple[Any, ...]:
        return ObjectPath, (str(self), None, self._known)

    @property
    def name(self) -> str:
        return self._key.rpartition("/")[2]

    @property
    def stem(self) -> str:
        return PurePosixPath(self.name).stem

    @property
    def suffix(self) -> str:
        return PurePosixPath(self.name).suffix

    @property
    def parent(self) -> ObjectPath:
        return self._of(self._key.rpartition("/")[0])

    def __truediv__(self, name: str) -> ObjectPath:
        return self._of(f"{self._key}/{name}" if self._key else name)

    def with_name(self, name: str) -> ObjectPath:
        return self.parent / name

    def absolute(self) -> ObjectPath:
        return self

    def resolve(self) -> ObjectPath:
        return self

    def below(self, name: str) -> ObjectPath | None:
        """What that name, or that whole address, means below here; None where it leads out."""
        name = name.removeprefix(f"{self}/")
        if "\0" in name or "://" in name or name[:1] in ("/", "\\"):
            return None
        parts: list[str] = []
        for part in name.split("/"):
            if part == ".." and not parts:
                return None
            if part == "..":
                parts.pop()
            elif part not in ("", "."):
                parts.append(part)
        return self / "/".join(parts) if parts else None

    def state(self) -> State | None:
        """Size and time of the object, None where there is none: its folder is listed for it."""
        return self._known or self._bucket.listed(self.parent._key).objects.get(self.name)

    def exists(self) -> bool:
        return self.is_file() or self.is_dir()

    def is_file(self) -> bool:
        beside = self._bucket.cached_listing(self.parent._key)
        if beside is not None:
            return self.name in beside.objects
        return bool(self._key) and self._bucket.holds(self._key)

    def is_dir(self) -> bool:
        beside = self._bucket.cached_listing(self.parent._key) if self._key else None
        if beside is not None:
            return self.name in beside.folders
        return bool(self._bucket.listed(self._key)) or not self._key

    def listed(self) -> tuple[dict[str, State], list[str], bool]:
        """Objects by name, names of folders, and whether some have an empty name: in order."""
        found = self._bucket.listed(self._key)
        return dict(sorted(found.objects.items())), sorted(found.folders), found.nameless

    def iterdir(self) -> Iterator[ObjectPath]:
        objects, folders, _ = self.listed()
        yield from (self / name for name in (*objects, *folders))

    def glob(self, pattern: str) -> Iterator[ObjectPath]:
        """What the last part of the pattern fits; the parts before it stand for themselves."""
        above, _, last = pattern.rpartition("/")
        folder = self / above if above else self
        return (path for path in folder.iterdir() if fnmatchcase(path.name, last))

    def opened(self) -> AbstractContextManager[BinaryIO]:
        """The object, open for reading. Raises OSError where it cannot be."""
        return self._bucket.opened(self._key)

    def read(self, most: int) -> bytes:
        """Its bytes. Raises OSError where it cannot be read, or holds more than `most`."""
        return self._bucket.read(self._key, most)

    def _of(self, key: str) -> ObjectPath:
        bucket = self._bucket
        return ObjectPath(f"{bucket.scheme}://{bucket.name}/{key}", bucket)


AnyPath = Path | ObjectPath


def is_object_address(name: str) -> bool:
    """Whether a name is that of an object, or of what lies below it."""
    return name.startswith(tuple(f"{scheme}://" for scheme in SCHEMES))


def any_path(name: str | os.PathLike[str] | ObjectPath) -> AnyPath:
    """The path of a file or object of that name."""
    if isinstance(name, ObjectPath):
        return name
    text = os.fspath(name)
    return ObjectPath(text) if is_object_address(text) else Path(name)
