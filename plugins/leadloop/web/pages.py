"""What is not JSON: the page, its files, the tables as CSV. Nothing here comes from elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import FileResponse, JSONResponse, Response

from leadloop.publish.report import CHARTS, TEMPLATES
from leadloop.web import api
from leadloop.web.headers import STATIC_CACHE
from leadloop.web.tables import render_csv
from leadloop.web.viewers import Viewer, read_viewer

if TYPE_CHECKING:
    from collections.abc import Callable

STATIC = Path(__file__).parent / "static"
# The only files there are: charts and pieces are the report's own.
FILES = {
    "echarts.min.js": (CHARTS, "text/javascript"),
    "charts.js": (TEMPLATES / "charts.js", "text/javascript"),
    "pieces.js": (TEMPLATES / "pieces.js", "text/javascript"),
    "report.css": (TEMPLATES / "report.css", "text/css"),
    "loop.css": (TEMPLATES / "loop.css", "text/css"),
    "board.js": (STATIC / "board.js", "text/javascript"),
    "loop.js": (TEMPLATES / "loop.js", "text/javascript"),
    "board.css": (STATIC / "board.css", "text/css"),
}
Panel = Literal["tiles", "hours", "channels", "alerts", "actions", "gates", "loads"]
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
router = APIRouter()


@router.get("/", include_in_schema=False)
def get_page() -> FileResponse:
    """The page; it holds no data."""
    return FileResponse(STATIC / "index.html", media_type="text/html; charset=utf-8")


@router.get("/static/{name}", include_in_schema=False)
def get_file(name: str) -> FileResponse:
    """One of the page's own files."""
    if name not in FILES:
        raise HTTPException(404, "There is no such file.")
    path, kind = FILES[name]
    return FileResponse(path, media_type=kind, headers={"cache-control": STATIC_CACHE})


@router.get("/openapi.json", include_in_schema=False)
def get_schema(request: Request) -> JSONResponse:
    """The description of the API."""
    return JSONResponse(request.app.openapi())


@router.get("/csv/{panel}", responses=api.REFUSALS, response_class=Response)
def get_table(
    panel: Panel,
    board: api.Here,
    day: api.Day,
    viewer: Annotated[Viewer, Depends(read_viewer)],
) -> Response:
    """One panel as a CSV file."""
    name = f"leadloop_{panel}_{day}.csv"
    return Response(
        render_csv(_ROWS[panel](board, day, viewer)),
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )


@router.api_route("/{path:path}", methods=METHODS, include_in_schema=False)
def refuse(path: str) -> Response:
    """Whatever else is asked for: 404, but only to who is logged in."""
    raise HTTPException(404, f"There is no page /{path}.")


def _list_hours(board: api.Board, day: str, _viewer: Viewer) -> list[dict[str, Any]]:
    hours = api.get_hours(board, day)
    band = {item.dial_hour: item for item in hours.band}
    points = {item.dial_hour: item for item in hours.points}
    rows = []
    for hour in sorted({*band, *points}):
        row: dict[str, Any] = {"dial_hour": hour}
        if hour in points:
            row |= points[hour].model_dump()
        if hour in band:
            row |= {f"band_{name}": value for name, value in band[hour].model_dump().items()}
        rows.append(row)
    return rows


_ROWS: dict[str, Callable[[api.Board, str, Viewer], list[dict[str, Any]]]] = {
    "tiles": lambda board, day, _: api.get_tiles(board, day).model_dump()["tiles"],
    "hours": _list_hours,
    "channels": lambda board, day, _: api.get_channels(board, day).model_dump()["groups"],
    "alerts": lambda board, *_: api.get_alerts(board).model_dump()["alerts"],
    "actions": lambda board, _, viewer: api.get_actions(board, viewer).model_dump()["actions"],
    "gates": lambda board, day, _: api.get_gates(board, day).model_dump()["gates"],
    "loads": lambda board, day, _: api.get_loads(board, day).model_dump()["files"],
}
