"""Ray engine: workers of a cluster encode and write, the driver plans and commits."""

from cavewall.cluster.engine import RayEngine

__all__ = ["RayEngine"]
