"""Events of sites, shops and CRMs: their schema, and the log in the inbox that keeps them.

`leadloop live` takes them in over HTTP (CloudEvents 1.0) and appends; `gather` seals what was
appended for a day, so that it is collected like any file. The maps are `cloud_funnel_event` and
`cloud_inquiry_event`.
"""

from __future__ import annotations

import fcntl
import json
import os
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from leadloop.contract.service import FUNNEL_SOURCES, INQUIRY_CHANNELS
from leadloop.ingest import IngestError
from leadloop.ingest.landing import publish_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from leadloop.settings import Settings

Text = Field(min_length=1, max_length=200)


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid")


class FunnelData(_Data):
    """A lead, a customer or an order has reached a stage."""

    entity_type: str = Text
    entity_id: str = Text
    stage: str = Text
    event_source: Literal[FUNNEL_SOURCES] | None = None  # type: ignore[valid-type]
    value_amount: float | None = Field(default=None, allow_inf_nan=False)
    call_id: str | None = Field(default=None, max_length=200)
    agent_id: str | None = Field(default=None, max_length=200)
    reversed_by: str | None = Field(default=None, max_length=200)
    custom: dict[str, str | int | float | bool | None] | None = None


class InquiryData(_Data):
    """Somebody asked by themselves."""

    channel: Literal[INQUIRY_CHANNELS]  # type: ignore[valid-type]
    lead_id: str | None = Field(default=None, max_length=200)
    customer_id: str | None = Field(default=None, max_length=200)
    phone: str | None = Field(default=None, max_length=40)
    topic: str | None = Field(default=None, max_length=2000)
    custom: dict[str, str | int | float | bool | None] | None = None


class _Envelope(BaseModel):
    """The attributes of CloudEvents 1.0 that are wanted; further extensions are kept out."""

    model_config = ConfigDict(extra="ignore")

    specversion: Literal["1.0"]
    id: str = Field(min_length=1, max_length=128, pattern=r"^[^\x00-\x1f\x7f]+$")
    source: str = Field(min_length=1, max_length=300, pattern=r"^[^\x00-\x1f\x7f\s]+$")
    time: AwareDatetime
    subject: str | None = Field(default=None, max_length=300)
    datacontenttype: Literal["application/json"] | None = None


class FunnelEvent(_Envelope):
    """A CloudEvent whose data is a step of the funnel."""

    type: Literal["leadloop.funnel_event"]
    data: FunnelData


class InquiryEvent(_Envelope):
    """A CloudEvent whose data is an inquiry."""

    type: Literal["leadloop.inquiry_event"]
    data: InquiryData


Event = FunnelEvent | InquiryEvent
_MODELS: dict[str, type[FunnelEvent] | type[InquiryEvent]] = {
    "leadloop.funnel_event": FunnelEvent,
    "leadloop.inquiry_event": InquiryEvent,
}


def table_of(event: Event) -> str:
    """Return the landing table of an event."""
    return event.type.removeprefix("leadloop.")


def parse_event(content: Any, latest: datetime) -> Event:
    """Return an event; ValueError says all that is wrong with it, never what people wrote."""
    if not isinstance(content, dict):
        message = f"a JSON {type(content).__name__} where an event was wanted"
        raise ValueError(message)
    model = _MODELS.get(str(content.get("type")))
    if model is None:
        message = f"type is not one of {', '.join(_MODELS)}"
        raise ValueError(message)
    try:
        event = model.model_validate(content)
    except ValidationError as error:
        mistakes = [
            f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()[:10]
        ]
        raise ValueError("; ".join(mistakes)) from error
    if event.time > latest:
        message = f"time lies in the future (later than {latest.isoformat(timespec='seconds')})"
        raise ValueError(message)
    return event


def write_schema() -> dict[str, Any]:
    """Return the JSON schemas of all events by type."""
    return {name: model.model_json_schema() for name, model in _MODELS.items()}


@dataclass(frozen=True, slots=True)
class EventLog:
    """Where the events of one source and table are appended, one file a day of arrival."""

    folder: Path

    def append(self, day: str, lines: Sequence[bytes]) -> None:
        """Return once the lines are on the disk; an error means that none of them counts."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with self._alone():
            path = self._open_path(day)
            is_new = not path.exists()
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                end = _cut_torn_line(handle)
                try:
                    _write_all(handle, b"".join(line + b"\n" for line in lines))
                    os.fsync(handle)
                except OSError:
                    # A full disk: what stands there half must not be taken for an event.
                    os.ftruncate(handle, end)
                    raise
            finally:
                os.close(handle)
            if is_new:
                _sync_folder(self.folder)

    def seal(self, day: str) -> None:
        """Make what was appended for a day a file that is collected; the next append opens one."""
        if not self._open_path(day).exists():
            return
        with self._alone():
            path = self._open_path(day)
            handle = os.open(path, os.O_RDWR)
            try:
                end = _cut_torn_line(handle)
            finally:
                os.close(handle)
            if not end:
                path.unlink()
                return
            names = [item.stem.split("_")[1] for item in self.folder.glob(f"{day}_*.jsonl")]
            number = max(map(int, names), default=0) + 1
            publish_file(path, self.folder / f"{day}_{number:04}.jsonl")

    def _open_path(self, day: str) -> Path:
        return self.folder / f".{day}.open"

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the log against other processes; the lock goes with a process that is killed."""
        handle = os.open(self.folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)


def open_log(settings: Settings, source: str, table: str) -> EventLog:
    """Return the log of one source's events of one table."""
    return EventLog(settings.home.inbox / "events" / source / table)


def encode_event(event: Event, trust: str, received: datetime) -> bytes:
    """Return the line that is kept of an event: who vouches for it and when it came stand in it."""
    content = event.model_dump(mode="json", exclude_none=True)
    content |= {"trust": trust, "receivedat": received.isoformat()}
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def seal_events(settings: Settings, source: str, table: str, days: Sequence[str]) -> None:
    """Seal what came in for these days, so that it can be collected."""
    log = open_log(settings, source, table)
    for day in days:
        try:
            log.seal(day)
        except OSError as error:
            message = f"The events in {log.folder} cannot be sealed: {error}."
            raise IngestError(message) from error


def latest_time(now: datetime, seconds: int) -> datetime:
    """Return up to when an event may be dated: clocks differ, tomorrow has not happened."""
    return now.astimezone(UTC) + timedelta(seconds=seconds)


def _cut_torn_line(handle: int) -> int:
    """Cut off what a killed writer left behind the last line end; return the length kept."""
    size = os.fstat(handle).st_size
    end = size
    while end:
        start = max(0, end - 65_536)
        place = os.pread(handle, end - start, start).rfind(b"\n")
        if place >= 0:
            end = start + place + 1
            break
        end = start
    if end != size:
        os.ftruncate(handle, end)
    return end


def _write_all(handle: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(handle, view) :]


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
