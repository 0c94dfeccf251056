"""What DAGs share: the period of a run on every path, steps and their failures."""

import logging
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from leadloop import cycles, opstore
from leadloop.errors import LeadloopError, UsageError
from leadloop.settings import Company, load_settings
from leadloop.warehouse import WarehouseError

SUNDAY = Company(tenant_id="t", name="T", timezone="Asia/Jerusalem", week_start="sunday")


def make_run(dag_id, key=None, logical_date=None):
    """A run as a task sees it, from Airflow's own class."""
    from airflow.sdk.api.datamodels._generated import DagRun

    return DagRun(
        dag_id=dag_id,
        run_id="run",
        logical_date=logical_date,
        partition_key=key,
        run_after=datetime(2026, 3, 1, 20, tzinfo=UTC),
        start_date=datetime(2026, 3, 1, 20, tzinfo=UTC),
        end_date=None,
        data_interval_start=None,
        data_interval_end=None,
        run_type="manual",
        state="running",
        consumed_asset_events=[],
    )


def make_context(dag_id="daily_cycle", key="2026-01-05", logical_date=None, task="collect"):
    instance = SimpleNamespace(task_id=task, start_date=datetime(2026, 1, 6, tzinfo=UTC))
    run = make_run(dag_id, key, logical_date)
    return {"dag_run": run, "ti": instance, "params": {}}


@pytest.fixture
def settings(home):
    return load_settings()


@pytest.fixture
def failing():
    """A step that stops as a gate does."""

    def step(_settings, _day):
        message = "7 calls have no id"
        raise LeadloopError(message)

    return step


@pytest.mark.parametrize(
    ("dag_id", "key", "period"),
    [
        ("daily_cycle", "2026-01-05", "2026-01-05"),
        ("weekly_cycle", "2026-01-05", "2026-01-05"),
        ("monthly_cycle", "2026-01", "2026-01"),
    ],
)
def test_a_run_with_a_partition_key_is_for_that_period(dag_id, key, period):
    assert cycles.resolve_day(make_context(dag_id, key)) == period


@pytest.mark.parametrize(
    ("dag_id", "period"),
    [("daily_cycle", "2026-01-07"), ("weekly_cycle", "2026-01-05"), ("monthly_cycle", "2026-01")],
)
def test_a_run_with_a_logical_date_is_for_the_period_around_it(dag_id, period):
    # 18:00 in UTC is 02:00 of the next day in Shanghai.
    moment = datetime(2026, 1, 6, 18, tzinfo=UTC)
    assert cycles.resolve_day(make_context(dag_id, None, moment)) == period


def test_the_company_s_zone_and_week_decide():
    # 23:00 in UTC on Saturday is 01:00 on Sunday in Jerusalem, where a week begins.
    moment = datetime(2026, 1, 10, 23, tzinfo=UTC)
    assert cycles.resolve_day(make_context("daily_cycle", None, moment), SUNDAY) == "2026-01-11"
    assert cycles.resolve_day(make_context("weekly_cycle", None, moment), SUNDAY) == "2026-01-11"


def test_a_run_with_neither_is_refused_because_now_is_unfinished():
    with pytest.raises(UsageError, match="Trigger it with a partition key such as 2026-01-31"):
        cycles.resolve_day(make_context(key=None))


def test_maintenance_has_no_period_and_takes_the_day_it_runs_on():
    # 20:00 in UTC on 1 March is the 2nd in Shanghai.
    assert cycles.resolve_day(make_context("maintenance", None)) == "2026-03-02"


def test_the_schedule_keys_a_morning_s_run_with_the_day_before(dags):
    from airflow.serialization.encoders import coerce_to_core_timetable
    from pendulum import datetime as moment

    timetable = coerce_to_core_timetable(dags["daily_cycle"].timetable)
    morning = moment(2026, 1, 6, 2, 30, tz="Asia/Shanghai").in_timezone("UTC")
    _, key = timetable._get_partition_info(morning)
    assert key == "2026-01-05"
    assert cycles.resolve_day(make_context(key=key)) == "2026-01-05"


def test_a_backfill_may_not_start_after_its_day():
    context = make_context() | {"params": {"since": "2026-01-06"}}
    with pytest.raises(UsageError, match="since is 2026-01-06, after its day 2026-01-05"):
        cycles.resolve_since(context)


def test_a_step_leaves_an_outcome_row(settings):
    context = make_context() | {"params": {"since": "2026-01-01"}}
    assert cycles.run_step(context, lambda _settings, day: {"day": day}) == {"day": "2026-01-05"}
    (row,) = opstore.read(settings, sa.select(opstore.step_outcomes))
    assert (row["cycle"], row["period"], row["step"]) == ("daily", "2026-01-05", "collect")
    assert row["state"] == "done"
    assert row["detail"] == {"day": "2026-01-05", "since": "2026-01-01"}


def test_a_stopped_step_is_not_tried_again(settings, failing):
    from airflow.sdk.exceptions import AirflowFailException

    with pytest.raises(AirflowFailException, match="7 calls have no id"):
        cycles.run_step(make_context(), failing)
    (row,) = opstore.read(settings, sa.select(opstore.step_outcomes))
    assert row["state"] == "failed"


def test_a_busy_warehouse_may_be_tried_again(settings):
    def step(_settings, _day):
        message = "held by another process"
        raise WarehouseError(message)

    with pytest.raises(WarehouseError):
        cycles.run_step(make_context(), step)


def test_a_step_with_nothing_to_do_is_skipped(settings):
    from airflow.sdk.exceptions import AirflowSkipException

    with pytest.raises(AirflowSkipException, match="told before"):
        cycles.run_step(make_context(), lambda _settings, _day: {"skipped": "told before"})


def test_a_failure_is_explained_in_the_log_and_kept_as_a_row(settings, caplog):
    context = make_context(task="gate_landing") | {"exception": LeadloopError("7 calls have no id")}
    with caplog.at_level(logging.ERROR, logger="leadloop.cycles"):
        cycles.report_failure(context)
    assert "FAILED   gate_landing (daily cycle, 2026-01-05)" in caplog.text
    assert "reason   7 calls have no id" in caplog.text
    (row,) = opstore.read(settings, sa.select(opstore.step_outcomes))
    assert row["state"] == "failed"
    assert row["detail"]["error"] == "7 calls have no id"
    assert row["detail"]["remedy"].startswith("Look at the example rows")


def test_a_broken_hook_does_not_hide_the_step_s_error(home, monkeypatch, caplog):
    home.parent.joinpath("file").write_text("")
    monkeypatch.setenv("LEADLOOP_OPERATIONS_URL", f"sqlite:///{home.parent}/file/operations.db")
    context = make_context() | {"exception": LeadloopError("7 calls have no id")}
    with caplog.at_level(logging.ERROR, logger="leadloop.cycles"):
        cycles.report_failure(context)
    assert "reason   7 calls have no id" in caplog.text
    assert "The failure hook itself failed" in caplog.text
