"""What the published marts know of numbers before they are called: dials, opt-outs, consents.

`dim_do_not_call` alone may be missing: then the outcomes of dials stand for it.
"""

from __future__ import annotations

import json
from collections import defaultdict
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa

from leadloop import opstore
from leadloop.actions.compliance import History, OptOut
from leadloop.ledger import proofs
from leadloop.warehouse import WarehouseError, current_marts, open_marts, read_rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import tzinfo

    import duckdb

    from leadloop.settings import Settings

HISTORY_DAYS = 31
# What sources call a consent to calls.
CALLS = ("call", "calls", "phone", "telephone", "voice", "all", "电话", "语音", "外呼", "全部")

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


@contextmanager
def open_known(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection | None]:
    """Give a connection to the published marts, or None where no dials are published."""
    try:
        file = current_marts(settings.home)
    except WarehouseError:
        yield None
        return
    with open_marts(settings.home, file) as connection:
        yield connection if has_table(connection, "fct_dials") else None


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
        opt_outs = _read_opt_outs(connection, wanted, day)
        consents = _read_consents(connection, wanted, day)
        (row,) = read_rows(
            connection,
            f"select max(dial_date) as day from {name_table(connection, 'fct_dials')}",  # noqa: S608
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
    known = {value: sorted(moments) for value, moments in dials.items()}
    return History(known, opt_outs, consents)


def _read_dials(
    connection: duckdb.DuckDBPyConnection, hashes: Sequence[str], day: date, zone: tzinfo
) -> dict[str, list[datetime]]:
    """Return when numbers were dialled; a dial without a time counts at noon of its day."""
    rows = read_rows(
        connection,
        f"""select phone_hash, originated_at, dial_date
            from {name_table(connection, "fct_dials")}
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
    connection: duckdb.DuckDBPyConnection, hashes: Sequence[str], day: date
) -> dict[str, OptOut]:
    """Return the latest request of each number: outcomes of dials, what was said, lists.

    An entry of a list that has ended before the day is none. Who asked on one number has asked for
    all numbers of the same customer or lead.
    """
    dials = name_table(connection, "fct_dials")
    queries = [
        f"""select phone_hash, originated_at as requested_at,
                'outcome of call ' || call_id as source
            from {dials} where is_dnc"""  # noqa: S608
    ]
    if has_table(connection, "dim_do_not_call"):
        queries.append(
            f"""select phone_hash, requested_at,
                    coalesce(source, 'list') || coalesce(' in call ' || call_id, '') as source
                from {name_table(connection, "dim_do_not_call")}
                where until_at is null or until_at > date '{day}'"""  # noqa: S608
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


def _read_consents(
    connection: duckdb.DuckDBPyConnection, hashes: Sequence[str], day: date
) -> dict[str, bool]:
    """Return who agreed to calls on a day (true) and who refused or took it back (false).

    One refusal counts for more than any number of consents to other purposes.
    """
    if not has_table(connection, "dim_consents_history"):
        return {}
    rows = read_rows(
        connection,
        f"""select phone_hash, bool_and(status = 'granted') as has_consent
            from {name_table(connection, "dim_consents_history")}
            where not is_deleted and lower(channel) in (select unnest(?::varchar[]))
                and valid_from < ? and (valid_to is null or valid_to > ?)
                and (expires_at is null or expires_at > ?)
                and phone_hash in (select unnest(?::varchar[]))
            group by all""",  # noqa: S608
        [list(CALLS), day + timedelta(days=1), day, day, list(hashes)],
    )
    return {row["phone_hash"]: row["has_consent"] for row in rows}


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


def name_table(connection: duckdb.DuckDBPyConnection, name: str) -> str:
    """Return a mart's name with its schema, as it is published."""
    rows = read_rows(
        connection,
        "select table_schema from information_schema.tables where table_name = ? limit 1",
        [name],
    )
    return json.dumps(rows[0]["table_schema"]) + f".{name}" if rows else name


def has_table(connection: duckdb.DuckDBPyConnection, name: str) -> bool:
    """Return whether a mart is published."""
    return "." in name_table(connection, name)
