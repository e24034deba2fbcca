"""Which source a skipped picture came from."""

from __future__ import annotations

import os
from pathlib import Path

from cavewall._internal.object_store import is_object_address
from cavewall.models import Reject

__all__ = ["is_of_source"]


def is_of_source(reject: Reject, source: str | os.PathLike[str]) -> bool:
    """Whether it came from that file, or from the one file of that folder."""
    source, name = os.fspath(source), reject.source or ""
    if is_object_address(source):
        return name == source.rstrip("/") or name.rpartition("/")[0] == source.rstrip("/")
    path = Path(os.path.expanduser(source)).resolve()  # noqa: PTH111 -- `~name` may be a folder
    return name in (source, str(path)) or (path.is_dir() and Path(name).parent == path)
