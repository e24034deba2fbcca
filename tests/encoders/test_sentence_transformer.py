"""Any SentenceTransformers model in a folder, and what such a folder is refused for."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import cavewall
from cavewall.encoders import SentenceTransformerEncoder, resolve
from cavewall.errors import CavewallError, EncoderMismatchError, EncoderUnavailableError, InputError
from cavewall.models import Picture
from tests.conftest import picture_bytes

Copy = Callable[[str], Path]


class Evil:
    """Unpickled, it would leave a file behind."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.mark,)


def rewrite(path: Path, change: Callable[[Any], Any]) -> None:
    path.write_text(json.dumps(change(json.loads(path.read_text()))))


def modules_of(folder: Path, **changes: Any) -> None:
    """Change the second module in the folder's modules.json."""
    rewrite(folder / "modules.json", lambda modules: [modules[0], {**modules[1], **changes}])


def refused(folder: Path, message: str) -> None:
    """Both who it is and what it encodes are refused, before anything is loaded."""
    encoder = SentenceTransformerEncoder(folder)
    for use in (lambda: encoder.identity, lambda: encoder.encode(["dog"])):
        with pytest.raises(CavewallError, match=message):
            use()
    assert encoder._model is None


def test_the_folders_name_is_the_models_unless_it_is_given(tiny_model: Path) -> None:
    assert SentenceTransformerEncoder(tiny_model).identity.name == "tiny"
    named = SentenceTransformerEncoder(tiny_model, "mine", revision="abc").identity
    assert (named.name, named.dimension, named.revision) == ("mine", 16, "abc")


def test_who_it_is_is_told_without_loading_the_model(tiny_model: Path) -> None:
    encoder = SentenceTransformerEncoder(tiny_model)
    assert encoder.identity.dimension == 16
    assert encoder._model is None


def test_a_folder_is_an_encoder_by_its_path(
    tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    identity = SentenceTransformerEncoder(tiny_model).identity
    assert resolve(str(tiny_model)).identity == identity
    monkeypatch.chdir(tiny_model.parent)
    assert resolve("tiny").identity == identity
    monkeypatch.chdir(tiny_model)
    assert resolve(".").identity == identity


def test_a_copy_is_the_same_model_and_what_is_never_read_does_not_count(tiny_copy: Copy) -> None:
    first, second = tiny_copy("first"), tiny_copy("second")
    (second / "README.md").write_text("another text")
    (second / "training.py").write_text("raise SystemExit")
    identities = [SentenceTransformerEncoder(folder).identity for folder in (first, second)]
    assert identities[0].same_vectors_as(identities[1])


@pytest.mark.parametrize(
    "name", ["model.safetensors", "tokenizer.json", "config.json", "1_Pooling/config.json"]
)
def test_a_changed_file_makes_another_digest(tiny_copy: Copy, name: str) -> None:
    folder = tiny_copy("tiny")
    before = SentenceTransformerEncoder(folder).identity
    (folder / name).write_bytes((folder / name).read_bytes() + b" ")
    after = SentenceTransformerEncoder(folder).identity
    assert not after.same_vectors_as(before)


def test_a_wall_cannot_be_opened_with_changed_weights(tiny_copy: Copy, tmp_path: Path) -> None:
    folder = tiny_copy("tiny")
    wall = cavewall.open(tmp_path / "wall", str(folder))
    wall.add([Picture("a", ("a dog",), image=picture_bytes())])
    assert [hit.image_id for hit in cavewall.open(tmp_path / "wall").search("dog")] == ["a"]
    weights = bytearray((folder / "model.safetensors").read_bytes())
    weights[-1] ^= 1
    (folder / "model.safetensors").write_bytes(weights)
    for encoder in (str(folder), SentenceTransformerEncoder(folder)):
        with pytest.raises(EncoderMismatchError, match=r"was made with tiny .* asked for is tiny"):
            cavewall.open(tmp_path / "wall", encoder)
    with pytest.raises(EncoderMismatchError):
        cavewall.open(tmp_path / "wall").search("dog")


def test_files_that_change_between_the_look_and_the_load_are_refused(tiny_copy: Copy) -> None:
    folder = tiny_copy("tiny")
    encoder = SentenceTransformerEncoder(folder)
    assert encoder.identity.dimension == 16
    rewrite(folder / "config.json", lambda config: {**config, "hidden_act": "relu"})
    with pytest.raises(EncoderUnavailableError, match="changed while it was in use"):
        encoder.encode(["dog"])


# Refusals.


@pytest.mark.parametrize("name", ["pytorch_model.bin", "model.pt", "model.ckpt", "weights.pkl"])
def test_pickled_weights_are_refused_unread(tiny_copy: Copy, tmp_path: Path, name: str) -> None:
    folder = tiny_copy("tiny")
    (folder / "model.safetensors").unlink()
    (folder / name).write_bytes(pickle.dumps(Evil(tmp_path / "mark")))
    refused(folder, f"no weights in safetensors format .only {name}, which can run code")
    assert not (tmp_path / "mark").exists()


def test_pickled_weights_of_a_later_module_are_refused_unread(
    tiny_copy: Copy, tmp_path: Path
) -> None:
    folder = tiny_copy("tiny")
    (folder / "2_Dense").mkdir()
    (folder / "2_Dense" / "pytorch_model.bin").write_bytes(pickle.dumps(Evil(tmp_path / "mark")))
    kind = "sentence_transformers.base.modules.dense.Dense"
    modules_of(folder, type=kind, path="2_Dense")
    refused(folder, "only pytorch_model.bin, which can run code")
    assert not (tmp_path / "mark").exists()


def test_pickles_beside_safetensors_are_left_alone(tiny_copy: Copy, tmp_path: Path) -> None:
    folder = tiny_copy("tiny")
    (folder / "pytorch_model.bin").write_bytes(pickle.dumps(Evil(tmp_path / "mark")))
    assert SentenceTransformerEncoder(folder).encode(["dog"]).shape == (1, 16)
    assert not (tmp_path / "mark").exists()


def test_no_weights_at_all_are_refused(tiny_copy: Copy) -> None:
    folder = tiny_copy("tiny")
    (folder / "model.safetensors").unlink()
    refused(folder, "no weights in safetensors format .none")


@pytest.mark.parametrize(
    "kind",
    ["evil.Module", "modeling_evil.Module", "sentence_transformers_evil.X", "os.system", "", 7],
)
def test_modules_of_others_are_refused(tiny_copy: Copy, kind: Any) -> None:
    folder = tiny_copy("tiny")
    (folder / "modeling_evil.py").write_text("raise SystemExit('run')")
    modules_of(folder, type=kind)
    refused(folder, "only SentenceTransformers' own modules are loaded")


@pytest.mark.parametrize("path", ["../other", "1_Pooling/../../other", "/etc", "link"])
def test_modules_outside_of_the_folder_are_refused(tiny_copy: Copy, path: str) -> None:
    folder, other = tiny_copy("tiny"), tiny_copy("other")
    (folder / "link").symlink_to(other)
    modules_of(folder, path=path)
    refused(folder, "a model is one folder")


def test_code_that_a_configuration_names_is_never_run(tiny_copy: Copy, tmp_path: Path) -> None:
    folder = tiny_copy("tiny")
    mark = tmp_path / "mark"
    code = f"from pathlib import Path\nPath({str(mark)!r}).touch()\nclass Evil: pass\n"
    (folder / "modeling_evil.py").write_text(code)
    named = dict.fromkeys(("AutoConfig", "AutoModel", "AutoTokenizer"), "modeling_evil.Evil")
    trusting = {"auto_map": named, "trust_remote_code": True}
    rewrite(folder / "config.json", lambda config: {**config, **trusting, "model_type": "evil"})
    rewrite(folder / "tokenizer_config.json", lambda config: {**config, **trusting})
    encoder = SentenceTransformerEncoder(folder)
    with pytest.raises(EncoderUnavailableError, match=r"the model tiny in .* does not load"):
        encoder.encode(["dog"])
    assert not mark.exists()


def test_code_beside_a_model_that_needs_none_is_left_alone(tiny_copy: Copy, tmp_path: Path) -> None:
    folder = tiny_copy("tiny")
    mark = tmp_path / "mark"
    (folder / "modeling_evil.py").write_text(f"open({str(mark)!r}, 'w')\nclass Evil: pass\n")
    rewrite(
        folder / "config.json",
        lambda config: {**config, "auto_map": {"AutoModel": "modeling_evil.Evil"}},
    )
    assert SentenceTransformerEncoder(folder).encode(["dog"]).shape == (1, 16)
    assert not mark.exists()


@pytest.mark.parametrize("data", [None, b"", b"{}", b"[7]", b'"x"', b"\xff", b"[" * 100_000])
def test_a_folder_without_modules_is_no_model(tiny_copy: Copy, data: bytes | None) -> None:
    folder = tiny_copy("tiny")
    if data is None:
        (folder / "modules.json").unlink()
    else:
        (folder / "modules.json").write_bytes(data)
    refused(folder, "is no SentenceTransformers model")


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json", "config.json"])
@pytest.mark.parametrize("keep", [0, 100])
def test_damaged_files_are_one_clear_error(tiny_copy: Copy, name: str, keep: int) -> None:
    folder = tiny_copy("tiny")
    (folder / name).write_bytes((folder / name).read_bytes()[:keep])
    with pytest.raises(CavewallError, match="tiny"):
        SentenceTransformerEncoder(folder).encode(["dog"])


# The dimension, read off the files.


@pytest.mark.parametrize(
    ("pooling", "dimension"),
    [
        ({"embedding_dimension": 16, "pooling_mode": "mean"}, 16),
        ({"embedding_dimension": 16, "pooling_mode": ["mean", "max"]}, 32),
        ({"word_embedding_dimension": 16, "pooling_mode_mean_tokens": True}, 16),
        (
            {
                "word_embedding_dimension": 16,
                "pooling_mode_cls_token": False,
                "pooling_mode_mean_tokens": True,
                "pooling_mode_max_tokens": True,
            },
            32,
        ),
    ],
)
def test_the_dimension_is_that_of_the_vectors(
    tiny_copy: Copy, pooling: dict[str, Any], dimension: int
) -> None:
    folder = tiny_copy("tiny")
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(pooling))
    encoder = SentenceTransformerEncoder(folder)
    assert encoder.identity.dimension == dimension
    assert encoder.encode(["dog"]).shape == (1, dimension)


def test_a_model_that_does_not_say_its_dimension_is_refused(tiny_copy: Copy) -> None:
    folder = tiny_copy("tiny")
    (folder / "1_Pooling" / "config.json").write_text("{}")
    rewrite(folder / "config.json", lambda config: {"model_type": config["model_type"]})
    with pytest.raises(InputError, match="does not say the dimension of its vectors"):
        _ = SentenceTransformerEncoder(folder).identity


def test_a_model_that_breaks_its_promise_says_so(tiny_copy: Copy) -> None:
    folder = tiny_copy("tiny")
    rewrite(folder / "1_Pooling" / "config.json", lambda c: {**c, "embedding_dimension": 99})
    with pytest.raises(EncoderUnavailableError, match=r"shape \(1, 16\) .* promise 99 floats"):
        SentenceTransformerEncoder(folder).encode(["dog"])
