"""What the published marts know of the people an action would call: who, and when best.

`known` says what speaks against a call. A mart that is not there is "not known", which the gate
refuses.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from leadloop.action_types import DialPlan, RetentionPackage, SmartRedial
from leadloop.actions.known import has_table, name_table
from leadloop.intervals import MINIMUM_SAMPLE, wilson_interval
from leadloop.warehouse import read_rows

if TYPE_CHECKING:
    import duckdb

    from leadloop.actions.compliance import Dial

PLACES = {
    "channel": "channel_id",
    "campaign": "campaign_id",
    "list": "list_id",
    "queue": "queue_id",
    "agent": "agent_id",
    "source": "source_system",
}
SLOT_DAYS = 28
SLOT_COUNT = 3


@dataclass(frozen=True, slots=True)
class Contact:
    """One person an action is about, with the dial that it would make."""

    unit_id: str
    dial: Dial
    fields: dict[str, Any] = field(default_factory=dict)


def list_open_dials(connection: duckdb.DuckDBPyConnection, plan: DialPlan) -> list[dict[str, Any]]:
    """Return the numbers of the place that were dialled lately and not reached, latest first.

    Numbers that are dead are left out: those of dim_numbers_history until they may be tried again,
    and others whose last dial said so. Those that may not be called are not left out: the gate
    refuses them by name, so that they are seen.
    """
    where, places = _place_condition(plan)
    from_hours = list(plan.from_hours)
    hours = f"and list_contains({from_hours}, dial_hour)" if from_hours else ""
    attempts = ""
    if isinstance(plan, SmartRedial):
        attempts = f"and attempt_count < {plan.max_attempts}"
    numbers, dead = _name_dead(connection, plan)
    sql = f"""
        with dials as (
            select *, coalesce(phone_hash, dial_id) as unit_id
            from {name_table(connection, "fct_dials")}
            where is_dial and dial_date between ? and ? {where}
        ),
        units as (
            select
                unit_id,
                max_by(phone_hash, originated_at) as phone_hash,
                max_by(phone_region, originated_at) as phone_region,
                max_by(phone_last4, originated_at) as phone_last4,
                max_by(lead_id, originated_at) as lead_id,
                max_by(customer_id, originated_at) as customer_id,
                max_by(campaign_id, originated_at) as campaign_id,
                max(originated_at) as last_dialled_at,
                count(*) as attempt_count,
                bool_or(coalesce(is_connected, false)) as is_reached,
                max_by(coalesce(is_unworkable, false), originated_at) as is_unworkable,
                bool_or(true {hours}) as is_meant
            from dials
            group by all
        ),
        numbers as ({numbers})
        select units.* exclude (is_reached, is_unworkable, is_meant)
        from units
        left join numbers using (phone_hash)
        where is_meant and not is_reached and not ({dead}) {attempts}
        order by last_dialled_at desc nulls last, unit_id
        limit {plan.limit}"""  # noqa: S608
    first = plan.plan_day - timedelta(days=plan.lookback_days)
    values = [first, plan.plan_day - timedelta(days=1), *places]
    return read_rows(connection, sql, values)


def _name_dead(connection: duckdb.DuckDBPyConnection, plan: DialPlan) -> tuple[str, str]:
    """Return a query of dead numbers, and the condition that one of the units is."""
    if not has_table(connection, "dim_numbers_history"):
        query = "select null::varchar as phone_hash, null::timestamptz as recheck_at where false"
        return query, "is_unworkable"
    numbers = name_table(connection, "dim_numbers_history")
    return (
        f"select phone_hash, recheck_at from {numbers} where is_current",  # noqa: S608
        f"coalesce(recheck_at > date '{plan.plan_day}', is_unworkable)",
    )


def rank_hours(connection: duckdb.DuckDBPyConnection, plan: DialPlan) -> tuple[int, ...]:
    """Return the hours in which most people of the place answer, surest first.

    Hours are ranked by the lower end of the interval of their connect rate, so that three lucky
    calls at dawn lead nowhere; without enough dials in the place, all dials decide.
    """
    where, values = _place_condition(plan)
    for condition, given in ((where, values), ("", [])):
        rows = read_rows(
            connection,
            f"""select dial_hour, count(*) filter (is_connected) as k, count(*) as n
                from {name_table(connection, "fct_dials")}
                where is_dial and is_connected is not null and dial_hour is not null
                    and dial_date between ? and ? {condition}
                group by all having count(*) >= {MINIMUM_SAMPLE}""",  # noqa: S608
            [plan.plan_day - timedelta(days=SLOT_DAYS), plan.plan_day - timedelta(days=1), *given],
        )
        rates = {
            int(row["dial_hour"]): wilson_interval(row["k"], row["n"])[0]
            for row in rows
            if row["dial_hour"] not in plan.from_hours
        }
        if rates:
            return tuple(sorted(rates, key=lambda hour: -rates[hour])[:SLOT_COUNT])
    return ()


def list_customers(
    connection: duckdb.DuckDBPyConnection, package: RetentionPackage
) -> list[dict[str, Any]]:
    """Return the customers of a package with the number each was last dialled on."""
    return read_rows(
        connection,
        f"""select wanted.customer_id as unit_id, wanted.customer_id,
                max_by(phone_hash, originated_at) as phone_hash,
                max_by(phone_region, originated_at) as phone_region,
                max_by(phone_last4, originated_at) as phone_last4
            from (select unnest(?::varchar[]) as customer_id) as wanted
            left join {name_table(connection, "fct_dials")} as dials
                on wanted.customer_id = dials.customer_id
            group by all order by unit_id""",  # noqa: S608
        [list(package.customer_ids)],
    )


def _place_condition(plan: DialPlan) -> tuple[str, list[str]]:
    where = "".join(f" and {PLACES[name]} = ?" for name in plan.place)
    return where, list(plan.place.values())
