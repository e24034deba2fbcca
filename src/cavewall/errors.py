"""The exceptions of Cavewall.

    CavewallError
    ├── InputError (ValueError)          mistakes of the caller
    │   ├── ExpressionError              an expression that does not parse or has no direction
    │   ├── FilterError                  a filter that does not parse or does not fit the wall
    │   ├── SourceError                  a source that cannot be read at all
    │   ├── UnknownPictureError          an image_id that is not on the wall
    │   └── EncoderMismatchError         a wall opened with another encoder than its own
    └── OperationalError                 failures of the environment
        ├── WallNotFoundError            no wall at this address
        ├── VersionExpiredError          a version that was removed while it was read
        ├── WallFormatError              not a wall, or one of a newer format
        ├── EncoderUnavailableError      a model that is missing, refused or not what it claims
        ├── DiskSpaceError               too little disk space
        ├── StorageError                 object storage that refuses or does not answer
        ├── ClusterError                 an unreachable cluster, or one whose workers die
        ├── DownloadError                a dataset that could not be downloaded
        └── MissingExtraError            an optional package that is not installed

Every message says what is wrong, where, and what to do about it.
"""

from __future__ import annotations

__all__ = [
    "CavewallError",
    "ClusterError",
    "DiskSpaceError",
    "DownloadError",
    "EncoderMismatchError",
    "EncoderUnavailableError",
    "ExpressionError",
    "FilterError",
    "InputError",
    "MissingExtraError",
    "OperationalError",
    "SourceError",
    "StorageError",
    "UnknownPictureError",
    "VersionExpiredError",
    "WallFormatError",
    "WallNotFoundError",
]


class CavewallError(Exception):
    """The base class of all exceptions of Cavewall."""


class InputError(CavewallError, ValueError):
    """An invalid argument.

    For errors in a text, `source` is the text and `column` the position in characters from 1. Both
    are None elsewhere, and for values that were built in Python.
    """

    def __init__(self, message: str, source: str | None = None, column: int | None = None) -> None:
        self.message = message
        self.source = source
        self.column = column
        super().__init__(message if column is None else f"column {column}: {message}")


class ExpressionError(InputError):
    """An expression that does not parse, or has no direction to search in."""


class FilterError(InputError):
    """A filter that does not parse, names an unknown field, or compares unlike kinds."""


class SourceError(InputError):
    """A source of pictures that cannot be read at all."""


class UnknownPictureError(InputError):
    """An image_id that is not on the wall."""


class EncoderMismatchError(InputError):
    """A wall opened with another encoder than the one that made its vectors."""


class OperationalError(CavewallError):
    """A failure of the environment: disk, network, models, packages."""


class WallNotFoundError(OperationalError):
    """There is no wall at this address."""


class VersionExpiredError(OperationalError):
    """A version of a wall that was removed while it was read; the newest one still exists."""


class WallFormatError(OperationalError):
    """The address does not hold a wall, or one of a newer format."""


class EncoderUnavailableError(OperationalError):
    """A model that is missing, refused, or not what it claims to be."""


class DiskSpaceError(OperationalError):
    """Too little disk space."""


class StorageError(OperationalError):
    """Object storage that refuses a request, or does not answer."""


class ClusterError(OperationalError):
    """A cluster that cannot be reached, has no room, or whose workers keep dying."""


class DownloadError(OperationalError):
    """A dataset that could not be downloaded."""


class MissingExtraError(OperationalError):
    """An optional package is not installed; the message has the command that installs it."""
