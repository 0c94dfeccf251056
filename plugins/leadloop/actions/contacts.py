"""What the published marts know of the people an action would call: who, when dialled, opted out.

The only module of the actions that reads marts. A mart that is not there is "not known", which
the gate refuses; `dim_do_not_call` alone may be missing: then the outcomes of dials stand for it.
"""

from __future__ import annotations

import json
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from leadloop import opstore
from leadloop.action_types import DialPlan, RetentionPackage, SmartRedial
from leadloop.actions.compliance import Dial, History, OptOut
from leadloop.intervals import MINIMUM_SAMPLE, wilson_interval
from leadloop.ledger import proofs
from leadloop.warehouse import WarehouseError, current_marts, open_marts, read_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import tzinfo

    import duckdb

    from leadloop.settings import Settings

PLACES = {
    "channel": "channel_id",
    "campaign": "campaign_id",
    "list": "list_id",
    "queue": "queue_id",
    "agent": "agent_id",
    "source": "source_system",
}
HISTORY_DAYS = 31
SLOT_DAYS = 28
SLOT_COUNT = 3


# Requests of each wanted number and of the numbers of the same people.
_LINKED = """
    with wanted as (select unnest(?::varchar[]) as phone_hash),
    people as (
        select 'customer ' || customer_id as person, phone_hash from {dials}
        where customer_id is not null and phone_hash is not null
        union
        select 'lead ' || lead_id as person, phone_hash from {dials}
        where lead_id is not null and phone_hash is not null
    ),
    linked as (
        select phone_hash, phone_hash as asked_on from wanted
        union
        select own.phone_hash, other.phone_hash as asked_on
        from wanted
        inner join people as own using (phone_hash)
        inner join people as other on own.person = other.person
    ),
    requests as ({requests})
    select linked.phone_hash, max(requested_at) as requested_at,
        max_by(source, requested_at) as source
    from linked inner join requests on linked.asked_on = requests.phone_hash
    group by all"""


@dataclass(frozen=True, slots=True)
class Contact:
    """One person an action is about, with the dial that it would make."""

    unit_id: str
    dial: Dial
    fields: dict[str, Any] = field(default_factory=dict)


@contextmanager
def open_known(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection | None]:
    """Give a connection to the published marts, or None where no dials are published."""
    try:
        file = current_marts(settings.home)
    except WarehouseError:
        yield None
        return
    with open_marts(settings.home, file) as connection:
        yield connection if _has(connection, "fct_dials") else None


def list_open_dials(connection: duckdb.DuckDBPyConnection, plan: DialPlan) -> list[dict[str, Any]]:
    """Return the numbers of the place that were dialled lately and not reached, latest first.

    Numbers that can never be reached are left out; those that may not be called are not: the
    gate refuses them by name, so that they are seen.
    """
    where, values = _place_condition(plan)
    hours = ""
    if plan.from_hours:
        hours = f"and list_contains({list(plan.from_hours)}, dial_hour)"
    attempts = ""
    if isinstance(plan, SmartRedial):
        attempts = f"and attempt_count < {plan.max_attempts}"
    sql = f"""
        with dials as (
            select *, coalesce(phone_hash, dial_id) as unit_id
            from {_table(connection, "fct_dials")}
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
        )
        select * exclude (is_reached, is_unworkable, is_meant)
        from units
        where is_meant and not is_reached and not is_unworkable {attempts}
        order by last_dialled_at desc nulls last, unit_id
        limit {plan.limit}"""  # noqa: S608
    first = plan.plan_day - timedelta(days=plan.lookback_days)
    return read_rows(connection, sql, [first, plan.plan_day - timedelta(days=1), *values])


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
                from {_table(connection, "fct_dials")}
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
            left join {_table(connection, "fct_dials")} as dials
                on wanted.customer_id = dials.customer_id
            group by all order by unit_id""",  # noqa: S608
        [list(package.customer_ids)],
    )


def load_history(
    settings: Settings, hashes: Iterable[str | None], day: date, *, leave_out: str
) -> History | None:
    """Return what is known of numbers before and after a day; None if no dials are published.

    Dials that earlier actions have sent but that no mart shows yet count as made; those of the
    action `leave_out` are its own.
    """
    wanted = sorted({value for value in hashes if value})
    with open_known(settings) as connection:
        if connection is None:
            return None
        dials = _read_dials(connection, wanted, day, settings.company.zone)
        opt_outs = _read_opt_outs(connection, wanted)
        (row,) = read_rows(
            connection,
            f"select max(dial_date) as day from {_table(connection, 'fct_dials')}",  # noqa: S608
        )
    shown_until = row["day"] or date.min
    zone = settings.company.zone
    shown = {(value, at.astimezone(zone).date()) for value, found in dials.items() for at in found}
    for value, moment in _list_planned(settings, set(wanted), leave_out):
        planned = moment.astimezone(zone).date()
        # The last day may be half loaded: what it does not show may have been made all the same.
        is_unseen = planned == shown_until and (value, planned) not in shown
        if planned > shown_until or is_unseen:
            dials[value].append(moment)
    return History({value: sorted(moments) for value, moments in dials.items()}, opt_outs)


def _read_dials(
    connection: duckdb.DuckDBPyConnection, hashes: Sequence[str], day: date, zone: tzinfo
) -> dict[str, list[datetime]]:
    """Return when numbers were dialled; a dial without a time counts at noon of its day."""
    rows = read_rows(
        connection,
        f"""select phone_hash, originated_at, dial_date
            from {_table(connection, "fct_dials")}
            where is_dial and dial_date between ? and ?
                and phone_hash in (select unnest(?::varchar[]))""",  # noqa: S608
        [day - timedelta(days=HISTORY_DAYS), day + timedelta(days=HISTORY_DAYS), list(hashes)],
    )
    found: dict[str, list[datetime]] = defaultdict(list)
    for row in rows:
        noon = datetime.combine(row["dial_date"], time(12), zone)
        found[row["phone_hash"]].append(row["originated_at"] or noon)
    return found


def _read_opt_outs(
    connection: duckdb.DuckDBPyConnection, hashes: Sequence[str]
) -> dict[str, OptOut]:
    """Return the latest request of each number, from what dials ended in and from what was said.

    Who asked on one number has asked for all numbers of the same customer or lead.
    """
    dials = _table(connection, "fct_dials")
    queries = [
        f"""select phone_hash, originated_at as requested_at,
                'outcome of call ' || call_id as source
            from {dials} where is_dnc"""  # noqa: S608
    ]
    if _has(connection, "dim_do_not_call"):
        queries.append(
            f"""select phone_hash, requested_at,
                    coalesce(source, 'list') || coalesce(' in call ' || call_id, '') as source
                from {_table(connection, "dim_do_not_call")}"""  # noqa: S608
        )
    rows = read_rows(
        connection,
        _LINKED.format(dials=dials, requests=" union all by name ".join(queries)),
        [list(hashes)],
    )
    # A request without a time holds from the beginning.
    start = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
    return {
        row["phone_hash"]: OptOut(row["requested_at"] or start, row["source"] or "list")
        for row in rows
    }


def _list_planned(
    settings: Settings, hashes: set[str], leave_out: str
) -> Iterator[tuple[str, datetime]]:
    since = opstore.now() - timedelta(days=2 * HISTORY_DAYS)
    query = sa.select(proofs.c.detail).where(
        proofs.c.stage == "send",
        proofs.c.verdict == "allow",
        proofs.c.action_id != leave_out,
        proofs.c.evaluated_at > since,
    )
    for row in opstore.read(settings, query):
        detail = row["detail"]
        if detail.get("phone_hash") in hashes:
            yield detail["phone_hash"], datetime.fromisoformat(detail["planned_at"])


def _place_condition(plan: DialPlan) -> tuple[str, list[str]]:
    where = "".join(f" and {PLACES[name]} = ?" for name in plan.place)
    return where, list(plan.place.values())


def _table(connection: duckdb.DuckDBPyConnection, name: str) -> str:
    """Return a mart's name with its schema, as it is published."""
    rows = read_rows(
        connection,
        "select table_schema from information_schema.tables where table_name = ? limit 1",
        [name],
    )
    return json.dumps(rows[0]["table_schema"]) + f".{name}" if rows else name


def _has(connection: duckdb.DuckDBPyConnection, name: str) -> bool:
    return "." in _table(connection, name)
