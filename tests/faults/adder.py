"""`cavewall` in a process of its own, to be killed: real but for the encoder, in small windows.

Run as `python adder.py add SOURCE --wall ADDRESS …`. It says `ready` once all is imported.
"""

from __future__ import annotations

import os
import sys

import lance  # noqa: F401 -- its import would take most of the time in which to be killed

import cavewall
import cavewall.cli
from cavewall.encoders import Encoder
from cavewall.ingest import batches
from cavewall.testing import FakeEncoder


def main() -> None:
    real = cavewall.open

    def opened(
        uri: str | os.PathLike[str], encoder: str | Encoder | None = None, *_: object
    ) -> cavewall.Wall:
        return real(uri, encoder or FakeEncoder())

    cavewall.open = opened  # type: ignore[assignment]
    batches._WINDOW_PICTURES = int(os.environ.get("WINDOW", "8"))
    sys.stderr.write("ready\n")
    sys.stderr.flush()
    cavewall.cli.main()


if __name__ == "__main__":
    main()
