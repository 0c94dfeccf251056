"""Airflow's API, that of `leadloop up` or the one at LEADLOOP_AIRFLOW_URL: health, token, calls.

The launcher asks it whether all parts are healthy; whoever triggers a run from outside uses the
same calls.
"""

from __future__ import annotations

import json
import urllib.request
from http.client import HTTPException
from typing import TYPE_CHECKING, Any

from leadloop.airflow_env import HOST, USER, load_password

if TYPE_CHECKING:
    from leadloop.settings import Settings

TIMEOUT_SECONDS = 120


def read_health(settings: Settings) -> dict[str, str | None]:
    """Return Airflow's word on each of its parts; empty while its API does not answer."""
    try:
        answer = call_api(settings, "GET", "/api/v2/monitor/health")
    except (OSError, HTTPException, ValueError):
        return {}
    return {name: (part or {}).get("status") for name, part in answer.items()}


def get_token(settings: Settings) -> str:
    """Return a token of the login that `up` shows, for Airflow's API."""
    login = {"username": USER, "password": load_password(settings.home)}
    return str(call_api(settings, "POST", "/auth/token", login)["access_token"])


def call_api(
    settings: Settings,
    method: str,
    path: str,
    body: dict[str, Any] | None = None,
    token: str | None = None,
) -> dict[str, Any]:
    """Return the answer of Airflow's API; OSError where it does not answer or refuses."""
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    request = urllib.request.Request(  # noqa: S310 - an address out of the settings
        f"{settings.airflow_url or f'http://{HOST}:{settings.airflow_port}'}{path}",
        data=None if body is None else json.dumps(body).encode(),
        headers=headers,
        method=method,
    )
    with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310
        content: dict[str, Any] = json.loads(answer.read() or b"{}")
    return content
