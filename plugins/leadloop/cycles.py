"""What every DAG shares: which period a run is for, steps with outcome rows, the failure hook.

`resolve_day` serves scheduled runs (a partition key, no logical date) and runs in one process
(the reverse). `run_cycle` (in `cycle_run`) starts this module as a process of its own. Neighbours:
`periods` (keys), `failures` (what a failure means), `airflow_env` (Airflow's settings).
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import sys
from datetime import UTC, datetime, time
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from leadloop.cycle_run import PROGRESS_FD, hold_home, run_cycle
from leadloop.errors import LeadloopError, UsageError
from leadloop.failures import REMEDIES, UNKNOWN, describe_error, explain_failure
from leadloop.periods import Cycle, first_day, key_of, parse_day
from leadloop.settings import Settings, load_settings
from leadloop.warehouse import WarehouseError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from leadloop.settings import Company

__all__ = [
    "DAG_DEFAULTS",
    "WRITER",
    "WRITER_POOL",
    "make_step",
    "resolve_day",
    "run_cycle",
    "run_step",
]

WRITER_POOL = "warehouse_write"
# What a task needs that writes DuckDB: the one slot and, where workers have queues, the one worker.
# An executor without queues takes no notice of it.
WRITER: dict[str, str] = {"pool": WRITER_POOL, "queue": "warehouse"}
DATA_CYCLES = ("daily", "weekly", "monthly")
log = logging.getLogger(__name__)


def resolve_day(context: Mapping[str, Any], company: Company | None = None) -> str:
    """Return the key of the period that a run is for: a day, a week's first day, a month.

    A scheduled or triggered run carries it as partition key; `dags test` has only a logical date,
    whose local day counts. A run with neither is refused: "now" would be an unfinished day.
    """
    company = company or load_settings().company
    cycle = _cycle_of(context)
    run = context["dag_run"]
    if run.partition_key:
        return key_of(cycle, first_day(cycle, run.partition_key), company)
    moment = run.logical_date
    if moment is None and cycle not in DATA_CYCLES:
        moment = run.run_after
    if moment is not None:
        return key_of(cycle, moment.astimezone(company.zone).date(), company)
    example = {"weekly": "2026-01-05", "monthly": "2026-01"}.get(cycle, "2026-01-31")
    message = (
        f"This run of {cycle}_cycle has neither a partition key nor a logical date. "
        f"Trigger it with a partition key such as {example}."
    )
    raise UsageError(message)


def resolve_since(context: Mapping[str, Any]) -> str | None:
    """Return the first day of a backfill that ends with the run's day, if the run is one."""
    since = context["params"].get("since")
    if since is None:
        return None
    day = resolve_day(context)
    if parse_day(str(since)) > parse_day(day):
        message = f"The run's since is {since}, after its day {day}; wanted an earlier day."
        raise UsageError(message)
    return str(since)


def run_step(
    context: Mapping[str, Any],
    step: Callable[[Settings, str], dict[str, Any]],
    name: str | None = None,
) -> dict[str, Any]:
    """Run one step of a cycle for the run's period; return its small result.

    The step leaves an outcome row under its task's name, or `name` where several runs of a day do
    the same for different things; a result with the key `skipped` marks
    the task as skipped. A mistake that a second try cannot mend (a stopped gate, a missing file)
    fails at once; anything else may be retried.
    """
    from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

    from leadloop import opstore

    settings = load_settings()
    name = name or context["ti"].task_id
    try:
        period = resolve_day(context, settings.company)
        announce(step=name, state="running")
        with opstore.record_step(settings, _cycle_of(context), period, name) as detail:
            detail.update(_backfill_range(context))
            result = step(settings, period)
            detail.update(result)
    except WarehouseError:
        raise
    except LeadloopError as error:
        raise AirflowFailException(str(error)) from error
    if "skipped" in result:
        announce(step=name, state="skipped", detail=result)
        raise AirflowSkipException(result["skipped"])
    announce(step=name, state="done", detail=result)
    return result


def make_step(name: str, function: str, *arguments: str, **options: Any) -> Any:
    """Return a task that calls `module:function(settings, *arguments, period)` for its run.

    The function is imported when the task runs, never when Airflow reads the DAG file. With
    `since=True` it also gets the first day of a backfill as keyword; other options are Airflow's.
    """
    from airflow.sdk import task

    takes_since = options.pop("since", False)
    module, _, attribute = function.partition(":")

    @task(task_id=name, **options)
    def run(**context: Any) -> dict[str, Any]:
        call = getattr(import_module(module), attribute)
        more = {"since": resolve_since(context)} if takes_since else {}
        return run_step(
            context, lambda settings, period: call(settings, *arguments, period, **more)
        )

    return run()


def report_failure(context: Mapping[str, Any]) -> None:
    """Say what failed, what it means and what to do: in the log and as an outcome row.

    Whatever goes wrong here is logged and dropped: the step's own error must stay the last word.
    """
    step, error = context["ti"].task_id, context.get("exception")
    try:
        cycle, period = _cycle_of(context), _period_shown(context)
        log.error("\n%s", explain_failure(cycle, period, step, error))
        announce(step=step, state="failed", error=describe_error(error))
        _record_failure(context, cycle, period, describe_error(error))
    except Exception:
        log.exception("The failure hook itself failed; the step's error stands above.")


# Retries come from the environment: one under a scheduler, none where somebody waits for the run.
DEFAULT_ARGS: dict[str, Any] = {"owner": "leadloop", "on_failure_callback": report_failure}
DAG_DEFAULTS: dict[str, Any] = {
    # Before any history that may be loaded: Airflow runs nothing dated before its start.
    "start_date": datetime(1990, 1, 1, tzinfo=UTC),
    "catchup": False,
    "max_active_runs": 1,
    "default_args": DEFAULT_ARGS,
}


def announce(**event: Any) -> None:
    """Tell the process that waits for this run (see `cycle_run`); nobody listens on a worker."""
    if fd := os.environ.get(PROGRESS_FD):
        line = json.dumps(event, ensure_ascii=False, default=str) + "\n"
        os.write(int(fd), line.encode())


def _record_failure(context: Mapping[str, Any], cycle: str, period: str, reason: str) -> None:
    from leadloop import opstore

    settings = load_settings()
    step = context["ti"].task_id
    remedy = REMEDIES.get(step, UNKNOWN)
    row = {
        "cycle": cycle,
        "period": period[:10],
        "step": step,
        "state": "failed",
        "started_at": context["ti"].start_date or opstore.now(),
        "ended_at": opstore.now(),
        "detail": {"error": reason, "meaning": remedy.meaning, "remedy": remedy.action},
    }
    with opstore.transaction(settings) as connection:
        opstore.replace(connection, opstore.step_outcomes, [row])


def _backfill_range(context: Mapping[str, Any]) -> dict[str, str]:
    since = resolve_since(context) if _cycle_of(context) == "daily" else None
    return {"since": since} if since else {}


def _cycle_of(context: Mapping[str, Any]) -> Cycle:
    name = str(context["dag_run"].dag_id).removesuffix("_cycle")
    return cast("Cycle", name)


def _period_shown(context: Mapping[str, Any]) -> str:
    try:
        return resolve_day(context)
    except LeadloopError:
        return "unknown"


def run_here(cycle: Cycle, period: str, since: str | None) -> int:
    """Run the cycle's DAG in this process on its own metadata database; return the exit code."""
    settings = load_settings()
    _watch_parent()
    try:
        with hold_home(settings.home, f"{cycle} {period}"):
            _migrate(settings)
            return _test_dag(settings, cycle, period, since)
    except Exception as error:
        announce(state="broken", error=describe_error(error))
        if not isinstance(error, LeadloopError):
            log.exception("The %s cycle of %s could not be run.", cycle, period)
        return getattr(error, "exit_code", 1)


def _test_dag(settings: Settings, cycle: Cycle, period: str, since: str | None) -> int:
    from airflow.dag_processing.dagbag import DagBag

    name = cycle if cycle == "maintenance" else f"{cycle}_cycle"
    file = settings.project / "dags" / f"{name}.py"
    bag = DagBag(dag_folder=str(file), collect_dags=True)
    dag = bag.dags.get(name)
    if dag is None:
        reasons = "; ".join(bag.import_errors.values()) or "the file holds no such DAG"
        message = f"{file} could not be read: {reasons}"
        raise LeadloopError(message)
    moment = datetime.combine(first_day(cycle, period), time(), settings.company.zone)
    # Maintenance is of now: a run dated long ago would be cleaned away while it runs.
    logical_date = moment if cycle in DATA_CYCLES else None
    run = dag.test(logical_date=logical_date, run_conf={"since": since} if since else None)
    return 0 if run.state == "success" else 1


def _migrate(settings: Settings) -> None:
    """Bring the metadata database of in-process runs to this Airflow's schema, once."""
    import airflow
    from airflow.utils.db import initdb

    stamp = settings.home.airflow / "inprocess.version"
    if stamp.exists() and stamp.read_text(encoding="ascii") == airflow.__version__:
        return
    initdb()
    stamp.write_text(airflow.__version__, encoding="ascii")


def _watch_parent() -> None:
    """End this process and its children when the command that started it is gone.

    The command holds the other end of standard input, so the kernel tells us of its death
    even after SIGKILL; nothing is left running, and a rerun starts on a free home.
    """
    import signal
    import threading

    def wait() -> None:
        with contextlib.suppress(OSError):
            while os.read(0, 1024):
                pass
        os.killpg(0, signal.SIGKILL)

    threading.Thread(target=wait, daemon=True, name="watch parent").start()


if __name__ == "__main__":
    sys.exit(run_here(cast("Cycle", sys.argv[1]), sys.argv[2], sys.argv[3] or None))
