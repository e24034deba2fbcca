"""COCO's captions: a JSON object with `images` and `annotations`; categories become metadata."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from cavewall._internal.object_store import AnyPath
from cavewall._internal.open_file import opened_file
from cavewall._internal.terminal_text import os_error_text
from cavewall.errors import SourceError
from cavewall.ingest.sources.columns import Columns
from cavewall.ingest.sources.source import ImageFolder, Source, not_empty
from cavewall.models import Picture, Reject

__all__ = ["coco_images", "read_coco"]

_NOT_METADATA = ("file_name", "width", "height", "captions")


class _Caption(NamedTuple):
    image: str
    caption: str


class _Object(NamedTuple):
    image: str
    category: str


@dataclass
class _Images:
    """What the files say, by the ids that COCO gives its images."""

    images: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    captions: dict[str, list[str]] = field(default_factory=dict)
    categories: dict[str, set[str]] = field(default_factory=dict)


def read_coco(path: AnyPath, images: AnyPath, columns: Columns) -> Source:
    """The images with their captions; `categories` from the file itself or its twin.

    The twin of `captions_X.json` is `instances_X.json` beside it.

    Raises:
        SourceError: the file cannot be read, or is no such object.
    """
    found = _Images()
    _take(_loaded(path), found, path)
    notices = []
    twin = path.with_name(path.name.replace("captions", "instances"))
    if twin != path and twin.is_file():
        try:
            _take_categories(_loaded(twin), found)
        except SourceError as fault:
            notices.append(f"no categories: {fault}")
    pictures = not_empty(_pictures(found, path, ImageFolder(images)), f"{path} lists no images")
    return Source(str(path.resolve()), pictures, in_files=True, notices=tuple(notices))


def coco_images(path: AnyPath) -> AnyPath | None:
    """Where COCO's own archives unpack the images of `captions_X.json`: a folder X nearby."""
    name = path.stem.rpartition("_")[2]
    above = path.parent.parent
    places = [path.parent / name, path.parent / "images" / name, above / name]
    places += [above / "images" / name, above / "images", above / "Images"]
    return next((place for place in places if place.is_dir()), None)


def _loaded(path: AnyPath) -> Mapping[str, Any]:
    try:
        with opened_file(path) as file:
            found = json.loads(file.read(), object_hook=_small)
    except OSError as fault:
        raise SourceError(f"{path} cannot be read: {os_error_text(fault)}") from fault
    except (ValueError, RecursionError) as fault:
        raise SourceError(f"{path} is no JSON: {fault}") from fault
    if not isinstance(found, dict):
        raise SourceError(
            f"{path} holds no JSON object with images and annotations, as COCO has them. A list "
            "of objects is read from a .jsonl file, one a line"
        )
    return found


def _small(entry: dict[str, Any]) -> Any:
    """An annotation reduced to what is needed, while the file is being parsed."""
    if "image_id" in entry and "caption" in entry:
        return _Caption(str(entry["image_id"]), str(entry["caption"]))
    if "image_id" in entry and "category_id" in entry:
        return _Object(str(entry["image_id"]), str(entry["category_id"]))
    return entry


def _take(said: Mapping[str, Any], found: _Images, path: AnyPath) -> None:
    images, annotations = said.get("images"), said.get("annotations")
    if not isinstance(images, list) or not isinstance(annotations, list):
        raise SourceError(
            f"{path} has no lists images and annotations: COCO's captions have both, and any "
            "other JSON is read from a .jsonl file, an object a line"
        )
    for entry in images:
        if isinstance(entry, dict):
            found.images[str(entry.get("id"))] = entry
    for annotation in annotations:
        if isinstance(annotation, _Caption):
            found.captions.setdefault(annotation.image, []).append(annotation.caption)
    _take_categories(said, found)


def _take_categories(said: Mapping[str, Any], found: _Images) -> None:
    categories, annotations = said.get("categories"), said.get("annotations")
    named = categories if isinstance(categories, list) else []
    names = {
        str(entry.get("id")): str(entry.get("name")) for entry in named if isinstance(entry, dict)
    }
    for annotation in annotations if isinstance(annotations, list) else []:
        if isinstance(annotation, _Object) and annotation.category in names:
            found.categories.setdefault(annotation.image, set()).add(names[annotation.category])


def _pictures(found: _Images, path: AnyPath, folder: ImageFolder) -> Iterator[Picture | Reject]:
    for number, entry in found.images.items():
        captions = tuple(text.strip() for text in found.captions.pop(number, []))
        name = entry.get("file_name")
        if not isinstance(name, str) or not name.strip():
            yield Reject(
                number, "missing: the image has no file_name", f"{path.absolute()}, image {number}"
            )
            continue
        file = folder.locate(name)
        if file is None:
            reason = f"outside: the path leads out of {folder.folder}"
            yield Reject(name, reason, f"{path.absolute()}, image {number}")
            continue
        metadata = {key: value for key, value in entry.items() if key not in _NOT_METADATA}
        if number in found.categories:
            metadata["categories"] = sorted(found.categories[number])
        yield Picture(name, captions, file, metadata=metadata)
    for number, texts in found.captions.items():
        reason = f"missing: {len(texts)} captions are of an image that the file does not list"
        yield Reject(number, reason, f"{path.absolute()}, image {number}")
