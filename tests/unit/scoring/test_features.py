"""Features look back, labels look ahead, and neither looks further than it may."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from leadloop import warehouse
from leadloop.scoring.features import lay_events, read_features, read_labels
from leadloop.scoring.plan import ChurnPlan

DAY = date(2026, 4, 1)
PLAN = ChurnPlan()
YEAR = timedelta(days=365)


def read(settings, world, day=DAY, last=None):
    world.write(settings, day)
    with warehouse.open_warehouse(settings.home) as connection:
        lay_events(connection, day - YEAR, last or day)
        return read_features(connection, PLAN, [day]).to_pylist()


def back(days):
    return DAY - timedelta(days=days)


def test_the_windows_meet_without_gap_or_overlap(settings, empty_world, make_talk):
    empty_world.calls = [make_talk("K1", back(days)) for days in (0, 29, 30, 59, 60)]
    (row,) = read(settings, empty_world)
    assert (row["talk_count"], row["previous_talk_count"]) == (2, 2)
    assert (row["talk_age"], row["known_days"]) == (0, 60)


def test_a_dial_that_nobody_answered_is_no_two_way_call(settings, empty_world, make_talk):
    empty_world.calls = [
        make_talk("K1", back(3)),
        make_talk("K1", back(2), is_handled=False),
        make_talk("K1", back(1), is_handled=None),
    ]
    (row,) = read(settings, empty_world)
    assert (row["talk_count"], row["dial_count"], row["talk_age"]) == (1, 3, 3)


def test_what_happens_later_changes_no_feature(settings, empty_world, make_talk, make_order):
    empty_world.calls = [make_talk("K1", back(days)) for days in (5, 40)]
    empty_world.orders = [make_order("K1", back(10))]
    before = read(settings, empty_world)
    empty_world.calls += [make_talk("K1", DAY + timedelta(days=d)) for d in range(1, 40)]
    empty_world.orders += [make_order("K1", DAY + timedelta(days=1))]
    assert read(settings, empty_world, last=DAY + timedelta(days=90)) == before


def test_who_was_silent_in_both_windows_is_not_scored(settings, empty_world, make_talk, make_order):
    empty_world.calls = [make_talk("K1", back(60)), make_talk("K2", back(59))]
    empty_world.calls += [make_talk("K3", back(1), is_handled=False)]
    empty_world.orders = [make_order("K4", back(59)), {**make_order("K5", DAY), "is_deleted": True}]
    assert [row["customer_id"] for row in read(settings, empty_world)] == ["K2", "K4"]


@pytest.mark.parametrize(
    ("days_after", "churned"),
    [
        pytest.param(7, True, id="within the gap"),
        pytest.param(8, False, id="first day of the window"),
        pytest.param(67, False, id="last day of the window"),
        pytest.param(68, True, id="the day after"),
    ],
)
@pytest.mark.parametrize("sign", ["talk", "order"])
def test_a_label_looks_at_the_window_after_the_gap(
    settings, empty_world, make_talk, make_order, sign, days_after, churned
):
    after = DAY + timedelta(days=days_after)
    empty_world.calls = [make_talk("K1", back(1))]
    if sign == "talk":
        empty_world.calls += [make_talk("K1", after)]
    else:
        empty_world.orders = [make_order("K1", after)]
    empty_world.write(settings, DAY)
    with warehouse.open_warehouse(settings.home) as connection:
        lay_events(connection, DAY - YEAR, DAY + timedelta(days=99))
        features = read_features(connection, PLAN, [DAY])
        labels = read_labels(connection, PLAN, features).to_pylist()
    assert [row["is_churned"] for row in labels] == [churned]


def test_a_rival_counts_when_the_customer_names_it(settings, empty_world, make_talk, rows_of):
    empty_world.calls = [make_talk("K1", DAY), make_talk("K2", DAY), make_talk("K3", DAY)]
    empty_world.write(settings, DAY)
    rows_of(
        "create table raw.spoken as select * from (values "
        "('K1-2026-04-01-0', 1, 'customer', 'rival'), ('K1-2026-04-01-0', 2, 'customer', 'rival'), "
        "('K2-2026-04-01-0', 1, 'agent', 'rival'), ('K3-2026-04-01-0', 1, 'customer', 'other')"
        ") as spoken (call_id, seq, speaker_role, text_masked)"
    )
    rows_of(
        "create view raw.utterances as select *, date '2026-04-01' as event_date, "
        "date '2026-04-02' as load_date from raw.spoken"
    )
    rows_of("insert into raw.language values ('v1')")
    rows_of(
        "insert into raw.text_scores by name select md5(name) as text_hash, 'customer' as side, "
        "'v1' as language_version, [{'kind': 'competitor', 'label': name, 'term': '', 'severity': "
        "strength, 'is_negated': false, 'span_begin': 0, 'span_end': 1, 'list_version': ''}] "
        "as hits from (values ('rival', 2), ('other', 1)) as words (name, strength)"
    )
    with warehouse.open_warehouse(settings.home) as connection:
        assert lay_events(connection, DAY - YEAR, DAY)
        rows = read_features(connection, PLAN, [DAY]).to_pylist()
    assert [row["rival_count"] for row in rows] == [2, 0, 0]
