"""Encoders that travel: by their files, or as they are; never another in their place."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from cavewall.cluster.encoder_ref import encoder_ref
from cavewall.encoders import resolve, resolve_image
from cavewall.errors import EncoderUnavailableError
from cavewall.testing import FakeEncoder

pytestmark = pytest.mark.cluster


def test_a_folder_is_opened_again(tiny_model: Path) -> None:
    encoder = resolve(str(tiny_model))
    sent = pickle.loads(pickle.dumps(encoder_ref(encoder)))
    np.testing.assert_array_equal(sent.load().encode(["a dog"]), encoder.encode(["a dog"]))


def test_an_image_encoder_is_opened_again(tiny_clip: Path) -> None:
    encoder = resolve_image(str(tiny_clip))
    assert encoder_ref(encoder).load().identity == encoder.identity


def test_the_packaged_model_is_found_wherever_it_lies() -> None:
    encoder = resolve()
    sent = encoder_ref(encoder)
    assert len(pickle.dumps(sent)) < 2000
    assert sent.load().identity == encoder.identity


def test_any_other_encoder_travels_itself() -> None:
    encoder = FakeEncoder()
    assert encoder_ref(encoder).load() is encoder


def test_another_model_under_the_same_name_is_refused(
    tiny_copy: Callable[[str], Path],
) -> None:
    folder = tiny_copy("model")
    sent = encoder_ref(resolve(str(folder)))
    (folder / "more.json").write_text("{}")
    with pytest.raises(EncoderUnavailableError, match="install the same model there"):
        sent.load()
