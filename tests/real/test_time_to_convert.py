"""Time to convert of real leads, as the models work it out, beside lifelines and its source."""

from __future__ import annotations

from pathlib import Path

import jinja2
import pandas as pd
import pytest
from lifelines import KaplanMeierFitter

from leadloop import warehouse
from leadloop.settings import PROJECT_ROOT

DAYS = [7, 30, 90, 180, 365]
# Of all 8,000 leads of the Olist funnel; the files here hold half of them.
WHOLE_SET = [0.031, 0.068, 0.086, 0.097, 0.113]
SHARES = """
with curve as ({{ kaplan_meier('spells', 'waited_days', 'is_event') }})
{{ kaplan_meier_times('curve', 'waited_days', [7, 30, 90, 180, 365]) }}
"""


@pytest.fixture(scope="module")
def spells(evaluation_data: Path) -> pd.DataFrame:
    """Every lead with the days to its deal, or to the last deal that the files tell of."""
    leads = pd.read_csv(evaluation_data / "funnel" / "olist_mql.csv.gz")
    deals = pd.read_csv(evaluation_data / "funnel" / "olist_deals.csv.gz")
    joined = leads.merge(deals[["mql_id", "won_date"]], on="mql_id", how="left")
    won = pd.to_datetime(joined.won_date)
    waited = won.fillna(won.max()) - pd.to_datetime(joined.first_contact_date)
    days = waited.dt.total_seconds() / 86_400
    return pd.DataFrame({"waited_days": days, "is_event": won.notna()})


@pytest.fixture(scope="module")
def told(spells) -> dict[str, float]:
    folder = PROJECT_ROOT / "dbt_project" / "macros"
    macros = "".join(
        (folder / f"{name}.sql").read_text(encoding="utf-8")
        for name in ("exact_sum", "kaplan_meier", "wilson")
    )
    sql = jinja2.Environment(autoescape=False).from_string(macros + SHARES).render()
    with warehouse.open_memory() as connection:
        connection.register("spells", spells)
        (row,) = warehouse.read_rows(connection, sql)
    return row


def test_the_share_of_leads_that_buy_by_a_day_is_that_of_lifelines(spells, told):
    fit = KaplanMeierFitter().fit(spells.waited_days, spells.is_event)
    ours = [told[f"by_{day}_rate"] for day in DAYS]
    assert ours == pytest.approx([1 - fit.predict(day) for day in DAYS], abs=1e-9)
    assert (told["spell_count"], told["event_count"]) == (len(spells), 431)
    assert told["median_duration"] is None


def test_half_of_the_leads_convert_as_all_of_them_do(told):
    assert [told[f"by_{day}_rate"] for day in DAYS] == pytest.approx(WHOLE_SET, abs=0.003)


def test_deals_by_leads_say_more_than_were_made_within_half_a_year(spells, told):
    assert told["by_180_rate"] < spells.is_event.mean() < told["by_365_rate"]
