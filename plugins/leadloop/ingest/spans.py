"""From when until when a pull asks, and the mark that it leaves for the next one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from leadloop.ingest import IngestError

if TYPE_CHECKING:
    from leadloop.ingest.sources import Cursor


@dataclass(frozen=True, slots=True)
class Span:
    """What one pull asks for: since <= value < until, in times or in numbers."""

    day: str
    since: datetime | float
    until: datetime | float | None

    def write(self, time_format: str, zone: str | None) -> dict[str, str]:
        """Return the values of the placeholders {date}, {since} and {until}."""
        return {
            "date": self.day,
            "since": _write(self.since, time_format, zone),
            "until": _write(self.until, time_format, zone),
        }


def span_of_day(day: str, zone: tzinfo) -> Span:
    """Return a day of the company as a span of UTC times."""
    start = datetime.combine(date.fromisoformat(day), time.min, zone)
    end = datetime.combine(date.fromisoformat(day) + timedelta(days=1), time.min, zone)
    return Span(day, start.astimezone(UTC), end.astimezone(UTC))


def span_from_mark(cursor: Cursor, mark: str | None, whole: Span) -> Span | None:
    """Return what lies between the mark, less its overlap, and the day's end; None if nothing."""
    if cursor.kind == "number":
        start = read_number(cursor.start)
        since = start if mark is None else read_number(mark) - read_number(cursor.overlap)
        return Span(whole.day, max(since, start), None)
    begin = datetime.fromisoformat(cursor.start).astimezone(UTC)
    if mark is not None:
        begin = max(begin, datetime.fromisoformat(mark) - timedelta(seconds=cursor.overlap))
    is_open = isinstance(whole.until, datetime) and begin < whole.until
    return Span(whole.day, begin, whole.until) if is_open else None


@dataclass(slots=True)
class Mark:
    """The highest value of the cursor's field that was seen."""

    cursor: Cursor
    zone: tzinfo
    value: datetime | float | None = None

    def see(self, record: dict[str, Any]) -> None:
        """Take a record into account; one without the field stops the pull."""
        found: Any = record
        for part in self.cursor.field.split("."):
            found = found.get(part) if isinstance(found, dict) else None
        try:
            is_number = self.cursor.kind == "number"
            value: Any = read_number(found) if is_number else self._read_time(found)
        except (TypeError, ValueError) as error:
            message = (
                f"A record's cursor field {self.cursor.field} is {found!r}; wanted a "
                f"{self.cursor.kind}. Without it rows would be passed over: correct `cursor` in "
                "the source's file."
            )
            raise IngestError(message) from error
        if self.value is None or value > self.value:
            self.value = value

    def settle(self, until: datetime | float | None) -> str | None:
        """Return the mark as text, never past the end of what was asked for.

        A row dated in the year 2099 would otherwise hide all that come after it.
        """
        value: Any = self.value
        if value is not None and until is not None:
            value = min(value, until)
        return value.isoformat() if isinstance(value, datetime) else _write_number(value)

    def _read_time(self, found: Any) -> datetime:
        if isinstance(found, int | float) and not isinstance(found, bool):
            # Seconds until the year 5138, milliseconds after March 1973.
            return datetime.fromtimestamp(found / 1000 if found > 1e11 else found, tz=UTC)
        value = found if isinstance(found, datetime) else datetime.fromisoformat(found)
        return (value if value.tzinfo else value.replace(tzinfo=self.zone)).astimezone(UTC)


def zone_of(name: str | None) -> tzinfo:
    """Return a source's own zone, UTC where it names none."""
    return ZoneInfo(name) if name else UTC


def read_number(value: Any) -> int | float:
    """Return a number; whole ones exactly, however long (ids have more digits than floats)."""
    text = str(value).strip()
    return int(text) if text.lstrip("-").isdigit() else float(text)


def _write(value: datetime | float | None, time_format: str, zone: str | None) -> str:
    if not isinstance(value, datetime):
        return _write_number(value) or ""
    if time_format in ("epoch", "epoch_ms"):
        return str(int(value.timestamp() * (1000 if time_format == "epoch_ms" else 1)))
    return value.astimezone(zone_of(zone)).strftime(time_format)


def _write_number(value: float | None) -> str | None:
    """Return a number as text, whole ones without a point.

    >>> _write_number(41.0)
    '41'
    """
    if value is None:
        return None
    return str(int(value)) if value == int(value) else repr(value)
