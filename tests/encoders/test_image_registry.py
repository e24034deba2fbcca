"""Image encoders by name, and which one serves a wall."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cavewall.encoders import (
    KNOWN_IMAGE_ENCODERS,
    Encoder,
    EncoderIdentity,
    ImageEncoder,
    ImageTextEncoder,
    encoder_for_wall,
    image_encoder_for_wall,
    resolve_image,
)
from cavewall.errors import EncoderMismatchError, EncoderUnavailableError, InputError
from cavewall.testing import FakeEncoder, FakeImageEncoder

ADDRESS = "/walls/mine"
FAKE = FakeImageEncoder()


@pytest.fixture(autouse=True)
def _no_hub(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever asks the hub fails the test at once."""

    def asked(*_: object, **__: object) -> str:
        raise ConnectionError("the hub was asked")

    monkeypatch.setattr("huggingface_hub.snapshot_download", asked)


def test_a_folder_is_an_image_encoder_by_its_path(tiny_clip: Path) -> None:
    assert resolve_image(str(tiny_clip)).identity == ImageTextEncoder(tiny_clip).identity


def test_a_model_of_the_hub_is_fetched_by_its_whole_name(
    tiny_clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.snapshot_download", lambda *_, **__: str(tiny_clip))
    found = resolve_image("openai/tiny").identity
    assert (found.name, found.revision) == ("openai/tiny", tiny_clip.name)


def test_what_is_out_of_reach_says_what_to_do() -> None:
    with pytest.raises(EncoderUnavailableError, match=r"no encoder a/b: .* \(ConnectionError\)"):
        resolve_image("a/b")
    for name in ("clip", "/nowhere/at/all", "a/b/c"):
        with pytest.raises(InputError, match=r"no image encoder .*as laion/.* has"):
            resolve_image(name)


def test_known_models_have_what_is_needed_to_choose_one() -> None:
    names = [known.name for known in KNOWN_IMAGE_ENCODERS]
    assert len(set(names)) == len(names)
    for known in KNOWN_IMAGE_ENCODERS:
        assert known.licence in ("MIT", "Apache-2.0")
        assert known.needs in ("", "cavewall[siglip]")


# Which one serves a wall.


def test_a_wall_without_an_image_space_needs_none() -> None:
    assert image_encoder_for_wall(ADDRESS, None, None) is None
    assert image_encoder_for_wall(ADDRESS, FAKE, None) is FAKE
    assert image_encoder_for_wall(ADDRESS, FAKE, FAKE.identity) is FAKE


def test_another_one_than_the_walls_is_refused_with_both_named(tiny_clip: Path) -> None:
    message = (
        r"was made with fake-image \(5-d, digest .*, and the image encoder asked for is {} .*"
        r"reencode --space image --discard"
    )
    with pytest.raises(EncoderMismatchError, match=message.format("other")):
        image_encoder_for_wall(ADDRESS, FakeImageEncoder("other"), FAKE.identity)
    with pytest.raises(EncoderMismatchError, match=message.format("tiny-clip")):
        image_encoder_for_wall(ADDRESS, str(tiny_clip), FAKE.identity)
    with pytest.raises(EncoderMismatchError, match="asked for is some/model: leave"):
        image_encoder_for_wall(ADDRESS, "some/model", FAKE.identity)


def test_a_wall_does_not_choose_what_is_loaded(tiny_clip: Path, config: Path) -> None:
    wanted = ImageTextEncoder(tiny_clip).identity
    with pytest.raises(
        EncoderMismatchError, match=r"the image encoder tiny-clip, .*\(in Python: image_encoder=\)"
    ):
        image_encoder_for_wall(ADDRESS, None, wanted)
    assert list(config.iterdir()) == []
    named = image_encoder_for_wall(ADDRESS, str(tiny_clip), wanted)
    assert named is not None
    assert json.loads((config / "encoders.json").read_text()) == {
        ADDRESS: {wanted.digest: str(tiny_clip)}
    }
    again = image_encoder_for_wall(ADDRESS, None, wanted)
    assert again is not None
    assert again.identity == named.identity
    changed = EncoderIdentity(wanted.name, wanted.dimension, "f" * 64)
    with pytest.raises(EncoderMismatchError, match="not loaded unasked"):
        image_encoder_for_wall(ADDRESS, None, changed)


def test_an_encoder_of_the_other_modality_is_told_where_it_belongs() -> None:
    reads: Encoder = FakeEncoder()
    sees: ImageEncoder = FAKE
    with pytest.raises(InputError, match="fake-image sees pictures: pass it as image_encoder"):
        encoder_for_wall(ADDRESS, sees, None)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="fake reads texts alone: pass it as encoder"):
        image_encoder_for_wall(ADDRESS, reads, None)  # type: ignore[arg-type]
