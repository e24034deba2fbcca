"""`/api/map`: the pictures as points, what they score, and where a query lies among them."""

from __future__ import annotations

import hashlib
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from cavewall.explore.map import LayoutStatus, Map
from cavewall.server.concurrency import WorkerPool
from cavewall.server.json_response import as_json
from cavewall.server.live_version import LiveVersion
from cavewall.server.parameters import BoundedText, LayoutName, Version, only
from cavewall.server.privacy import Privacy
from cavewall.server.problems import ProblemError
from cavewall.server.ranges import matches_etag
from cavewall.server.response_models import (
    LabelsResponse,
    MapResponse,
    PlacesResponse,
    binary_responses,
    json_responses,
)
from cavewall.server.umap_worker import UmapWorker
from cavewall.server.uploads import Uploads
from cavewall.wall import Wall

__all__ = ["map_routes"]

_OCTETS = "application/octet-stream"
_MOST_LABELS, _MOST_STEPS = 200, 100
_At = Annotated[
    str,
    Query(
        pattern=rf"^[0-9]{{1,9}}(,[0-9]{{1,9}}){{0,{_MOST_LABELS - 1}}}$",
        description=f"Places of pictures among the points, {_MOST_LABELS} at most.",
        examples=["3,17"],
    ),
]
_Steps = Annotated[int, Query(ge=2, le=_MOST_STEPS, description="How many way-points.")]
_Asked = Annotated[BoundedText, Query(description="The expression.", examples=["beach - dog"])]


def map_routes(
    serving: LiveVersion, gate: WorkerPool, private: Privacy, unfolder: UmapWorker, uploads: Uploads
) -> APIRouter:
    """The routes of the map."""
    router = APIRouter(prefix="/api/map", tags=["map"])
    _add_map(router, serving, gate, unfolder)
    _add_numbers(router, serving, gate, private, uploads)
    _add_places(router, serving, gate, uploads)
    return router


def _add_map(
    router: APIRouter, serving: LiveVersion, gate: WorkerPool, unfolder: UmapWorker
) -> None:
    @router.get(
        "",
        dependencies=[Depends(only("layout", "version"))],
        responses=json_responses(MapResponse, 410, 422),
        summary="Which layouts there are, and the groups by their names",
    )
    async def described(layout: LayoutName = "pca", version: Version | None = None) -> Response:
        def work(wall: Wall, at: int | None) -> dict[str, Any]:
            at = wall.version if at is None else at
            states = list(wall.map.layouts(version=at))
            if layout == "umap":
                states = [unfolder.asked(state, at) for state in states]
            ready = any(each.name == layout and each.state == "ready" for each in states)
            return _described(wall.map.build(layout if ready else "pca", version=at), states)

        return as_json(await gate.run(lambda: serving.answer(work, version)))

    @router.get(
        "/pictures",
        dependencies=[Depends(only("at", "image_id", "version"))],
        responses=json_responses(LabelsResponse, 410, 422),
        summary="What is written at points, or where a picture is",
    )
    async def pictures(
        at: _At | None = None,
        image_id: BoundedText | None = None,
        version: Version | None = None,
    ) -> Response:
        if (at is None) == (image_id is None):
            raise ProblemError(422, "ask for pictures by `at` or for one by `image_id`")
        wanted = [int(each) for each in at.split(",")] if at is not None else [image_id or ""]

        def work(wall: Wall, known: int | None) -> dict[str, Any]:
            known = wall.version if known is None else known
            labels = wall.map.labels(wanted, version=known)
            return {"version": known, "pictures": [label.to_dict() for label in labels]}

        return as_json(await gate.run(lambda: serving.answer(work, version)))


def _add_numbers(
    router: APIRouter, serving: LiveVersion, gate: WorkerPool, private: Privacy, uploads: Uploads
) -> None:
    @router.get(
        "/points",
        dependencies=[Depends(only("layout", "version"))],
        responses={
            **binary_responses(404, 410),
            304: {"description": "What the client has is still so"},
        },
        summary="x of all pictures, y of all, and their groups: float32, float32, uint16",
        response_class=Response,
    )
    async def points(
        request: Request, layout: LayoutName = "pca", version: Version | None = None
    ) -> Response:
        def work(wall: Wall, at: int | None) -> bytes:
            states = {each.name: each.state for each in wall.map.layouts(version=at)}
            if states[layout] != "ready":
                raise ProblemError(
                    404, f"the layout {layout} is not made yet: /api/map?layout={layout} makes it"
                )
            found = wall.map.build(layout, version=at)
            x, y = found.positions.astype("<f4").T
            return b"".join([x.tobytes(), y.tobytes(), found.clusters.astype("<u2").tobytes()])

        data = await gate.run(lambda: serving.answer(work, version))
        # Another wall may be served at this address tomorrow, with the same version.
        tag = f'"{hashlib.sha256(data).hexdigest()}"'
        headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
        if matches_etag(request, tag):
            return Response(status_code=304, headers=headers)
        return Response(data, 200, headers, _OCTETS)

    @router.get(
        "/scores",
        dependencies=[Depends(only("q", "rule", "where", "literal", "version"))],
        responses=binary_responses(410),
        summary="The score of every picture as float32, NaN for those that may not answer",
        response_class=Response,
    )
    async def scores(
        q: _Asked,
        rule: BoundedText | None = None,
        where: BoundedText | None = None,
        literal: bool = False,
        version: Version | None = None,
    ) -> Response:
        def work(wall: Wall, at: int | None) -> bytes:
            value = uploads.expression(wall, q, literal)
            found = wall.map.scores(value, rule, private.filter(where), version=at)
            return found.astype("<f4").tobytes()

        data = await gate.run(lambda: serving.answer(work, version))
        return Response(data, 200, {"Cache-Control": "no-store"}, _OCTETS)


def _add_places(
    router: APIRouter, serving: LiveVersion, gate: WorkerPool, uploads: Uploads
) -> None:
    @router.get(
        "/places",
        dependencies=[Depends(only("q", "literal", "layout", "version", "to", "steps"))],
        responses=json_responses(PlacesResponse, 410, 422),
        summary="Where an expression and its terms lie, and the path to another one",
    )
    async def places(
        q: _Asked,
        literal: bool = False,
        layout: LayoutName = "pca",
        version: Version | None = None,
        to: BoundedText | None = None,
        steps: _Steps = 5,
    ) -> Response:
        def work(wall: Wall, at: int | None) -> dict[str, Any]:
            value = uploads.expression(wall, q, literal)
            end = None if to is None else uploads.expression(wall, to, literal)
            return wall.map.project(value, layout, to=end, steps=steps, version=at).to_dict()

        return as_json(await gate.run(lambda: serving.answer(work, version)))


def _described(found: Map, states: list[LayoutStatus]) -> dict[str, Any]:
    return {
        "version": found.version,
        "layout": found.layout,
        "pictures": len(found),
        "layouts": [state.to_dict() for state in states],
        "clusters": [cluster.to_dict() for cluster in found.names],
    }
