"""Computes the UMAP layout for the map page, in a process of its own at the lowest priority.

Run as `python -m cavewall.server.umap_worker ADDRESS VERSION`. The finished layout is kept as an
artefact of the wall, where the server finds it; a process that is stopped leaves nothing.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
from dataclasses import replace

from cavewall.explore.map import LayoutStatus

__all__ = ["UmapWorker"]

_log = logging.getLogger("cavewall.server")

# Characters of its stderr, from the end.
_LOGGED = 2000


class UmapWorker:
    """Starts the process that computes layouts: one at a time, and no failed version again."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._version = 0
        self._failed: set[int] = set()
        self._stopped = False

    def asked(self, state: LayoutStatus, version: int) -> LayoutStatus:
        """The status of the layout, after starting its computation if it is absent."""
        if state.state != "absent":
            return state
        with self._lock:
            if self._process is None and version not in self._failed and not self._stopped:
                self._start(version)
            if self._process is None or self._version != version:
                return state
        return replace(state, state="computing", share=0.0)

    def stop(self) -> None:
        """Stop the process, and start no other."""
        with self._lock:
            self._stopped = True
            if self._process is not None:
                self._process.terminate()

    def _start(self, version: int) -> None:
        command = [sys.executable, "-m", "cavewall.server.umap_worker", self._address, str(version)]
        self._version = version
        self._process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        threading.Thread(
            target=self._wait, args=(self._process, version), name="cavewall-umap", daemon=True
        ).start()
        _log.info("the layout umap of version %d is being computed", version)

    def _wait(self, process: subprocess.Popen[str], version: int) -> None:
        _, errors = process.communicate()
        with self._lock:
            self._process = None
            if process.returncode == 0:
                _log.info("the layout umap of version %d is ready", version)
            elif not self._stopped:
                self._failed.add(version)
                _log.warning("the layout umap cannot be computed: %s", errors[-_LOGGED:].strip())


def main() -> None:
    """Compute the layout of a version, at the lowest priority."""
    if hasattr(os, "nice"):
        os.nice(19)
    from cavewall.wall import open_wall

    address, version = sys.argv[1:]
    open_wall(address).map.build("umap", version=int(version))


if __name__ == "__main__":
    main()
