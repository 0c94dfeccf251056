"""The board's own door, for where it runs without Airflow: one token, made once, kept in the home.

The link that `leadloop board` shows carries the token; opening it sets a cookie that scripts cannot
read and other sites cannot send.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import TYPE_CHECKING

from fastapi import HTTPException, Request
from fastapi.responses import RedirectResponse

from leadloop.keys import load_secret
from leadloop.web.viewers import Viewer

if TYPE_CHECKING:
    from collections.abc import Callable

    from leadloop.settings import Home

REFUSED = (
    "Not logged in: open the link that `leadloop board` shows. "
    "未登录：请打开 leadloop board 显示的链接。"
)


def load_token(home: Home) -> str:
    """Return the token of the board, made at random on first use."""
    return load_secret(home.secrets / "board_token", secrets.token_urlsafe(32))


def make_guard(token: str, viewer: Viewer) -> Callable[[Request], Viewer]:
    """Return a guard that lets in who holds the token, as that viewer."""
    name = cookie_name(token)

    def guard(request: Request) -> Viewer:
        if not is_token(request.cookies.get(name, ""), token):
            raise HTTPException(401, REFUSED)
        return viewer

    return guard


def log_in(token: str, given: str, is_secure: bool) -> RedirectResponse:
    """Return the way to the board with the cookie set, if the token given is the right one."""
    if not is_token(given, token):
        raise HTTPException(401, REFUSED)
    answer = RedirectResponse("./", status_code=303)
    answer.set_cookie(
        cookie_name(token), token, httponly=True, samesite="strict", secure=is_secure, path="/"
    )
    return answer


def is_token(given: str, token: str) -> bool:
    """Return whether the text is the token; a near miss takes as long as a far one."""
    return hmac.compare_digest(given.encode(), token.encode())


def cookie_name(token: str) -> str:
    """Return the cookie's name: cookies do not know ports, so each home has a name of its own."""
    return f"leadloop_board_{hashlib.sha256(token.encode()).hexdigest()[:8]}"
