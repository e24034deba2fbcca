"""Work on a cluster of machines, by Ray: workers encode and write, the driver plans and commits."""

from cavewall.cluster.engine import RayEngine

__all__ = ["RayEngine"]
