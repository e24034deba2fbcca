"""The vector of a picture: the mean direction of its captions'."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from cavewall._internal.vectors import mean_directions

__all__ = ["LONGEST_ENCODED", "encode_captions"]

# Characters of a caption; models read less, and tokenise all that they are given.
LONGEST_ENCODED = 10_000


def encode_captions(
    captions: Sequence[Sequence[str]], encode: Callable[[list[str]], NDArray[np.float32]]
) -> NDArray[np.float32]:
    """Unit vectors (n, d) of pictures with at least one caption each, zero where these cancel."""
    texts = [caption[:LONGEST_ENCODED] for each in captions for caption in each]
    return mean_directions(encode(texts), [len(each) for each in captions])
