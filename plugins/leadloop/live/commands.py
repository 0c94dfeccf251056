"""`leadloop live`: takes events in, on loopback unless told otherwise."""

from __future__ import annotations

from typing import Annotated

import typer

from leadloop.console import say
from leadloop.settings import load_settings


def live(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")] = 8091,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
) -> None:
    """Take events of sites, shops and CRMs in (POST /v1/events) until Ctrl-C."""
    import uvicorn

    from leadloop.live.app import create_app
    from leadloop.web.commands import listen

    app = create_app(load_settings())
    listener = listen(host, port)
    say(f"Events: http://{host}:{listener.getsockname()[1]}/v1/events")
    config = uvicorn.Config(app, log_level="warning", access_log=False, server_header=False)
    uvicorn.Server(config).run(sockets=[listener])
