"""What the board's API answers; the page, scripts and `docs/openapi-board.json` rely on it.

Every number comes with its evidence: `value` of `n` (k of them, where it is a share) between `low`
and `high` with 95 %; null where there is none.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

Mark = Literal["above", "below", "none"]
State = Literal["ok", "not available", "too few"]


class Text(BaseModel):
    """One text in both languages."""

    zh: str
    en: str


class Evidence(BaseModel):
    """One number and how sure it is."""

    value: float | None
    low: float | None
    high: float | None
    k: float | None
    n: int | None
    state: State


class Change(BaseModel):
    """The difference to the same weekday a week before; noise if its interval holds zero."""

    before: float
    difference: float
    low: float | None
    high: float | None
    is_noise: bool


class Target(BaseModel):
    """What the company aims for, and whether the interval has cleared it."""

    value: float
    verdict: Literal["met", "missed", "unclear"] | None


class Tile(Evidence):
    """One metric of the day. `tone` is 1 where more is better, -1 where less is, else 0."""

    name: str
    tone: int
    change: Change | None
    target: Target | None


class Definition(BaseModel):
    """What a metric means."""

    kind: Literal["count", "share", "mean", "ratio"]
    unit: str
    label: Text
    formula: str
    about: str
    sql: str


class Panel(BaseModel):
    """What panels of numbers share; `is_available` is false while nothing is published."""

    day: str
    is_available: bool


class Tiles(Panel):
    """The five tiles."""

    tiles: list[Tile] = []
    definitions: dict[str, Definition] = {}
    unknown_targets: list[str] = Field(default=[], description="Targets of no known metric.")


class Hour(Evidence):
    """The day's rate in one local hour; marked where it lies outside its band."""

    dial_hour: int
    mark: Mark


class Band(BaseModel):
    """Where the hour would lie in 95 of 100 cases if it were like the same weekdays before."""

    dial_hour: int
    value: float
    low: float
    high: float
    n: int
    days: int


class Hours(Panel):
    """The hour curve and its band."""

    metric: str | None = None
    points: list[Hour] = []
    band: list[Band] = []
    weeks: int = 0
    sql: str | None = None
    band_sql: str | None = None


class Cell(Evidence):
    """One number of a channel; marked only where its interval clears the overall value."""

    mark: Mark


class Channel(BaseModel):
    """One channel: count and rate of the day, conversion of the last 28 days."""

    code: str | None
    count: Cell | None
    reached: Cell | None
    won: Cell | None


class Channels(Panel):
    """The channels (or queues, or campaigns), largest first; `hidden` more are not listed."""

    dimension: str | None = None
    metrics: dict[str, str] = {}
    groups: list[Channel] = []
    hidden: int = 0
    overall: dict[str, Evidence] = {}
    sql: dict[str, str] = {}


class Share(BaseModel):
    """A share in a cause's evidence."""

    k: float
    n: int
    value: float
    low: float
    high: float


class Cause(BaseModel):
    """One place that explains part of an alert, by its mix, its rate or what was said."""

    kind: str
    place: dict[str, Any]
    share: float | None
    money: float | None
    before: Share | None
    after: Share | None


class Alert(BaseModel):
    """One open alert with its causes, largest first."""

    alert_id: str
    rule_id: str
    rule_hash: str
    title: Text | None
    mode: str
    severity: str
    metric: str
    label: Text
    kind: Literal["count", "share", "mean", "ratio"]
    formula: str
    sql: str | None
    dimensions: dict[str, Any]
    grain: str
    period: str
    k: int | None
    n: int | None
    value: float | None
    low: float | None
    high: float | None
    threshold: float
    expected: float | None
    money: float | None
    state: str
    causes: list[Cause]
    action_ids: list[str]
    owner: str
    first_seen_at: datetime
    last_seen_at: datetime


class Alerts(BaseModel):
    """The open alerts as they are now."""

    currency: str
    alerts: list[Alert]


class Action(BaseModel):
    """One action; `is_open` while it waits for a decision and has not expired."""

    action_id: str
    alert_id: str | None
    type: str
    label: Text | None
    payload: dict[str, Any]
    target_type: str
    target_id: str
    mode: str
    state: str
    is_open: bool
    approver: str | None
    proposed_at: datetime
    decided_at: datetime | None
    decided_by: str | None
    gate: Any
    expires_at: datetime | None
    cost: float | None


class Actions(BaseModel):
    """What waits for a decision, then what was decided lately."""

    currency: str
    may_decide: bool
    actions: list[Action]


class Decided(BaseModel):
    """The state of an action after a decision."""

    action_id: str
    state: Literal["approved", "rejected"]
    decided_by: str


class Status(BaseModel):
    """Whether the day is published or was stopped, by what, and how far the data reach."""

    day: str
    weekday: int
    state: Literal["published", "stopped", "nothing"]
    has_marts: bool
    attempt_day: str
    failures: list[str]
    version: str | None
    published_at: str | None
    data_until: str | None
    held_loads: list[str]
    days_behind: int | None = Field(description="Whole days between the data's end and yesterday.")
    given_up: int = Field(description="Messages that could not be delivered.")


class Gate(BaseModel):
    """One expectation and what it saw."""

    gate: str
    suite: str
    expectation: str
    severity: str
    is_passed: bool
    observed: Any
    notes: str


class Gates(BaseModel):
    """The expectations judged for the day, broken ones first."""

    day: str
    gates: list[Gate]


class Load(BaseModel):
    """One file of the day: read = landed + duplicate + quarantined."""

    file: str
    map: str
    rows_read: int
    rows_landed: int
    rows_duplicate: int
    rows_quarantined: int
    by_reason: dict[str, int]
    unknown_codes: dict[str, int]


class Loads(BaseModel):
    """The files of the day and the sums of all up to it."""

    day: str
    files: list[Load]
    hidden: int
    total: dict[str, int]


class Company(BaseModel):
    """What pages need to know of the company."""

    name: str
    language: Literal["zh", "en"]
    timezone: str
    currency: str
    week_start: str
    short_talk_seconds: int


class Shell(BaseModel):
    """What the page is made of beside the numbers: words, names of codes, who looks."""

    company: Company
    viewer: str
    may_decide: bool
    day: str = Field(description="The day shown where the address names none.")
    words: dict[str, Text]
    names: dict[str, dict[str, Text]]


class Problem(BaseModel):
    """Why a request was refused."""

    detail: str
