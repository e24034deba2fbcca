"""Walls in object storage: how Lance is told to reach them, and what it means when it cannot.

Lance finds credentials, region and endpoint where the tools of each service do: AWS's environment
variables, profile files, containers and instances; Google's and Azure's own. It tries a request
four times, and gives up one that is not answered in half a minute (`AWS_TIMEOUT=5s`: sooner).
"""

from __future__ import annotations

import functools
import inspect
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from cavewall._internal.object_store.error_messages import explain_storage_error
from cavewall.errors import CavewallError, StorageError

__all__ = [
    "is_absent",
    "is_remote",
    "raise_storage_errors",
    "raises_storage_errors",
    "storage_error",
    "storage_options",
]

T = TypeVar("T")

_OF_STORAGE = re.compile(r"Generic \S+ error|Error performing|LanceError\(IO\)")


def is_remote(address: str) -> bool:
    """Whether what stands there is in object storage."""
    return "://" in address


def is_absent(fault: Exception) -> bool:
    """Whether Lance says that what was asked for is not there: it has no exception for that.

    A bucket that is not there is another matter: see `storage_error`.
    """
    return "not found" in str(fault).lower() and "NoSuchBucket" not in str(fault)


def storage_options(address: str) -> dict[str, str] | None:
    """What to tell Lance besides; None for what is on this machine."""
    # Whoever names an http:// endpoint means it: AWS's own are https:// without being named.
    return {"allow_http": "true"} if is_remote(address) else None


def storage_error(address: str, fault: Exception) -> StorageError | None:
    """What a fault of Lance's says of object storage; None where it is about something else."""
    said = str(fault)
    if not is_remote(address) or not _OF_STORAGE.search(said):
        return None
    told = explain_storage_error(address, said, "list, read, write and delete")
    if told is not None:
        return StorageError(told)
    return StorageError(f"{address} cannot be used: {said.splitlines()[0][:300]}")


@contextmanager
def raise_storage_errors(address: Callable[[], str]) -> Iterator[None]:
    """Turn what Lance says of object storage into a StorageError, in one sentence.

    `address` is asked for where something fails: who is being made may not have it before.
    """
    try:
        yield
    except CavewallError:
        raise
    except (OSError, ValueError, RuntimeError) as fault:
        told = storage_error(address(), fault)
        if told is None:
            raise
        raise told from fault


def raises_storage_errors(kind: type[T]) -> type[T]:
    """A class whose public methods and properties raise StorageError where storage fails.

    Its values have an `address`. Said once for all, so that no method can be without it.
    """
    for name, member in list(vars(kind).items()):
        if name.startswith("_") and name != "__init__":
            continue
        if inspect.isfunction(member):
            setattr(kind, name, _telling(member))
        elif isinstance(member, property) and member.fget is not None:
            setattr(kind, name, member.getter(_telling(member.fget)))
    return kind


def _telling(method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def told(self: Any, *args: Any, **kwargs: Any) -> Any:
        with raise_storage_errors(lambda: getattr(self, "address", "")):
            return method(self, *args, **kwargs)

    return told
