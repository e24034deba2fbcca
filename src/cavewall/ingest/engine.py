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
from cavewall.ingest.diff import ChangeDetector
from cavewall.ingest.missing import MissingPictures
from cavewall.ingest.options import IngestProgress
from cavewall.ingest.pending import PendingPicture
from cavewall.ingest.write import Writer

__all__ = ["Engine", "IngestJob", "LocalEngine"]


@dataclass(frozen=True)
class IngestJob:
    """What is to be brought onto the wall, and with what.

    `count` says how many jobs there are, None where the source cannot be looked over; `vanished`
    may turn up among them; `stored` gives the vectors that the wall has in a column, by image_id.
    """

    jobs: Iterable[PendingPicture]
    count: int | None
    triage: ChangeDetector
    vanished: MissingPictures | None
    encoder: Encoder
    image_encoder: ImageEncoder | None
    stored: Callable[[list[str], str], dict[str, NDArray[np.float32]]]
    progress: IngestProgress | None


class Engine(Protocol):
    """Runs the stages of an `add`."""

    def run(self, load: IngestJob, commits: Writer) -> None:
        """Read, encode and write all of it; results are counted in the detector's `tally`."""
        ...


class LocalEngine:
    """In this process, a window at a time."""

    def run(self, load: IngestJob, commits: Writer) -> None:
        work = Windows(load.triage, load.vanished, load.encoder, load.stored, load.image_encoder)
        with closing(work.made(load.jobs, load.progress)) as windows:
            if load.triage.options.overwrite:
                commits.overwrite(windows)
                return
            for window in windows:
                commits.write(window)
                # Drop the reference, so that its memory is free while the next is prepared.
                del window
