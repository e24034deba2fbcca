"""The datasets that can be downloaded by name: from Kaggle, into kagglehub's cache."""

from __future__ import annotations

import errno
import io
import logging
import os
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from cavewall._internal.object_store import AnyPath
from cavewall._internal.terminal_text import os_error_text
from cavewall.errors import (
    DiskSpaceError,
    DownloadError,
    InputError,
    MissingExtraError,
    SourceError,
)
from cavewall.ingest.sources.columns import Columns
from cavewall.ingest.sources.delimited import read_delimited
from cavewall.models import Picture

__all__ = ["DATASETS", "Dataset", "bring", "dataset_named", "shortfalls"]

_FULL = (errno.ENOSPC, errno.EDQUOT)
# Of zipfile and tarfile: damage, and what they cannot read or will not write.
_BROKEN_ARCHIVE = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
)
_CREDENTIALS = (
    "give credentials that Kaggle accepts: a token from https://www.kaggle.com/settings/api in "
    "KAGGLE_API_TOKEN or ~/.kaggle/access_token, else KAGGLE_USERNAME and KAGGLE_KEY, or "
    "~/.kaggle/kaggle.json"
)


@dataclass(frozen=True)
class Dataset:
    """So many pictures in Kaggle's layout: `captions.txt`, and `Images/` beside it.

    `handle` is its address on Kaggle, with the version: what is in the cache is never asked for.
    """

    name: str
    handle: str
    pictures: int


DATASETS = (Dataset("flickr8k", "adityajn105/flickr8k/versions/1", 8_091),)


def dataset_named(name: str) -> Dataset:
    for dataset in DATASETS:
        if dataset.name == name:
            return dataset
    known = ", ".join(dataset.name for dataset in DATASETS)
    raise InputError(f"there is no dataset {name!r} to fetch: known are {known}")


def bring(dataset: Dataset, watched: bool = False) -> Path:
    """The folder with the dataset's files. What is in the cache is not brought again.

    `watched` shows on stderr how far the download is.

    Raises:
        MissingExtraError: kagglehub is not installed.
        DownloadError: Kaggle is out of reach, refuses, or sent something broken.
        DiskSpaceError: the disk of the cache is full.
    """
    if find_spec("kagglehub") is None:
        raise MissingExtraError(
            "fetching needs kagglehub, which is not installed: pip install 'cavewall[kaggle]'"
        )
    import kagglehub

    _check_credentials()
    with _download_errors(dataset), _voice(watched):
        return Path(kagglehub.dataset_download(dataset.handle))


def shortfalls(dataset: Dataset, folder: Path) -> list[str]:
    """What is missing of a dataset that was put into that folder, in sentences.

    Raises:
        SourceError: nothing there is of use.
    """
    captions, images = folder / "captions.txt", folder / "Images"
    again = f"delete {folder} and fetch {dataset.name} again"
    if not (captions.is_file() and images.is_dir()):
        raise SourceError(f"{folder} holds no captions.txt with a folder Images beside it: {again}")
    found = read_delimited(captions, images, Columns()).pictures
    named = [item for item in found if item.image_id]
    there = sum(isinstance(item, Picture) and _is_file(item.path) for item in named)
    if not there:
        raise SourceError(f"{images} holds no picture that {captions.name} names: {again}")
    short = []
    if len(named) != dataset.pictures:
        short.append(f"{captions} names {len(named):,} pictures, not {dataset.pictures:,}")
    if there < len(named):
        short.append(f"{images} holds {there:,} of the {len(named):,} pictures that are named")
    return short


def _is_file(path: AnyPath | None) -> bool:
    # Unlike its twin in pathlib, this says no to names that no file can have.
    return isinstance(path, Path) and os.path.isfile(path)  # noqa: PTH113


@contextmanager
def _download_errors(dataset: Dataset) -> Iterator[None]:
    """Turn what kagglehub raises into errors of one sentence."""
    import requests
    from kagglehub.exceptions import DataCorruptionError

    again = "run the same command again"
    try:
        yield
    except requests.HTTPError as fault:
        raise DownloadError(_refusal(dataset, fault.response)) from fault
    except requests.ConnectionError as fault:
        raise DownloadError(
            f"Kaggle cannot be reached ({_root(fault)}): check the network and {again}"
        ) from fault
    except requests.RequestException as fault:
        raise DownloadError(
            f"the download of {dataset.name} broke off ({_root(fault)}): {again} to go on"
        ) from fault
    except (DataCorruptionError, *_BROKEN_ARCHIVE) as fault:
        _archive(dataset).unlink(missing_ok=True)
        raise DownloadError(
            f"what Kaggle sent for {dataset.name} is no whole archive, and was deleted: {again}"
        ) from fault
    except OSError as fault:
        if fault.errno not in _FULL:
            raise
        raise DiskSpaceError(
            f"the disk of {_archive(dataset).parent} is full: make room, or let KAGGLEHUB_CACHE "
            f"name a folder elsewhere, and {again} to go on"
        ) from fault
    except Exception as fault:
        raise DownloadError(f"kagglehub cannot bring {dataset.name}: {fault!r}") from fault


def _check_credentials() -> None:
    from kagglehub.config import get_kaggle_credentials

    try:
        get_kaggle_credentials()
    except ValueError as fault:
        raise DownloadError(f"{fault}: {_CREDENTIALS}") from fault


@contextmanager
def _voice(watched: bool) -> Iterator[None]:
    """kagglehub logs to stdout and counts bytes on stderr: all of it goes to stderr, or nowhere."""
    log = logging.getLogger("kagglehub")
    handlers = log.handlers
    log.handlers = [logging.StreamHandler() if watched else logging.NullHandler()]
    stream = sys.stderr if watched else io.StringIO()
    try:
        with redirect_stdout(stream), redirect_stderr(stream):
            yield
    finally:
        log.handlers = handlers


def _refusal(dataset: Dataset, response: Any) -> str:
    status = response.status_code
    if status in (401, 403):
        return f"Kaggle refuses {dataset.handle} ({status}): {_CREDENTIALS}"
    if status == 404:
        return (
            f"Kaggle has no {dataset.handle} any more (404): bring the files from elsewhere, and "
            "add their folder with cavewall add"
        )
    return f"Kaggle answers {status} {response.reason} for {dataset.handle}: try again later"


def _root(fault: BaseException) -> str:
    """What the innermost of the faults says: the others wrap it in their own names."""
    while inner := fault.__cause__ or fault.__context__:
        fault = inner
    return os_error_text(fault)


def _archive(dataset: Dataset) -> Path:
    """Where kagglehub keeps what it has downloaded until all of it is unpacked."""
    from kagglehub.cache import get_cached_archive_path
    from kagglehub.handle import parse_dataset_handle

    return Path(get_cached_archive_path(parse_dataset_handle(dataset.handle)))
