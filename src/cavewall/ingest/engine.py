"""Where the pictures of an `add` are read and encoded: in this process, or elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from cavewall.encoders import Encoder, ImageEncoder
from cavewall.ingest.batches import Windows
from cavewall.ingest.diff import Triage
from cavewall.ingest.missing import Vanished
from cavewall.ingest.options import Progress
from cavewall.ingest.pending import Job
from cavewall.ingest.write import Commits

__all__ = ["Engine", "Here", "Load"]


@dataclass(frozen=True)
class Load:
    """What is to be brought onto the wall, and with what.

    `count` says how many jobs there are, None where the source cannot be looked over; `vanished`
    may turn up among them; `stored` gives the vectors that the wall has in a column, by image_id.
    """

    jobs: Iterable[Job]
    count: int | None
    triage: Triage
    vanished: Vanished | None
    encoder: Encoder
    image_encoder: ImageEncoder | None
    stored: Callable[[list[str], str], dict[str, NDArray[np.float32]]]
    progress: Progress | None


class Engine(Protocol):
    """Whoever brings the pictures of an `add` onto the wall."""

    def bring(self, load: Load, commits: Commits) -> None:
        """Read, encode and write all of it; what becomes of each is told to the tally."""
        ...


class Here:
    """In this process, a window at a time."""

    def bring(self, load: Load, commits: Commits) -> None:
        work = Windows(load.triage, load.vanished, load.encoder, load.stored, load.image_encoder)
        with closing(work.made(load.jobs, load.progress)) as windows:
            if load.triage.options.overwrite:
                commits.overwrite(windows)
                return
            for window in windows:
                commits.write(window)
                # Its bytes are free while the next is waited for.
                del window
