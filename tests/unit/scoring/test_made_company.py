"""Rule and model on half a year of the made company, its files read without the pipeline."""

from __future__ import annotations

import csv
import json
from datetime import date, timedelta

import pytest

from leadloop.scoring import registry
from leadloop.scoring.churn import score_day
from leadloop.simulate.make import write_company

FIRST, LAST = "2026-03-02", "2026-08-28"
FORMS = ("is_rule_flagged", "is_naive_flagged")


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("company")
    # Few leads: customers are called whatever the volume.
    write_company(folder, first_day=FIRST, days=180, dials=150)
    return folder / "inbox"


@pytest.fixture
def world(files, empty_world):
    for path in sorted((files / "dialler").iterdir()):
        with path.open(encoding="utf-8") as file:
            for row in csv.DictReader(file):
                if row["customer_id"] and row["status"] and not row["parent_call_id"]:
                    empty_world.calls.append(
                        {
                            "customer_id": row["customer_id"],
                            "call_id": row["call_id"],
                            "dial_date": date.fromisoformat(path.stem.removeprefix("calls_")),
                            "is_handled": row["status"].startswith(("ANSWERED", "成交")),
                        }
                    )
    orders = {}
    for path in sorted((files / "orders").iterdir()):
        with path.open(encoding="utf-8") as file:
            orders |= {row["order_id"]: row for row in csv.DictReader(file)}
    empty_world.orders = [
        {
            "customer_id": row["customer_id"],
            "order_date": date.fromisoformat(row["placed_time"][:10]),
            "order_amount": float(row["amount"]),
            "is_deleted": False,
        }
        for row in orders.values()
        if row["customer_id"]
    ]
    return empty_world


def test_the_model_beats_the_base_rate_with_its_interval(settings, world):
    world.write(settings, date.fromisoformat(LAST))
    scored = score_day(settings, LAST)
    (entry,) = registry.list_entries(settings.home)
    assert entry.is_champion
    folder = registry.model_folder(settings.home) / str(scored["model_version"])
    card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    seen = card["judgement"]
    assert card["judged_on"] == "2026-06-22"  # 67 days before the last: matured, not a day more
    assert seen["auc"]["low"] > 0.70
    assert seen["gain"]["low"] > 0
    assert seen["miscalibration"]["low"] < 0 < seen["miscalibration"]["high"]


def test_the_guard_saves_false_alarms_and_what_it_flags_comes_true_more_often(
    settings, world, rows_of
):
    """Flags of six days, ten days apart, against who was heard of again after each."""
    last = date(2026, 7, 10)
    world.write(settings, last)
    for back in range(10, 60, 10):
        rows_of(f"insert into raw.touched_dates values ('{last - timedelta(days=back)}')")
    assert score_day(settings, last.isoformat())["filled_days"] == 5
    signs = [(row["customer_id"], row["dial_date"]) for row in world.calls if row["is_handled"]]
    signs += [(row["customer_id"], row["order_date"]) for row in world.orders]
    heard = {}
    for customer, day in signs:
        heard[customer] = max(day, heard.get(customer, day))
    rows = rows_of("from raw.churn_scores")
    for row in rows:
        row["has_left"] = heard[row["customer_id"]] <= row["score_date"] + timedelta(days=7)
    stayed = [row for row in rows if not row["has_left"]]
    alarms = {form: sum(row[form] for row in stayed) / len(stayed) for form in FORMS}
    right = {
        form: sum(row["has_left"] for row in rows if row[form]) / sum(row[form] for row in rows)
        for form in FORMS
    }
    guarded, naive = FORMS
    assert alarms[guarded] < 0.04
    assert alarms[naive] > 3 * alarms[guarded]
    assert right[guarded] > 1.2 * right[naive]
    assert right[guarded] > 3 * (1 - len(stayed) / len(rows))
