"""What `config/funnel.yml` says: the stages of a lead, their words, their windows.

`scope` writes it into schema `raw` of the warehouse, where the models read it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from leadloop.settings import read_model

if TYPE_CHECKING:
    import duckdb

    from leadloop.settings import Settings

StageName = Literal["dialled", "connected", "intent", "quoted", "won", "paid"]
STAGES: tuple[StageName, ...] = get_args(StageName)
# What dials and orders tell by themselves needs no words of the CRM or the dialler.
_OWN = {"dialled", "connected"}
Share = Annotated[float, Field(ge=0, le=1)]


class Stage(BaseModel):
    """One stage: its names, how soon it counts, and the words by which a lead gets there."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    stage: StageName
    within_days: int = Field(ge=1, description="Days after the stage before in which it counts.")
    zh: str
    en: str
    events: tuple[str, ...] = ()
    outcomes: tuple[str, ...] = ()


class MatchProfile(BaseModel):
    """The tags that a good lead has, with how much each of them matters."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    version: str
    required: dict[str, Annotated[float, Field(gt=0)]] = Field(min_length=1)


class Ask(BaseModel):
    """By which words of an inquiry, or intents heard in a call, somebody asks for a thing."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    topics: tuple[str, ...] = ()
    intents: tuple[str, ...] = ()


class Asks(BaseModel):
    """What those ask for who are about to buy."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    after_sales: Ask = Ask()
    quote: Ask = Ask()
    budget: Ask = Ask()


class BuyingSignals(BaseModel):
    """When asking is a sign of buying, and how soon it is to be answered."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    again_count: int = Field(default=2, ge=2)
    again_hours: int = Field(default=24, ge=1, le=168)
    # The models look no further than a week back and ahead.
    quote_days: int = Field(default=7, ge=1, le=7)
    answer_days: int = Field(default=7, ge=1, le=7)
    asks: Asks = Asks()


class Funnel(BaseModel):
    """The stages in order, and what sleeping, waking, reaching, crediting mean in days."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    stages: tuple[Stage, ...]
    dormant_days: int = Field(14, ge=1)
    activation_days: int = Field(14, ge=1)
    reach_hours: int = Field(72, ge=1)
    high_match: Share = 0.8
    match_profile: MatchProfile | None = None
    attribution_days: int = Field(90, ge=1)
    attribution_half_life_days: float = Field(7, gt=0)
    direct_channels: tuple[str, ...] = ()
    quality_days: int = Field(60, ge=1)
    contact_days: int = Field(30, ge=1)
    slot_days: int = Field(56, ge=7)
    concerns: tuple[str, ...] = ()
    buying_signals: BuyingSignals = BuyingSignals()

    @model_validator(mode="after")
    def _check(self) -> Self:
        seen = tuple(stage.stage for stage in self.stages)
        if seen != STAGES:
            message = f"stages are {', '.join(seen)}; wanted {', '.join(STAGES)}, in this order"
            raise ValueError(message)
        for kind in ("events", "outcomes"):
            words = [word for stage in self.stages for word in getattr(stage, kind)]
            if twice := sorted({word for word in words if words.count(word) > 1}):
                message = f"{kind} {', '.join(twice)} stand at two stages; leave each at one"
                raise ValueError(message)
        for stage in self.stages:
            if stage.stage in _OWN and (stage.events or stage.outcomes):
                message = f"{stage.stage} is told by dials alone; take its words away"
                raise ValueError(message)
        return self


def load_funnel(settings: Settings) -> Funnel:
    """Return the company's funnel; every mistake in the file is named at once."""
    return read_model(settings.config_file("funnel.yml"), Funnel)


def write_funnel(connection: duckdb.DuckDBPyConnection, funnel: Funnel) -> None:
    """Write the stages, their words and the days into schema `raw` for the models."""
    _write_stages(connection, funnel)
    _write_profile(connection, funnel.match_profile)
    _write_words(connection, funnel)
    connection.execute(
        "create or replace table raw.funnel as select ?::integer as dormant_days, "
        "?::integer as activation_days, ?::integer as reach_hours, ?::double as high_match_rate, "
        "?::integer as attribution_days, ?::double as half_life_days, "
        "?::varchar[] as direct_channels, ?::integer as quality_days, "
        "?::integer as contact_days, ?::integer as slot_days",
        [
            funnel.dormant_days,
            funnel.activation_days,
            funnel.reach_hours,
            funnel.high_match,
            funnel.attribution_days,
            funnel.attribution_half_life_days,
            list(funnel.direct_channels),
            funnel.quality_days,
            funnel.contact_days,
            funnel.slot_days,
        ],
    )


def _write_stages(connection: duckdb.DuckDBPyConnection, funnel: Funnel) -> None:
    connection.execute(
        "create or replace table raw.funnel_stages (stage varchar, position integer, "
        "within_days integer, label_zh varchar, label_en varchar)"
    )
    connection.execute(
        "create or replace table raw.funnel_words (kind varchar, word varchar, stage varchar)"
    )
    stages = [
        (stage.stage, position, stage.within_days, stage.zh, stage.en)
        for position, stage in enumerate(funnel.stages, start=1)
    ]
    words = [
        (kind, word, stage.stage)
        for stage in funnel.stages
        for kind, listed in (("event", stage.events), ("outcome", stage.outcomes))
        for word in listed
    ]
    connection.executemany("insert into raw.funnel_stages values (?, ?, ?, ?, ?)", stages)
    if words:
        connection.executemany("insert into raw.funnel_words values (?, ?, ?)", words)


def _write_profile(connection: duckdb.DuckDBPyConnection, profile: MatchProfile | None) -> None:
    connection.execute(
        "create or replace table raw.match_profile "
        "(tag varchar, weight_rate double, profile_version varchar)"
    )
    if profile is not None:
        rows = [(tag, weight, profile.version) for tag, weight in profile.required.items()]
        connection.executemany("insert into raw.match_profile values (?, ?, ?)", rows)


def _write_words(connection: duckdb.DuckDBPyConnection, funnel: Funnel) -> None:
    """Write what customers object to, and the words by which they show that they may buy."""
    signals = funnel.buying_signals
    connection.execute(
        "create or replace table raw.buying_signals as select ?::integer as again_count, "
        "?::integer as again_hours, ?::integer as quote_days, ?::integer as answer_days",
        [signals.again_count, signals.again_hours, signals.quote_days, signals.answer_days],
    )
    asks = [
        (kind, word, name)
        for name, ask in signals.asks
        for kind, listed in (("topic", ask.topics), ("intent", ask.intents))
        for word in listed
    ]
    connection.execute(
        "create or replace table raw.asked_words (kind varchar, word varchar, ask varchar)"
    )
    connection.execute("create or replace table raw.concerns (label varchar)")
    if asks:
        connection.executemany("insert into raw.asked_words values (?, ?, ?)", asks)
    if funnel.concerns:
        labels = [(label,) for label in funnel.concerns]
        connection.executemany("insert into raw.concerns values (?)", labels)
