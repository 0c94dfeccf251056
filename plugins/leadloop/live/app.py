"""The live service as one application."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import FastAPI

from leadloop import __version__
from leadloop.errors import UsageError
from leadloop.ingest.sources import EventSource, load_source_secret, load_sources
from leadloop.live.intake import create_router

if TYPE_CHECKING:
    from leadloop.settings import Settings


def create_app(settings: Settings) -> FastAPI:
    """Return the service over a home; UsageError where no source may send it events."""
    sources = {item.name: item for item in load_sources(settings) if isinstance(item, EventSource)}
    if not sources:
        message = (
            f"No source in {settings.config / 'sources'} is of kind events, so nobody could send "
            "any. docs/sources.md shows one."
        )
        raise UsageError(message)
    for source in sources.values():
        # A source without public keys can only sign: better told now than to each sender.
        if not source.public_keys:
            load_source_secret(settings, source.name)
    # FastAPI's own pages load scripts from another host.
    app = FastAPI(title="leadloop live", version=__version__, docs_url=None, redoc_url=None)
    app.include_router(create_router(settings, sources))
    return app
