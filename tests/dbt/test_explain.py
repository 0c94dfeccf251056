"""A number taken apart: the rows behind it add up to it, in whatever way it is grouped."""

from __future__ import annotations

import csv
from collections import Counter
from datetime import UTC, datetime

import pytest
from typer.testing import CliRunner

from leadloop import ledger, opstore
from leadloop.cli import app
from leadloop.errors import UsageError
from leadloop.explain import Explained, open_explained, select_rows
from leadloop.metrics import load_catalog, open_metrics
from leadloop.publish.marts import make_version

AT = datetime(2026, 1, 5, 2, tzinfo=UTC)
DAY = {"start": "2026-01-05", "end": "2026-01-05"}
ALERT = {
    "alert_id": "a1b2c3", "rule_id": "low-connect", "rule_hash": "h", "mode": "guarded",
    "severity": "warning", "metric": "connect_rate", "dimensions": {"channel": "cold"},
    "grain": "day", "period": "2026-01-05", "k": 1, "n": 3, "value": 1 / 3, "low": None,
    "high": None, "threshold": 0.5, "expected": None, "money": None, "state": "open",
    "cause": [{"kind": "rate", "place": {"channel": "cold"}, "share": 1.0}], "first_seen_at": AT,
    "last_seen_at": AT, "owner": "ops",
}  # fmt: skip

# A day's build makes no mart of weeks.
WEEKLY = {"stuck_share", "lost_share"}


@pytest.fixture(scope="module")
def explained(shared_landing):
    """Five dials of one day: cold reaches 1 of 3, referral 1 of 1, and one cannot be told."""
    shared_landing.wipe()
    call = shared_landing.call
    rows = [
        call("c1", AT, channel_id="cold", outcome="human_won", talk_s=100, agent_id="A1"),
        call("c2", AT, channel_id="cold", agent_id="A1"),
        call("c3", AT, channel_id="cold", agent_id="=2+5"),
        call("r1", AT, channel_id="referral", outcome="human_refused", talk_s=40, agent_id="A2"),
        call("u1", AT, channel_id="cold", tells_human=False, outcome="machine", agent_id="A1"),
    ]
    shared_landing.land("2026-01-05", "five", rows)
    shared_landing.build("2026-01-05")
    make_version(shared_landing.settings, "daily", "2026-01-05")
    with open_metrics(shared_landing.settings) as metrics:
        yield lambda name, **options: Explained(metrics, name, {**DAY, **options})


def test_the_rows_behind_a_cell_are_those_that_were_counted(explained):
    found = explained("connect_rate", where={"channel": "cold"}).explain(rows=9)
    rows = {row["dial_id"]: row["is_counted"] for row in found.rows}
    assert rows == {"dialler:c1": True, "dialler:c2": False, "dialler:c3": False}
    (value,) = found.values
    assert (value.k, value.n) == (1, 3)


def test_no_more_rows_are_shown_than_were_asked_for(explained):
    assert len(explained("connect_rate").explain(rows=2).rows) == 2
    assert explained("connect_rate").explain().rows == []


def test_a_file_of_rows_groups_to_the_numbers_of_the_query(explained, tmp_path):
    asked = explained("connect_rate", by=["channel"])
    assert asked.write_csv(tmp_path / "rows.csv") == 4
    with (tmp_path / "rows.csv").open(encoding="utf-8-sig") as file:
        lines = list(csv.DictReader(file))
    sizes = Counter(line["channel"] for line in lines)
    hits = Counter(line["channel"] for line in lines if line["is_counted"] == "True")
    assert (sizes, hits) == ({"cold": 3, "referral": 1}, {"cold": 1, "referral": 1})
    assert {v.dimensions["channel"]: (v.k, v.n) for v in asked.explain().values if v.n} == {
        "cold": (1, 3), "referral": (1, 1),
    }  # fmt: skip


def test_a_file_of_rows_reaches_nobody_and_runs_nothing(explained, tmp_path):
    explained("dials", by=["agent"]).write_csv(tmp_path / "rows.csv")
    text = (tmp_path / "rows.csv").read_text(encoding="utf-8-sig")
    assert "phone" not in text.splitlines()[0].replace("phone_region", "")
    assert ",=2+5" not in text
    assert text.count(",'=2+5,") + text.startswith("'=2+5,") >= 1


def test_a_mean_is_the_sum_of_its_rows_over_their_number(explained):
    found = explained("talk_time").explain(rows=9)
    assert sorted(row["amount"] for row in found.rows) == [40, 100]
    assert found.values[0].value == 70


def test_rows_of_a_mart_of_counts_say_how_many_each_stands_for(explained, tmp_path):
    asked = explained("invalid_dial_rate", by=["channel"])
    assert asked.write_csv(tmp_path / "rows.csv") == 2
    with (tmp_path / "rows.csv").open(encoding="utf-8-sig") as file:
        lines = {line["channel"]: line for line in csv.DictReader(file)}
    assert {name: int(line["base_amount"]) for name, line in lines.items()} == {
        "cold": 4, "referral": 1,
    }  # fmt: skip
    assert {v.dimensions["channel"]: v.n for v in asked.explain().values} == {
        "cold": 4, "referral": 1,
    }  # fmt: skip


def summed(definition):
    rows = definition.meta["rows"]
    k = "sum(amount)" if "amount" in rows else "sum(is_counted::integer)"
    if definition.kind == "count":
        return k, k
    return k, "sum(base_amount)" if "of" in rows else "count(*)"


def test_every_metric_has_rows_that_add_up_to_it(explained):
    catalog = explained("dials").metrics.catalog
    for name in catalog.names:
        asked = explained(name)
        sql = select_rows(catalog, name, asked.options)
        assert sql, f"{name}: say in `rows` of its YAML where its rows are"
        if name in WEEKLY:
            continue
        k, n = summed(catalog.definition(name))
        (row,) = asked.metrics.rows(f"select {k} as k, {n} as n from ({sql})")
        (value,) = asked.explain().values or [None]
        if value is not None and value.n:
            assert (float(row["k"]), int(row["n"])) == (pytest.approx(value.k), value.n), name
        else:
            assert not row["n"] or not row["k"], name


def test_an_alert_is_explained_by_its_metric_place_and_period(explained, shared_landing):
    settings = shared_landing.settings
    with opstore.transaction(settings) as store:
        opstore.replace(store, ledger.alerts, [ALERT])
    shown = CliRunner().invoke(
        app, ["explain", "a1b2", "--rows", "5"], env={"LEADLOOP_HOME": str(settings.home.root)}
    )
    assert shown.exit_code == 0, shown.output
    for said in ("low-connect", "接通率", "(channel_id) = 'cold'", "dialler:c3", "1.0"):
        assert said in shown.output, said


def test_what_is_neither_metric_nor_alert_is_refused_with_those_known(explained, shared_landing):
    with (
        pytest.raises(UsageError, match="connect_rate"),
        open_explained(shared_landing.settings, "no_such", {}) as asked,
    ):
        asked.explain()


def test_the_catalogue_says_the_same_as_the_yaml(shared_landing):
    entry = load_catalog(shared_landing.settings).definition("agent_connect_rate").meta
    assert (entry["owner"], entry["grain"], entry["up_is_good"]) == (
        "operations_manager", "agent_day", True,
    )  # fmt: skip
