"""Object storage, as far as pictures are read from it: addresses, listings and bytes."""

from cavewall.objects.bucket import Bucket, State
from cavewall.objects.path import AnyPath, ObjectPath, any_path, is_object_address

__all__ = ["AnyPath", "Bucket", "ObjectPath", "State", "any_path", "is_object_address"]
