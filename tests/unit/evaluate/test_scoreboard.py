"""The scoreboard keeps what was scored, replaces what is scored again, and reads well."""

from __future__ import annotations

import json

import pytest

from leadloop.errors import UsageError
from leadloop.evaluate.alerts import score_alerts
from leadloop.evaluate.page import write_page
from leadloop.evaluate.scoreboard import (
    Row,
    not_built,
    pool_seeds,
    read_rows,
    share_row,
    weekly_row,
    write_rows,
)
from leadloop.evaluate.world import claim_home, read_truth
from leadloop.settings import Home
from leadloop.warehouse import open_memory

FIRST = share_row(("intents", "w", "precision"), 34, 100, 7)


def test_a_share_has_its_wilson_interval():
    # 34 of 100: worked out by hand with z = 1.96.
    assert (FIRST.value, round(FIRST.low, 3), round(FIRST.high, 3), FIRST.n) == (
        0.34, 0.255, 0.437, 100,
    )  # fmt: skip


def test_a_share_of_nothing_is_no_number():
    row = share_row(("x", "w", "recall"), 0, 0, 7)
    assert (row.value, row.n, row.note) == (None, 0, "no case in this set")


def test_scoring_again_replaces_the_figure_and_leaves_all_others(tmp_path):
    path = tmp_path / "board" / "scoreboard.json"
    write_rows(path, [FIRST, not_built("uplift", "w", "qini", 7)])
    better = share_row(("intents", "w", "precision"), 50, 100, 7)
    other_seed = share_row(("intents", "w", "precision"), 60, 100, 8)
    rows = write_rows(path, [better, other_seed])
    assert [(row.name, row.seed, row.value) for row in rows] == [
        ("intents", None, 0.55),
        ("intents", 7, 0.5),
        ("intents", 8, 0.6),
        ("uplift", 7, None),
    ]
    assert read_rows(path) == rows
    assert [item.name for item in path.parent.iterdir()] == ["scoreboard.json"]


def test_several_seeds_have_a_mean_with_the_interval_of_students_t():
    rows = [
        Row("alerts", "w", "days_to_detect", value, seed=seed)
        for seed, value in ((7, 1.0), (8, 2.0), (9, 6.0))
    ]
    (pooled,) = pool_seeds([*rows, not_built("uplift", "w", "qini", 7)])
    # Mean 3, deviation sqrt(7): 4.303 * sqrt(7) / sqrt(3) = 6.573.
    assert (pooled.value, round(pooled.low, 2), round(pooled.high, 2)) == (3.0, -3.57, 9.57)
    assert (pooled.n, pooled.seed, pooled.note) == (3, None, "over the worlds of seeds 7, 8, 9")


def test_worlds_with_one_trouble_each_are_counted_together():
    rows = [share_row(("alerts: dead_list", "w", "recall"), found, 1, seed)
            for seed, found in ((7, 1), (8, 1), (9, 0), (10, 1))]  # fmt: skip
    (pooled,) = pool_seeds(rows)
    # Wilson for 3 of 4, worked out by hand.
    assert (pooled.value, round(pooled.low, 3), round(pooled.high, 3)) == (0.75, 0.301, 0.954)


def test_worlds_that_are_alike_give_no_interval():
    place = ("intents", "w", "precision")
    (pooled,) = pool_seeds([share_row(place, 100, 100, 7), share_row(place, 100, 100, 8)])
    assert (pooled.value, pooled.low, pooled.high) == (1.0, None, None)
    assert pooled.note.endswith("the same in all")


def test_events_a_week_are_counted_over_all_days_of_all_worlds():
    place = ("alerts", "w", "false_alarms_a_week")
    quiet, loud = weekly_row(place, 0, 7, 7), weekly_row(place, 2, 7, 8)
    (pooled,) = pool_seeds([quiet, loud])
    # Two in two weeks; Garwood's interval of 2 is 0.242 to 7.225, halved by two weeks.
    assert (pooled.value, round(pooled.low, 3), round(pooled.high, 3)) == (1.0, 0.121, 3.612)
    assert (pooled.n, pooled.seed) == (14, None)


def test_the_page_folds_single_worlds_under_what_was_pooled(tmp_path):
    place = ("intents", "w", "precision")
    rows = [share_row(place, 90, 100, 7), share_row(place, 80, 100, 8)]
    write_page(tmp_path / "page.html", [*pool_seeds(rows), *rows])
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert page.index("0.850") < page.index("<details>") < page.index("0.900")


def test_a_mean_of_shares_stays_a_share():
    rows = [
        share_row(("intents", "w", "precision"), k, 100, seed) for seed, k in ((7, 99), (8, 60))
    ]
    (pooled,) = pool_seeds(rows)
    assert (pooled.low, pooled.high) == (0.0, 1.0)


@pytest.mark.parametrize("text", ["{", "[]", '{"rows": [{"set": "w"}]}'])
def test_a_file_that_is_no_scoreboard_is_left_alone(tmp_path, text):
    path = tmp_path / "scoreboard.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match="is no scoreboard"):
        write_rows(path, [FIRST])
    assert path.read_text(encoding="utf-8") == text


def test_the_page_shows_values_intervals_and_what_is_not_built(tmp_path):
    path = tmp_path / "scoreboard.html"
    write_page(path, [FIRST, Row("<b>odd", "w", "auc"), not_built("uplift", "w", "qini")])
    page = path.read_text(encoding="utf-8")
    assert "0.340" in page
    assert "0.255–0.437" in page
    assert "not built" in page
    assert "<b>odd" not in page
    assert "default-src 'none'" in page


def alerts_table(connection, *alerts: dict) -> None:
    connection.execute(
        "create table fct_alerts (metric_id varchar, dimensions varchar, causes varchar, "
        "grain varchar, period_key varchar)"
    )
    for alert in alerts:
        connection.execute(
            "insert into fct_alerts values (?, ?, ?, ?, ?)",
            [alert["metric"], json.dumps(alert["at"]), "[]", alert["grain"], alert["period"]],
        )


def test_a_trouble_is_found_by_its_own_alert_and_what_is_left_is_false():
    told = {
        "first_day": "2026-03-02",
        "faults": [
            {"kind": "forbidden_words", "agent": "A007", "days": [1, 20]},
            {"kind": "dead_list", "campaign": "spring_retarget", "days": [18, 20]},
            {"kind": "stage_break", "days": [1, 20]},
        ],
    }
    with open_memory() as connection:
        alerts_table(
            connection,
            {"metric": "forbidden_word_rate", "at": {"agent": "A007"}, "grain": "week",
             "period": "2026-03-09"},
            {"metric": "forbidden_word_rate", "at": {"agent": "A001"}, "grain": "week",
             "period": "2026-03-09"},
            {"metric": "connect_rate", "at": {"campaign": "spring_retarget"}, "grain": "day",
             "period": "2026-03-20"},
        )  # fmt: skip
        rows = score_alerts(connection, told, ("w", 7), 7)
    found = {(row.name, row.metric): (row.value, row.note) for row in rows}
    # The week ends on the 15th, thirteen days after the first; the list died on the 19th.
    assert found[("alerts: forbidden_words", "days_to_detect")][0] == 13
    assert found[("alerts: dead_list", "days_to_detect")][0] == 1
    assert found[("alerts: dead_list", "recall")][0] == 1
    assert found[("alerts: stage_break", "recall")] == (None, "not built")
    assert found[("alerts", "false_alarms_a_week")][0] == 1


def test_a_world_is_scored_in_a_home_of_its_own(tmp_path):
    home = Home(tmp_path / "home")
    claim_home(home, {"seed": 7})
    claim_home(home, {"seed": 7})
    home.inbox.mkdir(parents=True)
    with pytest.raises(UsageError, match="holds other data"):
        claim_home(home, {"seed": 8})
    with pytest.raises(UsageError, match="holds no world"):
        read_truth(tmp_path)
