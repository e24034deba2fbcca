"""A Ray cluster of two machines on this one, with a core each, for all tests of this folder."""

from __future__ import annotations

import gc
import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cavewall.cluster import connect
from tests.s3 import environment

MEMORY = 100 * 1024 * 1024


@pytest.fixture(scope="package")
def machines(s3_endpoint: str) -> Iterator[Any]:
    """The cluster's machines. Their workers know the S3 server that the tests ask."""
    pytest.importorskip("ray", reason="Ray is not installed")
    connect.imported()
    from ray.cluster_utils import Cluster  # noqa: PLC0415 -- seconds of imports

    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        # Of what Ray's own tests are made of: files that it leaves open, and forks.
        warnings.simplefilter("ignore")
        for name, value in environment(s3_endpoint).items():
            patch.setenv(name, value)
        # Encoders of these tests are found by the workers, as those of a package would be.
        path = [str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")]
        patch.setenv("PYTHONPATH", os.pathsep.join(filter(None, path)))
        head = {"num_cpus": 1, "include_dashboard": False, "object_store_memory": MEMORY}
        started = Cluster(initialize_head=True, head_node_args=head)
        started.add_node(num_cpus=1, object_store_memory=MEMORY)
        yield started
        started.shutdown()
        gc.collect()


@pytest.fixture(scope="package")
def cluster(machines: Any) -> Iterator[str]:
    """The address of the cluster, to which this process is connected already."""
    with connect.connected(str(machines.address)):
        yield str(machines.address)


@pytest.fixture
def small_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few pictures in a task, so that a small source makes many of them."""
    monkeypatch.setattr("cavewall.cluster.tasks._LEAST", 8)
