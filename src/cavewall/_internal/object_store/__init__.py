"""Object storage, as far as pictures are read from it: addresses, listings and bytes."""

from cavewall._internal.object_store.client import Bucket, State
from cavewall._internal.object_store.path import AnyPath, ObjectPath, any_path, is_object_address

__all__ = ["AnyPath", "Bucket", "ObjectPath", "State", "any_path", "is_object_address"]
