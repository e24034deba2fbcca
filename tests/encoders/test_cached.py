"""Texts are encoded once, as long as they are among the last."""

from __future__ import annotations

import threading

import numpy as np

from cavewall.encoders import CachedEncoder
from cavewall.testing import FakeEncoder


def test_only_new_texts_are_encoded() -> None:
    fake = FakeEncoder()
    encoder = CachedEncoder(fake)
    encoder.encode(["dog", "cat", "dog"])
    found = encoder.encode(["cat", "sand"])
    assert fake.calls == [["dog", "cat"], ["sand"]]
    np.testing.assert_array_equal(found, FakeEncoder().encode(["cat", "sand"]))


def test_the_texts_not_asked_for_the_longest_are_forgotten_first() -> None:
    fake = FakeEncoder()
    encoder = CachedEncoder(fake, most=2)
    for text in ("dog", "cat", "dog", "sand", "dog", "cat"):
        encoder.encode([text])
    assert fake.calls == [["dog"], ["cat"], ["sand"], ["cat"]]


def test_more_texts_at_once_than_it_remembers() -> None:
    encoder = CachedEncoder(FakeEncoder(), most=2)
    texts = ["a", "b", "c", "d"]
    np.testing.assert_array_equal(encoder.encode(texts), FakeEncoder().encode(texts))


def test_no_texts_are_no_rows() -> None:
    assert CachedEncoder(FakeEncoder()).encode([]).shape == (0, 32)


def test_it_is_the_encoder_it_remembers_for() -> None:
    fake = FakeEncoder()
    encoder = CachedEncoder(fake)
    assert (encoder.name, encoder.identity) == (fake.name, fake.identity)


def test_threads_all_get_their_own_texts() -> None:
    encoder = CachedEncoder(FakeEncoder(), most=3)
    wrong: list[str] = []

    def work(seed: int) -> None:
        for number in range(50):
            texts = [f"t{(seed + number + k) % 7}" for k in range(3)]
            if not np.array_equal(encoder.encode(texts), FakeEncoder().encode(texts)):
                wrong.append(str(texts))

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
