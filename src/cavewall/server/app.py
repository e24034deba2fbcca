"""The ASGI application: all routes over one wall, behind the security middleware."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import ASGIApp

import cavewall
from cavewall.errors import CavewallError
from cavewall.server.concurrency import WorkerPool
from cavewall.server.live_version import LiveVersion
from cavewall.server.middleware import Guard, Session
from cavewall.server.privacy import Privacy
from cavewall.server.problems import BusyError, ProblemError, SlowError, problem_of
from cavewall.server.routes.compare import compare_routes
from cavewall.server.routes.expression import expression_routes
from cavewall.server.routes.map import map_routes
from cavewall.server.routes.pictures import picture_routes
from cavewall.server.routes.search import search_routes
from cavewall.server.routes.session import session_routes
from cavewall.server.routes.upload import upload_routes
from cavewall.server.routes.wall import wall_routes
from cavewall.server.settings import Settings
from cavewall.server.static import static_routes
from cavewall.server.umap_worker import UmapWorker
from cavewall.server.uploads import Uploads
from cavewall.wall import Wall

__all__ = ["App", "create_app"]

_HANDLED = (
    CavewallError,
    ProblemError,
    BusyError,
    SlowError,
    RequestValidationError,
    HTTPException,
)


class App(FastAPI):
    """FastAPI with `Guard` as the outermost middleware, so that error responses pass it too."""

    def __init__(self, settings: Settings, session: Session, **options: Any) -> None:
        self._settings = settings
        self._session = session
        self.guard: Guard | None = None
        super().__init__(**options)

    def build_middleware_stack(self) -> ASGIApp:
        self.guard = Guard(super().build_middleware_stack(), self._settings, self._session)
        return self.guard

    def drain(self) -> None:
        """From now on close every connection with its next response."""
        if self.guard is not None:
            self.guard.draining = True


def create_app(wall: Wall, settings: Settings | None = None) -> App:
    """The application that serves a wall. It reads and never writes.

    The newest version is made ready, and those that follow, while the application runs.
    """
    chosen = settings or Settings()
    serving = LiveVersion(wall)
    asking, looking = WorkerPool("asking", chosen.limits), WorkerPool("looking", chosen.limits)
    private = Privacy(chosen.keep_location)
    session = Session(chosen)
    unfolder = UmapWorker(wall.address)
    uploads = Uploads()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        serving.start()
        yield
        serving.stop()
        unfolder.stop()
        asking.close()
        looking.close()

    app = App(
        chosen,
        session,
        title="Cavewall",
        version=cavewall.__version__,
        summary="Search pictures by meaning, and do arithmetic with it.",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    for kind in (*_HANDLED, Exception):
        app.add_exception_handler(kind, _problem_response)
    app.include_router(search_routes(serving, asking, private, uploads, chosen.limits))
    app.include_router(upload_routes(serving, asking, uploads, chosen.limits))
    app.include_router(expression_routes())
    app.include_router(compare_routes(serving, asking, private, uploads))
    app.include_router(wall_routes(serving, asking, private, chosen.limits))
    app.include_router(map_routes(serving, asking, private, unfolder, uploads))
    app.include_router(picture_routes(serving, looking, private, chosen))
    app.include_router(session_routes(session, chosen.limits))
    app.include_router(static_routes())
    return app


async def _problem_response(request: Request, fault: Exception) -> Response:
    answer = problem_of(fault).to_response(request.state.request_id)
    if answer.status_code == 405:
        answer.headers["Allow"] = ", ".join(_methods_at(request))
    return answer


def _methods_at(request: Request) -> list[str]:
    """The methods that an address accepts, over all of its routes."""
    return [
        method
        for method, asked in (("GET", "GET"), ("HEAD", "GET"), ("POST", "POST"))
        if any(
            route.matches({**request.scope, "method": asked})[0] is Match.FULL
            for route in request.app.routes
        )
    ]
