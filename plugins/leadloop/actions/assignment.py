"""Who is left out of an action, so that it can be measured: drawn by key, stored, never redrawn."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING, Any, Literal

import sqlalchemy as sa

from leadloop import opstore
from leadloop.ledger import assignments

if TYPE_CHECKING:
    from collections.abc import Iterable

    from leadloop.settings import Settings

Arm = Literal["treat", "holdout"]


def draw(key: bytes, experiment: str, unit_id: str, share: float) -> tuple[Arm, str]:
    """Return the arm of a unit and the hash that drew it.

    The same unit always draws the same arm of an experiment; other experiments draw anew.

    >>> draw(b"key", "spring", "lead-1", 0.0)[0], draw(b"key", "spring", "lead-1", 1.0)[0]
    ('treat', 'holdout')
    """
    digest = hmac.new(key, f"{experiment}\n{unit_id}".encode(), hashlib.sha256)
    number = int.from_bytes(digest.digest()[:8], "big") / 2**64
    return "holdout" if number < share else "treat", digest.hexdigest()[:16]


def assign(
    store: Settings | sa.Connection,
    key: bytes,
    experiment: dict[str, Any],
    units: Iterable[str],
) -> dict[str, Arm]:
    """Return the stored arm of each unit, drawn now where there is none.

    `experiment` holds its name, action_type and share; a unit keeps the arm it has.
    """
    name = experiment["name"]
    wanted = list(dict.fromkeys(units))
    for unit_id in wanted:
        arm, digest = draw(key, name, unit_id, experiment["share"])
        row = {
            "experiment": name,
            "unit_id": unit_id,
            "action_type": experiment["action_type"],
            "arm": arm,
            "assigned_at": opstore.now(),
            "hash": digest,
        }
        opstore.insert_new(store, assignments, row)
    query = sa.select(assignments.c.unit_id, assignments.c.arm)
    rows = opstore.read(store, query.where(assignments.c.experiment == name))
    arms = {row["unit_id"]: row["arm"] for row in rows}
    return {unit_id: arms[unit_id] for unit_id in wanted}
