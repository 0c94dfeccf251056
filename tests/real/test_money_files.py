"""Money and retention of real shops, against figures worked out with pandas alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from leadloop import metrics, transform
from leadloop.settings import Settings
from leadloop.warehouse import open_warehouse, read_rows

SHOP = """\
tenant_id: shop
name: A shop
language: en
timezone: {zone}
currency: {currency}
sources:
  - {{name: orders, path: "orders_{{date}}.csv", map: cdnow, required: false}}
"""
LAST = "1998-06-30"


def build(settings: Settings, run_leadloop, file: Path, name: str, day: str) -> Settings:
    run_leadloop("import", str(file), "--map", name, "--load-date", day)
    for layer in ("core", "marts"):
        transform.build_layer(settings, layer, day)
    return settings


def look(settings: Settings, sql: str) -> list[dict]:
    with open_warehouse(settings.home) as connection:
        return read_rows(connection, sql)


def ask(settings: Settings, name: str, *by: str) -> dict[tuple, metrics.MetricValue]:
    found = metrics.query(settings, [name], marts=settings.home.marts_build, by=by)
    return {tuple(value.dimensions.values()): value for value in found}


@pytest.fixture(scope="module")
def cdnow(tmp_path_factory, evaluation_data: Path, make_company_home, run_leadloop) -> Settings:
    company = SHOP.format(zone="America/New_York", currency="USD")
    settings = make_company_home(tmp_path_factory.mktemp("cdnow"), company)
    file = evaluation_data / "churn" / "cdnow_sample.csv.gz"
    return build(settings, run_leadloop, file, "cdnow", LAST)


@pytest.fixture(scope="module")
def purchases(evaluation_data: Path) -> pd.DataFrame:
    """The purchases; alike in all columns they are one, as the map says."""
    frame = pd.read_csv(evaluation_data / "churn" / "cdnow_sample.csv.gz", dtype=str)
    frame = frame.drop_duplicates().assign(
        day=lambda x: pd.to_datetime(x.date), paid=lambda x: x.dollars.astype(float)
    )
    return frame.assign(first=frame.groupby("customer_id").day.transform("min"))


def test_customers_and_revenue_of_cdnow_are_those_of_its_file(cdnow, purchases):
    assert purchases.customer_id.nunique() == 2357
    assert ask(cdnow, "new_customers")[()].value == 2357
    assert ask(cdnow, "sales")[()].value == len(purchases)
    assert ask(cdnow, "revenue")[()].value == pytest.approx(purchases.paid.sum(), abs=0.005)


def test_retention_of_cdnows_cohorts_is_that_of_a_pivot_table(cdnow, purchases):
    month = purchases.day.dt.to_period("M")
    begun = purchases["first"].dt.to_period("M")
    number = (month - begun).map(lambda step: step.n)
    table = purchases.groupby([begun.astype(str), number]).customer_id.nunique()
    size = purchases.groupby(begun.astype(str)).customer_id.nunique()
    found = ask(cdnow, "cohort_retention", "month", "month_number")
    assert {key: value.k for key, value in found.items() if value.k} == {
        key: float(k) for key, k in table.items()
    }
    assert {key[0]: value.n for key, value in found.items()} == size.to_dict()
    assert len(found) == 18 + 17 + 16  # January to March 1997, each until June 1998


def test_the_lifetime_value_of_cdnow_has_the_mean_and_interval_of_its_customers(cdnow, purchases):
    early = purchases[purchases.day < purchases["first"] + pd.Timedelta(days=90)]
    worth = early.groupby("customer_id").paid.sum()
    value = ask(cdnow, "ltv90")[()]
    assert value.n == 2357
    assert value.value == pytest.approx(worth.mean())
    half = 1.96096 * worth.std() / np.sqrt(2357)  # Student's t of 2,356 degrees
    assert (value.low, value.high) == pytest.approx(
        (worth.mean() - half, worth.mean() + half), abs=1e-3
    )
    assert ask(cdnow, "ltv90_maturity")[()].value == 1


def test_repurchase_a_year_of_cdnow_is_by_person_time(cdnow, purchases):
    later = purchases[purchases.day > purchases["first"]]
    first = purchases.drop_duplicates("customer_id")["first"]
    days = (pd.Timestamp(LAST) - first).dt.days.sum()
    value = ask(cdnow, "annual_repurchase")[()]
    assert value.k == len(later)
    assert value.value == pytest.approx(len(later) / (days / 365))


def test_fifths_of_cdnow_are_those_of_pandas_ranks(cdnow, purchases):
    by_customer = purchases.groupby("customer_id")
    columns = {
        "recency_points": -(pd.Timestamp(LAST) - by_customer.day.max()).dt.days,
        "frequency_points": by_customer.size(),
        "money_points": by_customer.paid.sum().round(4),
    }
    rows = look(cdnow, "select * from marts_build.dim_customer_value order by customer_id")
    for name, value in columns.items():
        place = (value.rank(method="min") - 1) / (len(value) - 1)
        points = 1 + np.floor(place.clip(upper=0.9999) * 5).astype(int)
        assert {row["customer_id"]: row[name] for row in rows} == points.to_dict()


@pytest.fixture(scope="module")
def retail(tmp_path_factory, evaluation_data: Path, make_company_home, run_leadloop) -> Settings:
    company = SHOP.format(zone="Europe/London", currency="GBP")
    settings = make_company_home(tmp_path_factory.mktemp("retail"), company)
    file = evaluation_data / "churn" / "online_retail_lines.parquet"
    return build(settings, run_leadloop, file, "online_retail", "2011-12-31")


def test_lines_of_a_wholesaler_become_invoices_and_what_came_back_is_taken_off(
    retail, evaluation_data
):
    lines = pd.read_parquet(evaluation_data / "churn" / "online_retail_lines.parquet").astype(
        {"InvoiceNo": str}
    )
    key = ["InvoiceNo", "StockCode", "Quantity", "UnitPrice", "InvoiceDate"]
    landed = {row["order_id"] for row in look(retail, "select order_id from raw.order_lines")}
    lines = lines.drop_duplicates(key)
    lines = lines[lines.InvoiceNo.isin(landed)]
    lines = lines.assign(amount=lines.Quantity * lines.UnitPrice)
    rows = look(
        retail,
        "select source_order_id, order_amount, is_sale, net_amount from marts_build.fct_sales",
    )
    invoices = lines.groupby("InvoiceNo").amount.sum()
    found = pd.DataFrame(rows).set_index("source_order_id")
    assert len(found) == len(invoices)
    difference = (found.net_amount.astype(float) - invoices).abs()
    assert difference.max() < 0.005
    returns = found.index.str.startswith("C")
    assert not found[returns].is_sale.any()
    assert returns.sum() > 1000
