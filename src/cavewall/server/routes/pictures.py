"""`/api/pictures`: one picture, its bytes, its thumbnail and its row of the table."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import unquote_to_bytes

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from cavewall._internal.images import UnreadableImageError, digest
from cavewall._internal.object_store import AnyPath, ObjectPath
from cavewall._internal.open_file import read_at_most
from cavewall.errors import UnknownPictureError
from cavewall.models import Picture
from cavewall.server.concurrency import WorkerPool
from cavewall.server.image_response import Served, media_type, served, thumbnail_of
from cavewall.server.json_response import as_json
from cavewall.server.live_version import LiveVersion
from cavewall.server.parameters import only
from cavewall.server.privacy import Privacy, relative_path, source_name
from cavewall.server.problems import ProblemError
from cavewall.server.ranges import file_response
from cavewall.server.response_models import (
    PictureResponse,
    RowResponse,
    image_responses,
    json_responses,
)
from cavewall.server.settings import Settings
from cavewall.wall import Wall

__all__ = ["picture_routes"]

T = TypeVar("T")


def picture_routes(
    serving: LiveVersion, gate: WorkerPool, private: Privacy, settings: Settings
) -> APIRouter:
    """The routes of single pictures."""
    router = APIRouter(prefix="/api/pictures", tags=["pictures"], dependencies=[Depends(only())])
    most = settings.limits.original

    def known(segment: str, look: Callable[[Wall, str, int | None], T]) -> T:
        image_id = _id_of(segment)
        try:
            return serving.answer(lambda wall, at: look(wall, image_id, at))
        except UnknownPictureError as fault:
            raise ProblemError(404, str(fault)) from None

    def found(segment: str, with_image: bool) -> Picture:
        def look(wall: Wall, image_id: str, at: int | None) -> Picture:
            return wall.picture(image_id, version=at, with_image=with_image)

        return known(segment, look)

    def made(work: Callable[[], Served]) -> Callable[[], Served]:
        def tried() -> Served:
            try:
                return work()
            except _MissingOriginalError as fault:
                raise ProblemError(404, f"the picture cannot be shown: {fault}") from None
            except UnreadableImageError:
                raise ProblemError(
                    404, "the picture cannot be shown: its bytes are none of a picture"
                ) from None

        return tried

    @router.get(
        "/{image_id}",
        responses=json_responses(PictureResponse, 404),
        summary="What is known of a picture",
    )
    async def picture(image_id: str) -> Response:
        told = await gate.run(lambda: _told(found(image_id, True), private, most))
        return as_json(told)

    @router.get(
        "/{image_id}/image",
        responses=image_responses("jpeg", "png", "webp", "gif", "bmp"),
        summary="The picture itself",
        response_class=Response,
    )
    async def image(image_id: str, request: Request) -> Response:
        def work() -> Served:
            picture = found(image_id, True)
            data = _original(picture, most)
            return served(data, settings.keep_location, picture.sha256)

        return file_response(await gate.run(made(work)), request)

    @router.get(
        "/{image_id}/thumbnail",
        responses=image_responses("jpeg", "webp", "png"),
        summary="The picture made small",
        response_class=Response,
    )
    async def thumbnail(image_id: str, request: Request) -> Response:
        def work() -> Served:
            small = found(image_id, False).thumbnail
            if small is None:
                raise _MissingOriginalError("the wall has no thumbnail of it")
            return thumbnail_of(small)

        return file_response(await gate.run(made(work)), request)

    @router.get(
        "/{image_id}/row",
        responses=json_responses(RowResponse, 404),
        summary="The row of the table that holds it, column by column",
    )
    async def row(image_id: str) -> Response:
        def look(wall: Wall, name: str, at: int | None) -> dict[str, Any]:
            at = wall.version if at is None else at
            cells = private.cells(wall.table.row(name, version=at), name)
            columns = [cell.to_dict() for cell in cells]
            return {"image_id": name, "version": at, "columns": columns}

        return as_json(await gate.run(lambda: known(image_id, look)))

    return router


def _id_of(segment: str) -> str:
    """The id that a segment of a path encodes. Raises ProblemError where it is no UTF-8."""
    try:
        return unquote_to_bytes(segment.encode("latin-1", "replace")).decode("utf-8")
    except UnicodeDecodeError:
        raise ProblemError(404, "there is no such picture: its id is no UTF-8") from None


def _told(picture: Picture, private: Privacy, most: int) -> dict[str, Any]:
    try:
        kind = media_type(_original(picture, most))
    except _MissingOriginalError:
        kind = None
    return {
        "image_id": picture.image_id,
        "captions": list(picture.captions),
        "path": relative_path(picture.path, picture.source),
        "width": picture.width,
        "height": picture.height,
        "type": kind,
        "source": source_name(picture.source),
        "added_at": None if picture.added_at is None else picture.added_at.isoformat(),
        "metadata": private.metadata(picture.metadata),
    }


class _MissingOriginalError(Exception):
    """There are no bytes to send; the message says why, without a path."""


def _original(picture: Picture, most: int) -> bytes:
    """The bytes of a picture: those on the wall, else those of the file that it was added from.

    A hostile wall can name any file of this machine, but it cannot know what is in it. So a file
    is read only at its old path, through no link, and sent only if its digest is still the wall's.

    Raises:
        _MissingOriginalError: there are none, or they have changed.
    """
    if picture.image is not None:
        return picture.image
    if picture.path is None or picture.sha256 is None:
        raise _MissingOriginalError("the wall has no bytes of this picture")
    data = _contents(picture.path, most)
    if digest(data) != picture.sha256:
        raise _MissingOriginalError(
            "its file is another one than was added: add its source again to show it"
        )
    return data


def _contents(path: AnyPath, most: int) -> bytes:
    try:
        if not isinstance(path, ObjectPath) and os.path.realpath(path) != str(path):
            raise _MissingOriginalError("its file is now reached through a link")
        return read_at_most(path, most)
    except (OSError, ValueError) as fault:
        why = getattr(fault, "strerror", None) or "its name is none"
        raise _MissingOriginalError(f"its file cannot be read: {why}") from fault
