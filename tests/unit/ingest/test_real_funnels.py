"""Public leads, deals and orders through the door, against counts worked out with csv alone."""

from __future__ import annotations

import csv
import dataclasses
import gzip
import json
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pyarrow.parquet as pq
import pytest

from leadloop.ingest.load import import_files


def read_csv(path):
    with gzip.open(path, "rt", encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


@pytest.fixture
def load(evaluation_data, settings, landed):
    """Import a public file into a company of a zone; return outcome and landed rows."""

    def run(name, file, zone):
        company = settings.company.model_copy(update={"timezone": zone})
        there = dataclasses.replace(settings, company=company)
        (outcome,) = import_files(there, [evaluation_data / file], name, load_date="2026-01-05")
        return outcome, landed(outcome.table)

    return run


def test_every_lead_of_the_olist_funnel_lands_on_its_day_and_channel(load, evaluation_data):
    raw = read_csv(evaluation_data / "funnel" / "olist_mql.csv.gz")
    outcome, rows = load("olist_funnel", "funnel/olist_mql.csv.gz", "America/Sao_Paulo")
    assert len(raw) == outcome.read == outcome.landed == 4011
    assert (outcome.quarantined, outcome.unknown_codes) == (0, {})
    assert Counter(
        (row["first_contact_date"], row["origin"] or None, row["landing_page_id"]) for row in raw
    ) == Counter(
        (
            row["event_date"].isoformat(),
            row["channel_id"],
            json.loads(row["custom"])["landing_page"],
        )
        for row in rows
    )
    assert {row["mql_id"] for row in raw} == {row["lead_id"] for row in rows}
    assert Counter(row["channel_id"] for row in rows)["organic_search"] == 1118


def test_every_deal_of_olist_is_a_win_of_its_lead_at_a_moment_in_utc(load, evaluation_data):
    raw = read_csv(evaluation_data / "funnel" / "olist_deals.csv.gz")
    outcome, rows = load("olist_deals", "funnel/olist_deals.csv.gz", "America/Sao_Paulo")
    assert len(raw) == outcome.read == outcome.landed == 431
    seen = {row["entity_id"]: (row["occurred_at"], row["agent_id"]) for row in rows}
    assert seen == {
        row["mql_id"]: (
            datetime.strptime(row["won_date"], "%Y-%m-%d %H:%M").replace(tzinfo=UTC),
            row["sr_id"],
        )
        for row in raw
    }
    # Deals with a day only are at midnight there, before and after the change of clocks.
    days = [row for row in rows if row["occurred_at"].strftime("%H:%M") in ("02:00", "03:00")]
    assert len(days) == 34
    assert all(row["event_date"] == row["occurred_at"].date() for row in days)


def test_deals_join_the_leads_they_came_from(load):
    _, leads = load("olist_funnel", "funnel/olist_mql.csv.gz", "America/Sao_Paulo")
    _, deals = load("olist_deals", "funnel/olist_deals.csv.gz", "America/Sao_Paulo")
    assert len({row["entity_id"] for row in deals} & {row["lead_id"] for row in leads}) == 431


def test_every_lead_of_the_education_company_lands_with_its_end(load, evaluation_data):
    raw = read_csv(evaluation_data / "funnel" / "leads_xeducation.csv.gz")
    outcome, rows = load("x_education", "funnel/leads_xeducation.csv.gz", "Asia/Kolkata")
    assert len(raw) == outcome.read == outcome.landed == 5535
    assert {row["lead_id"] for row in rows} == {row["Prospect ID"] for row in raw}
    assert Counter(row["status"] for row in rows) == {"converted": 2138, "not_converted": 3397}
    assert Counter((row["channel_id"], row["city"]) for row in rows) == Counter(
        (row["Lead Source"] or None, row["City"] if row["City"] not in ("", "Select") else None)
        for row in raw
    )
    assert sum(int(json.loads(row["custom"])["seconds_on_site"]) for row in rows) == sum(
        int(row["Total Time Spent on Website"]) for row in raw
    )
    assert "Select" not in {value for row in rows for value in json.loads(row["custom"]).values()}


def test_every_opportunity_of_the_pipeline_lands_in_its_stage(load, evaluation_data):
    raw = read_csv(evaluation_data / "funnel" / "crm_sales_pipeline.csv.gz")
    outcome, rows = load("maven_crm", "funnel/crm_sales_pipeline.csv.gz", "Asia/Shanghai")
    assert len(raw) == outcome.read == outcome.landed == 8800
    assert Counter(row["stage"] for row in rows) == {
        "won": 4238,
        "lost": 2473,
        "engaging": 1589,
        "prospecting": 500,
    }
    assert sum(row["created_at"] is None for row in rows) == 500
    assert sum(row["converted_at"] is not None for row in rows) == 4238
    value = sum(Decimal(json.loads(row["custom"]).get("close_value", "0")) for row in rows)
    assert value == sum(Decimal(row["close_value"] or "0") for row in raw)
    eight = timedelta(hours=8)
    assert Counter(
        (row["created_at"] + eight).strftime("%d-%m-%y") for row in rows if row["created_at"]
    ) == Counter(row["engage_date"] for row in raw if row["engage_date"])


def test_order_lines_land_once_each(load, evaluation_data):
    raw = pq.read_table(evaluation_data / "churn" / "online_retail_lines.parquet").to_pylist()
    outcome, rows = load("online_retail", "churn/online_retail_lines.parquet", "Europe/London")
    lines = {tuple(row.values()): row for row in raw}.values()
    assert (outcome.read, outcome.landed, outcome.duplicate) == (278599, 275660, 2939)
    assert (len(raw), len(lines), outcome.quarantined) == (278599, 275660, 0)
    assert sum(row["quantity"] for row in rows) == sum(row["Quantity"] for row in lines)
    assert {row["order_id"] for row in rows} == {row["InvoiceNo"] for row in raw}
    assert sum(row["customer_id"] is None for row in rows) == sum(
        not row["CustomerID"] for row in lines
    )
    assert sum(row["order_id"].startswith("C") for row in rows) == sum(
        row["InvoiceNo"].startswith("C") for row in lines
    )
    assert Counter(row["event_date"].isoformat() for row in rows) == Counter(
        row["InvoiceDate"][:10] for row in lines
    )
    # Half a year each side of the changes of clocks in 2011.
    assert {
        row["placed_at"].hour - int(row["line_no"][-5:-3])
        for row in rows
        if date(2011, 4, 1) < row["event_date"] < date(2011, 10, 1)
    } == {-1}


def test_purchases_land_once_each(load, evaluation_data):
    raw = read_csv(evaluation_data / "churn" / "cdnow_sample.csv.gz")
    outcome, rows = load("cdnow", "churn/cdnow_sample.csv.gz", "America/New_York")
    bought = {tuple(row.values()) for row in raw}
    assert (outcome.read, outcome.landed, outcome.duplicate) == (6919, 6898, 21)
    assert len(bought) == 6898
    assert len({row["customer_id"] for row in rows}) == 2357
    assert round(sum(row["amount"] for row in rows), 2) == float(
        sum(Decimal(dollars) for *_, dollars in bought)
    )
    assert Counter(row["event_date"].strftime("%Y%m%d") for row in rows) == Counter(
        day for _, day, *_ in bought
    )
