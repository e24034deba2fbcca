"""The table `pictures` on disk or in object storage: the only place that knows Lance."""

from cavewall.store.rows import Known, NewPicture
from cavewall.store.schema import STANDBY, VECTOR
from cavewall.store.snapshot import Snapshot
from cavewall.store.table import Store

__all__ = ["STANDBY", "VECTOR", "Known", "NewPicture", "Snapshot", "Store"]
