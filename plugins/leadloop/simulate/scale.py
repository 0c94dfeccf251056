"""How big a made company is."""

from __future__ import annotations

from dataclasses import dataclass, replace

from leadloop.errors import UsageError

# More than an agent can dial in the hours of a day would run into the night after it.
MOST_DIALS_PER_AGENT = 150


@dataclass(frozen=True, slots=True)
class Scale:
    """Dials to leads on an ordinary workday, channels, agents, customers from before the start."""

    dials: int
    channels: int
    agents: int
    customers: int
    # The share of talks with leads that a recogniser writes down; it costs money by the minute.
    transcribed: float


SIZES = {
    "small": Scale(2_000, 4, 20, 300, 0.25),
    "medium": Scale(5_000, 6, 60, 1_000, 0.25),
    "large": Scale(20_000, 12, 200, 5_000, 0.10),
}


def choose_scale(size: str, dials: int | None = None, transcribed: float | None = None) -> Scale:
    """Return the scale of a size, with its dials a day or its share of transcripts changed.

    Fewer dials keep the channels and the agents, more bring the agents that they need. Raises
    UsageError for an unknown size or a number that cannot be.
    """
    if size not in SIZES:
        message = f"There is no size {size!r}; wanted one of {', '.join(SIZES)}."
        raise UsageError(message)
    scale = SIZES[size]
    if dials is not None:
        if dials < 1:
            message = f"{dials} dials a day were asked for; wanted at least 1."
            raise UsageError(message)
        agents = max(scale.agents, -(-dials // MOST_DIALS_PER_AGENT))
        scale = replace(scale, dials=dials, agents=agents)
    if transcribed is not None:
        if not 0.0 <= transcribed <= 1.0:
            message = f"A share of {transcribed} transcripts was asked for; wanted 0 to 1."
            raise UsageError(message)
        scale = replace(scale, transcribed=transcribed)
    return scale
