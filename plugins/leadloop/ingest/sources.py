"""Sources that are pulled or pushed rather than dropped as files: `config/sources/*.yml`.

One file a source, its `kind` says which: `api` (pulled by `api`), `database` (by `database`) or
`events` (taken in by `leadloop live`, kept by `events`). All of them write JSON lines into the
inbox; from there it is the way of every file. docs/sources.md tells the grammar in words.
"""

from __future__ import annotations

import os
import re
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from leadloop.errors import UsageError
from leadloop.ingest.spans import read_number
from leadloop.settings import Source, read_secret, read_yaml

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from leadloop.settings import Settings

_KINDS = ("api", "database", "events")
_HIDDEN = ("auth", "headers", "url")
LOOPBACK = ("127.0.0.1", "localhost", "::1")
PLACEHOLDERS = ("date", "since", "until")


def _check_placeholders(value: Any) -> Any:
    for text in _list_texts(value):
        for name in re.findall(r"\{(\w*)", text):
            if name not in PLACEHOLDERS:
                message = f"{{{name}}} is no placeholder; known: {{date}}, {{since}}, {{until}}"
                raise ValueError(message)
    return value


def _list_texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for item in value.values() for text in _list_texts(item)]
    if isinstance(value, list | tuple):
        return [text for item in value for text in _list_texts(item)]
    return [value] if isinstance(value, str) else []


def say_value(value: Any) -> str:
    """Return a value as JSON and YAML write it, text without quotes.

    >>> say_value(True), say_value(0), say_value("ok"), say_value(None)
    ('true', '0', 'ok', 'null')
    """
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return value.isoformat() if isinstance(value, date) else str(value)


def _say_scalar(value: Any) -> Any:
    is_scalar = value is None or isinstance(value, bool | int | float | date)
    return say_value(value) if is_scalar else value


# YAML makes numbers and times of what is meant as text here.
Said = Annotated[str, BeforeValidator(_say_scalar)]
Filled = Annotated[dict[str, Any], AfterValidator(_check_placeholders)]
FilledTexts = Annotated[dict[str, Said], AfterValidator(_check_placeholders)]
FilledText = Annotated[str, AfterValidator(_check_placeholders)]


class Part(BaseModel):
    """Any piece of a source: unknown keys are mistakes, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Bearer(Part):
    """`Authorization: Bearer SECRET`."""

    kind: Literal["bearer"]


class Basic(Part):
    """A login; its password is the secret."""

    kind: Literal["basic"]
    user: str = Field(min_length=1)


class Header(Part):
    """The secret in a header of its own."""

    kind: Literal["header"]
    name: str = Field(pattern=r"^[A-Za-z0-9-]+$")
    prefix: str = ""


class Hmac(Part):
    """A signature over what is sent; {timestamp}, {method}, {path}, {query}, {body}."""

    kind: Literal["hmac"]
    header: str = Field(default="X-Signature", pattern=r"^[A-Za-z0-9-]+$")
    timestamp_header: str = Field(default="X-Timestamp", pattern=r"^[A-Za-z0-9-]+$")
    message: str = "{timestamp}\n{method}\n{path}\n{query}\n{body}"
    algorithm: Literal["sha256", "sha512", "sha1"] = "sha256"
    encoding: Literal["hex", "base64"] = "hex"
    prefix: str = ""

    @model_validator(mode="after")
    def _knows_its_parts(self) -> Hmac:
        known = {"timestamp", "method", "path", "query", "body"}
        if unknown := set(re.findall(r"\{(\w*)\}", self.message)) - known:
            message = f"message: {{{unknown.pop()}}} is none of {', '.join(sorted(known))}"
            raise ValueError(message)
        return self


Auth = Annotated[Bearer | Basic | Header | Hmac, Field(discriminator="kind")]


class Paging(Part):
    """How one page leads to the next."""

    by: Literal["page", "offset", "cursor", "link"]
    parameter: str | None = Field(default=None, description="Parameter of the page or cursor.")
    place: Literal["query", "body"] = Field(default="query", description="Where it is sent.")
    first: int = Field(default=1, ge=0, description="Number of the first page.")
    size: int | None = Field(default=None, ge=1, description="Records asked for a page.")
    size_parameter: str | None = Field(default=None, description="Parameter of the size.")
    path: str | None = Field(default=None, description="Where the answer has the cursor or link.")
    header: str | None = Field(default=None, description="Header that has it instead.")
    total: str | None = Field(default=None, description="Where the answer has the full count.")
    more: str | None = Field(default=None, description="Where the answer says that more follows.")

    @model_validator(mode="after")
    def _is_complete(self) -> Paging:
        if self.by != "link" and not self.parameter:
            message = f"paging by {self.by} needs `parameter`"
            raise ValueError(message)
        if self.by in ("cursor", "link") and (self.path is None) == (self.header is None):
            message = f"paging by {self.by} needs exactly one of `path`, `header`"
            raise ValueError(message)
        if (self.size is None) != (self.size_parameter is None):
            message = "give `size` and `size_parameter` together, or neither"
            raise ValueError(message)
        return self


class Verdict(Part):
    """Where an answer of 200 says that it is none, as many an API does."""

    path: str
    values: tuple[Said, ...] = Field(min_length=1, description="What it says when all is well.")
    retry: tuple[Said, ...] = Field(default=(), description="What is worth another try.")


class Cursor(Part):
    """The mark up to which a source was read; the next pull begins `overlap` before it."""

    field: str = Field(description="Field of the records, such as updated_at.")
    kind: Literal["time", "number"] = "time"
    start: Said = Field(description="Where the first pull begins.")
    overlap: float = Field(default=3600, ge=0, description="Seconds (or units) read once more.")

    @model_validator(mode="after")
    def _start_fits(self) -> Cursor:
        try:
            if self.kind == "number":
                read_number(self.start)
            elif datetime.fromisoformat(self.start).tzinfo is None:
                message = f"start {self.start} has no zone; wanted such as 2026-01-01T00:00:00Z"
                raise ValueError(message)
        except ValueError as error:
            message = f"start: {error}"
            raise ValueError(message) from error
        return self


class _Pulled(Part):
    """What every source that is pulled has."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$", description="Like the file.")
    map: str = Field(description="Map that reads the records, as JSON lines.")
    required: bool = Field(default=True, description="Whether a failed pull stops the day.")
    cursor: Cursor | None = Field(default=None, description="Without it: each day by itself.")

    @property
    def as_files(self) -> Source:
        """The files that pulls leave in the inbox."""
        path = f"sources/{self.name}/{{date}}_*.jsonl.gz"
        return Source(name=self.name, path=path, map=self.map, required=self.required)


class ApiSource(_Pulled):
    """An HTTP API that is asked page by page."""

    kind: Literal["api"]
    url: FilledText = Field(pattern=r"^https?://[^\s@?#]+$", description="Without secrets.")
    method: Literal["GET", "POST"] = "GET"
    headers: dict[str, Said] = Field(default_factory=dict)
    query: FilledTexts = Field(default_factory=dict)
    body: Filled | None = None
    time_format: str = Field(default="%Y-%m-%dT%H:%M:%SZ", description="How times are written.")
    zone: str | None = Field(default=None, description="Zone they are written in; default UTC.")
    auth: Auth | None = None
    records: str = Field(default="", description="Path of the list in an answer; empty: all of it.")
    paging: Paging | None = None
    ok: Verdict | None = None
    requests_per_minute: int | None = Field(default=None, ge=1)
    retries: int = Field(default=5, ge=0, le=20)
    timeout_seconds: float = Field(default=30, gt=0, le=600)
    max_wait_seconds: float = Field(default=300, gt=0, description="Longest Retry-After obeyed.")
    max_pages: int = Field(default=10_000, ge=1)
    max_megabytes: float = Field(default=1000, gt=0)

    @model_validator(mode="after")
    def _fits_together(self) -> ApiSource:
        parts = urlsplit(self.url)
        if self.auth and parts.scheme == "http" and parts.hostname not in LOOPBACK:
            message = "a secret never goes over an open line: use https"
            raise ValueError(message)
        if self.body is not None and self.method == "GET":
            message = "a GET has no body: set method to POST"
            raise ValueError(message)
        if self.paging and self.paging.place == "body" and self.method == "GET":
            message = "paging in the body needs method POST"
            raise ValueError(message)
        _check_zone(self.zone)
        return self


class DatabaseSource(_Pulled):
    """A table or a select of a database, through SQLAlchemy; the URL is the secret."""

    kind: Literal["database"]
    table: str | None = Field(default=None, pattern=r"^\w+(\.\w+)?$")
    select: str | None = Field(default=None, description="A select with :since and :until.")
    bind: Literal["time", "text"] = Field(
        default="time", description="How since and until are given; text: as time_format writes."
    )
    time_format: str = "%Y-%m-%d %H:%M:%S"
    zone: str | None = Field(default=None, description="Zone of its times; default UTC.")
    day_column: str | None = Field(default=None, pattern=r"^\w+$", description="Of a table.")
    chunk_rows: int = Field(default=10_000, ge=1, le=1_000_000)

    @model_validator(mode="after")
    def _fits_together(self) -> DatabaseSource:
        if (self.table is None) == (self.select is None):
            message = "give exactly one of `table`, `select`"
            raise ValueError(message)
        if self.table and not (self.cursor or self.day_column):
            message = "a table needs `day_column`, or a `cursor`: else every day reads all of it"
            raise ValueError(message)
        if self.select and ":since" not in self.select:
            message = "the select must be bounded by :since (and :until)"
            raise ValueError(message)
        if self.cursor and not re.fullmatch(r"\w+", self.cursor.field):
            message = "cursor.field must be a column of the result"
            raise ValueError(message)
        _check_zone(self.zone)
        return self


class EventSource(Part):
    """A site, shop or CRM that sends CloudEvents to `leadloop live`."""

    kind: Literal["events"]
    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$", description="Like the file.")
    types: tuple[Literal["funnel_event", "inquiry_event"], ...] = Field(
        default=("funnel_event", "inquiry_event"), min_length=1
    )
    public_keys: tuple[str, ...] = Field(default=(), description="Keys of browsers; no secrets.")
    origins: tuple[str, ...] = Field(default=(), description="Sites whose browsers may send.")
    requests_per_minute: int = Field(default=6000, ge=1)
    max_kilobytes: int = Field(default=256, ge=1, le=16_384)
    future_seconds: int = Field(default=300, ge=0)

    @model_validator(mode="after")
    def _browsers_have_sites(self) -> EventSource:
        if self.public_keys and not self.origins:
            message = "public_keys need `origins`: the sites that may use them"
            raise ValueError(message)
        return self

    @property
    def as_files(self) -> list[Source]:
        """The files that taken-in events leave in the inbox, one feed a type."""
        return [
            Source(
                name=f"{self.name}.{kind}",
                path=f"events/{self.name}/{kind}/{{date}}_*.jsonl",
                map=f"cloud_{kind}",
                required=False,
            )
            for kind in self.types
        ]


Declared = Annotated[ApiSource | DatabaseSource | EventSource, Field(discriminator="kind")]
_ADAPTER: TypeAdapter[ApiSource | DatabaseSource | EventSource] = TypeAdapter(Declared)


def load_sources(settings: Settings) -> list[ApiSource | DatabaseSource | EventSource]:
    """Return the sources of config/sources; every mistake in every file is named at once."""
    found, mistakes = [], []
    taken = {source.name for source in settings.company.sources}
    for path in sorted((settings.config / "sources").glob("*.yml")):
        try:
            source = _read_source(path)
        except UsageError as error:
            mistakes.append(str(error))
            continue
        if source.name in taken:
            mistakes.append(f"{path}: company.yml has a source {source.name!r} already")
        found.append(source)
    if mistakes:
        raise UsageError("\n".join(mistakes))
    return found


def find_source(settings: Settings, name: str) -> ApiSource | DatabaseSource | EventSource:
    """Return the source of that name; UsageError lists the known ones."""
    known = {source.name: source for source in load_sources(settings)}
    if name in known:
        return known[name]
    folder = settings.config / "sources"
    message = f"There is no source {name!r} in {folder}; known: {', '.join(known) or 'none'}."
    raise UsageError(message)


def load_source_secret(
    settings: Settings, name: str, environ: Mapping[str, str] | None = None
) -> str:
    """Return the secret of a source, from the environment or the file that it names."""
    env = os.environ if environ is None else environ
    variable = f"LEADLOOP_SECRET_{name.upper()}"
    if found := read_secret(env, variable):
        return found
    message = (
        f"Source {name} in {settings.config / 'sources'} needs a secret: set {variable}, or "
        f"{variable}_FILE to a file that holds it."
    )
    raise UsageError(message)


def _read_source(path: Path) -> ApiSource | DatabaseSource | EventSource:
    try:
        source = _ADAPTER.validate_python(read_yaml(path))
    except ValidationError as error:
        raise UsageError(_describe_mistakes(path, error)) from None
    if source.name != path.stem:
        message = f"{path}: name is {source.name!r}; wanted {path.stem!r}, like the file."
        raise UsageError(message)
    return source


def _describe_mistakes(path: Path, error: ValidationError) -> str:
    lines = [f"{path} has {error.error_count()} mistake(s):"]
    for item in error.errors():
        place = [str(part) for part in item["loc"] if part not in _KINDS]
        lines.append(f"  {'.'.join(place) or '(whole file)'}: {item['msg']}")
        # Somebody may have written a secret where none belongs: it must not reach a log.
        is_shown = place and place[0] not in _HIDDEN and item["type"] != "extra_forbidden"
        if is_shown and isinstance(item["input"], str | int | float):
            lines[-1] += f" (seen: {item['input']!r})"
    return "\n".join(lines)


def _check_zone(name: str | None) -> None:
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(name or "UTC")
    except (KeyError, ValueError, OSError) as error:
        message = f"zone {name!r} is not an IANA time zone such as Asia/Shanghai"
        raise ValueError(message) from error
