"""Loading a model from a folder: which files are read, their digests, what is refused."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from cavewall.errors import EncoderUnavailableError, MissingExtraError

__all__ = [
    "PICKLES",
    "check_libraries",
    "digests",
    "listing_digest",
    "without_progress_bars",
    "without_safetensors",
]

PICKLES = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl", "*.pickle")
_UNREAD = (".md", ".py", ".gitattributes", ".onnx", ".h5", ".msgpack", ".ot", ".xml")


def digests(folder: Path, unread: tuple[str, ...] = ()) -> dict[str, str]:
    """The sha256 of every file that loading may read, by its path in the folder.

    Documentation, code and weights in other formats are left out, and files whose names end in
    one of `unread`.
    """
    return {
        path.relative_to(folder).as_posix(): _file_digest(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.endswith(_UNREAD + unread)
    }


def listing_digest(files: Mapping[str, str]) -> str:
    """One digest of all files, which changes with any name or content."""
    lines = (f"{name}\0{digest}\n" for name, digest in sorted(files.items()))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def check_libraries(name: str) -> None:
    """Raise MissingExtraError if sentence-transformers or torch is missing.

    The packaged model needs neither, and the container's image has neither.
    """
    if find_spec("torch") is None or find_spec("sentence_transformers") is None:
        raise MissingExtraError(
            f"{name} is loaded with sentence-transformers and torch, which are not installed: "
            "pip install sentence-transformers"
        )


def without_safetensors(folder: Path, found: str) -> EncoderUnavailableError:
    """The error for weights that are missing, or could run code when they are loaded."""
    return EncoderUnavailableError(
        f"{folder} has no weights in safetensors format ({found}): "
        "save the model again with safetensors"
    )


@contextmanager
def without_progress_bars() -> Iterator[None]:
    """Hide the progress bar of transformers while a model loads: it would disturb ours."""
    from transformers.utils import logging

    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()  # type: ignore[no-untyped-call]


def _file_digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
