"""Walls in object storage: the options for Lance, and its errors as errors of ours.

Lance finds credentials, region and endpoint where the tools of each service do: AWS's environment
variables, profile files, containers and instances; Google's and Azure's own. It tries a
request four times, with a timeout of 30 seconds (`AWS_TIMEOUT=5s` sets another).
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
    """Whether an address is one of object storage."""
    return "://" in address


def is_absent(fault: Exception) -> bool:
    """Whether an error of Lance's means *not found*, for which it has no exception of its own.

    A missing bucket is another matter: see `storage_error`.
    """
    return "not found" in str(fault).lower() and "NoSuchBucket" not in str(fault)


def storage_options(address: str) -> dict[str, str] | None:
    """The storage options for Lance; None for local addresses."""
    # Only a custom endpoint can be http://, and only because the user has named it so.
    return {"allow_http": "true"} if is_remote(address) else None


def storage_error(address: str, fault: Exception) -> StorageError | None:
    """An error of Lance's as a StorageError; None where it is not about object storage."""
    message = str(fault)
    if not is_remote(address) or not _OF_STORAGE.search(message):
        return None
    explained = explain_storage_error(address, message, "list, read, write and delete")
    if explained is not None:
        return StorageError(explained)
    return StorageError(f"{address} cannot be used: {message.splitlines()[0][:300]}")


@contextmanager
def raise_storage_errors(address: Callable[[], str]) -> Iterator[None]:
    """Turn Lance's errors of object storage into a StorageError of one sentence.

    `address` is called only when something fails: an object under construction may not have one.
    """
    try:
        yield
    except CavewallError:
        raise
    except (OSError, ValueError, RuntimeError) as fault:
        in_storage = storage_error(address(), fault)
        if in_storage is None:
            raise
        raise in_storage from fault


def raises_storage_errors(kind: type[T]) -> type[T]:
    """A class whose public methods and properties raise StorageError where storage fails.

    Its instances have an `address`. A class decorator, so that no method can be forgotten.
    """
    for name, member in list(vars(kind).items()):
        if name.startswith("_") and name != "__init__":
            continue
        if inspect.isfunction(member):
            setattr(kind, name, _with_storage_errors(member))
        elif isinstance(member, property) and member.fget is not None:
            setattr(kind, name, member.getter(_with_storage_errors(member.fget)))
    return kind


def _with_storage_errors(method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def wrapped(self: Any, *args: Any, **kwargs: Any) -> Any:
        with raise_storage_errors(lambda: getattr(self, "address", "")):
            return method(self, *args, **kwargs)

    return wrapped
