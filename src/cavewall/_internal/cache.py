"""What was made when it was first asked for: for the last keys, or as parts of a value."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, Generic, Self, TypeVar, overload

__all__ = ["LRUCache", "cached_property"]

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
T = TypeVar("T")


class LRUCache(Generic[K, V]):
    """The values of the last `most` keys, for all threads."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[K, V] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: K, make: Callable[[], V]) -> V:
        """What `make` gave for the key when it was asked for first."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        # Outside the lock: threads that ask for others do not wait for it.
        return self.keep(key, make())

    def keep(self, key: K, value: V) -> V:
        """Remember a value in the place of what was known for its key."""
        with self._lock:
            self._kept[key] = value
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return value

    def known(self, key: K) -> V | None:
        """What is remembered for a key, if anything is."""
        with self._lock:
            if key not in self._kept:
                return None
            self._kept.move_to_end(key)
            return self._kept[key]

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._kept.clear()


class cached_property(Generic[T]):  # noqa: N801 -- a decorator
    """A part of a value that is made when it is first asked for, as `functools.cached_property`.

    That one holds, until Python 3.12, a lock for all instances while the part of one is made: who
    makes the words of one version would keep everyone from asking another, and two locks are taken
    in either order. Here threads that ask at once may make a part twice, and all get the same.
    """

    def __init__(self, make: Callable[[Any], T]) -> None:
        self._make = make
        self.__doc__ = make.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type) -> T: ...
    def __get__(self, instance: object | None, owner: type) -> Self | T:
        if instance is None:
            return self
        # The instance's own from now on: this is not asked again.
        part: T = instance.__dict__.setdefault(self._name, self._make(instance))
        return part
