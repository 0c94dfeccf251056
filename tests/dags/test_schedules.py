"""Weeks and months as Airflow reads them back from its database: which days make one."""

import pytest

from leadloop.settings import Company

MONDAY = Company(tenant_id="t", name="T", timezone="Asia/Shanghai")
SUNDAY = Company(tenant_id="t", name="T", timezone="Asia/Jerusalem", week_start="sunday")


def read_back(schedule):
    """The rollup mapper as the scheduler gets it: written to the database and read again."""
    from airflow.serialization.decoders import decode_timetable
    from airflow.serialization.encoders import encode_timetable

    return decode_timetable(encode_timetable(schedule)).default_partition_mapper


@pytest.mark.parametrize(
    ("company", "day", "week"),
    [
        pytest.param(MONDAY, "2026-01-11", "2026-01-05", id="Sunday ends a Monday week"),
        pytest.param(MONDAY, "2026-01-12", "2026-01-12", id="Monday begins one"),
        pytest.param(SUNDAY, "2026-01-10", "2026-01-04", id="Saturday ends a Sunday week"),
        pytest.param(SUNDAY, "2026-01-11", "2026-01-11", id="Sunday begins one"),
        # Clocks in Jerusalem go forward on Friday 27 March 2026.
        pytest.param(SUNDAY, "2026-03-28", "2026-03-22", id="a week with a change of clocks"),
    ],
)
def test_a_day_belongs_to_the_week_of_the_company(company, day, week):
    import leadloop_airflow

    mapper = read_back(leadloop_airflow.schedule_weeks(company))
    assert mapper.to_downstream(day) == week
    expected = list(mapper.to_upstream(week))
    assert len(expected) == 7
    assert day in expected
    assert min(expected) == week


def test_a_month_is_made_of_all_its_days():
    import leadloop_airflow

    mapper = read_back(leadloop_airflow.schedule_months(MONDAY))
    assert mapper.to_downstream("2026-02-28") == "2026-02"
    assert sorted(mapper.to_upstream("2026-02")) == [f"2026-02-{day:02d}" for day in range(1, 29)]


@pytest.mark.parametrize("company", [MONDAY, SUNDAY])
def test_airflow_and_the_closing_of_periods_agree_on_weeks(company):
    import leadloop_airflow
    from leadloop.periods import days_of, key_of, parse_day

    mapper = read_back(leadloop_airflow.schedule_weeks(company))
    for day in days_of("monthly", "2026-03"):
        key = key_of("weekly", parse_day(day), company)
        assert mapper.to_downstream(day) == key
        assert sorted(mapper.to_upstream(key)) == days_of("weekly", key)


def test_a_week_waits_for_all_of_its_days():
    import leadloop_airflow

    policy = read_back(leadloop_airflow.schedule_weeks(MONDAY)).wait_policy
    assert type(policy).__name__ == "WaitForAll"
