"""What is known of a talk before its words are made."""

from __future__ import annotations

from dataclasses import dataclass

CONCERNS = (
    "price",
    "trial",
    "security",
    "competitor",
    "decision",
    "need",
    "feature",
    "after_sales",
)
SIGNALS = ("quote", "budget", "after_sales_policy", "trial_request", "discount")
SCRIPT_PARTS = ("pain", "evidence", "offer", "rate_lock")
KINDS = ("sales", "care", "service")
SALES_ENDS = ("won", "interested", "refused", "dnc", "callback", "wrong", "other")
SERVICE_ENDS = ("solved", "unsolved")
ARCS = ("flat", "warming", "drop", "recovering")
POOLS = ("seen", "held_out")
SEGMENTS = ("consumer", "company")
# A talk below this is an opening and one answer: nothing else of its plan is said.
SHORT_TALK_SECONDS = 10


@dataclass(frozen=True, slots=True)
class TalkPlan:
    """What a talk is about and how it goes; the words are left to the grammar.

    Of a talk below SHORT_TALK_SECONDS only the end and `asks_stop` can be heard.

    Raises:
        ValueError: a word that is none of those listed in this module, or concerns and
            `answered` of different lengths.
    """

    end: str
    kind: str
    seconds: int
    phone: str
    segment: str = "consumer"
    # Which phrasings both sides use.
    pool: str = "seen"
    # Voiced by the customer, in this order; each is answered by the agent.
    concerns: tuple[str, ...] = ()
    # For each concern, whether the answer settles it.
    answered: tuple[bool, ...] = ()
    # What a customer who may buy asks for.
    signals: tuple[str, ...] = ()
    # A rival that the customer names.
    rival: str | None = None
    # The agent says what must not be said.
    forbidden: bool = False
    # The customer asks for no more calls although the end says otherwise; it takes the place of
    # the words of that end.
    asks_stop: bool = False
    # Parts that the agent says in this order. No agent says one of them outside the script.
    script: tuple[str, ...] = ()
    # How long an objection takes against the usual.
    objection_pace: float = 1.0
    # The agent's aimed share of the time in which somebody speaks.
    talk_share: float = 0.55
    arc: str = "flat"
    # Share of characters that the recogniser gets wrong; 0 gives what was said.
    noise: float = 0.06

    def __post_init__(self) -> None:
        ends = SERVICE_ENDS if self.kind == "service" else SALES_ENDS
        _require("kind", (self.kind,), KINDS)
        _require(f"end of a {self.kind} talk", (self.end,), ends)
        _require("segment", (self.segment,), SEGMENTS)
        _require("pool", (self.pool,), POOLS)
        _require("concerns", self.concerns, CONCERNS)
        _require("signals", self.signals, SIGNALS)
        _require("script", self.script, SCRIPT_PARTS)
        _require("arc", (self.arc,), ARCS)
        if len(self.answered) != len(self.concerns):
            raise ValueError(
                f"answered has {len(self.answered)} values for {len(self.concerns)} concerns;"
                " give one for each"
            )
        if self.seconds < 1:
            raise ValueError(f"seconds is {self.seconds}; a talk lasts at least 1")


def _require(field: str, values: tuple[str, ...], known: tuple[str, ...]) -> None:
    for value in values:
        if value not in known:
            raise ValueError(f"{field}: {value!r} is none of {', '.join(known)}")
