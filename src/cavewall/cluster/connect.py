"""Connecting to a Ray cluster, or starting one on this machine for the time of the work."""

from __future__ import annotations

import logging
import os
import socket
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from cavewall.errors import ClusterError, InputError, MissingExtraError

__all__ = ["Resources", "connected", "imported", "resources"]

# Seconds until a machine that does not answer counts as unreachable.
_TIMEOUT = 5.0
# Cores per worker: more threads of one Python process slow each other down.
_CORES = 4


@dataclass(frozen=True)
class Resources:
    """The number of workers that fit on the cluster, and the resources of each."""

    count: int
    cores: int
    gpus: int


@contextmanager
def connected(address: str | None) -> Iterator[Any]:
    """Ray, connected: to that address, or $RAY_ADDRESS, or a cluster of this machine's own.

    `auto` is the cluster that was started on this machine. A process that is already connected
    keeps its cluster. A cluster started here sends no usage statistics, and ends with the work.

    Raises:
        MissingExtraError: Ray is not installed.
        ClusterError: the cluster cannot be reached.
    """
    ray = imported()
    if ray.is_initialized():
        yield ray
        return
    where = address or os.environ.get("RAY_ADDRESS") or "local"
    _check_reachable(where)
    started_here = {"include_dashboard": False} if where == "local" else {}
    try:
        with warnings.catch_warnings():
            # Lance warns about forks, but those of Ray exec another program at once.
            warnings.simplefilter("ignore")
            ray.init(where, log_to_driver=False, logging_level=logging.ERROR, **started_here)
    except (ConnectionError, OSError, RuntimeError, ValueError) as fault:
        # Otherwise Ray would report a half-open connection as initialised.
        ray.shutdown()
        raise ClusterError(_out_of_reach(where, str(fault).splitlines()[0][:200])) from fault
    try:
        yield ray
    finally:
        ray.shutdown()


def resources(ray: Any) -> Resources:
    """One worker per GPU if the cluster has any, else one per group of cores.

    Raises:
        ClusterError: it has no cores.
    """
    nodes = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    gpus = [(int(node.get("GPU", 0)), int(node.get("CPU", 0))) for node in nodes]
    with_gpus = [(count, cores // count) for count, cores in gpus if count]
    if with_gpus:
        cores = min(_CORES, *(each for _, each in with_gpus))
        return Resources(sum(count for count, _ in with_gpus), cores, 1)
    cores_of = [cores for _, cores in gpus if cores]
    if not cores_of:
        raise ClusterError("no machine of the cluster has a core for a worker: start one with some")
    cores = min(_CORES, *cores_of)
    return Resources(sum(each // cores for each in cores_of), cores, 0)


def imported() -> Any:
    """Import Ray, configured to be quiet. Raises MissingExtraError."""
    # Read at import and when a cluster is started: no usage statistics.
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    # Ray would print the output of its processes to stdout, into the JSON.
    os.environ.setdefault("RAY_DEDUP_LOGS_SKIP_REGEX", ".")
    # The default of the next version; without it, Ray warns.
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    try:
        import ray
    except ImportError:
        raise MissingExtraError(
            "working on a cluster needs Ray: pip install 'cavewall[ray]', on each of its machines"
        ) from None
    return ray


def _check_reachable(where: str) -> None:
    """Check that the head answers, which takes Ray minutes."""
    if where in ("local", "auto"):
        return
    host, _, port = where.rpartition(":")
    if "://" in where or not host or not port.isdecimal():
        raise InputError(
            f"{where!r} is no address of a Ray cluster: give HOST:PORT of its head, or auto on a "
            "machine of the cluster"
        )
    try:
        socket.create_connection((host.strip("[]"), int(port)), _TIMEOUT).close()
    except (OSError, OverflowError) as fault:
        raise ClusterError(_out_of_reach(where, str(fault))) from fault


def _out_of_reach(where: str, why: str) -> str:
    if where == "local":
        return f"Ray does not start on this machine: {why}"
    return (
        f"the Ray cluster {where} cannot be reached ({why}): is it started, with the same Ray and "
        "Python as here? Leave the address out to use this machine alone"
    )
