"""`cavewall` in a process of its own, to be stopped: real but for the encoder, in small tasks.

Run as `python driver.py LOG slow|fast add SOURCE --wall ADDRESS …`. It says `ready` once all is
imported.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import lance  # noqa: F401 -- its import would take most of the time in which to be stopped
import numpy as np
from numpy.typing import NDArray

import cavewall
import cavewall.cli
from cavewall.cluster import engine, tasks
from cavewall.encoders import Encoder

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.cluster.telling import Told


class Slow(Told):
    """Takes its time."""

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        time.sleep(0.5)
        return super().encode(texts)


def main() -> None:
    log, pace = Path(sys.argv.pop(1)), sys.argv.pop(1)
    real = cavewall.open

    def opened(
        uri: str | os.PathLike[str], encoder: str | Encoder | None = None, *_: object
    ) -> cavewall.Wall:
        return real(uri, encoder or (Slow(log) if pace == "slow" else Told(log)))

    cavewall.open = opened  # type: ignore[assignment]
    tasks._LEAST = 8
    engine._CHECKPOINT_SECONDS = 0.2
    sys.stderr.write("ready\n")
    sys.stderr.flush()
    cavewall.cli.main()


if __name__ == "__main__":
    main()
