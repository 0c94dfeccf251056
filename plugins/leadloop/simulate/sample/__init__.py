"""Days of a small made company, as files its dialler, recogniser and shop would have exported.

`write_sample` is deterministic: the same seed writes the same bytes on every machine. The pieces:
`company` (who), `leads`, `customers` and `dials` (what happens), `orders` (what is bought),
`conversations` (which calls are transcribed, what is said), `dialect` (how it is written
down); the dirt is that of `exports`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from leadloop.errors import UsageError
from leadloop.simulate.exports.dirt import Dirt
from leadloop.simulate.sample.company import LOOSE_TONGUE, RETARGET, WEEKDAY_VOLUME, build_company
from leadloop.simulate.sample.conversations import Conversations, write_transcripts
from leadloop.simulate.sample.customers import CustomerBase
from leadloop.simulate.sample.dialect import COLUMNS, write_rows
from leadloop.simulate.sample.dials import DeadList, Dials, play_day
from leadloop.simulate.sample.leads import LeadPool, join_leads
from leadloop.simulate.sample.orders import ORDER_COLUMNS, Shop, place_orders

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from leadloop.simulate.exports.dirt import Dirt
from leadloop.simulate.sample.company import MadeCompany

FAULT_DAYS = 3
FEWEST_AGENTS = 20
# More than an agent can dial in the hours of a day would run into the night after it.
DIALS_PER_AGENT = 150


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is planted: a list of dead numbers on the last days, an agent's habit on all days."""

    dead_list: DeadList | None = None
    loose_tongue: int | None = None


FAULTS = {
    # The list of the campaign that dials half of Douyin's leads in the afternoon is nearly all
    # dead; and one agent promises what nobody may promise.
    "dead_numbers_douyin": Trouble(DeadList(RETARGET, share=0.97), LOOSE_TONGUE),
    "forbidden_words_agent": Trouble(loose_tongue=LOOSE_TONGUE),
}


@dataclass(frozen=True, slots=True)
class SampleSummary:
    """What was written, and how much of each kind of dirt is in it."""

    first_day: str
    last_day: str
    seed: int
    fault: str | None
    files: int = 0
    lines: int = 0
    dials: int = 0
    answered: int = 0
    won: int = 0
    transcripts: int = 0
    customers: int = 0
    orders: int = 0
    resent: int = 0
    late: int = 0
    corrected: int = 0
    unknown: int = 0
    broken: int = 0


@dataclass(frozen=True, slots=True)
class _Day:
    number: int
    date: str
    weekday: int
    make: Callable[[str], np.random.Generator]


@dataclass(frozen=True, slots=True)
class _World:
    company: MadeCompany
    pool: LeadPool
    base: CustomerBase
    shop: Shop

    @classmethod
    def build(cls, seed: int, dials_per_day: int) -> _World:
        agents = max(FEWEST_AGENTS, dials_per_day // DIALS_PER_AGENT)
        company = build_company(np.random.default_rng([seed, 0]), agents)
        base = CustomerBase(np.random.default_rng([seed, 0, 1]))
        return cls(company, LeadPool(company), base, Shop(company))


def write_sample(
    folder: Path,
    *,
    seed: int = 7,
    first_day: str,
    days: int = 30,
    dials_per_day: int = 2000,
    fault: str | None = None,
) -> SampleSummary:
    """Write a file of calls, transcripts and orders a day under the folder; return the sums.

    `dials_per_day` is the volume of dials to leads on an ordinary weekday (Saturdays are half,
    Sundays a twentieth); those to customers come on top. `fault` plants a known trouble (FAULTS).
    """
    if fault is not None and fault not in FAULTS:
        message = f"There is no fault {fault!r}; known: {', '.join(FAULTS)}."
        raise UsageError(message)
    trouble = FAULTS[fault] if fault else Trouble()
    world = _World.build(seed, dials_per_day)
    dirt = Dirt(COLUMNS)
    total = SampleSummary(first_day, first_day, seed, fault)
    for day in _days(first_day, days, seed):
        dead = trouble.dead_list if day.number >= days - FAULT_DAYS else None
        dials = _play(world, day, (dials_per_day, dead))
        files = _write_day(world, day, dials, trouble.loose_tongue)
        lines = dirt.spoil((day.number, day.date), files.rows, _pick_deals, day.make("dirt"))
        _write(folder / "dialler" / f"calls_{day.date}.csv", [",".join(COLUMNS), *lines])
        _write(folder / "transcripts" / f"transcripts_{day.date}.jsonl", files.said)
        _write(
            folder / "orders" / f"orders_{day.date}.csv", [",".join(ORDER_COLUMNS), *files.orders]
        )
        total = replace(
            total,
            last_day=day.date,
            files=total.files + 3,
            lines=total.lines + len(lines),
            dials=total.dials + dials.start.size,
            answered=total.answered + int(dials.is_human.sum()),
            won=total.won + int((dials.status == 0).sum()),
            transcripts=total.transcripts + len(files.said),
        )
    return replace(
        total,
        customers=int(world.base.customers.customer.size),
        orders=world.shop.placed,
        resent=dirt.resent,
        late=dirt.late,
        corrected=dirt.corrected,
        unknown=dirt.unknown,
        broken=dirt.broken,
    )


def _days(first_day: str, days: int, seed: int) -> list[_Day]:
    first = date.fromisoformat(first_day)
    purposes = ("play", "rows", "dirt", "words", "care", "orders", "payments")
    streams = {purpose: number for number, purpose in enumerate(purposes, start=1)}

    def stream(number: int) -> Callable[[str], np.random.Generator]:
        return lambda purpose: np.random.default_rng([seed, streams[purpose], number])

    moments = (first + timedelta(days=number) for number in range(days))
    return [
        _Day(number, moment.isoformat(), moment.weekday(), stream(number))
        for number, moment in enumerate(moments)
    ]


def _play(world: _World, day: _Day, plan: tuple[int, DeadList | None]) -> Dials:
    dials_per_day, dead = plan
    generator = day.make("play")
    mean = dials_per_day * WEEKDAY_VOLUME[day.weekday]
    # Gamma times Poisson: days vary more than chance alone, with a coefficient of about .05.
    count = int(generator.poisson(mean * generator.gamma(400.0, 1 / 400.0)))
    leads = world.pool.draw(day.number, count, generator)
    if dead is not None:
        leads = world.pool.reload(leads, generator)
    care = world.base.draw(day.number, day.weekday, day.make("care"))
    everyone = join_leads([leads, care])
    dials = play_day(world.company, everyone, day.weekday, generator, dead)
    world.pool.retry(day.number, dials.leads, dials.is_retried, generator)
    return dials


@dataclass(frozen=True, slots=True)
class _Files:
    rows: list[list[str]]
    said: list[str]
    orders: list[str]


def _write_day(world: _World, day: _Day, dials: Dials, loose_tongue: int | None) -> _Files:
    rows = write_rows(world.company, dials, day.date, day.make("rows"))
    talks = Conversations(dials, rows, day.number, day.date, loose_tongue)
    said = write_transcripts(talks, world.base, day.make("words"))
    placed = place_orders(day.number, dials, world.base, day.make("orders"))
    orders = world.shop.write_day(day.number, day.date, placed, day.make("payments"))
    return _Files(rows, said, orders)


def _pick_deals(keen: list[list[str]], generator: np.random.Generator) -> list[list[str]]:
    """Return one or two talks whose deal came after them."""
    count = min(int(generator.integers(1, 3)), len(keen))
    return [keen[place] for place in generator.permutation(len(keen))[:count]]


def _write(path: Path, lines: list[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}")
    draft.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    draft.replace(path)
