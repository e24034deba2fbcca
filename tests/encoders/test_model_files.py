"""What loading a model takes: files of models are refused in the tests of their encoders."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from cavewall.encoders import ImageTextEncoder
from cavewall.encoders.model_files import check_libraries
from cavewall.errors import MissingExtraError


@pytest.mark.parametrize("missing", ["torch", "sentence_transformers"])
def test_a_model_without_the_libraries_that_load_it_says_how_to_get_them(
    missing: str, tiny_clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_libraries("tiny")
    encoder = ImageTextEncoder(tiny_clip)
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(MissingExtraError, match="tiny is loaded with sentence-transformers"):
        check_libraries("tiny")
    with pytest.raises(MissingExtraError, match="pip install sentence-transformers"):
        encoder.encode_texts(["a dog"])
