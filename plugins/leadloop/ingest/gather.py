"""Brings what is not a file into the inbox before a day is collected: pulls, taken-in events."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from leadloop.ingest import IngestError
from leadloop.ingest.events import seal_events
from leadloop.ingest.pull import pull_source
from leadloop.ingest.sources import EventSource, load_sources

if TYPE_CHECKING:
    from collections.abc import Sequence

    from leadloop.ingest.sources import ApiSource, DatabaseSource
    from leadloop.settings import Settings, Source


@dataclass(frozen=True, slots=True)
class Gathered:
    """The feeds that are files now, those with nothing to bring, and pulls that failed."""

    feeds: list[Source] = field(default_factory=list)
    quiet: set[tuple[str, str]] = field(default_factory=set)
    failures: dict[str, str] = field(default_factory=dict)


def gather_sources(settings: Settings, days: Sequence[str]) -> Gathered:
    """Return what came of every source of config/sources; a required one that fails raises."""
    gathered = Gathered()
    for source in load_sources(settings):
        if isinstance(source, EventSource):
            feeds = source.as_files
            for kind in source.types:
                seal_events(settings, source.name, kind, days)
            gathered.feeds.extend(feeds)
            gathered.quiet.update((feed.name, day) for feed in feeds for day in days)
            continue
        gathered.feeds.append(source.as_files)
        try:
            _pull_days(settings, source, days)
        except IngestError as error:
            if source.required:
                raise
            gathered.failures[source.name] = str(error)
        else:
            gathered.quiet.update((source.name, day) for day in days)
    return gathered


def _pull_days(settings: Settings, source: ApiSource | DatabaseSource, days: Sequence[str]) -> None:
    if source.cursor:
        # One pull from the mark serves them all; its file belongs to the last of them.
        pull_source(settings, source, days[-1])
        return
    for day in days:
        pull_source(settings, source, day)
