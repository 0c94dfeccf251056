"""Building by touched dates gives what a rebuild from landing gives, whatever happens between."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from leadloop import opstore

FIRST = datetime(2026, 1, 29, tzinfo=UTC)
OUTCOMES = (
    ("no_answer", None),
    ("human_won", 95),
    ("human_refused", 9),
    ("human_other", 10),
    ("machine", 4),
    ("phantom", 7),
    ("other", 3),
)
WHERE_DIALS_ARE = "select dial_id, dial_date::varchar as day from marts_build.fct_dials"
KINDS = ("same", "corrected", "moved", "moved", "withdrawn", "undated")


class World:
    """A company whose loads bring new, late, re-sent, moved and withdrawn rows at random."""

    def __init__(self, landing: Any, seed: int) -> None:
        """Start with nothing landed."""
        self.landing = landing
        self.random = random.Random(seed)
        self.known: dict[str, dict[str, Any]] = {}
        self.talks: dict[str, int] = {}

    def load(self, number: int) -> str:
        """Land one load of calls and transcripts; return its day."""
        day = str((FIRST + timedelta(days=number)).date())
        exported = FIRST + timedelta(days=number, hours=20)
        rows = [self._change(number, exported) for _ in range(self.random.randint(3, 12))]
        for row in rows:
            self.known[row["source_pk"]] = row
        self.landing.land(day, f"calls{number}", [dict(row) for row in rows])
        if turns := self._speak(number, exported):
            self.landing.land(day, f"words{number}", turns)
        return day

    def _change(self, number: int, exported: datetime) -> dict[str, Any]:
        outcome, talk = self.random.choice(OUTCOMES)
        at = FIRST + timedelta(
            days=number - self.random.choice((0, 0, 1, 3)), hours=self.random.randint(0, 23)
        )
        if self.known and self.random.random() < 0.5:
            old = self.known[self.random.choice(sorted(self.known))]
            kind = self.random.choice(
                ("same", "corrected", "moved", "moved", "withdrawn", "undated")
            )
        else:
            old, kind = self.landing.call(f"k{number}-{self.random.random()}", at), "corrected"
        row = {**old, "extracted_at": exported, "ingested_at": exported, "is_deleted": False}
        # Sometimes an old export arrives late: it must not win over a newer one.
        if self.random.random() < 0.2:
            row["extracted_at"] = exported - timedelta(days=self.random.randint(1, 5))
        if kind != "same":
            row |= {"outcome": outcome, "talk_s": talk, "attempt_no": self.random.randint(1, 3)}
            row["row_hash"] = f"{row['source_pk']}-{number}-{self.random.random()}"
        if kind in ("moved", "undated"):
            fresh = self.landing.call(row["source_pk"], at if kind == "moved" else None)
            names = ("originated_at", "event_at", "event_date", "event_month", "date_precision")
            row |= {name: fresh[name] for name in names}
        if kind == "undated" and self.random.random() < 0.7:
            month = at.date().replace(day=1)
            row |= {"event_month": month, "date_precision": "month"}
        row["is_deleted"] = kind == "withdrawn"
        return row

    def _speak(self, number: int, exported: datetime) -> list[dict[str, Any]]:
        turns = []
        for call in self.random.sample(range(8), self.random.randint(0, 3)):
            version = self.talks[str(call)] = self.talks.get(str(call), 0) + 1
            at = FIRST + timedelta(days=number - self.random.choice((0, 1, 2)), hours=3)
            at_or_none = at if self.random.random() < 0.8 else None
            for seq in range(1, self.random.randint(2, 4)):
                turn = self.landing.utterance(f"t{call}", seq, at_or_none, version=version)
                turns.append(turn | {"extracted_at": exported, "ingested_at": exported})
        return turns

    def hold(self, day: str, *, is_held: bool) -> None:
        """Hold a load, or let it go, as the landing gate would."""
        row = {
            "load_date": day,
            "is_held": is_held,
            "day": day,
            "batches": [],
            "gated_at": opstore.now(),
        }
        with opstore.transaction(self.landing.settings) as connection:
            opstore.replace(connection, opstore.load_gates, [row])


@pytest.mark.parametrize(
    ("seed", "loads"),
    [
        (1, 4),
        *(pytest.param(seed, 8, marks=pytest.mark.long) for seed in range(2, 7)),
    ],
)
def test_loads_built_one_by_one_equal_a_rebuild_from_landing(landing, seed, loads):
    world = World(landing, seed)
    for number in range(loads):
        day = world.load(number)
        # A cycle that stops before publishing is caught up by the next one.
        landing.build(day, publish=world.random.random() < 0.6)
    incremental, rebuilt = landing.content(), landing.rebuild(day)
    assert set(incremental) == set(rebuilt)
    for table, rows in rebuilt.items():
        assert incremental[table] == rows, table


def test_a_load_held_after_it_was_built_leaves_and_comes_back(landing):
    world = World(landing, 11)
    days = [world.load(0)]
    landing.build(days[0])
    days.append(world.load(1))
    landing.build(days[1], publish=False)
    world.hold(days[1], is_held=True)
    landing.build(days[1])
    without = landing.content()
    assert without["marts_build.main.fct_dials"]
    assert without == landing.rebuild(days[1])
    loads = landing.read("select distinct load_date::varchar as load from marts_build.fct_dials")
    assert loads == [{"load": days[0]}]

    world.hold(days[1], is_held=False)
    landing.build(days[1])
    complete = landing.content()
    assert complete != without
    assert complete == landing.rebuild(days[1])


def test_a_build_that_died_between_core_and_marts_still_empties_the_date_a_row_left(landing):
    from leadloop import transform

    monday, tuesday = datetime(2026, 1, 5, 2, tzinfo=UTC), datetime(2026, 1, 6, 2, tzinfo=UTC)
    landing.land("2026-01-06", "first", [landing.call("a", monday)])
    landing.build("2026-01-06")
    landing.land("2026-01-07", "second", [landing.call("a", tuesday, row_hash="a-2")])
    transform.build_layer(landing.settings, "core", "2026-01-07")
    # Killed here; the core has already forgotten that the row was on Monday.
    landing.build("2026-01-07")
    found = landing.read(WHERE_DIALS_ARE)
    assert found == [{"dial_id": "dialler:a", "day": "2026-01-06"}]


def test_a_date_whose_rows_all_moved_away_ends_empty_everywhere(landing):
    monday, tuesday = datetime(2026, 1, 5, 2, tzinfo=UTC), datetime(2026, 1, 6, 2, tzinfo=UTC)
    landing.land("2026-01-06", "first", [landing.call("a", monday, agent_id="A1")])
    landing.build("2026-01-06")
    moved = landing.call("a", tuesday, agent_id="A1", row_hash="a-2")
    landing.land("2026-01-08", "second", [moved])
    landing.build("2026-01-08")
    for table in ("fct_dials", "fct_dials_hourly", "fct_agents_daily"):
        days = landing.read(f"select distinct dial_date::varchar as day from marts_build.{table}")
        assert days == [{"day": "2026-01-06"}], table


def test_a_date_rebuilt_later_does_not_bring_back_a_row_that_moved_away(landing):
    monday, tuesday = datetime(2026, 1, 5, 2, tzinfo=UTC), datetime(2026, 1, 6, 2, tzinfo=UTC)
    landing.land("2026-01-06", "first", [landing.call("a", monday)])
    landing.land("2026-01-07", "second", [landing.call("a", tuesday, row_hash="a-2")])
    landing.build("2026-01-07")
    # A late row touches Monday alone: the file with the old version of `a` is read again.
    landing.land("2026-01-09", "late", [landing.call("b", monday)])
    landing.build("2026-01-09")
    found = landing.read(
        "select dial_id, dial_date::varchar as day from marts_build.fct_dials order by all"
    )
    assert found == [
        {"dial_id": "dialler:a", "day": "2026-01-06"},
        {"dial_id": "dialler:b", "day": "2026-01-05"},
    ]


def test_the_same_day_built_twice_changes_nothing(landing):
    world = World(landing, 5)
    day = world.load(0)
    landing.build(day)
    before = landing.content()
    outcome = landing.build(day)
    assert outcome["pending_files"] == 0
    assert landing.content() == before


def test_a_day_opens_only_the_files_that_can_hold_its_dates(landing):
    for number in range(4):
        at = datetime(2026, 1, 5 + number, 2, tzinfo=UTC)
        landing.land(f"2026-01-0{5 + number}", f"b{number}", [landing.call(f"k{number}", at)])
        landing.build(f"2026-01-0{5 + number}")
    files = landing.read("select distinct source_file, batch_id from raw.calls")
    assert [row["batch_id"] for row in files] == ["b3"]


def test_every_step_leaves_an_outcome_row_with_its_models_and_seconds(landing):
    at = datetime(2026, 1, 5, 2, tzinfo=UTC)
    landing.land("2026-01-05", "b", [landing.call("a", at)])
    landing.build("2026-01-05")
    rows = opstore.read(landing.settings, sa.select(opstore.step_outcomes))
    steps = {row["step"]: row for row in rows}
    assert set(steps) == {"build_core", "build_marts"}
    assert steps["build_marts"]["state"] == "done"
    assert steps["build_marts"]["detail"]["per_model"]["fct_dials"] > 0
