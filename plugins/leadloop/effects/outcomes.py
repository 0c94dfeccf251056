"""What became of the units of an experiment, from the published marts, as sums for each arm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from leadloop.effects.estimate import Arm
from leadloop.warehouse import WarehouseError, current_marts, open_marts, read_rows

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from leadloop.settings import Settings

_COLUMNS = ("unit_id", "arm", "first", "last")


@dataclass(frozen=True, slots=True)
class Exposure:
    """One unit of an experiment: its arm, and the first and last local day that count for it."""

    unit_id: str
    arm: str
    first: date
    last: date
    share: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """One thing that is measured: from which mart, per unit, and which direction is good.

    `value` is worked out of a unit's rows on its days; it is null where the unit has no outcome at
    all (an agent without a call), and 0 where what may happen did not.
    """

    metric: str
    kind: Literal["share", "mean"]
    mart: str
    unit: str
    day: str
    value: str
    where: str = "true"
    is_higher_better: bool = True


OUTCOMES = {
    item.metric: item
    for item in (
        Outcome(
            "reached_rate",
            "share",
            "fct_dials",
            unit="phone_hash",
            day="dial_date",
            value="max(coalesce(is_connected, false)::int)",
            where="is_dial",
        ),
        Outcome(
            "ordered_rate",
            "share",
            "fct_orders",
            unit="customer_id",
            day="order_date",
            value="(count(customer_id) > 0)::int",
        ),
        Outcome(
            "order_amount",
            "mean",
            "fct_orders",
            unit="customer_id",
            day="order_date",
            value="coalesce(sum(order_amount)::double, 0)",
        ),
        Outcome(
            "forbidden_word_rate",
            "mean",
            "fct_agent_language_daily",
            unit="agent_id",
            day="dial_date",
            value="sum(forbidden_call_count) / nullif(sum(analysable_call_count), 0)",
            is_higher_better=False,
        ),
    )
}


def read_arms(
    settings: Settings, outcome: Outcome, exposures: Sequence[Exposure]
) -> dict[str, Arm] | None:
    """Return the sums of each arm, each unit over its own days; None without a published mart."""
    try:
        file = current_marts(settings.home)
    except WarehouseError:
        return None
    columns = [[getattr(item, name) for item in exposures] for name in _COLUMNS]
    with open_marts(settings.home, file) as connection:
        tables = "select 1 from information_schema.tables where table_name = ?"
        if not read_rows(connection, tables, [outcome.mart]):
            return None
        rows = read_rows(
            connection,
            f"""with units as (
                    select
                        unnest(?::varchar[]) as exposed_id, unnest(?::varchar[]) as arm,
                        unnest(?::date[]) as first_day, unnest(?::date[]) as last_day
                ),
                counted as (select * from {outcome.mart} where {outcome.where}),
                valued as (
                    select arm, exposed_id, ({outcome.value})::double as outcome
                    from units
                    left join counted
                        on exposed_id = {outcome.unit}
                        and {outcome.day} between first_day and last_day
                    group by all
                )
                select arm, count(outcome) as n, coalesce(sum(outcome), 0) as total,
                    coalesce(sum(outcome * outcome), 0) as squares
                from valued group by all""",  # noqa: S608
            columns,
        )
    empty = {"treat": Arm(0, 0.0, 0.0), "holdout": Arm(0, 0.0, 0.0)}
    return empty | {row["arm"]: Arm(row["n"], row["total"], row["squares"]) for row in rows}
