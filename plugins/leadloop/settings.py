"""Where things are and what a company has set: one home for all state, YAML for all choices.

`load_settings` reads the environment once; every other module takes a `Settings` and never
looks at the environment itself. Neighbours: `config/company.yml` (what a company changes),
`docs/settings.md` (generated from the models below).
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from leadloop.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import tzinfo

Model = TypeVar("Model", bound=BaseModel)
PROJECT_ROOT = Path(__file__).resolve().parents[2]


class Source(BaseModel):
    """One feed of files that the daily cycle collects."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(description="Name of the feed, shown in outcome rows.")
    path: str = Field(
        description="File pattern under the home's inbox (or an absolute path); `{date}` stands "
        "for the day as 2026-01-31, `{yyyymmdd}` for 20260131."
    )
    map: str = Field(description="Map that reads the files: a name in config/maps or a path.")
    required: bool = Field(
        default=True,
        description="Whether a day without a file stops the cycle (true) or is only recorded.",
    )
    daily: bool = Field(
        default=True,
        description="Whether a day without a file is worth recording; false for a feed that brings "
        "one only when there is something to tell. What is required is required daily.",
    )


class Retention(BaseModel):
    """How long `maintenance` keeps what it may delete."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    marts_versions: int = Field(
        default=3, ge=1, description="Published versions of the marts kept."
    )
    log_days: int = Field(default=30, ge=1, description="Days that logs are kept.")
    metadata_days: int = Field(default=90, ge=7, description="Days of Airflow run history kept.")
    quarantine_days: int = Field(default=90, ge=1, description="Days that refused rows are kept.")
    backups: int = Field(default=3, ge=1, description="Back-ups kept.")


class NumberValidity(BaseModel):
    """When a number counts as dead, and for how long."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    invalid_dials: int = Field(
        default=2,
        ge=1,
        description="Days on which dials must say that a number does not exist, without a proof "
        "of life between them; a vendor's check says it at once.",
    )
    recheck_days: int = Field(
        default=30,
        ge=1,
        description="Days after which an invalid or suspended number may be tried again: numbers "
        "are given out anew.",
    )


class OpeningHours(BaseModel):
    """When the company is open, by kind of day; times are those of its own clocks."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    workday: tuple[str, ...] = Field(
        default=("09:00-18:00",),
        description="Ranges of days that are worked, make-up days (调休) included.",
    )
    saturday: tuple[str, ...] = Field(default=(), description="Ranges of Saturdays not worked.")
    sunday: tuple[str, ...] = Field(default=(), description="Ranges of Sundays not worked.")
    holiday: tuple[str, ...] = Field(default=(), description="Ranges of public holidays.")

    @field_validator("*")
    @classmethod
    def _ranges_follow_one_another(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        read_ranges(value)
        return value

    @property
    def ranges(self) -> list[tuple[str, int, int]]:
        """Kind of day, first second and the second after the last, of every range."""
        return [
            (kind, begin, end)
            for kind, texts in self.model_dump().items()
            for begin, end in read_ranges(texts)
        ]


def read_ranges(texts: Sequence[str]) -> list[tuple[int, int]]:
    """Return ranges of a day as seconds since midnight; raise ValueError naming the form wanted.

    >>> read_ranges(["09:00-12:00", "13:30-24:00"])
    [(32400, 43200), (48600, 86400)]
    """
    ranges: list[tuple[int, int]] = []
    for text in texts:
        found = _RANGE.fullmatch(text)
        if not found:
            message = f"{text!r} is no range of a day; wanted one such as 09:00-18:00"
            raise ValueError(message)
        hour, minute, last_hour, last_minute = (int(part) for part in found.groups())
        begin, end = hour * 3600 + minute * 60, last_hour * 3600 + last_minute * 60
        if end > 86_400 or end <= begin or (ranges and begin < ranges[-1][1]):
            message = (
                f"{text!r} must end after it begins and begin after the range before it; "
                "a night is two ranges, such as 00:00-06:00 and 22:00-24:00"
            )
            raise ValueError(message)
        ranges.append((begin, end))
    return ranges


_RANGE = re.compile(r"([01]\d|2[0-4]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)")


class CustomerWindows(BaseModel):
    """How many days a question about customers looks ahead."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    renewal_grace_days: int = Field(
        default=30,
        ge=0,
        description="Days after its due date in which a term may still be renewed; until they are "
        "over nobody knows whether it was.",
    )
    repurchase_days: int = Field(
        default=30,
        ge=1,
        description="Days in which a customer orders again after a solved ticket or a call.",
    )
    repeat_contact_days: int = Field(
        default=7,
        ge=1,
        description="Days in which a ticket of the same category says that the first was not "
        "solved.",
    )
    deal_days: int = Field(
        default=60, ge=1, description="Days in which a lead must pay to count for its channel."
    )


class Company(BaseModel):
    """What a company sets in `config/company.yml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    tenant_id: str = Field(description="Short name of the company; part of every row's key.")
    name: str = Field(description="Name shown on the report and the board.")
    language: Literal["zh", "en"] = Field(default="zh", description="Language shown first.")
    timezone: str = Field(
        default="Asia/Shanghai", description="IANA zone in which business days begin and end."
    )
    currency: str = Field(default="CNY", min_length=3, max_length=3, description="ISO 4217 code.")
    phone_region: str = Field(
        default="CN", min_length=2, max_length=2, description="Region of numbers written without +."
    )
    week_start: Literal["monday", "sunday"] = Field(
        default="monday", description="First day of the business week."
    )
    holiday_calendar: Literal["CN", "none"] = Field(
        default="CN",
        description="Whose public holidays and make-up days (调休) count; `none` knows weekends "
        "alone. A calendar of the company's own (table business_calendar) goes before it.",
    )
    opening_hours: OpeningHours = Field(
        default_factory=OpeningHours,
        description="When the company is open: what business hours and minutes count.",
    )
    short_talk_seconds: int = Field(
        default=10, ge=1, description="Talks strictly shorter than this are flagged, never deleted."
    )
    number_validity: NumberValidity = Field(
        default_factory=NumberValidity, description="When numbers count as dead."
    )
    customer_windows: CustomerWindows = Field(
        default_factory=CustomerWindows, description="How far questions about customers look."
    )
    week_minimum_days: int = Field(
        default=5, ge=1, le=7, description="Days that a week needs to be reported at its deadline."
    )
    period_deadline_hours: int = Field(
        default=36, ge=1, description="Hours after a period's end at which it is closed as it is."
    )
    daily_at: str = Field(
        default="02:30",
        pattern=r"^([01]\d|2[0-3]):[0-5]\d$",
        description="When the daily cycle runs.",
    )
    retention: Retention = Field(default_factory=Retention, description="How long things are kept.")
    targets: dict[str, float] = Field(
        default_factory=dict,
        description="Targets of metrics by name, such as `connect_rate: 0.3`, shown on the board.",
    )
    metric_values: dict[str, float] = Field(
        default_factory=dict,
        description="What one more of a metric is worth in the company's currency, such as "
        "`connect_rate: 20` for a call that is answered (use what is lost for one too many). "
        "Alerts and causes are ranked by these estimates; a metric without one shows no money.",
    )
    roles: dict[str, tuple[str, ...]] = Field(
        default_factory=dict,
        description="Who may approve for a role that rules name as approver, such as "
        "`ops_manager: [li, wang]`: logins of Airflow, of the machine, of the board. Anybody who "
        "may decide at all does for a role that is not listed.",
    )
    sources: tuple[Source, ...] = Field(
        default=(), description="Feeds that the daily cycle collects."
    )

    @field_validator("timezone")
    @classmethod
    def _zone_exists(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError) as error:
            message = f"{value!r} is not an IANA time zone such as Asia/Shanghai"
            raise ValueError(message) from error
        return value

    @property
    def zone(self) -> tzinfo:
        """The company's time zone."""
        return ZoneInfo(self.timezone)


@dataclass(frozen=True, slots=True)
class Home:
    """The folder that holds all state; nothing is written anywhere else."""

    root: Path

    @property
    def inbox(self) -> Path:
        """Where feeds drop their files."""
        return self.root / "inbox"

    @property
    def landing(self) -> Path:
        """Append-only Parquet by table and load date: the source of truth."""
        return self.root / "landing"

    @property
    def quarantine(self) -> Path:
        """Rows that were refused, masked, with line and reason."""
        return self.root / "quarantine"

    @property
    def warehouse(self) -> Path:
        """DuckDB file of staging and intermediate models; one writer."""
        return self.root / "warehouse" / "warehouse.duckdb"

    @property
    def marts(self) -> Path:
        """Published versions of the marts, the pointer and the symlink for BI tools."""
        return self.root / "marts"

    @property
    def marts_build(self) -> Path:
        """DuckDB file that dbt builds marts into; attached, never read by BI tools."""
        return self.root / "warehouse" / "marts_build.duckdb"

    @property
    def dbt(self) -> Path:
        """The dbt target and log folders."""
        return self.root / "dbt"

    @property
    def airflow(self) -> Path:
        """AIRFLOW_HOME: metadata database, configuration, logins."""
        return self.root / "airflow"

    @property
    def operations(self) -> Path:
        """SQLite file of the operations store (unless a database URL is set)."""
        return self.root / "operations.db"

    @property
    def data_docs(self) -> Path:
        """Rendered results of the gates."""
        return self.root / "out" / "data_docs"

    @property
    def cache(self) -> Path:
        """Caches of ours."""
        return self.root / "cache"

    @property
    def backups(self) -> Path:
        """Back-ups made by `maintenance`."""
        return self.root / "backups"

    @property
    def logs(self) -> Path:
        """Log files of commands and services."""
        return self.root / "logs"

    @property
    def out(self) -> Path:
        """What people open: the report and exports."""
        return self.root / "out"

    @property
    def run(self) -> Path:
        """Process ids and locks of what is running."""
        return self.root / "run"

    @property
    def secrets(self) -> Path:
        """Keys made on first use, readable by the owner only."""
        return self.root / "secrets"


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a step needs to know about its surroundings."""

    home: Home
    project: Path
    config: Path
    company: Company
    operations_url: str
    airflow_port: int
    airflow_url: str | None = None

    @property
    def dbt_project(self) -> Path:
        """The folder of SQL models."""
        return self.project / "dbt_project"

    def config_file(self, *parts: str) -> Path:
        """Return a file of the company's configuration, else the one shipped with the project."""
        own = self.config.joinpath(*parts)
        return own if own.exists() else self.project.joinpath("config", *parts)


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Return the settings from the environment and `company.yml`.

    LEADLOOP_HOME (default `./var` in the project), LEADLOOP_CONFIG (default `./config`; a file
    missing there is taken from the project), LEADLOOP_OPERATIONS_URL or the file that
    LEADLOOP_OPERATIONS_URL_FILE names (default SQLite under the home), LEADLOOP_PORT (default
    8080), LEADLOOP_AIRFLOW_URL (default: what `leadloop up` started on that port).
    """
    env = os.environ if environ is None else environ
    home = Home(Path(env.get("LEADLOOP_HOME") or PROJECT_ROOT / "var").expanduser().absolute())
    config = Path(env.get("LEADLOOP_CONFIG") or PROJECT_ROOT / "config").expanduser().absolute()
    company_file = config / "company.yml"
    if not company_file.exists():
        company_file = PROJECT_ROOT / "config" / "company.yml"
    port = env.get("LEADLOOP_PORT") or "8080"
    if not port.isdigit():
        message = f"LEADLOOP_PORT is {port!r}; wanted a number such as 8080."
        raise UsageError(message)
    return Settings(
        home=home,
        project=PROJECT_ROOT,
        config=config,
        company=load_company(company_file),
        operations_url=read_secret(env, "LEADLOOP_OPERATIONS_URL")
        or f"sqlite:///{home.operations}",
        airflow_port=int(port),
        airflow_url=(env.get("LEADLOOP_AIRFLOW_URL") or "").rstrip("/") or None,
    )


def read_secret(env: Mapping[str, str], name: str) -> str | None:
    """Return a variable, or what is in the file that the variable with _FILE behind it names.

    Secrets of a team come as files, which no list of processes and no crash report shows.
    """
    if value := env.get(name):
        return value
    if not (file := env.get(f"{name}_FILE")):
        return None
    try:
        value = Path(file).read_text(encoding="utf-8").strip()
    except OSError as error:
        message = f"{name}_FILE is {file!r}, which cannot be read ({error.strerror})."
        raise UsageError(message) from error
    if not value:
        message = f"{name}_FILE is {file!r}, which is empty; wanted the secret in it."
        raise UsageError(message)
    return value


def load_company(path: Path) -> Company:
    """Return the company read from a YAML file; every mistake in it is named at once."""
    return read_model(path, Company)


def read_model(path: Path, model: type[Model]) -> Model:
    """Return a YAML file as its model; raise UsageError with every mistake in it and its place."""
    try:
        return model.model_validate(read_yaml(path))
    except ValidationError as error:
        raise UsageError(describe_mistakes(path, error)) from error


def read_yaml(path: Path) -> Any:
    """Return what a YAML file holds, an empty mapping where it holds nothing."""
    try:
        # In C: maps are read for every file of a day, and this takes a tenth of the time.
        return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        message = f"{path} cannot be read: {error}"
        raise UsageError(message) from error


def describe_mistakes(source: Path | str, error: ValidationError) -> str:
    """Return one line for each mistake in a configuration file, with its place."""
    lines = [f"{source} has {error.error_count()} mistake(s):"]
    for item in error.errors():
        place = ".".join(str(part) for part in item["loc"]) or "(whole file)"
        lines.append(f"  {place}: {item['msg']} (seen: {item.get('input')!r})")
    return "\n".join(lines)
