"""Captions in files next to a picture: `a.txt`, `a.xmp` and `a.jpg.xmp` for `a.jpg`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from typing import Protocol

from cavewall._internal.object_store import ObjectPath
from cavewall._internal.open_file import read_at_most
from cavewall._internal.terminal_text import os_error_text
from cavewall.ingest.sources.source import ImageFolder
from cavewall.ingest.sources.textfile import decoded, tidied
from cavewall.ingest.sources.xmp import MOST_BYTES, Xmp, read_xmp

__all__ = ["Entry", "Sidecars"]

_MOST_TEXT = 1024 * 1024


class Entry(Protocol):
    """A file of a folder, as `os.scandir` yields it."""

    @property
    def name(self) -> str: ...

    @property
    def path(self) -> str | ObjectPath: ...

    def is_symlink(self) -> bool: ...


class Sidecars:
    """The sidecars of one folder, `below` being its path in `folder`, with a slash at its end."""

    def __init__(self, folder: ImageFolder, below: str, entries: Iterable[Entry]) -> None:
        self.folder = folder
        self.below = below
        self._entries = {
            _key(entry.name): entry
            for entry in entries
            if entry.name.lower().endswith((".txt", ".xmp"))
        }

    def captions(self, name: str) -> tuple[str, ...]:
        """One caption a line of the text file beside the picture `name`.

        Raises:
            OSError: with the reason in words.
        """
        entry = self._entries.get(f"{_stem(name)}.txt")
        if entry is None:
            return ()
        try:
            self._check(entry)
            text = decoded(read_at_most(entry.path, _MOST_TEXT))
        except OSError as fault:
            raise OSError(fault.errno, f"{entry.name}: {os_error_text(fault)}") from fault
        return tuple(filter(None, map(tidied, text.splitlines())))

    def names(self, name: str) -> list[str]:
        """The names of what stands beside the picture `name`."""
        keys = (f"{_stem(name)}.txt", f"{_stem(name)}.xmp", f"{name}.xmp")
        return [self._entries[key].name for key in keys if key in self._entries]

    def xmp(self, name: str) -> Iterator[Xmp]:
        """What the XMP files beside the picture `name` say."""
        for key in (f"{_stem(name)}.xmp", f"{name}.xmp"):
            entry = self._entries.get(key)
            if entry is None:
                continue
            try:
                self._check(entry)
                found = read_xmp(read_at_most(entry.path, MOST_BYTES))
            except OSError as fault:
                found = Xmp(fault=os_error_text(fault))
            if found.fault is not None:
                found.fault = f"{entry.name}: {found.fault}"
            yield found

    def _check(self, entry: Entry) -> None:
        if entry.is_symlink() and self.folder.locate(self.below + entry.name) is None:
            raise OSError(None, "the link leads out of the folder")


def _stem(name: str) -> str:
    return os.path.splitext(name)[0]  # noqa: PTH122 -- hot path


def _key(name: str) -> str:
    """Whatever the case of the suffix."""
    return _stem(name) + name[-4:].lower()
