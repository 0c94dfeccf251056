"""The dry run: what would land and what would not, and not a byte of the home changes."""

from __future__ import annotations

import json

import pytest
import yaml
from typer.testing import CliRunner

from leadloop.cli import app
from leadloop.ingest.preview import find_unavailable

RUNNER = CliRunner()


@pytest.fixture
def snapshot(settings):
    """Return every file and folder of the home with its bytes."""

    def read():
        return {
            path.relative_to(settings.home.root): path.read_bytes() if path.is_file() else None
            for path in sorted(settings.home.root.rglob("*"))
        }

    return read


@pytest.fixture
def messy(write_calls, a_call):
    """A file with a right row, an unknown code, a broken row and a column that nobody reads."""
    columns = [*(name for name in a_call() if name != "campaign_id"), "备注"]
    rows = [
        a_call(备注="打13912345678"),
        a_call(call_id="c2", status="无人接听"),
        a_call(call_id="c3", start_time="昨天下午"),
        a_call(call_id="c4", call_type="外呼"),
    ]
    for row in rows:
        del row["campaign_id"]
    return lambda: write_calls(rows, "通话.csv", columns)


def test_a_dry_run_leaves_the_home_as_it_was_to_the_byte(
    settings, messy, take_in, snapshot, monkeypatch
):
    # Without a key in the environment an import would make one.
    monkeypatch.delenv("LEADLOOP_PHONE_HASH_KEY")
    settings.home.root.mkdir()
    assert snapshot() == {}
    take_in(messy(), dry_run=True)
    assert snapshot() == {}
    take_in(messy())
    before = snapshot()
    again = take_in(messy(), dry_run=True)
    assert (again.landed, again.duplicate, again.quarantined) == (0, 2, 2)
    assert snapshot() == before != {}


def test_a_dry_run_shows_refused_rows_with_line_reason_and_masked_row(messy, take_in):
    outcome = take_in(messy(), dry_run=True)
    first, second = outcome.refused_rows
    assert (first["line"], first["reason"], first["detail"]) == (
        4, "originated_at_not_a_time", "start_time=昨天下午",
    )  # fmt: skip
    assert (second["line"], second["reason"]) == (5, "direction_missing")
    assert second["row"]["call_type"] == "外呼"
    assert second["row"]["callee"] == "<PHONE>"


def test_of_each_reason_a_few_rows_are_shown_and_all_are_counted(write_calls, take_in, a_call):
    rows = [a_call(call_id="") for _ in range(9)] + [a_call(start_time="?")]
    outcome = take_in(write_calls(rows), dry_run=True)
    assert outcome.by_reason == {"call_id_missing": 9, "originated_at_not_a_time": 1}
    assert [row["line"] for row in outcome.refused_rows] == [2, 3, 4, 11]


def test_columns_that_stay_empty_are_named_with_the_metrics_they_cost(
    settings, write_calls, take_in, a_call, tmp_path
):
    content = yaml.safe_load(
        settings.config_file("maps", "generic_cn_cdr.yml").read_text(encoding="utf-8")
    )
    content["columns"]["outcome"]["codes"] = {"BUSY": "busy", "OK": "human_other"}
    del content["columns"]["talk_s"]
    content["tests"] = [{"name": "x", "row": {}, "refused": "call_id_missing"}]
    own = tmp_path / "own.yml"
    own.write_text(yaml.safe_dump(content), encoding="utf-8")
    path = write_calls([a_call(status="BUSY"), a_call(call_id="c2", status="OK")])
    outcome = take_in(path, str(own), dry_run=True)
    assert {"talk_s", "cost_amount", "hold_s"} <= set(outcome.empty_columns)
    assert not {"call_id", "outcome", "phone_last4"} & set(outcome.empty_columns)
    found = outcome.unavailable_metrics
    assert found["conversion_rate"] == ["tells_won"]
    assert found["talk_time"] == found["handling_time"] == found["short_talk_share"] == ["talk_s"]
    # Its codes tell a person from a busy line.
    assert "connect_rate" not in found
    assert "dials" not in found


def test_a_file_costs_the_metrics_of_what_it_lacks_and_no_other(write_calls, take_in, a_call):
    # These calls name everything but customers.
    assert take_in(write_calls([a_call()]), dry_run=True).unavailable_metrics == {
        "churn_calls_fell_share": ["customer_id"],
        "churn_rivals_named_share": ["customer_id"],
        "push_repurchase_rate": ["customer_id"],
    }


def test_what_metrics_need_are_columns_of_the_contract(settings):
    from leadloop.contract import TABLES

    every = {f"{table}.{column.name}" for table in TABLES for column in TABLES[table].columns}
    needs = set()
    for path in (settings.dbt_project / "models" / "semantic").glob("*.yml"):
        for metric in yaml.safe_load(path.read_text(encoding="utf-8")).get("metrics", []):
            needs |= set(metric.get("config", {}).get("meta", {}).get("needs", []))
    assert needs
    assert needs <= every


def test_a_table_without_rows_costs_what_lives_on_it(settings):
    found = find_unavailable(settings, "order", {"customer_id"})
    assert found["churn_flagged_share"] == ["customer_id"]
    assert "talk_time" not in found


@pytest.mark.parametrize("width", [80, 120])
def test_the_screen_says_all_of_it(messy, home, width):
    result = RUNNER.invoke(
        app, ["import", str(messy()), "--map", "generic_cn_cdr", "--dry-run"],
        env={"COLUMNS": str(width)},
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    for text in (
        "4 rows read: 2 would land, 0 duplicate, 2 refused",
        "无人接听", "lands as other",
        "originated_at_not_a_time", "start_time=昨天下午",
        "nobody reads", "备注",
        "stay empty", "campaign_id",
        "Nothing was written",
    ):  # fmt: skip
        assert text in result.output, text
    assert "13812345678" not in result.output
    assert "13912345678" not in result.output


def test_the_json_of_a_dry_run_has_the_documented_fields(messy, home):
    result = RUNNER.invoke(
        app, ["import", str(messy()), "--map", "generic_cn_cdr", "--dry-run", "--json", "-"]
    )
    (outcome,) = json.loads(result.stdout)
    from leadloop.settings import PROJECT_ROOT

    text = (PROJECT_ROOT / "docs" / "importing.md").read_text(encoding="utf-8")
    missing = [name for name in outcome if f"`{name}`" not in text]
    assert not missing, f"docs/importing.md does not tell of {missing}"
    assert "13812345678" not in result.stdout


def test_quarantine_and_loads_are_shown_and_retried_from_the_command_line(
    messy, home, write_calls, tmp_path
):
    path = messy()
    RUNNER.invoke(
        app, ["import", str(path), "--map", "generic_cn_cdr", "--load-date", "2026-01-06"]
    )
    listed = RUNNER.invoke(app, ["quarantine", "list"]).output
    assert "direction_missing" in listed
    assert "2026-01-06" in listed
    shown = RUNNER.invoke(app, ["quarantine", "show", "--reason", "direction_missing"]).output
    assert "通话.csv:5" in shown
    assert "call_type=外呼" in shown
    assert "start_time=昨天下午" not in shown

    from leadloop.settings import load_settings

    text = load_settings().config_file("maps", "generic_cn_cdr.yml").read_text(encoding="utf-8")
    mended = tmp_path / "generic_cn_cdr.yml"
    mended.write_text(
        text.replace("codes: {outbound: outbound,", "codes: {outbound: outbound, 外呼: outbound,"),
        encoding="utf-8",
    )
    done = RUNNER.invoke(app, ["quarantine", "retry", "--map", str(mended)])
    assert done.exit_code == 0, done.output
    assert "1 row(s) still refused: originated_at_not_a_time" in done.output
    assert "leadloop run daily --date 2026-01-06" in done.output
    assert "direction_missing" not in RUNNER.invoke(app, ["quarantine", "list"]).output
    every = json.loads(RUNNER.invoke(app, ["quarantine", "list", "--all", "--json", "-"]).stdout)
    assert [row["state"] for row in every] == ["open", "landed"]

    loads = json.loads(RUNNER.invoke(app, ["loads", "list", "--json", "-"]).stdout)
    assert [(load["rows_landed"], load["rows_quarantined"]) for load in loads] == [(3, 1)]
    shown = RUNNER.invoke(app, ["loads", "show", "2026-01-06"]).output
    assert "3 landed, 0 duplicate, 1 in quarantine" in shown
    assert "无人接听: 1 row(s)" in shown

    path.unlink()
    gone = RUNNER.invoke(app, ["quarantine", "retry"])
    assert gone.exit_code == 1
    assert "Bring back the file" in gone.stderr
