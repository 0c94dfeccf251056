"""Two weeks of a real bank's calls, one daily DAG run after another."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from leadloop.publish.marts import hash_marts
from leadloop.warehouse import current_marts, open_marts, read_rows

DAYS = [f"1999-02-{day:02d}" for day in range(1, 15)]


@pytest.mark.long
@pytest.mark.timeout(2400)
def test_fourteen_daily_cycles_end_where_one_bulk_load_ends(
    tmp_path_factory, bank_company, make_company_home, run_leadloop, switch
):
    daily = make_company_home(tmp_path_factory.mktemp("daily"), bank_company)
    split_by_day(switch.rows, daily.home.inbox)
    seen: dict[str, int] = {}
    for day in DAYS:
        run_leadloop("run", "daily", "--date", day)
        with open_marts(daily.home) as connection:
            rows = read_rows(
                connection, "select dial_date::text as day, count(*) as n from fct_dials group by 1"
            )
        seen = {row["day"]: row["n"] for row in rows}
        assert max(seen) == day, "a cycle publishes its own day and nothing later"
    assert seen == switch.by_day(switch.rows)
    for week in ("1999-01-31", "1999-02-07"):
        run_leadloop("run", "weekly", "--date", week)
    with open_marts(daily.home) as connection:
        weeks = read_rows(
            connection,
            "select week_start_date::text as week, day_count, offered_count from rpt_dials_weekly",
        )
    # Sunday weeks: the first holds 1-6 February (its Sunday lies before the log), then 7-13.
    counted = switch.by_day([row for row in switch.rows if row["outcome"] != "PHANTOM"])
    wanted = {
        "1999-01-31": (6, sum(counted[day] for day in DAYS[:6])),
        "1999-02-07": (7, sum(counted[day] for day in DAYS[6:13])),
    }
    assert {row["week"]: (row["day_count"], row["offered_count"]) for row in weeks} == wanted

    bulk = make_company_home(tmp_path_factory.mktemp("bulk"), bank_company)
    split_by_day(switch.rows, bulk.home.inbox)
    run_leadloop("backfill", "--from", DAYS[0], "--to", DAYS[-1])
    without = {"rpt_dials_weekly", "rpt_dials_monthly", "rpt_tag_content"}
    without |= {"rpt_tag_content_strata", "rpt_agent_levels", "rpt_star_content"}
    left, right = (hash_marts(current_marts(settings.home)) for settings in (daily, bulk))
    assert {k: v for k, v in left.items() if k not in without} == {
        k: v for k, v in right.items() if k not in without
    }


def split_by_day(rows: list[dict[str, str]], inbox: Path) -> None:
    """Write one file a day, as a switch that exports every night would."""
    inbox.mkdir(parents=True)
    for day in DAYS:
        stamp = day[2:].replace("-", "")
        with (inbox / f"calls_19{stamp}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0].keys())
            writer.writeheader()
            writer.writerows(row for row in rows if row["date"] == stamp)
