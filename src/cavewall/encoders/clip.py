"""Image encoders: CLIP and SigLIP models, through transformers.

Loading is safe: weights in safetensors only, no code from the model's folder, and every file that
is read is covered by a digest.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cavewall._internal.vectors import normalise
from cavewall.encoders.model_files import (
    PICKLES,
    check_libraries,
    digests,
    listing_digest,
    without_progress_bars,
    without_safetensors,
)
from cavewall.encoders.protocol import LONGEST_ENCODED, EncoderIdentity
from cavewall.errors import EncoderUnavailableError, InputError, MissingExtraError

if TYPE_CHECKING:
    import torch
    from PIL import Image

__all__ = ["ImageTextEncoder"]

_NEEDED = ("config.json", "preprocessor_config.json", "tokenizer_config.json")
# Each tokenizer has one of these.
_SENTENCEPIECE = "spiece.model"
_TOKENIZERS = ("tokenizer.json", "vocab.json", _SENTENCEPIECE)
_PICKLED = tuple(pattern.removeprefix("*") for pattern in PICKLES)
# Enough to fill the machine, few enough for its memory.
_BATCH, _BATCH_ON_GPU = 16, 128
# Pictures are cropped to this many times their shorter side: of a longer strip, which would first
# be scaled up to the model's width, the processor keeps only the middle.
_LONGEST = 4


@dataclass(frozen=True)
class _Kind:
    """What differs between CLIP and SigLIP; defaults are those of their configurations.

    `padding` and `masked` are how texts were padded and masked in training.
    """

    dimension: Callable[[dict[str, Any]], Any]
    padding: str | bool
    masked: bool
    tokens: int


_KINDS = {
    "clip": _Kind(lambda config: config.get("projection_dim", 512), True, True, 77),
    "siglip": _Kind(
        lambda config: _part(config, "vision_config").get("hidden_size", 768),
        "max_length",
        False,
        64,
    ),
}


class ImageTextEncoder:
    """A CLIP or SigLIP model in a local folder, as transformers saves it.

    Args:
        folder: where `config.json`, the weights, the tokenizer and the preprocessor are.
        name: its name on the wall; the folder's name if not given.
        revision: the hub's commit, where it is known.
    """

    def __init__(self, folder: Path, name: str | None = None, revision: str | None = None) -> None:
        self.folder = folder
        self.name = name or folder.resolve().name
        self._revision = revision
        self._lock = threading.RLock()
        self._identity: EncoderIdentity | None = None
        self._model: Any = None
        self._processor: Any = None
        self._tokenizer: Any = None

    @property
    def identity(self) -> EncoderIdentity:
        with self._lock:
            if self._identity is None:
                dimension = int(self._kind.dimension(self._config))
                digest = listing_digest(self._checked_files())
                self._identity = EncoderIdentity(self.name, dimension, digest, self._revision)
            return self._identity

    @property
    def side(self) -> int:
        return int(_part(self._config, "vision_config").get("image_size", 224))

    def prepare(self, picture: Image.Image) -> NDArray[np.uint8]:
        processor = self._loaded_processor()
        if processor.do_center_crop:
            picture = _without_far_ends(picture)
        seen = processor(picture, do_rescale=False, do_normalize=False, return_tensors="np")
        return np.asarray(seen["pixel_values"][0], np.uint8)

    def encode_images(self, prepared: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        processor = self._loaded_processor()
        mean = np.array(processor.image_mean, np.float32)[:, None, None]
        deviation = np.array(processor.image_std, np.float32)[:, None, None]

        def encode(model: torch.nn.Module, part: Sequence[NDArray[np.uint8]]) -> Any:
            pixels = np.stack(part).astype(np.float32) * np.float32(processor.rescale_factor)
            found = _tensor((pixels - mean) / deviation, model)
            return model.get_image_features(pixel_values=found)  # type: ignore[operator]

        return self._encode(prepared, encode)

    def encode_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        kind = self._kind

        def encode(model: torch.nn.Module, part: Sequence[str]) -> Any:
            # `_loaded` sets it.
            tokens = self._tokenizer(
                [text[:LONGEST_ENCODED] for text in part],
                padding=kind.padding,
                truncation=True,
                max_length=self._tokens,
                return_tensors="pt",
            ).to(next(model.parameters()).device)
            mask = {"attention_mask": tokens["attention_mask"]} if kind.masked else {}
            return model.get_text_features(input_ids=tokens["input_ids"], **mask)  # type: ignore[operator]

        return self._encode(texts, encode)

    @property
    def _tokens(self) -> int:
        text = _part(self._config, "text_config")
        return int(text.get("max_position_embeddings", self._kind.tokens))

    def _encode(
        self, items: Sequence[Any], encode: Callable[[torch.nn.Module, Sequence[Any]], Any]
    ) -> NDArray[np.float32]:
        dimension = self.identity.dimension
        if not len(items):
            return np.empty((0, dimension), np.float32)
        check_libraries(self.name)
        import torch

        with self._lock, torch.inference_mode():
            model = self._loaded()
            size = _BATCH if next(model.parameters()).device.type == "cpu" else _BATCH_ON_GPU
            parts = []
            for start in range(0, len(items), size):
                output = encode(model, items[start : start + size])
                # Newer releases of transformers return the vectors in an object.
                features = getattr(output, "pooler_output", output)
                parts.append(features.float().cpu().numpy())
        vectors = np.concatenate(parts)
        if vectors.shape != (len(items), dimension):
            raise EncoderUnavailableError(
                f"{self.name} gave vectors of shape {vectors.shape} for {len(items)} inputs, and "
                f"its files promise {dimension} floats each"
            )
        return np.asarray(normalise(vectors), np.float32)

    def _loaded_processor(self) -> Any:
        with self._lock:
            if self._processor is None:
                self._check_unchanged()
                check_libraries(self.name)
                from transformers import AutoImageProcessor

                # Pillow's resizing, even with torchvision: the same vectors on every machine.
                self._processor = self._load(AutoImageProcessor, backend="pil")
            return self._processor

    def _loaded(self) -> Any:
        if self._model is None:
            self._check_unchanged()
            check_libraries(self.name)
            import torch
            from transformers import AutoModel, AutoTokenizer

            self._check_tokenizer()
            self._tokenizer = self._load(AutoTokenizer)
            model = self._load(AutoModel, use_safetensors=True, dtype=torch.float32)
            if torch.cuda.is_available():
                model = model.to("cuda", torch.float16)
            self._model = model.eval()
        return self._model

    def _load(self, kind: Any, **options: Any) -> Any:
        try:
            with without_progress_bars():
                return kind.from_pretrained(
                    str(self.folder), local_files_only=True, trust_remote_code=False, **options
                )
        except Exception as fault:  # damaged files make the libraries raise anything
            raise EncoderUnavailableError(
                f"the model {self.name} in {self.folder} does not load: {fault}"
            ) from fault

    @property
    def _config(self) -> dict[str, Any]:
        path = self.folder / "config.json"
        try:
            config = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError, RecursionError) as fault:
            raise InputError(
                f"{self.folder} is no image encoder: config.json cannot be read ({fault})"
            ) from fault
        return config if isinstance(config, dict) else {}

    @property
    def _kind(self) -> _Kind:
        name = self._config.get("model_type")
        kind = _KINDS.get(name) if isinstance(name, str) else None
        if kind is None:
            raise InputError(
                f"{self.folder} is no image encoder but a model of type {name!r}: one of type "
                f"{' or '.join(sorted(_KINDS))} sees pictures and reads texts"
            )
        return kind

    def _check_tokenizer(self) -> None:
        # Without it transformers may use another tokenizer, which gives other vectors.
        if (self.folder / _SENTENCEPIECE).is_file() and find_spec("sentencepiece") is None:
            raise MissingExtraError(
                f"the tokenizer of {self.name} needs sentencepiece, which is not installed: "
                "pip install 'cavewall[siglip]'"
            )

    def _check_unchanged(self) -> None:
        digest = self.identity.digest
        if listing_digest(self._checked_files()) != digest:
            raise EncoderUnavailableError(
                f"the files of {self.name} in {self.folder} changed while it was in use: "
                "open the wall again"
            )

    def _checked_files(self) -> dict[str, str]:
        """The digest of every file that loading may read. Raises if any must not be loaded."""
        pickles = sorted(path.name for pattern in PICKLES for path in self.folder.glob(pattern))
        if not any(self.folder.glob("*.safetensors")):
            only = f"only {', '.join(pickles)}, which can run code" if pickles else "none"
            raise without_safetensors(self.folder, only)
        lacking = [name for name in _NEEDED if not (self.folder / name).is_file()]
        if not any((self.folder / name).is_file() for name in _TOKENIZERS):
            lacking.append(_TOKENIZERS[0])
        if lacking:
            raise EncoderUnavailableError(
                f"{self.folder} has no {' and no '.join(lacking)}: save the whole model, its "
                "processor included, or load it from the hub by its name"
            )
        return digests(self.folder, unread=_PICKLED)


def _part(config: dict[str, Any], name: str) -> dict[str, Any]:
    found = config.get(name)
    return found if isinstance(found, dict) else {}


def _tensor(pixels: NDArray[np.float32], model: torch.nn.Module) -> Any:
    import torch

    like = next(model.parameters())
    return torch.from_numpy(pixels).to(like.device, like.dtype)


def _without_far_ends(picture: Image.Image) -> Image.Image:
    """The middle of a long strip, so that the rest need not be resized."""
    width, height = picture.size
    longest = _LONGEST * min(width, height)
    if max(width, height) <= longest:
        return picture
    left, top = max(0, (width - longest) // 2), max(0, (height - longest) // 2)
    return picture.crop((left, top, left + min(width, longest), top + min(height, longest)))
