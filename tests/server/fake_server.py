"""A process that serves a wall made with the fake encoders: `fake_server.py WALL [OPTION=VALUE …]`.

It prints the address once it listens.
"""

from __future__ import annotations

import sys

import cavewall
from cavewall.server import Limits, Settings, serve
from cavewall.testing import FakeEncoder, FakeImageEncoder


def started(address: str) -> None:
    print(address, flush=True)


if __name__ == "__main__":
    given = dict(option.split("=", 1) for option in sys.argv[2:])
    limits = Limits(**{name: int(value) for name, value in given.items() if name != "token"})
    settings = Settings(port=0, token=given.get("token"), limits=limits)
    serve(cavewall.open(sys.argv[1], FakeEncoder(), FakeImageEncoder()), settings, started)
