"""The model learns what there is to learn, and nothing where there is nothing."""

from __future__ import annotations

import json
from datetime import date, timedelta

import numpy as np
import pytest

from leadloop.scoring import registry
from leadloop.scoring.churn import score_day
from leadloop.scoring.judgement import compute_auc, judge
from leadloop.scoring.plan import ChurnPlan, ModelPlan
from leadloop.scoring.training import list_snapshots

LAST = date(2026, 6, 29)  # the 180th day


def test_only_matured_snapshots_with_whole_windows_are_taken():
    plan = ChurnPlan(model=ModelPlan(gap_days=7, label_days=60, snapshot_every_days=30))
    days = list_snapshots(plan, date(2026, 1, 1), date(2026, 6, 29))
    # 29 June less 67 days; the first whole pair of windows ends on 2 March.
    assert days == [date(2026, 3, 24), date(2026, 4, 23)]


def test_a_history_too_short_has_no_snapshot():
    assert list_snapshots(ChurnPlan(), date(2026, 1, 1), date(2026, 5, 1)) == []


def test_auc_counts_pairs_in_the_right_order():
    truth = np.array([True, True, False, False, False])
    # Of six pairs four are in order, one is tied: 4.5 of 6.
    assert compute_auc(truth, np.array([0.9, 0.3, 0.1, 0.3, 0.5])) == pytest.approx(4.5 / 6)


def test_a_judge_of_a_coin_sees_no_gain():
    generator = np.random.default_rng(3)
    truth = generator.random(2000) < 0.2
    coin = generator.random(2000)
    seen = judge(truth, coin, np.full(2000, 0.2), generator)
    assert not seen.is_better
    assert seen.gain.high < 0
    assert seen.auc.value == pytest.approx(0.5, abs=0.04)


def test_a_judge_of_the_truth_sees_gain_and_calibration():
    generator = np.random.default_rng(4)
    chance = generator.beta(0.5, 2.0, 600)
    truth = generator.random(600) < chance
    seen = judge(truth, chance, np.full(600, float(truth.mean())), generator)
    assert seen.is_better
    assert seen.gain.low > 0
    assert seen.miscalibration.low < 0 < seen.miscalibration.high
    assert [item.count for item in seen.bins] == [120] * 5


@pytest.fixture
def trained(settings, left_world):
    left_world.write(settings, LAST)
    return score_day(settings, LAST.isoformat())


def test_the_model_beats_the_base_rate_on_customers_it_never_saw(settings, trained):
    (entry,) = registry.list_entries(settings.home)
    assert entry.is_champion
    assert entry.version == trained["model_version"]
    folder = registry.model_folder(settings.home) / entry.version
    seen = json.loads((folder / "card.json").read_text(encoding="utf-8"))["judgement"]
    assert seen["auc"]["low"] > 0.75
    assert seen["gain"]["low"] > 0
    assert seen["brier"]["value"] < seen["brier_naive"]
    assert seen["miscalibration"]["low"] < 0.03
    assert seen["miscalibration"]["high"] > -0.03


def test_the_registry_holds_text_alone(settings, trained):
    files = [p for p in registry.model_folder(settings.home).rglob("*") if p.is_file()]
    assert sorted(p.suffix for p in files) == [".json", ".json", ".json", ".md"]
    page = next(p for p in files if p.suffix == ".md").read_text(encoding="utf-8")
    assert "against" in page
    assert "95 % interval" in page


def test_a_second_run_of_the_day_trains_nothing_and_writes_the_same(settings, trained, rows_of):
    first = rows_of("from raw.churn_scores order by all")
    again = score_day(settings, LAST.isoformat())
    assert again["trained"] is None
    assert rows_of("from raw.churn_scores order by all") == first
    assert len(registry.list_entries(settings.home)) == 1


def test_a_model_is_trained_once_a_month_and_the_champion_defends_its_place(
    settings, left_world, trained
):
    tomorrow = LAST + timedelta(days=1)
    left_world.write(settings, tomorrow)
    assert score_day(settings, tomorrow.isoformat())["trained"] is None
    july = LAST + timedelta(days=2)
    left_world.write(settings, july)
    assert score_day(settings, july.isoformat())["trained"]
    first, second = registry.list_entries(settings.home)
    # Two days later there is nothing new to learn: the new model is no better than the old one.
    assert first.is_champion
    assert not second.is_champion
    assert registry.find_champion(settings.home, "2026-12-31").version == first.version


def test_a_day_before_the_first_training_has_no_model(settings, trained):
    assert registry.find_champion(settings.home, "2026-06-28") is None


def test_where_leaving_cannot_be_told_no_model_takes_office(settings, build_world):
    generator = np.random.default_rng(8)
    world = build_world(generator, customers=200, days=180, leave_after=None)
    world.write(settings, LAST)
    scored = score_day(settings, LAST.isoformat())
    assert scored["customers"] == 200
    assert scored["model_version"] is None
    assert registry.list_entries(settings.home) == []
