"""What can go wrong, as one tree.

    CavewallError
    ├── InputError (ValueError)          the caller's mistakes
    │   ├── ExpressionError              an expression that does not parse or mean anything
    │   ├── FilterError                  a filter that does not parse, or not fit the wall
    │   ├── SourceError                  a source that cannot be read at all
    │   ├── UnknownPictureError          an image_id that is not on the wall
    │   └── EncoderMismatchError         a wall opened with another encoder than its own
    └── OperationalError               what the machine lacks or holds
        ├── WallNotFoundError            no wall at this address
        ├── VersionExpiredError             a version that was cleaned up while it was read
        ├── WallFormatError              something else stands at this address
        ├── EncoderUnavailableError      a model that is missing, refused or not what it claims
        ├── DiskSpaceError               too little room for what is to be stored
        ├── StorageError                 object storage that refuses or does not answer
        ├── ClusterError                 a cluster out of reach, or whose workers die
        ├── DownloadError                   a dataset that could not be brought from where it is
        └── MissingExtraError            an optional package that is not installed

Every message says what, where and what to do about it.
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
    """The root of everything that Cavewall raises on purpose."""


class InputError(CavewallError, ValueError):
    """Something the caller passed is not usable."""


class ExpressionError(InputError):
    """An expression that does not parse, or has no direction to search in.

    `source` is the text as given and `column` the place of the fault, counted in characters
    from 1; both are None for expressions that were built in Python.
    """

    def __init__(self, message: str, source: str | None = None, column: int | None = None) -> None:
        self.message = message
        self.source = source
        self.column = column
        super().__init__(message if column is None else f"column {column}: {message}")


class FilterError(InputError):
    """A filter that does not parse, names a field that is not there, or compares unlike kinds.

    `source` and `column` are those of an `ExpressionError`; both are None for filters that were
    built in Python.
    """

    def __init__(self, message: str, source: str | None = None, column: int | None = None) -> None:
        self.message = message
        self.source = source
        self.column = column
        super().__init__(message if column is None else f"column {column}: {message}")


class SourceError(InputError):
    """A source of pictures that cannot be read at all."""


class UnknownPictureError(InputError):
    """An image_id that is not on the wall."""


class EncoderMismatchError(InputError):
    """A wall opened with another encoder than the one that made its vectors."""


class OperationalError(CavewallError):
    """The machine lacks something, or holds something else than expected."""


class WallNotFoundError(OperationalError):
    """There is no wall at this address."""


class VersionExpiredError(OperationalError):
    """A version of a wall that has been cleaned up while it was read: the newest one is there."""


class WallFormatError(OperationalError):
    """What stands at this address is no wall, or a wall of a newer format."""


class EncoderUnavailableError(OperationalError):
    """A model that is not there, is refused, or is not what it claims to be."""


class DiskSpaceError(OperationalError):
    """Too little room for what is to be stored."""


class StorageError(OperationalError):
    """Object storage that refuses what is asked of it, or does not answer."""


class ClusterError(OperationalError):
    """A cluster that cannot be reached, has no room, or whose workers die again and again."""


class DownloadError(OperationalError):
    """A dataset that could not be brought from where it is published."""


class MissingExtraError(OperationalError):
    """An optional package is not installed; the message has the command that installs it."""
