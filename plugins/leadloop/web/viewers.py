"""Who looks at the board, and what they may do.

A guard is a FastAPI dependency that gives a `Viewer` or answers 401. There are two: `login` here,
and Airflow's own users in `leadloop_airflow.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fastapi import HTTPException, Request

if TYPE_CHECKING:
    from collections.abc import Callable

    Guard = Callable[..., "Viewer"]


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody who is logged in; `may_decide` is for approving and rejecting actions."""

    name: str
    may_decide: bool


def read_viewer(request: Request) -> Viewer:
    """Return who asks; the guard has been passed before."""
    viewer: Viewer = request.state.viewer
    return viewer


def require_decider(request: Request) -> Viewer:
    """Return who asks, if they may decide and their browser was on this very site.

    A cookie is sent with what any page of the same host asks; only the Origin tells them apart.
    An Authorization header is never sent by itself, so it needs no Origin.
    """
    if not request.headers.get("authorization") and not is_same_origin(request):
        raise HTTPException(403, "This comes from another site; decide on the board itself.")
    viewer = read_viewer(request)
    if not viewer.may_decide:
        raise HTTPException(403, f"{viewer.name} may look but not decide; ask an operator.")
    return viewer


def is_same_origin(request: Request) -> bool:
    """Return whether the Origin header names the host and port that the request went to."""
    origin = urlsplit(request.headers.get("origin", ""))
    return bool(origin.netloc) and origin.netloc == request.headers.get("host")
