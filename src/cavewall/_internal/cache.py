"""Caches in memory: the values of the last keys, and attributes computed at their first use."""

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
    """The values of the `most` keys used last. Safe for threads."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[K, V] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: K, make: Callable[[], V]) -> V:
        """The value of the key, made if it is not kept."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        # Outside the lock, so that threads with other keys do not wait.
        return self.put(key, make())

    def put(self, key: K, value: V) -> V:
        """Keep a value, in place of an older one, and return it."""
        with self._lock:
            self._kept[key] = value
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return value

    def lookup(self, key: K) -> V | None:
        """The value of a key, None if it is not kept."""
        with self._lock:
            if key not in self._kept:
                return None
            self._kept.move_to_end(key)
            return self._kept[key]

    def clear(self) -> None:
        """Drop all values."""
        with self._lock:
            self._kept.clear()


class cached_property(Generic[T]):  # noqa: N801 -- a decorator
    """An attribute computed at its first use, as `functools.cached_property`, without its lock.

    Until Python 3.12 that lock is one for all instances: computing the words of one version would
    block every other version, and with a second lock it can deadlock. Here threads at once may
    compute the value twice, and all get the same one.
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
        # The instance attribute hides this descriptor from now on.
        part: T = instance.__dict__.setdefault(self._name, self._make(instance))
        return part
