"""The board as one application: every route behind a guard, headers on every answer.

`leadloop_airflow.py` mounts it with Airflow's users as the guard; `commands` serves it alone with
the guard and the open door of `login`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse

from leadloop import __version__
from leadloop.errors import LeadloopError
from leadloop.web import api, pages
from leadloop.web.headers import SecurityHeaders
from leadloop.web.login import load_token, log_in, make_guard
from leadloop.web.numbers import Numbers
from leadloop.web.viewers import Viewer

if TYPE_CHECKING:
    from leadloop.settings import Settings
    from leadloop.web.viewers import Guard


def create_app(settings: Settings, guard: Guard, door: APIRouter | None = None) -> FastAPI:
    """Return the board over a home; only what the guard lets in sees any of it.

    The routes of the door, where there is one, are open.
    """
    # FastAPI's own pages are off: they load scripts from another host and know no guard.
    app = FastAPI(
        title="leadloop board",
        version=__version__,
        description="Numbers, alerts and actions of one company. Behind a login.",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
    )
    app.state.board = api.Board(settings, Numbers(settings))

    entry = Depends(guard)

    def identify(request: Request, viewer: Viewer = entry) -> None:
        request.state.viewer = viewer

    if door is not None:
        app.include_router(door)
    # The routes of `pages` end with one for everything else, so they come last.
    for router in (api.router, pages.router):
        app.include_router(router, dependencies=[Depends(identify)])
    app.add_middleware(SecurityHeaders)
    app.add_exception_handler(LeadloopError, _explain)
    app.add_exception_handler(RequestValidationError, _refuse)
    return app


def create_lone_app(settings: Settings, viewer: Viewer) -> FastAPI:
    """Return the board with a login of its own; who holds the token is that viewer."""
    token = load_token(settings.home)
    return create_app(settings, make_guard(token, viewer), _make_door(token))


def _make_door(secret: str) -> APIRouter:
    door = APIRouter(include_in_schema=False)

    def open_door(request: Request, token: str = "") -> RedirectResponse:
        return log_in(secret, token, request.url.scheme == "https")

    door.add_api_route("/login", open_door, response_model=None)
    return door


async def _refuse(_request: Request, error: Exception) -> JSONResponse:
    places = error.errors() if isinstance(error, RequestValidationError) else []
    said = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in places)
    return JSONResponse({"detail": said}, status_code=422)


async def _explain(_request: Request, error: Exception) -> JSONResponse:
    return JSONResponse({"detail": str(error)}, status_code=503)
