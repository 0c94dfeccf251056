"""What can be planted in a made company: every trouble of the brief, with place, time and size.

A faults file is YAML: `faults:` with a list, each with its `kind`, where it is and from when.
Days are numbers from 1, or counted back from the end (-3: the third last day). Sizes have the
brief's figures as defaults. What each does to the world is in `levers`; docs/made-company.md
lists them all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from leadloop.errors import UsageError
from leadloop.settings import describe_mistakes, read_yaml

if TYPE_CHECKING:
    from pathlib import Path

Share = Annotated[float, Field(gt=0, lt=1)]


class Fault(BaseModel):
    """What all troubles have: when they begin and end."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    first: int = Field(default=1, alias="from", description="First day; negative: from the end.")
    last: int = Field(default=-1, alias="until", description="Last day; negative: from the end.")

    def is_on(self, day: int, days: int) -> bool:
        """Return whether it holds on a day (from 0) of a world of so many days."""
        return _place(self.first, days) <= day <= _place(self.last, days)

    def span(self, days: int) -> tuple[int, int]:
        """Return its first and last day, from 0."""
        return _place(self.first, days), _place(self.last, days)


def _place(day: int, days: int) -> int:
    return day - 1 if day > 0 else days + day


class DormantChannel(Fault):
    """Of a channel's leads (of one theme) this share never says a word: 沉睡率."""

    kind: Literal["dormant_channel"]
    channel: str = "short_video"
    theme: str = "price_compare"
    share: Share = 0.62


class StageBreak(Fault):
    """From intent to deal fewer get through, and most who fail name one concern."""

    kind: Literal["stage_break"]
    concern: Literal["trial", "price", "security", "competitor", "after_sales"] = "trial"
    share: Share = 0.68
    rate: Share = 0.18
    usual: Share = 0.32


class HourShift(Fault):
    """In these hours people answer at these rates instead of the usual ones."""

    kind: Literal["hour_shift"]
    rates: dict[int, Share] = Field(default={10: 0.45, 15: 0.28}, min_length=1)


class StarScript(Fault):
    """One agent's line (today's price stays locked) sells that much more where it is said."""

    kind: Literal["star_script"]
    agent: str = "A002"
    lift: float = Field(default=0.27, gt=0, le=2)
    used: Share = 0.7


class SlowObjections(Fault):
    """New agents need longer to deal with objections."""

    kind: Literal["slow_objections"]
    pace: float = Field(default=1.5, gt=1, le=4)
    tenure_days: int = Field(default=30, ge=1)
    agents: tuple[str, ...] = Field(default=("A003", "A008", "A015"), min_length=1)


class ForbiddenWords(Fault):
    """One agent says what must not be said in this share of talks."""

    kind: Literal["forbidden_words"]
    agent: str = "A007"
    share: Share = 0.12


class NegativeSwings(Fault):
    """One agent's customers turn sour in this share of talks."""

    kind: Literal["negative_swings"]
    agent: str = "A005"
    share: Share = 0.45


class DeadList(Fault):
    """A campaign's list is loaded anew, and nearly all of its numbers do not exist."""

    kind: Literal["dead_list"]
    campaign: str = "spring_retarget"
    share: Share = 0.97


class PoorChannel(Fault):
    """A channel's leads become deals at about this rate instead of its usual one."""

    kind: Literal["poor_channel"]
    channel: str = "short_video"
    rate: Share = 0.012
    usual: Share = 0.042


class RivalChurn(Fault):
    """Customers who are about to leave name rivals before."""

    kind: Literal["rival_churn"]
    share: Share = 0.35


class ServiceRepurchase(Fault):
    """Who had a problem solved orders within thirty days at this rate, others at the usual one."""

    kind: Literal["service_repurchase"]
    rate: Share = 0.35
    usual: Share = 0.08


class GrowingConcern(Fault):
    """A concern about the product grows from its usual share to this one."""

    kind: Literal["growing_concern"]
    concern: Literal["security", "trial", "feature", "after_sales"] = "security"
    share: Share = 0.30


class Seasonality(Fault):
    """Leads and their interest go up and down with a period."""

    kind: Literal["seasonality"]
    amplitude: Share = 0.35
    period_days: int = Field(default=28, ge=7)


class Drift(Fault):
    """Leads become worse day by day, by this many logits at the end."""

    kind: Literal["drift"]
    logits: float = Field(default=-0.8, ge=-3, le=3)


class LostAnswers(Fault):
    """A fault of data alone: one team's answered calls are exported as not answered."""

    kind: Literal["lost_answers"]
    queue: Literal["team_north", "team_south"] = "team_north"
    share: Share = 0.8


AnyFault = Annotated[
    DormantChannel
    | StageBreak
    | HourShift
    | StarScript
    | SlowObjections
    | ForbiddenWords
    | NegativeSwings
    | DeadList
    | PoorChannel
    | RivalChurn
    | ServiceRepurchase
    | GrowingConcern
    | Seasonality
    | Drift
    | LostAnswers,
    Field(discriminator="kind"),
]
_ADAPTER: TypeAdapter[tuple[AnyFault, ...]] = TypeAdapter(tuple[AnyFault, ...])
KINDS: tuple[str, ...] = tuple(
    get_args(kind.model_fields["kind"].annotation)[0] for kind in get_args(get_args(AnyFault)[0])
)


def plant(*faults: dict[str, Any]) -> tuple[Fault, ...]:
    """Return faults from their descriptions; raise UsageError that says which key is wrong."""
    return _validate(list(faults), "the faults given")


def read_faults(path: Path) -> tuple[Fault, ...]:
    """Return the faults of a YAML file; raise UsageError if it cannot be read or understood."""
    return _validate(read_list(path, "faults"), str(path))


def read_list(path: Path, key: str) -> list[Any]:
    """Return the list under one key of a YAML file; raise UsageError if there is none."""
    content = read_yaml(path)
    found = content.get(key) if isinstance(content, dict) else None
    if not isinstance(found, list) or set(content) != {key}:
        message = f"{path} must hold one key, `{key}:`, with a list; docs/made-company.md has one."
        raise UsageError(message)
    return found


def _validate(content: list[Any], source: str) -> tuple[Fault, ...]:
    try:
        return _ADAPTER.validate_python(content)
    except ValidationError as error:
        message = f"{describe_mistakes(source, error)}\nKinds: {', '.join(KINDS)}."
        raise UsageError(message) from error
