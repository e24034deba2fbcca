"""Which encoder serves a wall: the one asked for, the wall's own, or none unasked."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import cavewall
from cavewall.encoders import EncoderIdentity, SentenceTransformerEncoder, encoder_for_wall, resolve
from cavewall.errors import EncoderMismatchError, EncoderUnavailableError
from cavewall.testing import FakeEncoder

ADDRESS = "/walls/mine"
PACKAGED = resolve().identity


@pytest.fixture(autouse=True)
def _no_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever asks the hub fails the test at once."""

    def asked(*_: object, **__: object) -> str:
        raise ConnectionError("the hub was asked")

    monkeypatch.setattr("huggingface_hub.snapshot_download", asked)


@pytest.mark.parametrize("wanted", [None, PACKAGED])
@pytest.mark.parametrize(
    "asked", [None, "all-MiniLM-L6-v2", "sentence-transformers/all-MiniLM-L6-v2"]
)
def test_the_packaged_model_serves_unasked_and_by_both_its_names(
    asked: str | None, wanted: EncoderIdentity | None
) -> None:
    assert encoder_for_wall(ADDRESS, asked, wanted).identity == PACKAGED


def test_a_wall_that_only_claims_the_packaged_name_is_refused() -> None:
    claimed = EncoderIdentity(PACKAGED.name, 384, "f" * 64)
    with pytest.raises(EncoderMismatchError, match=r"digest ffffffffffff.* asked for is all-Mini"):
        encoder_for_wall(ADDRESS, None, claimed)


def test_an_encoder_that_is_given_serves_if_it_is_the_walls() -> None:
    fake = FakeEncoder()
    assert encoder_for_wall(ADDRESS, fake, None) is fake
    assert encoder_for_wall(ADDRESS, fake, FakeEncoder().identity) is fake
    with pytest.raises(EncoderMismatchError):
        encoder_for_wall(ADDRESS, fake, PACKAGED)


@pytest.mark.parametrize("name", ["evil/model", "all-mpnet-base-v2", "../models/evil", "/tmp"])
def test_a_wall_does_not_choose_what_is_loaded(name: str, config: Path) -> None:
    wanted = EncoderIdentity(name, 8, "e" * 64)
    with pytest.raises(EncoderMismatchError, match=f"encoder {name}, which is not loaded unasked"):
        encoder_for_wall(ADDRESS, None, wanted)
    assert list(config.iterdir()) == []


@pytest.mark.parametrize("asked", ["all-mpnet-base-v2", "some/model"])
def test_another_name_is_refused_without_asking_the_hub(asked: str) -> None:
    with pytest.raises(EncoderMismatchError, match=f"all-MiniLM-L6-v2 .* asked for is {asked}"):
        encoder_for_wall(ADDRESS, asked, PACKAGED)


def test_the_official_prefix_makes_no_other_model() -> None:
    wanted = EncoderIdentity("all-mpnet-base-v2", 768, "m" * 64)
    with pytest.raises(EncoderUnavailableError, match="the hub did not give"):
        encoder_for_wall(ADDRESS, "sentence-transformers/all-mpnet-base-v2", wanted)


def test_a_model_out_of_reach_says_what_to_do() -> None:
    with pytest.raises(
        EncoderUnavailableError,
        match=r"no encoder nobody/none: .* \(ConnectionError\)\. Check the name, or download",
    ):
        encoder_for_wall(ADDRESS, "nobody/none", None)


# What was asked for once is remembered, for that wall.


def test_a_folder_is_asked_for_once_and_remembered_for_that_wall(
    tiny_model: Path, monkeypatch: pytest.MonkeyPatch, config: Path
) -> None:
    wanted = SentenceTransformerEncoder(tiny_model).identity
    monkeypatch.chdir(tiny_model.parent)
    encoder_for_wall(ADDRESS, "tiny", wanted)
    remembered = json.loads((config / "encoders.json").read_text())
    assert remembered == {ADDRESS: {wanted.digest: str(tiny_model)}}
    monkeypatch.chdir("/")
    assert encoder_for_wall(ADDRESS, None, wanted).identity == wanted
    with pytest.raises(EncoderMismatchError, match="not loaded unasked"):
        encoder_for_wall("/walls/other", None, wanted)


def test_what_was_refused_is_not_remembered(tiny_copy: Callable[[str], Path], config: Path) -> None:
    folder = tiny_copy("tiny")
    wanted = EncoderIdentity("tiny", 16, "t" * 64)
    with pytest.raises(EncoderMismatchError):
        encoder_for_wall(ADDRESS, str(folder), wanted)
    assert list(config.iterdir()) == []


def test_a_remembered_folder_whose_model_changed_is_refused(
    tiny_copy: Callable[[str], Path],
) -> None:
    folder = tiny_copy("tiny")
    wanted = SentenceTransformerEncoder(folder).identity
    encoder_for_wall(ADDRESS, str(folder), wanted)
    (folder / "tokenizer.json").write_bytes((folder / "tokenizer.json").read_bytes() + b"\n")
    with pytest.raises(EncoderMismatchError):
        encoder_for_wall(ADDRESS, None, wanted)


@pytest.mark.parametrize("content", ["", "no JSON", "[]", '{"/walls/mine": null}', "\ud800"])
def test_a_damaged_memory_is_no_memory(content: str, config: Path, tiny_model: Path) -> None:
    (config / "encoders.json").write_bytes(content.encode("utf-8", "surrogatepass"))
    wanted = SentenceTransformerEncoder(tiny_model).identity
    with pytest.raises((EncoderMismatchError, EncoderUnavailableError)):
        encoder_for_wall(ADDRESS, None, wanted)
    encoder_for_wall(ADDRESS, str(tiny_model), wanted)
    assert encoder_for_wall(ADDRESS, None, wanted).identity == wanted


def test_a_memory_that_cannot_be_written_does_not_stop_the_work(
    tiny_model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CAVEWALL_CONFIG", str(tmp_path / "file" / "config"))
    wanted = SentenceTransformerEncoder(tiny_model).identity
    assert encoder_for_wall(ADDRESS, str(tiny_model), wanted).identity == wanted


def test_opening_an_address_creates_no_wall(tiny_model: Path, tmp_path: Path) -> None:
    cavewall.open(tmp_path / "wall", str(tiny_model))
    assert list(tmp_path.iterdir()) == []
