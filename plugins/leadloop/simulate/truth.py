"""What nobody in the made company knows: written beside the inbox, never read by the pipeline.

`world.json` holds what was planted; the tables hold latent quality, decisions, what was really
said and by whom. `leadloop evaluate` reads them, and no other module.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from leadloop import __version__
from leadloop.simulate.exports.forms import customer_ids, lead_ids
from leadloop.simulate.leads import STAGES
from leadloop.simulate.speech.dialogue import objection_seconds
from leadloop.simulate.speech.plan import CONCERNS

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa

    from leadloop.simulate.conversations import Spoken
    from leadloop.simulate.effects import Action
    from leadloop.simulate.world import Script, World

TEXT, TEXTS = "string", "strings"
TALKS = {
    "call_id": TEXT, "date": TEXT, "agent_id": TEXT, "kind": TEXT, "end": TEXT, "pool": TEXT,
    "concerns": TEXTS, "signals": TEXTS, "script": TEXTS, "rival": TEXT, "forbidden": "bool",
    "asks_stop": "bool", "arc": TEXT, "objection_s": "float64", "objections": "int64",
}  # fmt: skip
TURNS = {
    "call_id": TEXT, "seq": "int32", "speaker": TEXT, "act": TEXT, "intent": TEXT,
    "polarity": "int8", "pool": TEXT,
}  # fmt: skip


def _make_schema(kinds: dict[str, str]) -> pa.Schema:
    import pyarrow as pa

    types = {name: pa.type_for_alias(name) for name in ("string", "bool", "float64", "int64")}
    types |= {"int32": pa.int32(), "int8": pa.int8(), TEXTS: pa.list_(pa.string())}
    return pa.schema([(name, types[kind]) for name, kind in kinds.items()])


class Truth:
    """Writes the truth of a world while it is played; a context manager."""

    def __init__(self, folder: Path, world: World) -> None:
        import pyarrow.parquet as pq

        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self._world = folder, world
        self._talks = pq.ParquetWriter(folder / "talks.parquet", _make_schema(TALKS))
        self._turns = pq.ParquetWriter(folder / "turns.parquet", _make_schema(TURNS))

    def __enter__(self) -> Truth:
        return self

    def __exit__(self, *_: object) -> None:
        self._talks.close()
        self._turns.close()

    def hear(self, date: str, spoken: list[Spoken]) -> None:
        """Write what was really said on a day."""
        if not spoken:
            return
        import pyarrow as pa

        agents = self._world.company.people.agent_id
        self._talks.write_table(
            pa.Table.from_pylist(
                [_describe_talk(item, date, str(agents[item.agent])) for item in spoken],
                _make_schema(TALKS),
            )
        )
        self._turns.write_table(_list_turns(spoken))

    def finish(self, script: Script, counts: dict[str, int]) -> None:
        """Write leads, customers, agents and the description of the world."""
        import pyarrow.parquet as pq

        pq.write_table(_list_leads(self._world), self.folder / "leads.parquet")
        pq.write_table(_list_customers(self._world), self.folder / "customers.parquet")
        pq.write_table(_list_agents(self._world), self.folder / "agents.parquet")
        pq.write_table(_list_arms(self._world, script), self.folder / "arms.parquet")
        text = json.dumps(describe(script) | {"counts": counts}, ensure_ascii=False, indent=2)
        (self.folder / "world.json").write_text(text + "\n", encoding="utf-8")


def describe(script: Script) -> dict[str, Any]:
    """Return what was played and planted, days as numbers from 1 and as they were meant."""
    return {
        "version": __version__,
        "seed": script.seed,
        "first_day": script.first_day,
        "days": script.days,
        "scale": asdict(script.scale),
        "null": script.null,
        "with_effects": script.with_effects,
        "faults": [
            fault.model_dump(mode="json")
            | {"days": [place + 1 for place in fault.span(script.days)]}
            for fault in script.faults
        ],
        "actions": [
            action.model_dump(mode="json")
            | {"unit": action.unit, "shifts": action.shifts, "effect": action.effect}
            for action in script.actions
        ],
    }


def _list_arms(world: World, script: Script) -> pa.Table:
    """Return of every action each unit that it could reach, and whether it is treated."""
    import pyarrow as pa

    parts = [_list_arm(world, action) for action in script.actions]
    schema = pa.schema([("action", pa.string()), ("unit_id", pa.string()), ("treated", pa.bool_())])
    return (
        pa.concat_tables([part.cast(schema) for part in parts]) if parts else schema.empty_table()
    )


def _list_arm(world: World, action: Action) -> pa.Table:
    import pyarrow as pa

    company, rows = world.company, np.arange(world.leads.rows.size)
    if action.channel is not None and action.unit == "lead":
        rows = rows[world.leads.rows["channel"] == company.find_channel(action.channel)]
    customers = np.arange(1, world.customers.count + 1)
    people = np.arange(company.people.agent_id.size)
    names = np.array([action.channel or company.channels[0].channel_id])
    ids, numbers = {
        "lead": (lead_ids(rows), rows + 1),
        "customer": (customer_ids(customers), customers),
        "agent": (company.people.agent_id, people),
        # A channel is not drawn: it is the one that the action names.
        "channel": (names, None),
    }[action.unit]
    treated = np.ones(len(ids), bool) if numbers is None else action.choose(numbers)
    action_names = np.full(len(ids), action.name)
    return pa.table({"action": action_names, "unit_id": ids, "treated": treated})


def _describe_talk(spoken: Spoken, date: str, agent: str) -> dict[str, Any]:
    plan, episodes = spoken.plan, objection_seconds(spoken.turns)
    return {
        "call_id": spoken.call_id, "date": date, "agent_id": agent, "kind": plan.kind,
        "end": plan.end, "pool": plan.pool, "concerns": list(plan.concerns),
        "signals": list(plan.signals), "script": list(plan.script), "rival": plan.rival,
        "forbidden": plan.forbidden, "asks_stop": plan.asks_stop, "arc": plan.arc,
        "objection_s": float(sum(episodes)), "objections": len(episodes),
    }  # fmt: skip


def _list_turns(spoken: list[Spoken]) -> pa.Table:
    import pyarrow as pa

    schema = _make_schema(TURNS)
    rows = [
        (item.call_id, seq, turn.speaker, turn.act, turn.intent, turn.polarity, item.plan.pool)
        for item in spoken
        for seq, turn in enumerate(item.turns, start=1)
    ]
    columns = list(zip(*rows, strict=True))
    arrays = [pa.array(column, kind.type) for column, kind in zip(columns, schema, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)


def _list_leads(world: World) -> pa.Table:
    import pyarrow as pa

    rows = world.leads.rows
    return pa.table(
        {
            "lead_id": lead_ids(np.arange(rows.size)),
            "created_day": rows["created"] + 1,
            "channel": np.array([item.channel_id for item in world.company.channels])[
                rows["channel"]
            ],
            "quality": rows["quality"],
            "decides_days": rows["decides"],
            "concern": np.array(CONCERNS)[rows["concern"]],
            "number": np.array(["in_service", "invalid", "suspended"])[rows["number"]],
            "asleep": rows["asleep"],
            "attempts": rows["attempt"],
            "talks": rows["talks"],
            "stage": np.array(STAGES)[rows["stage"]],
            "won_day": np.where(rows["won_day"] >= 0, rows["won_day"] + 1, 0),
            "same_as": lead_ids(np.maximum(rows["same_as"], 0)),
            "is_same": rows["same_as"] >= 0,
        }
    )


def _list_customers(world: World) -> pa.Table:
    import pyarrow as pa

    rows = world.customers.rows
    return pa.table(
        {
            "customer_id": customer_ids(np.arange(rows.size) + 1),
            "since_day": rows["since"] + 1,
            "managed": rows["managed"],
            "rate_a_week": rows["rate"] * 7.0,
            "drop": rows["drop"],
            "orders_again": rows["orders"],
            "leaves_day": rows["leaves"] + 1.0,
            "shows_from_day": rows["fades"] + 1.0,
            "complained_day": rows["complained"] + 1,
            "cancelled_day": rows["cancelled"] + 1,
        }
    )


def _list_agents(world: World) -> pa.Table:
    import pyarrow as pa

    people = world.company.people
    return pa.table(
        {
            "agent_id": people.agent_id,
            "skill": people.skill,
            "hired_day": people.hired + 1,
            "talk_pace": people.talk_pace,
            "loose": people.loose,
            "talk_share": people.talk_share,
        }
    )
