"""A rule as a company writes it: one YAML file of config/rules, one model here.

The JSON Schema that editors use (docs/rules.schema.json) is made from these models. Neighbours:
`loader` (files, lines, mistakes), `evaluate` (what a rule finds), docs/rules.md (in words).
"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from leadloop.action_types import TYPES

if TYPE_CHECKING:
    from collections.abc import Mapping

Grain = Literal["minute", "hour", "day", "week", "month"]
Kind = Literal["below", "above", "below_baseline", "above_baseline", "drop_vs"]
KINDS: tuple[Kind, ...] = ("below", "above", "below_baseline", "above_baseline", "drop_vs")
Scalar = str | int | float | bool | None
# What of an action's payload an alert knows by itself.
FROM_ALERT = {"plan_day", "day", "agent_id", "customer_ids"}
_SECONDS = {"m": 60, "h": 3600, "d": 86400}


class Part(BaseModel):
    """Any piece of a rule: unknown keys are mistakes, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Title(Part):
    """What people call the rule."""

    zh: str = Field(min_length=1, description="Chinese title, such as 接通率跌破 20%.")
    en: str = Field(min_length=1, description="English title, such as Connect rate below 20%.")


class Between(Part):
    """A range of values, both ends included."""

    between: tuple[int | float | str, int | float | str] = Field(
        description="First and last value, both included, such as [9, 20]."
    )


class Baseline(Part):
    """What a number is usually: the same instance and hour on earlier days."""

    of: Literal["same_weekday", "all_days"] = Field(
        default="same_weekday",
        description="Days compared with: those of the same weekday, or all of them.",
    )
    lookback: int = Field(
        default=4, ge=3, le=60, description="Earlier windows that make the baseline."
    )
    fdr: float = Field(
        default=0.1, gt=0, le=0.5, description="Share of false ones accepted among those found."
    )


class Drop(Part):
    """A fall against the time right before."""

    window: str = Field(
        pattern=r"^[1-9]\d*[dw]$", description="Time compared with, such as 7d or 4w."
    )
    pct: float = Field(gt=0, lt=100, description="Per cent by which it falls, such as 50.")

    @property
    def days(self) -> int:
        """Length of the time compared with."""
        return int(self.window[:-1]) * (7 if self.window.endswith("w") else 1)


class When(Part):
    """The condition: exactly one of its keys."""

    below: float | None = Field(default=None, description="Fires below this value.")
    above: float | None = Field(default=None, description="Fires above this value.")
    below_baseline: Baseline | None = Field(
        default=None, description="Fires where it is less than usual."
    )
    above_baseline: Baseline | None = Field(
        default=None, description="Fires where it is more than usual."
    )
    drop_vs: Drop | None = Field(default=None, description="Fires where it falls by a share.")

    @model_validator(mode="after")
    def _has_one(self) -> When:
        if sum(getattr(self, kind) is not None for kind in KINDS) != 1:
            message = f"give exactly one of {', '.join(KINDS)}"
            raise ValueError(message)
        return self

    @property
    def kind(self) -> Kind:
        """Which condition it is."""
        return next(kind for kind in KINDS if getattr(self, kind) is not None)

    @property
    def is_high(self) -> bool:
        """Whether too much is the trouble, rather than too little."""
        return self.kind in ("above", "above_baseline")

    @property
    def limit(self) -> float | None:
        """The fixed value, if the condition has one."""
        return self.below if self.below is not None else self.above

    @property
    def baseline(self) -> Baseline | None:
        """The baseline, if the condition has one."""
        return self.below_baseline or self.above_baseline


class Step(Part):
    """What follows an alert: somebody is told, or something is proposed."""

    notify: tuple[str, ...] | None = Field(
        default=None, description="Names of connections, such as [mail.ops]; never an address."
    )
    action: str | None = Field(
        default=None,
        pattern=r"^[a-z][a-z_]*$",
        description="Type of action, such as reschedule_dials.",
    )
    mode: Literal["propose", "approve", "auto"] | None = Field(
        default=None, description="propose: shown; approve: waits for a person; auto: goes ahead."
    )
    approver: str | None = Field(default=None, description="Role that approves.")
    holdout: float | None = Field(
        default=None, ge=0, le=0.5, description="Share left without the action, to measure it."
    )
    with_: dict[str, Any] = Field(
        default_factory=dict,
        alias="with",
        description="What the action's payload needs beyond the alert, such as {package: loyal}.",
    )

    @model_validator(mode="after")
    def _is_whole(self) -> Step:
        if (self.notify is None) == (self.action is None):
            message = "give exactly one of notify, action"
            raise ValueError(message)
        if self.action is None and self.model_fields_set - {"notify"}:
            message = "mode, approver, holdout and with belong to an action"
            raise ValueError(message)
        if self.mode == "approve" and not self.approver:
            message = "mode approve needs an approver, such as ops_manager"
            raise ValueError(message)
        if self.action is not None:
            _check_action(self.action, self.with_)
        return self


def _check_action(name: str, extra: Mapping[str, Any]) -> None:
    if name not in TYPES:
        message = f"there is no action {name!r}; known: {', '.join(TYPES)}"
        raise ValueError(message)
    known = TYPES[name].payload.model_fields
    if unknown := sorted(extra.keys() - known):
        message = f"{name} takes no {', '.join(unknown)} in `with`; known: {', '.join(known)}"
        raise ValueError(message)
    needed = {key for key, field in known.items() if field.is_required()} - FROM_ALERT
    if missing := sorted(needed - extra.keys()):
        message = f"{name} needs {', '.join(missing)} in `with`"
        raise ValueError(message)


class Row(Part):
    """One window of a test: k of n, or for a mean the sum k of n with a spread."""

    n: int = Field(ge=0, description="How many.")
    k: float = Field(ge=0, description="Of which these, or their sum.")
    spread: float | None = Field(
        default=None, ge=0, description="Standard deviation of one value; for means."
    )


class Example(Part):
    """A test that the rule carries: windows of one instance, and whether they fire."""

    name: str = Field(min_length=1, description="What it shows, such as fires on 40 of 400.")
    rows: tuple[Row, ...] = Field(
        min_length=1,
        description="Windows in a row; the last one stands for as many as `for` still wants.",
    )
    before: Row | None = Field(
        default=None, description="Each earlier window, for baselines and drops."
    )
    expect: Literal["fire", "quiet"] = Field(description="fire or quiet.")


class Rule(Part):
    """One rule."""

    id: str = Field(
        pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", description="The file's name without .yml."
    )
    title: Title = Field(description="What people call it, {zh: ..., en: ...}.")
    owner: str = Field(min_length=1, description="Role that answers for it, such as ops_manager.")
    metric: str = Field(description="Metric of the catalogue (docs/metrics.md).")
    by: tuple[str, ...] = Field(
        default=(), description="Dimensions: one alert for each of their values, such as [channel]."
    )
    grain: Grain = Field(description="Length of a window: minute, hour, day, week or month.")
    where: dict[str, Between | Scalar | tuple[Scalar, ...]] = Field(
        default_factory=dict,
        description="What is looked at, such as {hour: {between: [9, 20]}}: value, list, range.",
    )
    when: When = Field(description=f"The condition: exactly one of {', '.join(KINDS)}.")
    mode: Literal["naive", "guarded"] = Field(
        default="guarded",
        description="guarded: sure before it fires; naive: the bare value decides.",
    )
    confidence: float = Field(
        default=0.95, gt=0.5, lt=1, description="How sure a fixed limit or drop must be crossed."
    )
    min_sample: int = Field(ge=1, description="Least n on which a window is judged; no default.")
    for_: int = Field(
        default=1, alias="for", ge=1, le=100, description="Windows in a row that must break it."
    )
    severity: Literal["info", "warning", "critical"] = Field(
        description="How bad: info, warning or critical."
    )
    cooldown: str | None = Field(
        default=None,
        pattern=r"^[1-9]\d*[mhd]$",
        description="Time in which the same trouble is the same alert, such as 4h.",
    )
    quiet_hours: str | None = Field(
        default=None,
        pattern=r"^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$",
        description='When nobody is told, such as "20:30-08:30"; held, never dropped.',
    )
    no_data: Literal["ok", "alert", "keep"] = Field(
        default="keep", description="No rows where there were some: ok, alert, or keep as it was."
    )
    do: tuple[Step, ...] = Field(default=(), description="What follows: notify and action steps.")
    expires: date | None = Field(
        default=None, description="Last day on which it is evaluated; renew it by hand."
    )
    tests: tuple[Example, ...] = Field(
        default=(), description="Rows on which it fires or stays quiet; run by `rules test`."
    )
    why: str = Field(min_length=10, description="Why it exists and what is usually at fault.")

    @model_validator(mode="after")
    def _tests_fit(self) -> Rule:
        past = self.when.limit is None
        for example in self.tests:
            if past and example.before is None:
                message = f"the test {example.name!r} needs `before`: what was usual until then"
                raise ValueError(message)
        return self

    @property
    def cooldown_seconds(self) -> int:
        """The cooldown, 0 without one."""
        if self.cooldown is None:
            return 0
        return int(self.cooldown[:-1]) * _SECONDS[self.cooldown[-1]]

    @property
    def quiet_minutes(self) -> tuple[int, int] | None:
        """First and last minute of the local day in which nobody is told."""
        if self.quiet_hours is None:
            return None
        first, last = re.findall(r"(\d\d):(\d\d)", self.quiet_hours)
        return int(first[0]) * 60 + int(first[1]), int(last[0]) * 60 + int(last[1])
