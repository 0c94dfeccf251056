"""`POST /v1/events`: CloudEvents 1.0 in, an answer once they are on the disk.

Who may send what is in config/sources/*.yml (`kind: events`), what happens afterwards in
`ingest.events` and `ingest.gather`. docs/sources.md lists every answer.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections import OrderedDict, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, Response

from leadloop.errors import UsageError
from leadloop.ingest.events import (
    Event,
    encode_event,
    latest_time,
    open_log,
    parse_event,
    table_of,
    write_schema,
)
from leadloop.ingest.sources import EventSource, load_source_secret
from leadloop.live.pace import Bucket

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from leadloop.settings import Settings

# How far a signed request's clock may be off; beyond it is a replay.
SKEW_SECONDS: Final = 300
# Requests that may wait for the disk at once; a further one is told to come back.
WAITING: Final = 64
_REMEMBERED: Final = 100_000
_MAX_EVENTS: Final = 1000


class Refused(Exception):  # noqa: N818
    """A request that is not taken, with its status and why."""

    def __init__(self, status: int, reason: str, **headers: str) -> None:
        super().__init__(reason)
        self.status = status
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


@dataclass(slots=True)
class Intake:
    """The sources that may send, their pace, and the events seen lately."""

    settings: Settings
    sources: Mapping[str, EventSource]
    waiting: int = 0
    buckets: dict[tuple[str, str], Bucket] = field(default_factory=dict)
    seen: OrderedDict[tuple[str, str, str], bytes] = field(default_factory=OrderedDict)

    def find_sender(self, request: Request) -> tuple[EventSource, str]:
        """Return the source of a request and how it is trusted: `public` or `signed`."""
        query = request.query_params
        if key := query.get("key"):
            for source in self.sources.values():
                if any(hmac.compare_digest(key.encode(), k.encode()) for k in source.public_keys):
                    return self._check_site(source, request), "public"
            raise Refused(401, "the key is not known")
        name = query.get("source") or (next(iter(self.sources)) if len(self.sources) == 1 else "")
        if name not in self.sources:
            raise Refused(401, "give ?key= of a browser, or ?source= of a server that signs")
        return self.sources[name], "signed"

    def _check_site(self, source: EventSource, request: Request) -> EventSource:
        if request.headers.get("origin") not in source.origins:
            raise Refused(403, "this site may not send with this key: see `origins`")
        return source

    def check_pace(self, source: EventSource, trust: str) -> None:
        """Raise Refused where the source sends too fast, or the disk does not keep up."""
        if self.waiting >= WAITING:
            raise Refused(429, "too much is waiting to be written", Retry_After="1")
        # Browsers have a pace of their own: anyone can send with their key, and must not keep
        # servers out.
        bucket = self.buckets.setdefault((source.name, trust), Bucket(source.requests_per_minute))
        if wait := bucket.take(time.monotonic()):
            raise Refused(429, "too many requests", Retry_After=str(wait))

    def check_signature(self, source: EventSource, headers: Mapping[str, str], body: bytes) -> None:
        """Raise Refused unless the body is signed with the source's secret, and lately."""
        stamp = headers.get("x-leadloop-timestamp", "")
        given = headers.get("x-leadloop-signature", "")
        if not stamp.isascii() or not stamp.isdigit() or not given:
            raise Refused(401, "X-Leadloop-Timestamp and X-Leadloop-Signature are wanted")
        try:
            secret = load_source_secret(self.settings, source.name)
        except UsageError as error:
            raise Refused(401, "this source has no secret: it takes browsers only") from error
        wanted = sign_body(secret, stamp, body)
        if not hmac.compare_digest(wanted.encode(), given.encode("utf-8", "replace")):
            raise Refused(401, "the signature does not fit")
        if abs(time.time() - int(stamp)) > SKEW_SECONDS:
            raise Refused(401, f"the timestamp is more than {SKEW_SECONDS} s off: sign anew")

    def keep(self, source: EventSource, trust: str, events: Sequence[Event]) -> dict[str, int]:
        """Return how many events were written and how many were known; then all are on disk."""
        received = datetime.now(UTC)
        day = received.astimezone(self.settings.company.zone).date().isoformat()
        lines: dict[str, list[bytes]] = defaultdict(list)
        fresh: dict[tuple[str, str, str], bytes] = {}
        for event in events:
            key, digest = (source.name, event.source, event.id), _digest(event)
            if digest not in (self.seen.get(key), fresh.get(key)):
                fresh[key] = digest
                lines[table_of(event)].append(encode_event(event, trust, received))
        for table, encoded in lines.items():
            open_log(self.settings, source.name, table).append(day, encoded)
        # Only what is on the disk is remembered: an event that failed is taken when it comes again.
        self.seen |= fresh
        while len(self.seen) > _REMEMBERED:
            self.seen.popitem(last=False)
        accepted = sum(map(len, lines.values()))
        return {"accepted": accepted, "duplicate": len(events) - accepted}


def create_router(settings: Settings, sources: Mapping[str, EventSource]) -> APIRouter:
    """Return the routes that take events in."""
    intake = Intake(settings, sources)
    router = APIRouter()

    @router.post("/v1/events", status_code=202)
    async def take_events(request: Request) -> Response:
        """Take one CloudEvent or a batch; 202 says that they are on the disk."""
        try:
            found = await _take(intake, request)
        except Refused as refusal:
            content = {"detail": str(refusal)}
            return JSONResponse(content, refusal.status, {**refusal.headers, **_allow(request)})
        return JSONResponse(found, 202, _allow(request))

    @router.get("/v1/events/schema")
    def show_schema() -> dict[str, Any]:
        """Return the JSON schemas of the events."""
        return write_schema()

    @router.get("/healthz")
    def tell_health() -> dict[str, str]:
        """Return that the service answers."""
        return {"state": "ok"}

    return router


def sign_body(secret: str, stamp: str, body: bytes) -> str:
    """Return the X-Leadloop-Signature of a body at a time (seconds since 1970).

    >>> sign_body("s", "1", b"{}")[:17]
    'sha256=b253639bcd'
    """
    message = stamp.encode() + b"." + body
    return "sha256=" + hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


async def _take(intake: Intake, request: Request) -> dict[str, int]:
    source, trust = intake.find_sender(request)
    if trust == "public":
        intake.check_pace(source, trust)
    body = await _read_body(request, source.max_kilobytes * 1024)
    if trust == "signed":
        # First the signature: whoever cannot sign takes nothing from the pace of who can.
        intake.check_signature(source, request.headers, body)
        intake.check_pace(source, trust)
    events = _parse_body(source, body)
    intake.waiting += 1
    try:
        return await run_in_threadpool(intake.keep, source, trust, events)
    except OSError as error:
        reason = f"the events cannot be written ({error.strerror}); send them again"
        raise Refused(503, reason, Retry_After="30") from error
    finally:
        intake.waiting -= 1


async def _read_body(request: Request, limit: int) -> bytes:
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > limit:
            raise Refused(413, f"more than {limit // 1024} KB: send fewer events at once")
        parts.append(part)
    return b"".join(parts)


def _parse_body(source: EventSource, body: bytes) -> list[Event]:
    """Return all events of a body, or raise Refused: one that is wrong stops them all."""
    try:
        content = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refused(400, f"the body is no JSON: {error}") from error
    items = content if isinstance(content, list) else [content]
    if not 0 < len(items) <= _MAX_EVENTS:
        raise Refused(422, f"{len(items)} events; wanted 1 to {_MAX_EVENTS}")
    latest = latest_time(datetime.now(UTC), source.future_seconds)
    events, mistakes = [], []
    for place, item in enumerate(items):
        try:
            event = parse_event(item, latest)
            if table_of(event) not in source.types:
                mistakes.append(f"event {place}: this source may not send {event.type}")
            events.append(event)
        except ValueError as error:
            mistakes.append(f"event {place}: {error}")
    if mistakes:
        raise Refused(422, "nothing was taken: " + " | ".join(mistakes[:20]))
    return events


def _digest(event: Event) -> bytes:
    return hashlib.sha256(event.model_dump_json().encode()).digest()


def _allow(request: Request) -> dict[str, str]:
    """Let the page that sent it read the answer: it holds counts only."""
    origin = request.headers.get("origin")
    return {"Access-Control-Allow-Origin": origin, "Vary": "Origin"} if origin else {}
