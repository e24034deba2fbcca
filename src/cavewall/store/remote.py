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

from cavewall.errors import CavewallError, StorageError

__all__ = [
    "is_absent",
    "is_remote",
    "storage_options",
    "storage_told",
    "telling_of_storage",
    "tells_of_storage",
]

T = TypeVar("T")

_OF_STORAGE = re.compile(r"Generic \S+ error|Error performing|LanceError\(IO\)")
_BUCKET = "there is no bucket {bucket}: make it first, or check the address {address}"
_AGAIN = "What was written before is kept, nothing is half there: run the same command again"
# What the services say, and what that means; the first that is found. `{code}` is what was found.
_MEANINGS = (
    (r"NoSuchBucket|ContainerNotFound|The specified bucket does not exist", _BUCKET),
    (
        r"CredentialsNotLoaded|Failed to get AWS credentials|no providers in chain",
        "there are no credentials for {address}: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, "
        "or AWS_PROFILE",
    ),
    (
        r"RequestTimeTooSkewed",
        "{address} refuses requests of another time ({code}): set the clock of this machine",
    ),
    (
        r"InvalidAccessKeyId|SignatureDoesNotMatch|ExpiredToken|InvalidToken|TokenRefreshRequired|"
        r"AuthenticationFailed",
        "the credentials for {address} are refused ({code}): check AWS_ACCESS_KEY_ID and "
        "AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or log in again",
    ),
    (
        r"incorrectly configured region|PermanentRedirect|AuthorizationHeaderMalformed|"
        r"IllegalLocationConstraintException",
        "the bucket {bucket} is in another region than was asked: set AWS_REGION to its own",
    ),
    (
        r"AccessDenied|403 Forbidden|401 Unauthorized",
        "access to {address} is denied: these credentials need to list, read, write and delete "
        "objects there",
    ),
    (
        r"SlowDown|TooManyRequests|429 |RequestLimitExceeded|503 ",
        "{address} asks for fewer requests, and was asked again in vain: try later. " + _AGAIN,
    ),
    (
        r"NoSuchKey|not found",
        "an object of {address} is gone: another program removed it. Ask again",
    ),
    (
        r"error sending request|HTTP error|timed? ?out|connection|50[0-9] ",
        "{address} does not answer: check the network, and AWS_ENDPOINT_URL where the server is "
        "your own. " + _AGAIN,
    ),
)


def is_remote(address: str) -> bool:
    """Whether what stands there is in object storage."""
    return "://" in address


def is_absent(fault: Exception) -> bool:
    """Whether Lance says that what was asked for is not there: it has no exception for that.

    A bucket that is not there is another matter: see `storage_told`.
    """
    return "not found" in str(fault).lower() and "NoSuchBucket" not in str(fault)


def storage_options(address: str) -> dict[str, str] | None:
    """What to tell Lance besides; None for what is on this machine."""
    # Whoever names an http:// endpoint means it: AWS's own are https:// without being named.
    return {"allow_http": "true"} if is_remote(address) else None


def storage_told(address: str, fault: Exception) -> StorageError | None:
    """What a fault of Lance's says of object storage; None where it is about something else."""
    said = str(fault)
    if not is_remote(address) or not _OF_STORAGE.search(said):
        return None
    words = {"address": address, "bucket": address.partition("://")[2].partition("/")[0]}
    for pattern, meaning in _MEANINGS:
        found = re.search(pattern, said, re.I)
        if found:
            return StorageError(meaning.format(code=found[0], **words))
    return StorageError(f"{address} cannot be used: {said.splitlines()[0][:300]}")


@contextmanager
def telling_of_storage(address: Callable[[], str]) -> Iterator[None]:
    """Turn what Lance says of object storage into a StorageError, in one sentence.

    `address` is asked for where something fails: who is being made may not have it before.
    """
    try:
        yield
    except CavewallError:
        raise
    except (OSError, ValueError, RuntimeError) as fault:
        told = storage_told(address(), fault)
        if told is None:
            raise
        raise told from fault


def tells_of_storage(kind: type[T]) -> type[T]:
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
        with telling_of_storage(lambda: getattr(self, "address", "")):
            return method(self, *args, **kwargs)

    return told
