"""A compliance pack: the duties of one jurisdiction as YAML, each dated and with its source.

Packs lie in config/compliance. What is known from memory alone may be written down but not
enabled: a gate that cannot name its source would be a guess. Neighbour: `compliance`, the gate.
"""

from __future__ import annotations

import re
from datetime import date, time
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)

from leadloop.actions import ActionError
from leadloop.actions.zones import find_zones, list_candidates
from leadloop.errors import UsageError
from leadloop.settings import read_model

if TYPE_CHECKING:
    from pathlib import Path

    from leadloop.settings import Settings

FOLDER = "compliance"
_WINDOW = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")


class Part(BaseModel):
    """Any piece of a pack: unknown keys are mistakes, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Window(Part):
    """A time of day from begin (in) to end (out); an end before the begin is past midnight."""

    begin: time
    end: time

    def holds(self, clock: time) -> bool:
        """Return whether a wall-clock time lies in the window.

        >>> late = read_window("21:00-09:00")
        >>> [late.holds(time(hour)) for hour in (20, 21, 0, 8, 9)]
        [False, True, True, True, False]
        """
        if self.begin < self.end:
            return self.begin <= clock < self.end
        return clock >= self.begin or clock < self.end

    def __str__(self) -> str:
        """Return it as it is written, such as 09:00-12:00."""
        return f"{self.begin:%H:%M}-{self.end:%H:%M}"


def read_window(text: Any) -> Any:
    """Return the window that a text such as 09:00-12:00 means; ValueError if it means none."""
    if not isinstance(text, str):
        return text
    found = _WINDOW.fullmatch(text)
    if not found or found[1] + found[2] == found[3] + found[4]:
        message = "a window is written as 09:00-12:00, with two different times"
        raise ValueError(message)
    hour, minute, until_hour, until_minute = (int(part) for part in found.groups())
    return Window(begin=time(hour, minute), end=time(until_hour, until_minute))


Times = tuple[Annotated[Window, BeforeValidator(read_window)], ...]


class Duty(Part):
    """What every rule of a pack says: where it comes from, from when on, and whether it holds."""

    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$", description="Name of the rule, part of a proof.")
    title: dict[Literal["zh", "en"], str] = Field(description="What people call it.")
    source: str = Field(min_length=1, description="The text it comes from, and where it was read.")
    certainty: Literal["read", "secondary", "own", "memory"] = Field(
        description="read: the text itself was read; secondary: a report on it; own: a limit of "
        "the product's own, more careful than any text; memory: not looked up yet."
    )
    effective_from: date = Field(description="First local day on which it holds.")
    effective_until: date | None = Field(default=None, description="Last day; null: open.")
    enabled: bool = Field(default=True, description="Whether it is enforced.")
    note: str | None = Field(default=None, description="What a reader should know.")

    @model_validator(mode="after")
    def _is_cited(self) -> Duty:
        if self.enabled and self.certainty == "memory":
            message = f"{self.id} is known from memory: cite its text before enabling it"
            raise ValueError(message)
        return self

    def is_active(self, day: date) -> bool:
        """Return whether it is enforced on a local day."""
        last = self.effective_until or date.max
        return self.enabled and self.effective_from <= day <= last


class Hours(Duty):
    """When somebody may be called, by the clock of the called party."""

    kind: Literal["hours"]
    allow: Times = Field(default=(), description="Windows in which calls may be made.")
    forbid: Times = Field(default=(), description="Windows in which none may be made.")

    @model_validator(mode="after")
    def _has_windows(self) -> Hours:
        if not self.allow and not self.forbid:
            message = "give allow or forbid, such as [09:00-12:00]"
            raise ValueError(message)
        return self


class Frequency(Duty):
    """How often one number may be called: exactly one limit."""

    kind: Literal["frequency"]
    per_day: int | None = Field(default=None, ge=1, description="Dials on one local day.")
    per_30_days: int | None = Field(default=None, ge=1, description="Dials in any 30 days.")
    min_gap_hours: float | None = Field(default=None, gt=0, description="Hours between two dials.")

    @model_validator(mode="after")
    def _has_one(self) -> Frequency:
        given = [self.per_day, self.per_30_days, self.min_gap_hours]
        if sum(item is not None for item in given) != 1:
            message = "give exactly one of per_day, per_30_days, min_gap_hours"
            raise ValueError(message)
        return self


class DoNotCall(Duty):
    """Who asked not to be called is not called."""

    kind: Literal["do_not_call"]
    months: int | None = Field(default=None, ge=1, description="How long; null: for good.")


class Consent(Duty):
    """Calls for sale need the consent of the called party."""

    kind: Literal["consent"]
    unknown: Literal["deny", "report"] = Field(
        description="What follows where nothing is known: deny, or allow and say so."
    )


Rule = Annotated[Hours | Frequency | DoNotCall | Consent, Field(discriminator="kind")]


class Pack(Part):
    """The rules for numbers of some regions."""

    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$", description="The file's name without .yml.")
    title: dict[Literal["zh", "en"], str] = Field(description="What people call it.")
    regions: tuple[str, ...] = Field(min_length=1, description="Regions of numbers, such as CN.")
    zones: dict[str, tuple[str, ...]] = Field(
        default_factory=dict,
        description="Zones of a region's numbers; without an entry all that the region has.",
    )
    unknown_zone: Literal["refuse", "intersect"] = Field(
        default="refuse",
        description="A number of unknown region: refused, or held to the hours of all zones.",
    )
    reviewed_on: date = Field(description="When the sources were last looked at.")
    note: str | None = Field(default=None, description="What a reader should know.")
    rules: tuple[Rule, ...] = Field(min_length=1, description="The rules.")

    @field_validator("zones")
    @classmethod
    def _zones_exist(cls, value: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        for names in value.values():
            try:
                find_zones(names)
            except (KeyError, OSError) as error:
                message = f"{names} holds a name that is no IANA time zone"
                raise ValueError(message) from error
        return value

    def list_zones(self, region: str) -> tuple[str, ...]:
        """Return the zones that a number of the region may be in."""
        return self.zones.get(region) or list_candidates(region)


def load_packs(settings: Settings) -> tuple[Pack, ...]:
    """Return the packs of config/compliance by name; an own file stands for the shipped one."""
    names = {
        path.name
        for folder in (settings.project / "config", settings.config)
        for path in (folder / FOLDER).glob("*.yml")
    }
    return tuple(load_pack(settings.config_file(FOLDER, name)) for name in sorted(names))


def load_pack(path: Path) -> Pack:
    """Return the pack in a file; every mistake in it is named at once."""
    try:
        pack = read_model(path, Pack)
    except UsageError as error:
        raise ActionError(str(error)) from error
    if pack.id != path.stem:
        message = f"{path} holds the pack {pack.id!r}; a file is named after its pack."
        raise ActionError(message)
    return pack
