"""What keeps the perceptual hashes of a wall."""

from __future__ import annotations

import pytest

import cavewall
from cavewall.search import perceptual_hashes as module
from cavewall.search.perceptual_hashes import PerceptualHashes
from cavewall.storage import Store
from tests.conftest import picture_bytes


def test_they_are_taken_once_for_each_thumbnail(
    toy: cavewall.Wall, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at: list[bytes] = []
    monkeypatch.setattr(module, "phash", looked_at.append)
    store = Store.open(toy.address)
    for _ in range(2):
        found = PerceptualHashes.of(store, store.version, 6)
        assert (found.bits.shape, found.readable.tolist()) == ((6, 8), [False] * 6)
        assert len(looked_at) == 6
    toy.add([cavewall.Picture("new", ("a dog",), image=picture_bytes())])
    store.refresh()
    assert len(PerceptualHashes.of(store, store.version, 7).keys) == 7
    assert len(looked_at) == 7
