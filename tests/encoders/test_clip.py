"""CLIP and SigLIP in a folder: the library's own vectors, and what a folder is refused for."""

from __future__ import annotations

# ruff: noqa: PLC0415 -- seconds of imports, each where the library itself is asked
import json
import pickle
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from cavewall.encoders import ImageTextEncoder, SentenceTransformerEncoder
from cavewall.errors import (
    CavewallError,
    EncoderUnavailableError,
    InputError,
    MissingExtraError,
)
from tests.tiny_image_models import CLIP_DIMENSION, SIDE, SIGLIP_DIMENSION

Copy = Callable[[], Path]
TEXTS = ["a dog runs on sand", "a cat", "the dog of a dog of a dog of a dog of a dog of a dog", "é"]


class Evil:
    """Unpickled, it would leave a file behind."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.mark,)


def pictures() -> list[Image.Image]:
    """Noise in several shapes, a strip just within the longest among them."""
    random = np.random.default_rng(0)
    sizes = [(60, 40), (40, 90), (33, 32), (200, 200), (120, 30), (1, 1)]
    return [
        Image.fromarray(random.integers(0, 256, (height, width, 3), np.uint8))
        for width, height in sizes
    ]


def rewrite(path: Path, **changes: object) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


@pytest.fixture
def copy(tiny_clip: Path, tmp_path: Path) -> Copy:
    """Makes a copy of the tiny CLIP that a test may change."""
    return lambda: Path(shutil.copytree(tiny_clip, tmp_path / "tiny-clip"))


def refused(folder: Path, message: str) -> None:
    """Whatever is asked of it is refused, before anything is loaded."""
    encoder = ImageTextEncoder(folder)
    picture = np.zeros((3, SIDE, SIDE), np.uint8)
    for use in (
        lambda: encoder.identity,
        lambda: encoder.encode_texts(["dog"]),
        lambda: encoder.encode_images([picture]),
        lambda: encoder.prepare(Image.new("RGB", (40, 40))),
    ):
        with pytest.raises(CavewallError, match=message):
            use()
    assert encoder._model is None


# The library's own vectors.


def unit(features: Any) -> Any:
    values = features.pooler_output
    return (values / values.norm(dim=-1, keepdim=True)).numpy()


@pytest.mark.parametrize("kind", ["clip", "siglip"])
def test_pictures_have_the_librarys_own_vectors(kind: str, request: pytest.FixtureRequest) -> None:
    import torch
    from transformers import AutoImageProcessor, AutoModel

    folder = request.getfixturevalue(f"tiny_{kind}")
    encoder = ImageTextEncoder(folder)
    found = encoder.encode_images([encoder.prepare(picture) for picture in pictures()])
    made: Any = AutoImageProcessor
    processor = made.from_pretrained(folder, backend="pil")
    model = AutoModel.from_pretrained(folder).eval()
    for picture, vector in zip(pictures(), found, strict=True):
        with torch.inference_mode():
            seen = processor(picture, return_tensors="pt")
            (own,) = unit(model.get_image_features(**seen))
        assert np.abs(vector - own).max() < 1e-5


def test_clip_gives_texts_the_librarys_own_vectors(tiny_clip: Path) -> None:
    import torch
    from transformers import AutoTokenizer, CLIPModel

    tokenizer = AutoTokenizer.from_pretrained(tiny_clip)
    inputs = tokenizer(TEXTS, padding=True, truncation=True, max_length=20, return_tensors="pt")
    with torch.inference_mode():
        model: Any = CLIPModel.from_pretrained(tiny_clip)
        own = unit(model.eval().get_text_features(**inputs))
    found = ImageTextEncoder(tiny_clip).encode_texts(TEXTS)
    assert found.shape == (len(TEXTS), CLIP_DIMENSION)
    assert np.abs(found - own).max() < 1e-5


def test_siglip_gives_texts_the_librarys_own_vectors(tiny_siglip: Path) -> None:
    import torch
    from transformers import SiglipModel, SiglipTokenizer

    tokenizer = SiglipTokenizer.from_pretrained(tiny_siglip)
    inputs = tokenizer(
        TEXTS, padding="max_length", truncation=True, max_length=16, return_tensors="pt"
    )
    with torch.inference_mode():
        model: Any = SiglipModel.from_pretrained(tiny_siglip)
        own = unit(model.eval().get_text_features(input_ids=inputs["input_ids"]))
    found = ImageTextEncoder(tiny_siglip).encode_texts(TEXTS)
    assert found.shape == (len(TEXTS), SIGLIP_DIMENSION)
    assert np.abs(found - own).max() < 1e-5


def test_of_a_long_strip_the_middle_is_seen(tiny_clip: Path) -> None:
    encoder = ImageTextEncoder(tiny_clip)
    strip = Image.new("RGB", (30_000, 10), "red")
    strip.paste("blue", (14_900, 0, 15_100, 10))
    (pixels,) = {tuple(pixel) for pixel in encoder.prepare(strip).reshape(3, -1).T.tolist()}
    assert pixels == (0, 0, 255)


# Who it is.


def test_who_it_is_is_told_without_loading_the_model(tiny_clip: Path) -> None:
    encoder = ImageTextEncoder(tiny_clip)
    assert (encoder.identity.name, encoder.identity.dimension) == ("tiny-clip", CLIP_DIMENSION)
    assert encoder.side == SIDE
    assert encoder._model is None
    named = ImageTextEncoder(tiny_clip, "mine", revision="abc").identity
    assert (named.name, named.revision) == ("mine", "abc")
    assert named.same_vectors_as(encoder.identity)


@pytest.mark.parametrize(
    ("config", "dimension", "side"),
    [
        ({"model_type": "clip"}, 512, 224),
        ({"model_type": "clip", "projection_dim": 768}, 768, 224),
        ({"model_type": "siglip", "vision_config": {"image_size": 384}}, 768, 384),
        ({"model_type": "siglip", "vision_config": {"hidden_size": 1152}}, 1152, 224),
    ],
)
def test_what_a_configuration_leaves_out_is_its_kinds_default(
    copy: Copy, config: dict[str, Any], dimension: int, side: int
) -> None:
    folder = copy()
    (folder / "config.json").write_text(json.dumps(config))
    encoder = ImageTextEncoder(folder)
    assert (encoder.identity.dimension, encoder.side) == (dimension, side)


@pytest.mark.parametrize(
    "name", ["model.safetensors", "config.json", "preprocessor_config.json", "tokenizer.json"]
)
def test_a_changed_file_makes_another_digest(copy: Copy, name: str) -> None:
    folder = copy()
    encoder = ImageTextEncoder(folder)
    before = encoder.identity
    (folder / name).write_bytes((folder / name).read_bytes() + b" ")
    assert not ImageTextEncoder(folder).identity.same_vectors_as(before)
    with pytest.raises(EncoderUnavailableError, match="changed while it was in use"):
        encoder.encode_texts(["dog"])


# Refusals.


@pytest.mark.parametrize("name", ["pytorch_model.bin", "model.pt", "weights.pkl"])
def test_pickled_weights_are_refused_unread(copy: Copy, tmp_path: Path, name: str) -> None:
    folder = copy()
    (folder / "model.safetensors").unlink()
    (folder / name).write_bytes(pickle.dumps(Evil(tmp_path / "mark")))
    refused(folder, f"no weights in safetensors format .only {name}, which can run code")
    assert not (tmp_path / "mark").exists()


def test_pickles_beside_safetensors_are_left_alone(copy: Copy, tmp_path: Path) -> None:
    folder = copy()
    before = ImageTextEncoder(folder).identity
    (folder / "pytorch_model.bin").write_bytes(pickle.dumps(Evil(tmp_path / "mark")))
    encoder = ImageTextEncoder(folder)
    assert encoder.encode_texts(["dog"]).shape == (1, CLIP_DIMENSION)
    assert encoder.identity.same_vectors_as(before)
    assert not (tmp_path / "mark").exists()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("config.json", r"is no image encoder: config\.json cannot be read"),
        ("model.safetensors", r"no weights in safetensors format .none"),
        ("preprocessor_config.json", r"has no preprocessor_config\.json: save the whole model"),
        ("tokenizer.json", r"has no tokenizer\.json: save the whole model"),
    ],
)
def test_a_missing_file_is_named(copy: Copy, name: str, message: str) -> None:
    folder = copy()
    (folder / name).unlink()
    refused(folder, message)


@pytest.mark.parametrize("kind", ["bert", "", None, 7, ["clip"], "clip_text_model"])
def test_a_model_that_sees_nothing_is_refused(copy: Copy, kind: object) -> None:
    folder = copy()
    rewrite(folder / "config.json", model_type=kind)
    refused(folder, "is no image encoder but a model of type .*: one of type clip or siglip")


def test_models_of_one_modality_say_what_they_are(tiny_model: Path, tiny_clip: Path) -> None:
    refused(tiny_model, "is no image encoder but a model of type 'bert'")
    with pytest.raises(InputError, match="is no SentenceTransformers model"):
        _ = SentenceTransformerEncoder(tiny_clip).identity


@pytest.mark.parametrize("data", [b"", b"[" * 100_000, b"\xff", b"[7]", b'"x"'])
def test_a_damaged_configuration_is_one_clear_error(copy: Copy, data: bytes) -> None:
    folder = copy()
    (folder / "config.json").write_bytes(data)
    refused(folder, "is no image encoder")


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json", "tokenizer_config.json"])
@pytest.mark.parametrize("keep", [0, 100])
def test_damaged_files_are_one_clear_error(copy: Copy, name: str, keep: int) -> None:
    folder = copy()
    (folder / name).write_bytes((folder / name).read_bytes()[:keep])
    with pytest.raises(CavewallError, match="tiny-clip"):
        ImageTextEncoder(folder).encode_texts(["dog"])


def test_code_that_a_configuration_names_is_never_run(copy: Copy, tmp_path: Path) -> None:
    folder = copy()
    mark = tmp_path / "mark"
    (folder / "evil.py").write_text(f"from pathlib import Path\nPath({str(mark)!r}).touch()\n")
    named = {"AutoModel": "evil.Evil", "AutoConfig": "evil.Evil", "AutoTokenizer": "evil.Evil"}
    rewrite(folder / "config.json", auto_map=named, trust_remote_code=True)
    rewrite(folder / "preprocessor_config.json", auto_map={"AutoImageProcessor": "evil.Evil"})
    encoder = ImageTextEncoder(folder)
    assert encoder.encode_texts(["dog"]).shape == (1, CLIP_DIMENSION)
    encoder.prepare(Image.new("RGB", (40, 40)))
    assert not mark.exists()


def test_a_model_that_breaks_its_promise_says_so(copy: Copy) -> None:
    folder = copy()
    encoder = ImageTextEncoder(folder)
    promised = encoder.identity
    encoder._identity = type(promised)(promised.name, 99, promised.digest)
    with pytest.raises(EncoderUnavailableError, match=r"shape \(1, 8\) .* promise 99 floats"):
        encoder.encode_texts(["dog"])


def test_siglip_says_what_its_tokenizer_needs(
    tiny_siglip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder = ImageTextEncoder(tiny_siglip)
    monkeypatch.setitem(sys.modules, "sentencepiece", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'cavewall\[siglip\]'"):
        encoder.encode_texts(["dog"])
