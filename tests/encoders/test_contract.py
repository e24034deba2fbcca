"""What every encoder keeps: one suite for the fake one, a tiny real one with and
without an export, and the packaged one."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from cavewall._internal.vectors import cosines
from cavewall.encoders import Encoder, SentenceTransformerEncoder, resolve
from cavewall.encoders.onnx_export import ExportRefusal
from cavewall.encoders.onnx_runtime import OnnxTextModel
from cavewall.errors import EncoderUnavailableError
from cavewall.testing import FakeEncoder

TEXTS = ["a dog runs on sand", "a cat", "dog", "a dog runs on sand", "sand"]
ODD = [
    "🐕‍🦺 👨‍👩‍👧 🏖️",
    "犬が砂浜を走る",
    "  white \t space\n",
    "\u202eright to left",
    "\0 \x1b[31m",
    "…—–",
    " ",
    "<b>dog</b> [bold]",
    "a" * 5000,
    "é",
]


def by_sentence_transformers(request: pytest.FixtureRequest) -> Encoder:
    made = SentenceTransformerEncoder(request.getfixturevalue("tiny_model"))
    made._export = ExportRefusal("it is encoded by sentence-transformers here")
    return made


def by_its_export(request: pytest.FixtureRequest) -> Encoder:
    made = SentenceTransformerEncoder(request.getfixturevalue("tiny_model"))
    made.encode([f"dog {number}" for number in range(16)])
    assert isinstance(made._export, OnnxTextModel)
    return made


ENCODERS: dict[str, Callable[[pytest.FixtureRequest], Encoder]] = {
    "fake": lambda _: FakeEncoder(),
    "tiny": by_sentence_transformers,
    "exported": by_its_export,
    "packaged": lambda _: resolve(),
}
LOADING = {"packaged": pytest.mark.encoder}


@pytest.fixture(
    scope="module",
    params=[pytest.param(name, marks=LOADING.get(name, ())) for name in ENCODERS],
)
def encoder(request: pytest.FixtureRequest) -> Encoder:
    return ENCODERS[request.param](request)


def assert_unit_vectors(vectors: object, count: int, encoder: Encoder) -> None:
    assert isinstance(vectors, np.ndarray)
    assert vectors.dtype == np.float32
    assert vectors.shape == (count, encoder.identity.dimension)
    assert np.abs(np.linalg.norm(vectors.astype(np.float64), axis=1) - 1).max(initial=0) < 1e-6


def test_it_is_an_encoder_that_knows_who_it_is(encoder: Encoder) -> None:
    assert isinstance(encoder, Encoder)
    assert encoder.name == encoder.identity.name != ""
    assert len(encoder.identity.digest) == 64
    assert encoder.identity.normalised


def test_texts_become_unit_vectors_in_single_precision(encoder: Encoder) -> None:
    assert_unit_vectors(encoder.encode(TEXTS), len(TEXTS), encoder)


def test_the_order_is_kept_whatever_the_lengths(encoder: Encoder) -> None:
    texts = [f"{'dog ' * (number % 7)}cat {number}" for number in range(150)]
    vectors = encoder.encode(texts)
    for at in (0, 1, 74, 149):
        (alone,) = encoder.encode([texts[at]])
        assert np.abs(alone - vectors[at]).max() < 1e-5


def test_the_same_text_gives_the_same_vector(encoder: Encoder) -> None:
    first, second = encoder.encode(TEXTS), encoder.encode(TEXTS)
    assert np.array_equal(first, second)
    assert np.abs(first[0] - first[3]).max() < 1e-6
    assert np.abs(first[0] - first[1]).max() > 1e-3


def test_no_texts_give_no_vectors(encoder: Encoder) -> None:
    assert_unit_vectors(encoder.encode([]), 0, encoder)


def test_a_very_long_text_is_a_text(encoder: Encoder) -> None:
    assert_unit_vectors(encoder.encode(["dog " * 25_000, "dog"]), 2, encoder)


@pytest.mark.parametrize("text", ODD, ids=ascii)
def test_odd_texts_are_texts(encoder: Encoder, text: str) -> None:
    assert_unit_vectors(encoder.encode([text]), 1, encoder)


def test_tuples_and_other_sequences_are_taken(encoder: Encoder) -> None:
    assert np.array_equal(encoder.encode(tuple(TEXTS)), encoder.encode(TEXTS))


def test_the_fake_encoder_never_changes() -> None:
    golden = [0.024851, -0.230763, -0.159759, 0.278099]
    (vector,) = FakeEncoder().encode(["dog"])
    assert vector[:4] == pytest.approx(golden, abs=1e-6)
    digest = FakeEncoder().identity.digest
    assert digest == "f104619cec4bed6f45ac6dbd8941349319f2f8d7c1c4539a609a4feaa8edb874"


def test_two_fake_encoders_differ_by_name_and_dimension() -> None:
    identities = [FakeEncoder().identity, FakeEncoder(16).identity, FakeEncoder(name="b").identity]
    for place, identity in enumerate(identities):
        for other in identities[place + 1 :]:
            assert not identity.same_vectors_as(other)
        assert identity.same_vectors_as(identity)


# The packaged model.


def test_the_packaged_model_is_known_before_it_is_read() -> None:
    encoder = resolve()
    assert encoder.name == "all-MiniLM-L6-v2"
    assert encoder.identity.dimension == 384
    assert encoder.identity.revision == "1110a243fdf4706b3f48f1d95db1a4f5529b4d41"
    by_full_name = resolve("sentence-transformers/all-MiniLM-L6-v2")
    assert by_full_name.identity == encoder.identity


@pytest.mark.encoder
@pytest.mark.parametrize(("a", "b", "cosine"), [("king", "queen", 0.68), ("king", "apple", 0.24)])
def test_the_packaged_model_knows_kings_from_apples(a: str, b: str, cosine: float) -> None:
    vectors = PACKAGED.encode([a, b])
    assert cosines(vectors[:1], vectors[1:])[0, 0] == pytest.approx(cosine, abs=0.01)


PACKAGED = resolve()


@pytest.mark.encoder
@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json"])
def test_a_tampered_copy_of_the_packaged_model_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    assert isinstance(PACKAGED, SentenceTransformerEncoder)
    copy = Path(shutil.copytree(PACKAGED.folder, tmp_path / "model"))
    data = bytearray((copy / name).read_bytes())
    data[-5] ^= 1
    (copy / name).write_bytes(data)
    tampered = resolve()
    assert isinstance(tampered, SentenceTransformerEncoder)
    monkeypatch.setattr(tampered, "folder", copy)
    with pytest.raises(EncoderUnavailableError, match=f"{name} is not the file that all-MiniLM"):
        tampered.encode(["dog"])
