"""docker-compose.yml without containers: its own commands, environment and health checks.

Each service of ours runs as a process on this machine, beside a real PostgreSQL and Redis; only
host names, ports and folders differ. The last test stops what the others use.
"""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest
import sqlalchemy as sa
import yaml

from leadloop import ledger, opstore
from leadloop.actions.approvals import TASK
from leadloop.airflow_api import call_api, get_token
from leadloop.services import start_service, stop_services
from leadloop.settings import PROJECT_ROOT, Settings, load_settings

pytestmark = pytest.mark.long

# In the order in which the file lets them start.
SERVICES = (
    "api-server",
    "scheduler",
    "dag-processor",
    "triggerer",
    "worker-default",
    "worker-warehouse",
    "board",
)
DAY = "2026-01-11"
RUNS = "/api/v2/dags/daily_cycle/dagRuns"


def take_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@dataclass
class Team:
    """The services of the file, with the places of this machine in place of the containers'."""

    root: Path
    places: dict[str, str]
    services: dict = field(default_factory=dict)

    def __post_init__(self):
        text = (PROJECT_ROOT / "docker-compose.yml").read_text(encoding="utf-8")
        text = re.sub(r"\$\{(\w+):-([^}]*)\}", lambda found: found[2], text)
        for container, machine in self.places.items():
            text = text.replace(container, machine)
        self.services = yaml.safe_load(text)["services"]

    @property
    def home(self):
        return self.root / "home"

    def environment(self, name):
        given = {key: str(value) for key, value in self.services[name]["environment"].items()}
        return {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "LEADLOOP_HOME": str(self.home),
            "LEADLOOP_SECRETS_FOLDER": str(self.root / "secrets"),
            "AIRFLOW_HOME": str(self.home / "airflow"),
            "XDG_CACHE_HOME": str(self.home / "cache"),
            **given,
        }

    def settings(self) -> Settings:
        port = self.environment("api-server")["AIRFLOW__API__PORT"]
        return load_settings(self.environment("scheduler") | {"LEADLOOP_PORT": port})

    def start(self, name):
        home = self.settings().home
        home.airflow.mkdir(parents=True, exist_ok=True)
        command = self.services[name]["command"]
        program = self.which(command[0])
        return start_service(home, name, [program, *command[1:]], self.environment(name))

    def which(self, name):
        own = Path(sys.executable).with_name(name)
        return str(own) if own.exists() else name

    def check(self, name):
        """Return the exit code of the service's own health check, and what it said."""
        _, *words = self.services[name]["healthcheck"]["test"]
        done = subprocess.run(
            words, env=self.environment(name), capture_output=True, text=True, check=False
        )
        return done.returncode, done.stdout + done.stderr

    def wait_until_healthy(self, name, seconds=240):
        deadline = time.monotonic() + seconds
        while (answer := self.check(name))[0]:
            log = self.home / "logs" / f"{name}.log"
            assert time.monotonic() < deadline, f"{answer[1]}\n{log.read_text()[-3000:]}"
            time.sleep(2)

    def call(self, method, path, body=None):
        settings = self.settings()
        return call_api(settings, method, path, body, get_token(settings))


def write_addresses(folder, postgres, redis_port):
    """Point the secrets, made as a team makes them, at the servers of this test."""
    command = [str(PROJECT_ROOT / "tools" / "make_secrets"), str(folder)]
    folder.mkdir(parents=True)
    (folder / "postgres_password").write_text(postgres.password, encoding="utf-8")
    subprocess.run(command, check=True, capture_output=True)
    for name in ("operations_url", "airflow_database_url", "broker_url", "result_url"):
        text = (folder / name).read_text(encoding="utf-8")
        text = text.replace("@postgres:5432", f"@{postgres.host}:{postgres.port}")
        (folder / name).chmod(0o600)
        (folder / name).write_text(text.replace("@redis:6379", f"@127.0.0.1:{redis_port}"))


@pytest.fixture(scope="module")
def team(tmp_path_factory, postgres_server, find_command):
    """All services, started in order, each healthy by its own check."""
    redis_server = find_command("redis-server", "redis-server")
    root = tmp_path_factory.mktemp("team")
    airflow_port, board_port, redis_port = take_port(), take_port(), take_port()
    write_addresses(root / "secrets", postgres_server, redis_port)
    team = Team(
        root,
        {
            "/run/secrets": str(root / "secrets"),
            "/var/lib/leadloop": str(root / "home"),
            "/opt/leadloop": str(PROJECT_ROOT),
            "/etc/leadloop": str(PROJECT_ROOT / "config"),
            "http://api-server:8080": f"http://127.0.0.1:{airflow_port}",
            "http://localhost:8080": f"http://127.0.0.1:{airflow_port}",
            "http://localhost:8090": f"http://127.0.0.1:{board_port}",
            'AIRFLOW__API__PORT: "8080"': f'AIRFLOW__API__PORT: "{airflow_port}"',
            '--port, "8090"': f'--port, "{board_port}"',
            "0.0.0.0": "127.0.0.1",
        },
    )
    make_databases(team, postgres_server)
    command = team.services["redis"]["command"]
    redis = subprocess.Popen(
        [redis_server, *command[1:], "--port", str(redis_port), "--bind", "127.0.0.1"],
        stdout=subprocess.DEVNULL,
        cwd=root,
    )
    home = team.settings().home
    try:
        migrate(team)
        for name in SERVICES:
            team.start(name)
            if name in ("api-server", "board"):
                team.wait_until_healthy(name)
        for name in SERVICES:
            team.wait_until_healthy(name)
        yield team
    finally:
        stop_services(home, SERVICES[::-1], grace=30)
        redis.send_signal(signal.SIGTERM)
        redis.wait(30)


def make_databases(team, postgres):
    text = yaml.safe_load((PROJECT_ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    statements = text["configs"]["create_operations"]["content"].split(";")[:-1]
    first = team.services["postgres"]["environment"]["POSTGRES_DB"]
    engine = sa.create_engine(postgres, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        for statement in [f"create database {first}", *statements]:
            connection.exec_driver_sql(statement)


def migrate(team):
    command = team.services["migrate"]["command"]
    done = subprocess.run(
        command,
        env=team.environment("migrate"),
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def test_every_service_of_the_file_was_started(team):
    others = {"postgres", "redis", "migrate"}
    assert set(team.services) == others | set(SERVICES)


def test_the_migration_job_may_run_again(team):
    assert "operations store" in migrate(team)


def test_the_pool_of_the_one_writer_has_one_slot(team):
    assert team.call("GET", "/api/v2/pools/warehouse_write")["slots"] == 1


def test_a_daily_cycle_triggered_over_the_api_goes_through_both_queues(team):
    from leadloop.simulate.make import write_company

    write_company(team.home, first_day="2026-01-05", days=7, dials=60)
    body = {"logical_date": None, "partition_key": DAY, "conf": {"since": "2026-01-05"}}
    deadline = time.monotonic() + 300
    while not (found := try_trigger(team, body)):
        assert time.monotonic() < deadline, "the DAG was not read"
        time.sleep(2)
    run = f"{RUNS}/{found['dag_run_id']}"
    while (state := team.call("GET", run)["state"]) not in ("success", "failed"):
        assert time.monotonic() < deadline + 300, "the run does not end"
        time.sleep(2)
    tasks = team.call("GET", f"{run}/taskInstances")["task_instances"]
    assert state == "success", {task["task_id"]: task["state"] for task in tasks}
    pools = {(task["queue"], task["pool"] == "warehouse_write") for task in tasks}
    assert pools == {("warehouse", True), ("default", False)}


def try_trigger(team, body):
    try:
        return team.call("POST", RUNS, body)
    except OSError:
        return None


def test_each_task_ran_on_the_worker_of_its_queue(team):
    run = team.call("GET", RUNS)["dag_runs"]
    (run_id,) = [item["dag_run_id"] for item in run if item["partition_key"] == DAY]
    tasks = team.call("GET", f"{RUNS}/{run_id}/taskInstances")["task_instances"]
    wanted = {task["id"]: f"worker-{task['queue']}" for task in tasks}

    def find_workers():
        finished = {
            name: set(
                re.findall(r"Workload finished .*workload_id=([0-9a-f-]+)", read_log(team, name))
            )
            for name in ("worker-default", "worker-warehouse")
        }
        return {task: name for name, ids in finished.items() for task in ids if task in wanted}

    deadline = time.monotonic() + 30
    while find_workers() != wanted and time.monotonic() < deadline:
        time.sleep(1)
    assert find_workers() == wanted


def read_log(team, name):
    return (team.home / "logs" / f"{name}.log").read_text(encoding="utf-8", errors="replace")


def test_the_outcome_rows_are_in_postgresql_and_the_marts_are_published(team):
    settings = team.settings()
    assert settings.operations_url.startswith("postgresql+psycopg2://")
    assert not settings.home.operations.exists()
    steps = opstore.step_outcomes
    query = sa.select(steps.c.step).where(steps.c.period == DAY, steps.c.state == "done")
    done = {row["step"] for row in opstore.read(settings, query)}
    assert {"collect", "build_marts", "gate_marts", "publish"} <= done
    assert json.loads((settings.home.marts / "current.json").read_text())["data_until"] == DAY


def test_a_proposal_is_asked_for_in_airflow_and_carried_out_by_a_worker(team):
    settings = team.settings()
    action_id = "act-of-the-team"
    row = {
        "action_id": action_id,
        "type": "remind_compliance",
        "payload": {"agent_id": "A001", "day": DAY, "value": 0.1},
        "target_type": "agent",
        "target_id": "A001",
        "mode": "approve",
        "state": "proposed",
        "proposed_at": opstore.now(),
        "gate": {},
        "idempotency_key": action_id,
    }
    opstore.append(settings, ledger.actions, [row])
    # `delivery` runs every five minutes by itself; here it is told to.
    team.call("POST", "/api/v2/dags/delivery/dagRuns", {"logical_date": None})
    run = f"/api/v2/dags/approval/dagRuns/approval__{action_id}"
    wait_for(lambda: read_state(team, f"{run}/taskInstances/{TASK}") == "awaiting_input")
    answer = {"chosen_options": ["Approve"], "params_input": {}}
    team.call("PATCH", f"{run}/taskInstances/{TASK}/-1/hitlDetails", answer)
    wait_for(lambda: opstore.find(settings, ledger.actions, action_id)["state"] == "sent")
    (mail,) = (settings.home.out / "mail").glob("*.eml")
    assert "A001" in mail.read_text(encoding="utf-8")
    query = sa.select(ledger.approvals.c.decided_via)
    assert opstore.read(settings, query) == [{"decided_via": "airflow"}]


def read_state(team, path):
    try:
        return team.call("GET", path)["state"]
    except OSError:
        return None


def wait_for(condition, seconds=120):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it does not come"
        time.sleep(1)


def test_no_process_shows_a_password(team):
    secrets = team.root / "secrets"
    hidden = {
        (secrets / name).read_text(encoding="utf-8").strip()
        for name in ("operations_url", "broker_url", "airflow_fernet_key", "airflow_jwt_key")
    }
    hidden.add((secrets / "redis_conf").read_text(encoding="utf-8").split()[1])
    shown = [" ".join(process.cmdline()) for process in list_processes(team)]
    assert len(shown) >= len(SERVICES)
    assert [text for text in shown if any(secret in text for secret in hidden)] == []


def test_stopping_leaves_no_process(team):
    stop_services(team.settings().home, SERVICES[::-1], grace=30)
    assert list_processes(team) == []


def list_processes(team):
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("LEADLOOP_HOME") == str(team.home):
                found.append(process)
        except psutil.Error:
            continue
    return found
