"""`leadloop board`: the board alone, on loopback, with a login of its own."""

from __future__ import annotations

import getpass
import socket
from typing import Annotated

import typer

from leadloop.console import fail, say
from leadloop.errors import LeadloopError
from leadloop.settings import load_settings

LOOPBACK = ("127.0.0.1", "localhost", "::1")
ANY = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "::1": "[::1]"}  # noqa: S104


def board(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")] = 8090,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    read_only: Annotated[bool, typer.Option(help="Show, but decide nothing.")] = False,
) -> None:
    """Serve the board; the link shown logs you in."""
    import uvicorn

    from leadloop.web.app import create_lone_app
    from leadloop.web.login import load_token
    from leadloop.web.viewers import Viewer

    settings = load_settings()
    app = create_lone_app(settings, Viewer(getpass.getuser(), may_decide=not read_only))
    listener = listen(host, port)
    if host not in LOOPBACK:
        fail("Anyone who reaches this address can ask for the token: put HTTPS in front of it.")
    address = f"http://{ANY.get(host, host)}:{listener.getsockname()[1]}"
    say(f"Board: {address}/login?token={load_token(settings.home)}")
    say("Whoever opens this link is logged in; Ctrl-C stops the board.")
    config = uvicorn.Config(app, log_level="warning", access_log=False, server_header=False)
    uvicorn.Server(config).run(sockets=[listener])


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens; raise LeadloopError where the address is taken or not ours."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        message = (
            f"The board cannot listen on {host}:{port} ({error.strerror}). "
            "Choose another with --port or --host."
        )
        raise LeadloopError(message) from error
    listener.listen()
    return listener
