"""What a company has set, as tables of schema `raw`: settings, opening hours, names of codes.

`scope.prepare` writes them anew for every run. Neighbours: `settings` and `labels` read the files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadloop.labels import list_intents, list_labels

if TYPE_CHECKING:
    import duckdb

    from leadloop.settings import Settings


def write_company_facts(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Replace the tables that hold what the company has set."""
    _write_company(connection, settings)
    connection.execute(
        "create or replace table raw.opening_hours "
        "(day_kind varchar, begin_second integer, end_second integer)"
    )
    connection.execute(
        "create or replace table raw.labels "
        "(dimension varchar, code varchar, label_zh varchar, label_en varchar)"
    )
    connection.execute("create or replace table raw.intents (intent varchar, parent varchar)")
    if ranges := settings.company.opening_hours.ranges:
        connection.executemany("insert into raw.opening_hours values (?, ?, ?)", ranges)
    if labels := list_labels(settings):
        connection.executemany("insert into raw.labels values (?, ?, ?, ?)", labels)
    if intents := list_intents(settings):
        rows = [(item["id"], item.get("parent") or item["id"]) for item in intents]
        connection.executemany("insert into raw.intents values (?, ?)", rows)


def _write_company(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    company = settings.company
    connection.execute(
        "create or replace table raw.company as select ?::varchar as tenant_id, "
        "?::varchar as timezone, ?::varchar as currency, ?::integer as short_talk_seconds, "
        "?::varchar as week_start, ?::integer as invalid_number_dials, "
        "?::integer as number_recheck_days, ?::varchar as holiday_calendar, "
        "?::integer as renewal_grace_days, ?::integer as repurchase_days, "
        "?::integer as repeat_contact_days, ?::integer as deal_days",
        [
            company.tenant_id,
            company.timezone,
            company.currency,
            company.short_talk_seconds,
            company.week_start,
            company.number_validity.invalid_dials,
            company.number_validity.recheck_days,
            company.holiday_calendar,
            company.customer_windows.renewal_grace_days,
            company.customer_windows.repurchase_days,
            company.customer_windows.repeat_contact_days,
            company.customer_windows.deal_days,
        ],
    )
