"""Published marts written by hand, and rows of the ledger to act on."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from leadloop import ledger, opstore, pointer
from leadloop.settings import Settings
from leadloop.warehouse import open_memory

SHANGHAI = ZoneInfo("Asia/Shanghai")
# The plans of these tests are for the first of April; the marts know March.
PLAN_DAY = date(2026, 4, 1)
COLUMNS = {
    "dial_id": "varchar",
    "call_id": "varchar",
    "dial_date": "date",
    "dial_hour": "integer",
    "source_system": "varchar",
    "lead_id": "varchar",
    "customer_id": "varchar",
    "campaign_id": "varchar",
    "channel_id": "varchar",
    "list_id": "varchar",
    "queue_id": "varchar",
    "agent_id": "varchar",
    "phone_hash": "varchar",
    "phone_last4": "varchar",
    "phone_region": "varchar",
    "originated_at": "timestamptz",
    "is_dial": "boolean",
    "is_connected": "boolean",
    "is_unworkable": "boolean",
    "is_dnc": "boolean",
}


def make_dial(phone: str | None, at: str, **changes: object) -> dict:
    """One dial of March at a local time such as `31 10:00`, not reached unless told otherwise."""
    day, clock = at.split()
    local = datetime.fromisoformat(f"2026-03-{day}T{clock}:00").replace(tzinfo=SHANGHAI)
    name = f"{phone} {at}"
    return {
        "dial_id": f"dialler:{name}",
        "call_id": name,
        "dial_date": local.date(),
        "dial_hour": local.hour,
        "source_system": "dialler",
        "lead_id": None if phone is None else f"lead of {phone}",
        "customer_id": None,
        "campaign_id": "spring",
        "channel_id": "short_video",
        "list_id": None,
        "queue_id": "team",
        "agent_id": "A1",
        "phone_hash": phone,
        "phone_last4": None,
        "phone_region": "CN",
        "originated_at": local.astimezone(UTC),
        "is_dial": True,
        "is_connected": False,
        "is_unworkable": False,
        "is_dnc": False,
        **changes,
    }


def publish(settings: Settings, dials: list[dict], **tables: str) -> None:
    """Publish marts of these dials, and further tables given as queries."""
    home = settings.home
    home.marts.mkdir(parents=True, exist_ok=True)
    number = len(pointer.list_versions(home)) + 1
    file = home.marts / f"marts_20260401T000000Z_{number:06d}.duckdb"
    with open_memory() as connection:
        connection.execute(f"attach '{file}' as made")
        columns = ", ".join(f"{name} {kind}" for name, kind in COLUMNS.items())
        connection.execute(f"create table made.fct_dials ({columns})")
        marks = ", ".join("?" for _ in COLUMNS)
        if dials:
            rows = [[dial[name] for name in COLUMNS] for dial in dials]
            connection.executemany(f"insert into made.fct_dials values ({marks})", rows)
        for name, query in tables.items():
            connection.execute(f"create table made.{name} as {query}")
        connection.execute("detach made")
    pointer.swap_link(home, file)
    pointer.write_pointer(home, {"data_until": "2026-03-31"})


def propose(settings: Settings, kind: str = "reschedule_dials", **changes: object) -> str:
    """Write a proposal as rules do; return its id."""
    payload = {"plan_day": str(PLAN_DAY), "from_hours": [15], "to_hours": [10]}
    row = {
        "action_id": "act-1",
        "alert_id": "alert-1",
        "type": kind,
        "payload": payload,
        "target_type": "channel",
        "target_id": "short_video",
        "mode": "approve",
        "state": "proposed",
        "approver": "ops_manager",
        "proposed_at": opstore.now(),
        "gate": {},
        **changes,
    }
    row.setdefault("idempotency_key", f"key of {row['action_id']}")
    opstore.append(settings, ledger.actions, [row])
    return row["action_id"]


@pytest.fixture
def made():
    """`make_dial`, `publish` and `propose`, for tests that cannot import this module."""

    class Made:
        dial = staticmethod(make_dial)
        publish = staticmethod(publish)
        propose = staticmethod(propose)
        plan_day = PLAN_DAY

    return Made


@pytest.fixture
def missed():
    """Forty numbers that were dialled at 15 o'clock on the last day and not reached."""
    return [
        make_dial(hashlib.sha256(f"{number}".encode()).hexdigest(), "31 15:00")
        for number in range(40)
    ]


@pytest.fixture
def tomorrow() -> date:
    return PLAN_DAY + timedelta(days=1)
