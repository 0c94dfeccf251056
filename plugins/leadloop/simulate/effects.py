"""What actions do in a made world: who is treated, who is held out, and how large the effect is.

An actions file is YAML: `actions:` with a list. With the switch off the same units are treated
and the same touches exported, but nothing comes of it: what differs between both worlds is the
effect. Sizes are the world's truth, not claims about real ones.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from leadloop.errors import UsageError
from leadloop.settings import describe_mistakes
from leadloop.simulate.faults import read_list

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

# Type -> (unit, what it shifts, by how much unless said otherwise).
EFFECTS: dict[str, tuple[str, str, float]] = {
    "redial": ("lead", "connect", 0.25),  # logits, dials of the treated
    "sms": ("lead", "connect", 0.35),
    "slot": ("lead", "connect", 0.20),
    "guarantee": ("lead", "win", 0.55),  # 3 天无理由: the step from intent to deal
    "script": ("agent", "win", 0.25),
    "training": ("agent", "objections", 0.35),  # share of the extra time that goes away
    "tip": ("agent", "forbidden", 0.5),  # share of violations and sour talks that goes away
    "package": ("customer", "leaving", 0.4),  # share of the risk to leave that goes away
    "visit": ("customer", "repeat", 0.12),  # added chance of an order within thirty days
    "budget": ("channel", "volume", 0.2),  # more leads of the channel
    "close_channel": ("channel", "volume", -1.0),
}
# What the touch table calls them.
TOUCHES = {"redial": "redial", "sms": "sms", "tip": "tip", "package": "package",
           "training": "training"}  # fmt: skip
ActionType = Literal[
    "redial", "sms", "slot", "guarantee", "script", "training", "tip", "package", "visit",
    "budget", "close_channel",
]  # fmt: skip


class Action(BaseModel):
    """One thing done in the made world."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    type: ActionType
    first: int = Field(alias="from", ge=1, description="First day, from 1.")
    last: int = Field(default=-1, alias="until", description="Last day; negative: from the end.")
    holdout: float = Field(default=0.5, ge=0, lt=1, description="Share of units left alone.")
    channel: str | None = Field(default=None, description="Of leads: of this channel alone.")
    size: float | None = Field(default=None, description="Size of the effect, if not the usual.")

    @property
    def unit(self) -> str:
        """What is treated or held out: lead, agent, customer, channel."""
        return EFFECTS[self.type][0]

    @property
    def shifts(self) -> str:
        """What of the unit changes."""
        return EFFECTS[self.type][1]

    @property
    def effect(self) -> float:
        """How much it changes."""
        return EFFECTS[self.type][2] if self.size is None else self.size

    def is_on(self, day: int, days: int) -> bool:
        """Return whether it runs on a day, from 0."""
        last = self.last - 1 if self.last > 0 else days + self.last
        return self.first - 1 <= day <= last

    def choose(self, numbers: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return who of these units is treated: a hash of action and unit decides, for ever."""
        salt = hashlib.sha256(self.name.encode()).digest()[:8]
        keys = numbers.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) ^ np.frombuffer(salt, "u8")
        keys ^= keys >> np.uint64(29)
        keys *= np.uint64(0xBF58476D1CE4E5B9)
        keys ^= keys >> np.uint64(32)
        return np.asarray((keys >> np.uint64(11)) / float(1 << 53) >= self.holdout)


_ADAPTER: TypeAdapter[tuple[Action, ...]] = TypeAdapter(tuple[Action, ...])


def plan_actions(*actions: dict[str, Any]) -> tuple[Action, ...]:
    """Return actions from their descriptions; raise UsageError that says which key is wrong."""
    return _validate(list(actions), "the actions given")


def read_actions(path: Path) -> tuple[Action, ...]:
    """Return the actions of a YAML file; raise UsageError if it cannot be understood."""
    return _validate(read_list(path, "actions"), str(path))


def _validate(content: list[Any], source: str) -> tuple[Action, ...]:
    try:
        actions = _ADAPTER.validate_python(content)
    except ValidationError as error:
        message = f"{describe_mistakes(source, error)}\nTypes: {', '.join(EFFECTS)}."
        raise UsageError(message) from error
    names = [action.name for action in actions]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        message = f"{source}: two actions are named {', '.join(twice)}; each needs its own name."
        raise UsageError(message)
    return actions
