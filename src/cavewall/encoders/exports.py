"""Where exports are: one comes with Cavewall, for the packaged model; others are in the cache."""

from __future__ import annotations

import contextlib
import json
import shutil
import tempfile
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from cavewall._internal.files import atomic_dir, cache_folder
from cavewall.encoders.onnx_runtime import FORMAT, OnnxTextModel, UnusableExportError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

__all__ = ["ExportRefusedError", "find_export", "make_export", "shipped_folder"]

_REFUSED = "refused.json"


@dataclass(frozen=True)
class ExportRefusedError:
    """A model that cannot be exported, and why."""

    reason: str


def find_export(source: Path, digest: str) -> OnnxTextModel | ExportRefusedError | None:
    """The export of the model in `source`, or why there is none; None: nobody has tried yet.

    Raises:
        UnusableExportError: what is there is damaged or foreign.
    """
    cached = _cached_folder(digest)
    for folder in (shipped_folder(digest), cached):
        try:
            return OnnxTextModel.from_folder(folder, source, digest)
        except (FileNotFoundError, NotADirectoryError):
            continue
    return _refusal(cached)


def make_export(
    model: SentenceTransformer, source: Path, digest: str
) -> OnnxTextModel | ExportRefusedError:
    """Export a model, keep that in the cache, and use it. A refusal is kept as well."""

    def build(aside: Path) -> None:
        _export_or_refuse(model, source, digest, aside)

    # What is there was found unusable, or is the refusal of another torch.
    shutil.rmtree(_cached_folder(digest), ignore_errors=True)
    if atomic_dir(_cached_folder(digest), build):
        with contextlib.suppress(UnusableExportError):
            found = find_export(source, digest)
            if found is not None:
                return found
    # Nothing can be kept there: the export is of use to this process alone.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as temporary:
        build(Path(temporary))
        refused = _refusal(Path(temporary))
        return refused or OnnxTextModel.from_folder(Path(temporary), source, digest)


def _export_or_refuse(model: SentenceTransformer, source: Path, digest: str, folder: Path) -> None:
    from cavewall.encoders.onnx_export import export

    try:
        export(model, source, digest, folder)
    except OSError:
        raise
    except Exception as fault:  # exporters raise anything at what they do not know
        reason = str(fault) if isinstance(fault, UnusableExportError) else repr(fault)
        said = {"reason": reason.partition("\n")[0][:300], "torch": _torch()}
        for path in folder.iterdir():
            path.unlink()
        (folder / _REFUSED).write_text(json.dumps(said), "utf-8")


def shipped_folder(digest: str) -> Path:
    """Where Cavewall brings the export of that model along, if it does."""
    return Path(__file__).with_name("shipped") / _name(digest)


def _cached_folder(digest: str) -> Path:
    return cache_folder() / "encoders" / _name(digest)


def _name(digest: str) -> str:
    return f"{digest[:16]}-{FORMAT}"


def _refusal(folder: Path) -> ExportRefusedError | None:
    """What was found before, with the same torch: another one may export it."""
    try:
        said = json.loads((folder / _REFUSED).read_bytes())
        return ExportRefusedError(str(said["reason"])) if said["torch"] == _torch() else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _torch() -> str:
    try:
        return version("torch")
    except PackageNotFoundError:
        return ""
