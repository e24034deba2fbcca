"""Exports: the model's vectors without torch, and what is refused as an export."""

from __future__ import annotations

import gzip
import json
import multiprocessing
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cavewall.encoders import SentenceTransformerEncoder, resolve, warm_up
from cavewall.encoders.onnx_export import (
    SAMPLE,
    ExportRefusal,
    find_export,
    least_cosine,
    make_export,
    original,
    shipped_folder,
)
from cavewall.encoders.onnx_runtime import LEAST_COSINE, OnnxTextModel, UnusableExportError
from cavewall.encoders.resolve import packaged_folder
from cavewall.errors import CavewallError

MANY = [f"a dog {number} on sand" for number in range(20)]


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The cache of this test alone."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("CAVEWALL_CACHE", str(folder))
    return folder


@pytest.fixture(scope="module")
def model(tiny_model: Path) -> Any:
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415 -- seconds

    return SentenceTransformer(str(tiny_model), device="cpu")


@pytest.fixture(scope="module")
def made(tiny_model: Path, model: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An export of the tiny model, in a cache that is not to be changed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CAVEWALL_CACHE", str(tmp_path_factory.mktemp("exports")))
        assert isinstance(make_export(model, tiny_model, digest_of(tiny_model)), OnnxTextModel)
        yield export_in(Path(os.environ["CAVEWALL_CACHE"]))


@pytest.fixture
def kept(made: Path, cache: Path) -> Path:
    """A copy of that export in this test's cache."""
    (cache / "encoders").mkdir(parents=True)
    return Path(shutil.copytree(made, cache / "encoders" / made.name))


def digest_of(folder: Path) -> str:
    return SentenceTransformerEncoder(folder).identity.digest


def export_in(cache: Path) -> Path:
    (folder,) = (cache / "encoders").iterdir()
    return folder


def rewrite(path: Path, **changes: Any) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


# What an export gives.


def test_an_export_gives_the_models_vectors(kept: Path, tiny_model: Path, model: Any) -> None:
    found = find_export(tiny_model, digest_of(tiny_model))
    assert isinstance(found, OnnxTextModel)
    assert least_cosine(original(model, SAMPLE), found.encode(SAMPLE)) > 0.99999


def test_it_holds_no_weights(kept: Path) -> None:
    names = {path.name for path in kept.iterdir()}
    assert names == {"graph.onnx.gz", "about.json"}
    weights = json.loads((kept / "about.json").read_text())["weights"]
    assert {file for file, _, _ in weights.values()} == {"model.safetensors"}


def test_equal_texts_are_encoded_once(kept: Path, tiny_model: Path) -> None:
    found = find_export(tiny_model, digest_of(tiny_model))
    assert isinstance(found, OnnxTextModel)
    vectors = found.encode(["dog", "cat", "dog"])
    assert np.array_equal(vectors[0], vectors[2])
    assert not np.array_equal(vectors[0], vectors[1])


def test_many_texts_use_an_export_and_torch_is_let_go(tiny_model: Path, cache: Path) -> None:
    encoder = SentenceTransformerEncoder(tiny_model)
    one = encoder.encode(["a dog"])
    assert encoder._model is not None, "a query does not wait for an export"
    assert not (cache / "encoders").exists()
    encoder.encode(MANY)
    assert export_in(cache).is_dir()
    assert encoder._model is None
    assert np.abs(encoder.encode(["a dog"]) - one).max() < 1e-6


def test_a_later_process_needs_no_torch(kept: Path, tiny_model: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from cavewall.encoders import resolve\n"
        f"resolve({str(tiny_model)!r}).encode(['a dog'])\n"
        "print([name for name in ('torch', 'transformers', 'onnx') if name in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert (result.stdout, result.stderr) == ("[]\n", "")


# What is no export of this model.


@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: (folder / "graph.onnx.gz").write_bytes(b"no graph"),
        lambda folder: (folder / "graph.onnx.gz").write_bytes(gzip.compress(b"no graph")),
        lambda folder: (folder / "about.json").write_text("no JSON"),
        lambda folder: (folder / "about.json").write_text("{}"),
        lambda folder: rewrite(folder / "about.json", model="e" * 64),
        lambda folder: rewrite(folder / "about.json", format=99),
        lambda folder: rewrite(folder / "about.json", weights={}),
        lambda folder: rewrite(folder / "about.json", vector=[0.25] * 16),
        lambda folder: rewrite(folder / "about.json", prefix="sand sand sand "),
    ],
)
def test_a_damaged_or_foreign_export_is_refused_and_made_again(
    kept: Path,
    tiny_model: Path,
    damage: Callable[[Path], object],
    caplog: pytest.LogCaptureFixture,
) -> None:
    damage(kept)
    with pytest.raises(UnusableExportError):
        find_export(tiny_model, digest_of(tiny_model))
    encoder = SentenceTransformerEncoder(tiny_model)
    encoder.encode(MANY)
    (record,) = caplog.records
    assert record.getMessage().startswith("the export of tiny is made again: ")
    assert isinstance(find_export(tiny_model, digest_of(tiny_model)), OnnxTextModel)


def test_an_export_never_answers_for_changed_weights(
    kept: Path, tiny_copy: Callable[[str], Path]
) -> None:
    folder = tiny_copy("tiny")
    encoder = SentenceTransformerEncoder(folder)
    assert encoder.identity.digest.startswith(kept.name.partition("-")[0])
    weights = bytearray((folder / "model.safetensors").read_bytes())
    weights[-2] ^= 64
    (folder / "model.safetensors").write_bytes(weights)
    with pytest.raises(CavewallError, match="changed while it was in use"):
        encoder.encode(["dog"])


# Models that cannot be exported.


def test_a_model_whose_export_would_differ_is_encoded_as_it_comes_and_says_so_once(
    tiny_model: Path, cache: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = SentenceTransformerEncoder(tiny_model).encode(["a dog"])
    monkeypatch.setattr("cavewall.encoders.onnx_export.LEAST_COSINE", 1.1)
    for _ in range(2):
        encoder = SentenceTransformerEncoder(tiny_model)
        assert encoder.encode(MANY).shape == (20, 16)
        assert np.array_equal(encoder.encode(["a dog"]), expected)
    (record,) = caplog.records
    assert "tiny is encoded by sentence-transformers" in record.getMessage()
    assert "its vectors are not the model's" in record.getMessage()
    assert [path.name for path in export_in(cache).iterdir()] == ["refused.json"]


def test_a_refusal_holds_for_the_torch_that_it_was_found_with(
    tiny_model: Path, model: Any, monkeypatch: pytest.MonkeyPatch, cache: Path
) -> None:
    digest = digest_of(tiny_model)
    with monkeypatch.context() as patch:
        patch.setattr("cavewall.encoders.onnx_export.LEAST_COSINE", 1.1)
        assert isinstance(make_export(model, tiny_model, digest), ExportRefusal)
    assert isinstance(find_export(tiny_model, digest), ExportRefusal)
    rewrite(export_in(cache) / "refused.json", torch="1.0")
    assert find_export(tiny_model, digest) is None
    assert isinstance(make_export(model, tiny_model, digest), OnnxTextModel)


def test_other_kinds_of_models_are_refused_with_their_parts(tiny_model: Path) -> None:
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding  # noqa: PLC0415
    from tokenizers import Tokenizer  # noqa: PLC0415

    tokenizer = Tokenizer.from_file(str(tiny_model / "tokenizer.json"))
    static = SentenceTransformer(modules=[StaticEmbedding(tokenizer, embedding_dim=8)])
    refused = make_export(static, tiny_model, "d" * 64)
    assert isinstance(refused, ExportRefusal)
    assert refused.reason == "a model of StaticEmbedding is not of a kind that it knows"


# The cache.


@pytest.mark.parametrize("place", ["file", "file/below"])
def test_where_nothing_can_be_kept_the_export_serves_this_process(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CAVEWALL_CACHE", str(tmp_path / place))
    encoder = SentenceTransformerEncoder(tiny_model)
    assert encoder.encode(MANY).shape == (20, 16)
    assert isinstance(encoder._export, OnnxTextModel)
    assert (tmp_path / "file").read_text() == ""


def _encode(folder: Path) -> Any:
    return SentenceTransformerEncoder(folder).encode(MANY)


def test_two_processes_may_export_at_once(tiny_model: Path, cache: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        first, second = pool.map(_encode, [tiny_model, tiny_model], chunksize=1)
    np.testing.assert_allclose(first, second, atol=1e-6)
    names = {path.name for path in export_in(cache).iterdir()}
    assert names == {"graph.onnx.gz", "about.json"}


# The packaged model.


def test_the_packaged_models_export_comes_with_cavewall() -> None:
    folder = shipped_folder(resolve().identity.digest)
    assert sum(path.stat().st_size for path in folder.iterdir()) < 50_000


@pytest.mark.encoder
def test_it_gives_the_original_models_vectors() -> None:
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415

    words = [
        "a",
        "dog",
        "the",
        "man",
        "runs",
        "on",
        "red",
        "snow",
        "in",
        "two",
        "children",
        "with",
        "ball",
        "blue",
        "sea",
        "!",
    ]
    draw = random.Random(0)
    texts = SAMPLE + [" ".join(draw.choices(words, k=draw.randint(1, 40))) for _ in range(100)]
    plain = SentenceTransformer(str(packaged_folder()), device="cpu")
    encoder = resolve()
    assert least_cosine(original(plain, texts), encoder.encode(texts)) >= LEAST_COSINE
    assert isinstance(encoder, SentenceTransformerEncoder)
    assert encoder._model is None


@pytest.mark.encoder
def test_nothing_of_it_is_told_to_the_makers_of_the_runtime(tmp_path: Path) -> None:
    # It keeps a number of this machine, and what is to be sent, in the user's cache. It sends
    # nothing where it finds itself in a test.
    names = ("CI", "ORT_DISABLE_TELEMETRY", "GITHUB_ACTIONS", "TF_BUILD")
    left = {name: value for name, value in os.environ.items() if name not in names}
    home = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    subprocess.run(
        [
            sys.executable,
            "-c",
            "from cavewall.cli import main; main()",
            "similarity",
            "a",
            "b",
        ],
        env=left | home | {"CAVEWALL_CACHE": str(tmp_path / "ours")},
        check=True,
        timeout=120,
    )
    assert [path for path in tmp_path.rglob("*") if "onnxruntime" in path.name] == []


@pytest.mark.encoder
def test_warming_up_is_for_the_next_that_asks() -> None:
    warm_up()
    warm, cold = resolve(), resolve()
    assert isinstance(warm, SentenceTransformerEncoder)
    assert isinstance(cold, SentenceTransformerEncoder)
    with warm._lock:
        pass
    np.testing.assert_array_equal(warm.encode(["dog"]), cold.encode(["dog"]))
