"""DAG files: readable, documented, light, in the right order, with one writer at a time."""

import importlib
import json
import re
import subprocess
import sys

import pytest

from leadloop.cycles import WRITER_POOL
from leadloop.failures import REMEDIES
from leadloop.settings import PROJECT_ROOT

CYCLES = [
    "close_periods",
    "daily_cycle",
    "delivery",
    "maintenance",
    "monthly_cycle",
    "weekly_cycle",
]
IDS = ["approval", *CYCLES]
HEAVY = [
    "dbt",
    "duckdb",
    "great_expectations",
    "jieba",
    "metricflow",
    "pandas",
    "pyarrow",
    "scipy",
    "sklearn",
]


def test_every_cycle_is_there(dags):
    assert sorted(dags) == IDS


@pytest.mark.parametrize("name", IDS)
def test_a_dag_says_what_it_does_and_what_to_do_when_it_fails(dags, name):
    doc = dags[name].doc_md
    assert doc.startswith("# ")
    assert "**If it fails:**" in doc


@pytest.mark.parametrize("name", IDS)
def test_a_dag_says_how_often_it_runs_and_what_it_touches(dags, name):
    kinds = sorted(tag.split(":")[0] for tag in dags[name].tags)
    assert kinds == ["cycle", "impact"]


@pytest.mark.parametrize("name", CYCLES)
def test_a_cycle_never_catches_up_by_itself_and_runs_once_at_a_time(dags, name):
    assert dags[name].catchup is False
    assert dags[name].max_active_runs == 1


def test_many_proposals_may_wait_for_an_answer_at_the_same_time(dags):
    approval = dags["approval"]
    assert approval.catchup is False
    assert approval.max_active_runs >= 100
    tasks = approval.task_dict
    assert {name: task.downstream_task_ids for name, task in tasks.items()} == {
        "ask_approver": {"carry_out"},
        "carry_out": set(),
    }


def test_the_daily_steps_stand_in_this_order(dags):
    order = [
        ("collect", {"gate_landing"}),
        ("gate_landing", {"build_core"}),
        ("build_core", {"gate_core"}),
        ("gate_core", {"language"}),
        ("language", {"score"}),
        ("score", {"gate_scores"}),
        ("gate_scores", {"build_marts"}),
        ("build_marts", {"gate_marts"}),
        ("gate_marts", {"publish"}),
        ("publish", {"decide", "close_day"}),
        ("decide", {"act"}),
        ("act", {"publish_operations"}),
        ("publish_operations", {"report"}),
        ("report", set()),
        ("close_day", set()),
    ]
    tasks = dags["daily_cycle"].task_dict
    assert {name: task.downstream_task_ids for name, task in tasks.items()} == dict(order)


def test_no_task_runs_after_a_failure_and_hides_it(dags):
    rules = {task.trigger_rule for dag in dags.values() for task in dag.tasks}
    assert rules == {"all_success"}


def test_tasks_that_write_duckdb_share_the_one_slot(dags):
    writers = {
        f"{name}.{task.task_id}"
        for name, dag in dags.items()
        for task in dag.tasks
        if task.pool == WRITER_POOL
    }
    assert writers == {
        "daily_cycle.gate_landing",
        "daily_cycle.build_core",
        "daily_cycle.gate_core",
        "daily_cycle.language",
        "daily_cycle.score",
        "daily_cycle.gate_scores",
        "daily_cycle.build_marts",
        "daily_cycle.gate_marts",
        "daily_cycle.publish",
        "daily_cycle.publish_operations",
        "weekly_cycle.build_weekly",
        "weekly_cycle.publish",
        "monthly_cycle.build_monthly",
        "monthly_cycle.publish",
    }


def test_tasks_that_write_duckdb_and_no_others_go_to_the_queue_of_the_one_writing_worker(dags):
    queues = {(task.queue, task.pool == WRITER_POOL) for dag in dags.values() for task in dag.tasks}
    assert queues == {("warehouse", True), ("default", False)}


def test_every_step_has_a_meaning_and_a_remedy_for_its_failure(dags):
    steps = {task.task_id for dag in dags.values() for task in dag.tasks}
    assert steps - set(REMEDIES) == set()


def test_the_schedule_table_names_every_dag_and_step(dags):
    text = (PROJECT_ROOT / "dags" / "README.md").read_text(encoding="utf-8")
    names = set(dags) | {task.task_id for dag in dags.values() for task in dag.tasks}
    assert {name for name in names if name not in text} == set()


def test_reading_the_dags_loads_no_heavy_library(airflow_home):
    folder = str(PROJECT_ROOT / "dags")
    code = (
        "import json, runpy, sys; from pathlib import Path\n"
        f"for path in Path({folder!r}).glob('*.py'): runpy.run_path(str(path))\n"
        f"print(json.dumps([name for name in {HEAVY!r} if name in sys.modules]))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout.splitlines()[-1]) == []


def test_every_function_that_a_dag_names_exists():
    named = {
        name
        for path in (PROJECT_ROOT / "dags").glob("*.py")
        for name in re.findall(r'"(leadloop[\w.]*:\w+)"', path.read_text(encoding="utf-8"))
    }
    assert len(named) >= 5
    for name in named:
        module, _, function = name.partition(":")
        assert callable(getattr(importlib.import_module(module), function)), name
