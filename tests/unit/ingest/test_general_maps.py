"""The general maps of CRMs, desks, shops and service desks, all of them into one home."""

from __future__ import annotations

import csv
import gzip
import json
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from leadloop.cli import app
from leadloop.contract import TABLES
from leadloop.ingest.collect import collect_day
from leadloop.settings import Source
from leadloop.warehouse import list_landing

FIXTURES = Path(__file__).parent / "fixtures"
DAY = "2026-01-06"
# Rows that land of each map's fixture, counted by hand.
LANDED = {
    "generic_cn_leads": ("lead", 3),
    "generic_cn_lead_tags": ("lead_tag", 3),
    "generic_cn_customers": ("customer", 2),
    "generic_consents": ("consent", 2),
    "generic_dnc": ("dnc", 2),
    "generic_number_checks": ("number_status", 4),
    "generic_agents": ("agent", 2),
    "generic_teams": ("team", 2),
    "generic_roster": ("roster", 3),
    "generic_agent_states": ("agent_state", 5),
    "generic_calendar": ("business_calendar", 2),
    "generic_channels": ("channel", 3),
    "generic_campaigns": ("campaign", 2),
    "generic_campaign_costs": ("campaign_cost", 3),
    "generic_payments": ("payment", 2),
    "generic_refunds": ("refund", 2),
    "generic_subscriptions": ("subscription", 2),
    "generic_products": ("product", 2),
    "generic_order_lines": ("order_line", 2),
    "generic_tickets": ("ticket", 2),
    "generic_surveys": ("survey", 3),
    "generic_touches": ("touch", 3),
    "generic_inquiries": ("inquiry_event", 3),
    "generic_funnel_events": ("funnel_event", 3),
    "generic_transcript_metadata": ("transcript", 2),
}


@pytest.fixture
def count_landed(settings):
    """Return the landed rows of every table of the contract that has some."""

    def count():
        found = {
            table: sum(
                pq.read_metadata(file.path).num_rows for file in list_landing(settings.home, table)
            )
            for table in TABLES
        }
        return {table: rows for table, rows in found.items() if rows}

    return count


def find_export(name):
    """Return the fixture of a map."""
    (export,) = (FIXTURES / name).glob("export.*")
    return export


def test_the_sources_of_a_company_bring_all_of_them_in_packed_and_as_gb18030_but_once(
    settings, count_landed
):
    sources = []
    for name in LANDED:
        export = find_export(name)
        encoding = "gb18030" if export.suffix == ".csv" else "utf-8"
        target = settings.home.inbox / name / f"{name}_{DAY}{export.suffix}.gz"
        target.parent.mkdir(parents=True)
        target.write_bytes(gzip.compress(export.read_text("utf-8").encode(encoding)))
        path = f"{name}/{name}_{{date}}*{export.suffix}*"
        sources.append(Source(name=name, path=path, map=name, required=False))
    company = settings.company.model_copy(update={"sources": tuple(sources)})
    settings = replace(settings, company=company)
    first = collect_day(settings, DAY)
    assert first["missing"] == []
    assert count_landed() == dict(LANDED.values())
    again = collect_day(settings, DAY)
    assert (again["landed"], again["duplicate"]) == (0, first["landed"])


def test_the_command_line_brings_all_of_them_in(home, count_landed):
    for name in LANDED:
        command = ["import", str(find_export(name)), "--map", name, "--load-date", DAY]
        result = CliRunner().invoke(app, command)
        assert result.exit_code == 0, result.output
    assert count_landed() == dict(LANDED.values())


def test_inquiries_come_as_json_lines_of_the_same_names_too(take_in, landed, tmp_path):
    rows = csv.DictReader(find_export("generic_inquiries").read_text("utf-8").splitlines())
    path = tmp_path / "inquiries.jsonl"
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")
    outcome = take_in(path, "generic_inquiries")
    assert (outcome.landed, outcome.by_reason) == (3, {"occurred_at_missing": 1})
    assert [row["channel"] for row in landed("inquiry_event")] == ["im", "call_in", "other"]


def test_a_lead_that_goes_back_to_a_stage_has_a_state_for_each(take_in, landed, tmp_path):
    header = "线索编号,创建时间,渠道,阶段,导出时间"
    for day, stage in ((6, "已联系"), (7, "已报价"), (8, "已联系")):
        path = tmp_path / f"leads_{day}.csv"
        row = f"L1,2026-01-05 09:00:00,baidu,{stage},2026-01-0{day} 01:00:00"
        path.write_text(f"{header}\n{row}\n", "gb18030")
        take_in(path, "generic_cn_leads", load_date=f"2026-01-0{day}")
    rows = sorted(landed("lead"), key=lambda row: row["extracted_at"])
    assert [row["stage"] for row in rows] == ["已联系", "已报价", "已联系"]


def test_a_shift_of_next_month_is_no_event_later_than_its_export(take_in, landed, tmp_path):
    path = tmp_path / "roster.csv"
    header = "工号,班次开始时间,班次结束时间,导出时间"
    row = "8001,2026-02-05 22:00:00,2026-02-06 06:00:00,2026-01-05 20:00:00"
    path.write_text(f"{header}\n{row}\n", "utf-8")
    assert take_in(path, "generic_roster").landed == 1
    (shift,) = landed("roster")
    assert shift["event_date"].isoformat() == "2026-02-05"


@pytest.mark.parametrize(
    ("name", "fate"),
    [
        pytest.param("generic_agent_states", "'state=外出拜访', which lands as other", id="other"),
        pytest.param("generic_cn_leads", "'segment=政府', which is left empty", id="optional"),
        pytest.param("generic_consents", "'status=待确认', which refuses the row", id="needed"),
    ],
)
def test_the_command_says_what_becomes_of_an_unknown_code(home, name, fate):
    command = ["import", str(find_export(name)), "--map", name, "--load-date", DAY]
    output = CliRunner().invoke(app, command, env={"COLUMNS": "200"}).output
    assert f"1 row(s) with unknown code {fate}" in output
