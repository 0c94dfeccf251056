"""What became of the units of an experiment, from the published marts, as sums for each arm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from leadloop.effects.estimate import Arm
from leadloop.warehouse import WarehouseError, current_marts, open_marts, read_rows

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from leadloop.settings import Settings


@dataclass(frozen=True, slots=True)
class Outcome:
    """One thing that is measured: from which mart, per unit, and which direction is good."""

    metric: str
    kind: Literal["share", "mean"]
    mart: str
    sql: str
    is_higher_better: bool = True


# Each query gives one value for each unit that has any, over the days from ? to ?.
OUTCOMES = {
    item.metric: item
    for item in (
        Outcome(
            "reached_rate",
            "share",
            "fct_dials",
            """select phone_hash as unit_id, max(coalesce(is_connected, false)::int) as outcome
               from fct_dials where is_dial and dial_date between ? and ? group by all""",
        ),
        Outcome(
            "ordered_rate",
            "share",
            "fct_orders",
            """select customer_id as unit_id, 1 as outcome
               from fct_orders where order_date between ? and ? group by all""",
        ),
        Outcome(
            "order_amount",
            "mean",
            "fct_orders",
            """select customer_id as unit_id, sum(order_amount)::double as outcome
               from fct_orders where order_date between ? and ? group by all""",
        ),
        Outcome(
            "forbidden_word_rate",
            "mean",
            "fct_agent_language_daily",
            """select agent_id as unit_id,
                   sum(forbidden_call_count) / nullif(sum(analysable_call_count), 0) as outcome
               from fct_agent_language_daily where dial_date between ? and ? group by all""",
            is_higher_better=False,
        ),
    )
}


def read_arms(
    settings: Settings, outcome: Outcome, arms: Mapping[str, str], days: tuple[date, date]
) -> dict[str, Arm] | None:
    """Return the sums of each arm over the days; None if the mart is not published.

    Units without a row count as 0 for what may not happen, such as a call or an order.
    """
    try:
        file = current_marts(settings.home)
    except WarehouseError:
        return None
    with open_marts(settings.home, file) as connection:
        tables = "select 1 from information_schema.tables where table_name = ?"
        if not read_rows(connection, tables, [outcome.mart]):
            return None
        rows = read_rows(
            connection,
            f"""with outcomes as ({outcome.sql}),
                units as (
                    select unnest(?::varchar[]) as unit_id, unnest(?::varchar[]) as arm
                ),
                valued as (
                    select units.arm, coalesce(outcomes.outcome, 0)::double as outcome
                    from units left join outcomes using (unit_id)
                )
                select arm, count(*) as n, sum(outcome) as total, sum(outcome * outcome) as squares
                from valued group by all""",  # noqa: S608
            [*days, list(arms), list(arms.values())],
        )
    empty = {"treat": Arm(0, 0.0, 0.0), "holdout": Arm(0, 0.0, 0.0)}
    return empty | {row["arm"]: Arm(row["n"], row["total"], row["squares"]) for row in rows}
