"""Text encoders from any SentenceTransformers model, through the fastest way that the machine has.

A model is encoded through its ONNX export where it has one, on a GPU for thousands of texts, and
else by sentence-transformers. Loading is safe: weights in safetensors only, no code from the
model's folder, and every file that is read is covered by a digest.
"""

from __future__ import annotations

import contextlib
import json
import logging
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cavewall._internal.vectors import normalise
from cavewall.encoders.gpu import has_gpu, to_gpu
from cavewall.encoders.model_files import (
    PICKLES,
    check_libraries,
    digests,
    listing_digest,
    without_progress_bars,
    without_safetensors,
)
from cavewall.encoders.onnx_export import ExportRefusal, find_export, make_export
from cavewall.encoders.onnx_runtime import OnnxTextModel, UnusableExportError
from cavewall.encoders.protocol import Encode, EncoderIdentity
from cavewall.errors import EncoderUnavailableError, InputError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

__all__ = ["SentenceTransformerEncoder"]

_DIMENSIONS = (
    "out_features",
    "embedding_dimension",
    "word_embedding_dimension",
    "hidden_size",
    "dim",
)
_BATCH = 64
# Making an export takes seconds, so that no query waits for it: the first `add` does, or the words
# of the first search. Loading torch for the GPU pays off from thousands of texts on.
_WORTH_AN_EXPORT = 16
_WORTH_A_GPU = 4096
_LOG = logging.getLogger(__name__)


class SentenceTransformerEncoder:
    """A SentenceTransformers model in a local folder.

    Args:
        folder: where `modules.json`, the weights and the tokenizer are.
        name: its name on the wall; the folder's name if not given.
        revision: the hub's commit, where it is known.
    """

    def __init__(self, folder: Path, name: str | None = None, revision: str | None = None) -> None:
        self.folder = folder
        self.name = name or folder.resolve().name
        self._revision = revision
        self._expected: Mapping[str, str] = {}
        self._identity: EncoderIdentity | None = None
        self._lock = threading.RLock()
        self._model: SentenceTransformer | None = None
        self._export: OnnxTextModel | ExportRefusal | None = None
        self._on_gpu: Encode | None = None
        self._tried_gpu = False

    @classmethod
    def from_known_files(
        cls,
        folder: Path,
        name: str,
        *,
        revision: str,
        dimension: int,
        expected: Mapping[str, str],
    ) -> SentenceTransformerEncoder:
        """A model whose files are known by sha256: they are read only when it is first used, and
        one that differs is refused before anything is loaded."""
        encoder = cls(folder, name, revision)
        encoder._expected = expected
        encoder._identity = EncoderIdentity(name, dimension, listing_digest(expected), revision)
        return encoder

    @property
    def identity(self) -> EncoderIdentity:
        with self._lock:
            if self._identity is None:
                digest = listing_digest(self._checked_files())
                self._identity = EncoderIdentity(
                    self.name, self._dimension(), digest, self._revision
                )
            return self._identity

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        dimension = self.identity.dimension
        if not texts:
            return np.empty((0, dimension), np.float32)
        with self._lock:
            encode = self._fastest(len(texts))
        vectors = encode(list(texts))
        if vectors.shape != (len(texts), dimension):
            raise EncoderUnavailableError(
                f"{self.name} gave vectors of shape {vectors.shape} for {len(texts)} texts, "
                f"and its files promise {dimension} floats each"
            )
        return vectors

    def prepare(self) -> None:
        """Check the files and load the export, if there is one. Errors are raised by `encode`."""
        with self._lock, contextlib.suppress(Exception):
            if self._export is None and self._model is None:
                self._export = self._find_export()

    def _fastest(self, texts: int) -> Encode:
        """How to encode that many texts: on a GPU, through an export, or with torch."""
        if self._export is None and self._model is None:
            self._export = self._find_export()
        if texts >= _WORTH_A_GPU and has_gpu():
            if not self._tried_gpu:
                self._tried_gpu, self._on_gpu = True, to_gpu(self._loaded, self.name)
            if self._on_gpu is not None:
                return self._on_gpu
        if self._export is None and texts >= _WORTH_AN_EXPORT:
            self._export = make_export(self._loaded(), self.folder, self.identity.digest)
            if isinstance(self._export, ExportRefusal):
                _LOG.warning(
                    "%s is encoded by sentence-transformers, which starts slower: %s",
                    self.name,
                    self._export.reason,
                )
        if isinstance(self._export, OnnxTextModel):
            self._model = None
            return self._export.encode
        return self._encode_with_torch

    def _find_export(self) -> OnnxTextModel | ExportRefusal | None:
        """An export that exists already, after the model's files are checked."""
        digest = self.identity.digest
        # Hashing and loading both release the GIL, and so run at the same time.
        with ThreadPoolExecutor(1) as pool:
            checking = pool.submit(self._check_unchanged, digest)
            try:
                return find_export(self.folder, digest)
            except UnusableExportError as fault:
                checking.result()
                _LOG.warning("the export of %s is made again: %s", self.name, fault)
                return None
            finally:
                checking.result()

    def _encode_with_torch(self, texts: list[str]) -> NDArray[np.float32]:
        with self._lock:
            vectors = self._loaded().encode(
                texts, batch_size=_BATCH, show_progress_bar=False, convert_to_numpy=True
            )
        unit: NDArray[np.float32] = normalise(np.asarray(vectors, np.float32)).astype(
            np.float32, copy=False
        )
        return unit

    def _loaded(self) -> SentenceTransformer:
        if self._model is None:
            self._check_unchanged(self.identity.digest)
            check_libraries(self.name)
            from sentence_transformers import SentenceTransformer

            try:
                with without_progress_bars():
                    self._model = SentenceTransformer(
                        str(self.folder),
                        trust_remote_code=False,
                        local_files_only=True,
                        model_kwargs={"use_safetensors": True},
                    )
            except Exception as fault:  # damaged files make the libraries raise anything
                raise EncoderUnavailableError(
                    f"the model {self.name} in {self.folder} does not load: {fault}"
                ) from fault
        return self._model

    def _check_unchanged(self, digest: str) -> None:
        files = self._checked_files()
        if not self._expected and listing_digest(files) != digest:
            raise EncoderUnavailableError(
                f"the files of {self.name} in {self.folder} changed while it was in use: "
                "open the wall again"
            )

    def _checked_files(self) -> dict[str, str]:
        """The digest of every file that loading may read. Raises if any must not be loaded."""
        for module in self._modules():
            if not str(module.get("type", "")).startswith("sentence_transformers."):
                raise EncoderUnavailableError(
                    f"{self.folder} asks for the module {module.get('type')!r}: only "
                    "SentenceTransformers' own modules are loaded"
                )
            self._check_weights(self._module_folder(module))
        if not any(self.folder.rglob("*.safetensors")):
            raise without_safetensors(self.folder, "none")
        files = digests(self.folder)
        for name, digest in self._expected.items():
            if files.get(name) != digest:
                raise EncoderUnavailableError(
                    f"{self.folder / name} is not the file that {self.name} is made of "
                    f"(sha256 {files.get(name, 'missing')}, expected {digest}): reinstall it"
                )
        return files

    def _modules(self) -> list[dict[str, Any]]:
        modules = self._json("modules.json")
        if not isinstance(modules, list) or not all(isinstance(item, dict) for item in modules):
            raise InputError(
                f"{self.folder} is no SentenceTransformers model: its modules.json lists no modules"
            )
        return modules

    def _module_folder(self, module: Mapping[str, Any]) -> Path:
        # No digest would cover what is loaded from elsewhere.
        path = Path(str(module.get("path", "")))
        folder = self.folder / path
        if path.is_absolute() or ".." in path.parts or (path.parts and folder.is_symlink()):
            raise EncoderUnavailableError(
                f"{self.folder} asks for a module outside of itself, {module.get('path')!r}: "
                "a model is one folder"
            )
        return folder

    def _check_weights(self, folder: Path) -> None:
        """Refuse a module whose only weights are pickled: they would be loaded."""
        pickles = sorted(path.name for pattern in PICKLES for path in folder.glob(pattern))
        if pickles and not any(folder.glob("*.safetensors")):
            raise without_safetensors(self.folder, f"only {', '.join(pickles)}, which can run code")

    def _dimension(self) -> int:
        for module in reversed(self._modules()):
            settings = self._module_folder(module) / "config.json"
            if not settings.is_file():
                continue
            config = self._json(settings.relative_to(self.folder).as_posix())
            for key in _DIMENSIONS:
                if isinstance(config, dict) and key in config:
                    return int(config[key]) * _poolings(config)
        raise InputError(f"{self.folder} does not say the dimension of its vectors")

    def _json(self, name: str) -> Any:
        path = self.folder / name
        try:
            return json.loads(path.read_text("utf-8"))
        except (OSError, ValueError, RecursionError) as fault:
            raise InputError(
                f"{self.folder} is no SentenceTransformers model: {name} cannot be read ({fault})"
            ) from fault


def _poolings(config: Mapping[str, Any]) -> int:
    """How many poolings a Pooling module concatenates; 1 for every other module."""
    modes = config.get("pooling_mode")
    if isinstance(modes, list):
        return max(1, len(modes))
    return max(
        1, sum(on is True for name, on in config.items() if name.startswith("pooling_mode_"))
    )
