"""A process that writes to a wall others serve: `bucket_writer.py WALL ROUNDS`.

Each round adds three pictures and turns one that is there into another; its version and number are
printed. After the last, small files are merged and every older version is cleaned up.
"""

from __future__ import annotations

import io
import sys
from datetime import timedelta

from PIL import Image

import cavewall
from cavewall.storage import Store
from cavewall.testing import FakeEncoder

TURNED = "turned.jpg"


def picture(name: str, number: int) -> cavewall.Picture:
    out = io.BytesIO()
    Image.new("RGB", (20 + number, 40), (number, 0, 60)).save(out, "PNG")
    return cavewall.Picture(name, (f"a dog in round{number}",), image=out.getvalue())


def main(address: str, rounds: int) -> None:
    wall = cavewall.open(address, FakeEncoder())
    for number in range(1, rounds + 1):
        new = [picture(f"{number}-{at}.jpg", number) for at in range(3)]
        report = wall.add([picture(TURNED, number), *new])
        assert not report.skipped, report
        print(wall.version, number, flush=True)
    wall.maintenance.optimize()
    writer = Store.open(address)
    writer.handle().cleanup_old_versions(older_than=timedelta(0), delete_unverified=True)
    print(wall.version, rounds, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
