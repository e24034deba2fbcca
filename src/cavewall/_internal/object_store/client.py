"""One bucket, through Arrow's file systems: what is listed there, and the bytes of an object.

Arrow finds credentials and region where AWS's own tools do, asks again four times, and knows
Google's and Azure's storage too. See docs/decisions/0025-pictures-in-buckets.md.
"""

from __future__ import annotations

import errno
import io
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from cavewall._internal.object_store.error_messages import explain_storage_error
from cavewall.errors import StorageError

__all__ = ["SCHEMES", "Bucket", "Listing", "State"]

SCHEMES = ("s3", "gs", "az")

_ATTEMPTS = 4
# Of Google's storage, which is asked again for a quarter of an hour otherwise.
_PATIENCE = timedelta(seconds=20)
# Each block of a long file is a request.
_BLOCK = 4 * 1024 * 1024


class State(NamedTuple):
    """What tells an object from the one that stood there before: bytes, and nanoseconds of 1970."""

    size: int
    modified_ns: int


@dataclass(frozen=True)
class Listing:
    """What lies directly below an address: objects by name, and names that others lie below.

    `nameless` tells that some lie below an empty name, `a//b`, where Arrow cannot read them.
    """

    objects: dict[str, State] = field(default_factory=dict)
    folders: frozenset[str] = frozenset()
    nameless: bool = False

    def __bool__(self) -> bool:
        return bool(self.objects or self.folders or self.nameless)


class Bucket:
    """The objects of one bucket, by their keys. What was listed is remembered by this value.

    Whole listings fail with a StorageError, single objects with an OSError: both say in one
    sentence what is wrong.
    """

    def __init__(self, scheme: str, name: str) -> None:
        self.scheme = scheme
        self.name = name
        self._listed: dict[str, Listing] = {}

    def cached_listing(self, folder: str) -> Listing | None:
        """What was listed below a key before."""
        return self._listed.get(folder)

    def listed(self, folder: str) -> Listing:
        """What lies below the key, a thousand to a request; nothing where nothing does.

        Raises:
            StorageError: it cannot be listed.
        """
        if folder not in self._listed:
            self._listed[folder] = self._list(folder)
        return self._listed[folder]

    def holds(self, key: str) -> bool:
        """Whether there is an object of that key. Raises StorageError where nobody can tell."""
        from pyarrow import fs

        with self._telling_all(key):
            found = self._system().get_file_info(self._path(key))
        return bool(found.type == fs.FileType.File)

    @contextmanager
    def opened(self, key: str) -> Iterator[BinaryIO]:
        """The object, to be read from any place in it. Raises OSError where it cannot be."""
        with self._telling(key):
            file = self._system().open_input_file(self._path(key))
        with file, io.BufferedReader(_Raw(file, lambda: self._telling(key)), _BLOCK) as reader:
            yield reader

    def read(self, key: str, most: int) -> bytes:
        """The bytes of an object that holds no more than `most`, by one request beside its head.

        Raises:
            OSError: it cannot be read, or holds more.
        """
        # Of a stream, Arrow asks for each quarter of a megabyte by itself.
        with self._telling(key), self._system().open_input_file(self._path(key)) as file:
            size = int(file.size())
            if size > most:
                raise OSError(errno.EFBIG, f"{size:,} bytes are more than the {most:,} allowed")
            data = bytes(file.read(size))
            if len(data) != size:
                raise OSError(errno.EIO, f"{len(data):,} of its {size:,} bytes were sent")
            return data

    def _list(self, folder: str) -> Listing:
        from pyarrow import fs

        above = self._path(folder)
        with self._telling_all(folder):
            try:
                found = self._system().get_file_info(fs.FileSelector(above))
            except FileNotFoundError:
                return Listing()
        objects: dict[str, State] = {}
        folders = set()
        for info in found:
            if info.type == fs.FileType.Directory:
                folders.add(info.path.removeprefix(above).strip("/"))
            elif info.base_name:
                objects[info.base_name] = State(info.size, info.mtime_ns or 0)
        return Listing(objects, frozenset(folders - {""}), nameless="" in folders)

    def _system(self) -> Any:
        return _file_system(self.scheme, _endpoint() if self.scheme == "s3" else None)

    def _path(self, key: str) -> str:
        return f"{self.name}/{key}" if key else self.name

    def _said(self, key: str, fault: Exception) -> str:
        address = f"{self.scheme}://{self._path(key)}"
        told = explain_storage_error(address, str(fault), "list and read")
        return told or f"{address} cannot be read: {str(fault).splitlines()[0][:300]}"

    @contextmanager
    def _telling_all(self, key: str) -> Iterator[None]:
        try:
            yield
        except (OSError, ValueError) as fault:
            raise StorageError(self._said(key, fault)) from fault

    @contextmanager
    def _telling(self, key: str) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError as fault:
            raise FileNotFoundError(errno.ENOENT, "there is no such object") from fault
        except (OSError, ValueError) as fault:
            if isinstance(fault, OSError) and fault.errno is not None:
                raise  # ours, and in words
            raise OSError(errno.EIO, self._said(key, fault)) from fault


class _Raw(io.RawIOBase):
    """A file of Arrow's whose faults are told: those of whoever reads it stay as they are."""

    def __init__(self, file: Any, telling: Callable[[], AbstractContextManager[None]]) -> None:
        self._file = file
        self._telling = telling

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return int(self._file.seek(offset, whence))

    def tell(self) -> int:
        return int(self._file.tell())

    def readinto(self, buffer: Any) -> int:
        with self._telling():
            data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


@lru_cache(maxsize=8)
def _file_system(scheme: str, endpoint: str | None) -> Any:
    from pyarrow import fs

    if scheme == "gs":
        return fs.GcsFileSystem(retry_time_limit=_PATIENCE)
    if scheme == "az":
        return fs.AzureFileSystem(os.environ.get("AZURE_STORAGE_ACCOUNT_NAME", ""))
    retries = fs.AwsStandardS3RetryStrategy(max_attempts=_ATTEMPTS)
    return fs.S3FileSystem(endpoint_override=endpoint, retry_strategy=retries)


def _endpoint() -> str | None:
    """A server of one's own, which Arrow does not look for: as the variables or the profile say."""
    named = os.environ.get("AWS_ENDPOINT_URL") or os.environ.get("AWS_ENDPOINT")
    if named:
        return named
    import configparser

    profile = os.environ.get("AWS_PROFILE", "default")
    file = os.environ.get("AWS_CONFIG_FILE") or Path.home() / ".aws/config"
    found = configparser.RawConfigParser()
    try:
        found.read(file, "utf-8")
    except (configparser.Error, UnicodeDecodeError):
        return None
    section = profile if profile == "default" else f"profile {profile}"
    return found.get(section, "endpoint_url", fallback=None)
