"""`leadloop simulate`: plays a world day by day and writes what its systems export, and its truth.

Days are written as they are played, so that memory holds the company and one day, whatever the
number of days. The same seed writes the same bytes on every machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from leadloop.errors import UsageError
from leadloop.simulate.calendar import list_days
from leadloop.simulate.conversations import listen, write_line
from leadloop.simulate.exports.crm import write_crm
from leadloop.simulate.exports.desk import write_desk
from leadloop.simulate.exports.dialler import COLUMNS, write_calls
from leadloop.simulate.exports.dirt import Dirt
from leadloop.simulate.exports.feeds import write_config
from leadloop.simulate.exports.forms import Inbox, lead_ids
from leadloop.simulate.exports.help import write_help
from leadloop.simulate.exports.shop import Shop
from leadloop.simulate.exports.spend import write_spend
from leadloop.simulate.scale import choose_scale
from leadloop.simulate.truth import Truth
from leadloop.simulate.world import Script, World

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np

    from leadloop.simulate.faults import Fault
    from leadloop.simulate.world import Played


LEAD, PARENT = COLUMNS.index("lead_id"), COLUMNS.index("parent_call_id")


@dataclass(slots=True)
class Summary:
    """What was written, and how much of each kind of dirt is in it."""

    first_day: str
    last_day: str
    seed: int
    dials: int = 0
    answered: int = 0
    won: int = 0
    leads: int = 0
    transcripts: int = 0
    turns: int = 0
    customers: int = 0
    orders: int = 0
    tickets: int = 0
    resent: int = 0
    late: int = 0
    corrected: int = 0
    unknown: int = 0
    broken: int = 0


def make_world(script: Script, folder: Path) -> Summary:
    """Write `inbox/`, `config/` and `truth/` under a new or empty folder; return the sums.

    Raises UsageError if the folder holds something, or if a fault names a place that the company
    does not have; nothing is written then.
    """
    if folder.exists() and any(folder.iterdir()):
        message = f"{folder} is not empty; a world is written to a folder of its own."
        raise UsageError(message)
    summary = write_world(script, folder / "inbox", folder / "truth")
    write_config(folder / "config")
    return summary


def write_company(
    home: Path,
    *,
    first_day: str,
    days: int,
    dials: int | None = None,
    seed: int = 7,
    faults: tuple[Fault, ...] = (),
) -> Summary:
    """Write a small company's exports to a home's inbox, and what is true beside it."""
    script = Script(seed, choose_scale("small", dials), first_day, days, faults)
    return write_world(script, home / "inbox", home / "truth")


def write_world(script: Script, inbox_folder: Path, truth_folder: Path) -> Summary:
    """Write the exports of all days to one folder and their truth to another."""
    world = World.build(script)
    inbox, dirt, shop = Inbox(inbox_folder), Dirt(COLUMNS), Shop()
    days = list_days(script.first_day, script.days)
    summary = Summary(script.first_day, days[-1].date if days else script.first_day, script.seed)
    with Truth(truth_folder, world) as truth:
        for day in days:
            played = world.play(day)
            _write_dials(world, played, inbox, dirt)
            _write_words(world, played, inbox, truth, summary)
            write_crm(world, played, inbox)
            write_desk(world, played, inbox)
            shop.write(world, played, inbox)
            write_help(world, played, inbox)
            write_spend(world, played, inbox)
            _count(summary, played)
        for name in ("resent", "late", "corrected", "unknown", "broken"):
            setattr(summary, name, getattr(dirt, name))
        summary.leads, summary.customers = world.leads.count, world.customers.count
        counts = {name: value for name in Summary.__slots__
                  if isinstance(value := getattr(summary, name), int)}  # fmt: skip
        truth.finish(script, counts)
    return summary


def _write_dials(world: World, played: Played, inbox: Inbox, dirt: Dirt) -> None:
    rows = write_calls(world, played)
    bought = set(lead_ids(played.self_bought).tolist())

    def pick(keen: list[list[str]], _: np.random.Generator) -> list[list[str]]:
        """Return the talks whose leads bought online since; second legs are not their deals."""
        return [row for row in keen if row[LEAD] in bought and not row[PARENT]]

    day = (played.day.number, played.day.date)
    lines = dirt.spoil(day, rows, pick, played.make("dirt"))
    inbox.write("dialler/calls", played.day.date, [",".join(COLUMNS), *lines])


def _write_words(
    world: World, played: Played, inbox: Inbox, truth: Truth, summary: Summary
) -> None:
    spoken = list(listen(world, played))
    lines = (write_line(item, played.day.date) for item in spoken)
    inbox.write("transcripts/transcripts", played.day.date, lines, ending="jsonl")
    truth.hear(played.day.date, spoken)
    summary.transcripts += len(spoken)
    summary.turns += sum(len(item.turns) for item in spoken)


def _count(summary: Summary, played: Played) -> None:
    summary.dials += played.dials.row.size
    summary.answered += int(played.dials.is_human.sum())
    summary.won += int((played.orders.kind == 0).sum())
    summary.orders += played.orders.row.size
    summary.tickets += played.tickets.number.size
