"""Words that set a group apart."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from cavewall.index.cluster_labels import label_clusters


def named(words: dict[str, list[int]], sizes: list[int]) -> tuple[tuple[str, ...], ...]:
    counts = np.array(list(words.values()), np.int64).reshape(len(words), len(sizes))
    return label_clusters(counts, np.array(sizes), pa.array(list(words), pa.string()))


def test_what_a_group_says_more_often_comes_first() -> None:
    words = {"man": [50, 50], "dog": [40, 2], "snow": [20, 1], "beach": [3, 45], "red": [10, 11]}
    assert named(words, [60, 60]) == (("dog", "snow"), ("beach", "red"))


def test_words_of_no_meaning_and_forms_of_a_word_are_left_out() -> None:
    words = {
        **{"the": [60, 0], "dogs": [30, 0], "dog": [40, 0], "2": [50, 0], "x": [50, 0]},
        **{"running": [20, 0], "run": [10, 0], "sand": [8, 0], "cat": [0, 9]},
    }
    assert named(words, [60, 60])[0] == ("dog", "running", "sand")


def test_no_two_groups_have_the_same_words() -> None:
    words = {"dog": [30, 30, 0], "sand": [30, 30, 0], "sea": [30, 30, 0], "sky": [20, 20, 0]}
    first, second, third = named({**words, "bus": [0, 0, 30]}, [30, 30, 30])
    assert first == ("dog", "sand", "sea")
    assert second == ("dog", "sand", "sky")
    assert third == ("bus",)
    # Where words run out, the name is shorter.
    few = {"dog": [30, 30, 0], "sand": [20, 20, 0], "bus": [0, 0, 30]}
    assert named(few, [30, 30, 30])[:2] == (("dog", "sand"), ("dog",))


def test_what_everybody_says_or_nobody_else_could_sets_nothing_apart() -> None:
    assert named({"photo": [10, 10]}, [10, 10]) == ((), ())
    assert named({"photo": [10]}, [10]) == ((),)
    assert named({}, [3]) == ((),)


def test_a_word_longer_than_a_label_is_cut() -> None:
    (name,), _ = named({"x" * 5000: [9, 0]}, [10, 10])
    assert len(name) == 24
