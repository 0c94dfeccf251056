"""docker-compose.yml: what it names exists, nobody is root, no secret is in clear, one writer."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest

from leadloop.cycles import WRITER
from leadloop.settings import PROJECT_ROOT

DATABASES = {"postgres", "redis"}
# Read by Compose alone; they never reach a process of ours.
OF_COMPOSE = {
    "LEADLOOP_BOARD_PORT",
    "LEADLOOP_CONFIG",
    "LEADLOOP_PORT",
    "LEADLOOP_SECRETS",
    "LEADLOOP_VERSION",
    "LEADLOOP_WORKERS",
}
ASK_AIRFLOW = """
import json
from airflow.configuration import conf
known = {(section, option) for section, content in conf.configuration_description.items()
         for option in content["options"]}
print(json.dumps([sorted(known), sorted(conf.sensitive_config_values)]))
"""


@pytest.fixture(scope="module")
def airflow_options(tmp_path_factory):
    """The options that this Airflow knows, and those whose value a command may give."""
    home = str(tmp_path_factory.mktemp("airflow"))
    done = subprocess.run(
        [sys.executable, "-c", ASK_AIRFLOW],
        env={"AIRFLOW_HOME": home, "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    known, sensitive = json.loads(done.stdout.splitlines()[-1])
    return {tuple(item) for item in known}, {tuple(item) for item in sensitive}


def list_queues(words):
    return {word.removeprefix("--queues=") for word in words if word.startswith("--queues=")}


def list_parents(service):
    return service.get("depends_on", {})


def test_every_variable_of_airflow_is_an_option_that_it_knows(compose, airflow_options):
    known, sensitive = airflow_options
    for name, service in compose.ours.items():
        for variable in service["environment"]:
            if not variable.startswith("AIRFLOW__"):
                continue
            section, option = variable.removeprefix("AIRFLOW__").lower().split("__", 1)
            if option.endswith("_cmd"):
                option = option.removesuffix("_cmd")
                assert (section, option) in sensitive, f"{name}: {variable} takes no command"
            assert (section, option) in known, f"{name}: Airflow knows no {variable}"


def test_every_variable_of_ours_is_a_documented_setting(compose):
    page = (PROJECT_ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    for name, service in compose.ours.items():
        ours = [variable for variable in service["environment"] if "AIRFLOW" not in variable]
        assert [variable for variable in ours if f"`{variable}`" not in page] == [], name


def test_every_variable_that_compose_fills_in_is_explained(compose):
    used = set(re.findall(r"\$\{(\w+)", compose.text))
    assert used == OF_COMPOSE
    page = (PROJECT_ROOT / "docs" / "deploy.md").read_text(encoding="utf-8")
    assert [name for name in sorted(used) if f"`{name}`" not in page] == []


def test_nobody_is_root_or_can_become_it(compose):
    for name, service in compose.services.items():
        assert str(service["user"]).split(":")[0] not in ("", "0", "root"), name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name


def test_every_service_says_whether_it_is_well_and_the_job_ends(compose):
    jobs = {name for name, item in compose.services.items() if item["restart"] == "no"}
    assert jobs == {"migrate"}
    for name, service in compose.services.items():
        if name in jobs:
            assert service["healthcheck"] == {"disable": True}
        else:
            assert service["restart"] == "unless-stopped", name
            assert len(service["healthcheck"]["test"]) > 1, name
            assert {"interval", "timeout", "retries"} <= set(service["healthcheck"]), name


def test_services_wait_for_what_they_need_and_in_a_way_that_ends(compose):
    conditions = {"migrate": "service_completed_successfully"}
    for name, service in compose.services.items():
        for parent, wait in list_parents(service).items():
            wanted = conditions.get(parent, "service_healthy")
            assert wait == {"condition": wanted}, f"{name} waits for {parent}"
    assert set(list_parents(compose.services["migrate"])) == {"postgres"}
    for name in set(compose.ours) - {"migrate"}:
        assert {"migrate", "postgres"} <= set(list_parents(compose.services[name])), name
    # A scheduler, or a worker, that starts before the API server fails its first task.
    for name in set(compose.ours) - {"migrate", "api-server", "board"}:
        assert {"api-server", "redis"} <= set(list_parents(compose.services[name])), name


def test_dependencies_have_an_order(compose):
    left = {name: set(list_parents(item)) for name, item in compose.services.items()}
    while left:
        ready = {name for name, parents in left.items() if not parents & set(left)}
        assert ready, f"these wait for each other: {sorted(left)}"
        left = {name: parents for name, parents in left.items() if name not in ready}


def test_no_secret_is_written_in_the_file(compose):
    suspicious = re.compile(r"PASSWORD|SECRET|KEY|CONN|URL|BACKEND")
    for name, service in compose.services.items():
        for variable, value in service.get("environment", {}).items():
            if suspicious.search(variable) and "://" not in str(value):
                in_file = variable.endswith(("_FILE", "_CMD"))
                assert in_file, f"{name}: {variable}: give it as a file"
            assert not re.search(r"://[^/]*:[^/]*@", str(value)), f"{name}: {variable}"


def test_a_service_reads_the_secrets_that_it_is_given_and_gets_no_others(compose):
    for name, service in compose.services.items():
        text = json.dumps({key: value for key, value in service.items() if key != "secrets"})
        read = set(re.findall(r"/run/secrets/(\w+)", text))
        given = set(service.get("secrets", []))
        if name == "migrate":
            read.add("airflow_passwords")
        assert given <= read, f"{name} gets {given - read} for nothing"
        # The migration job and the board share the others' environment but not their doors.
        if name not in ("migrate", "board"):
            assert read == given, f"{name} lacks {read - given}"


def test_every_secret_is_a_file_that_make_secrets_makes(compose, secrets):
    declared = {name: item["file"] for name, item in compose.content["secrets"].items()}
    assert declared == {name: f"./secrets/{name}" for name in declared}
    assert set(declared) == {path.name for path in secrets.iterdir()}
    used = {name for item in compose.services.values() for name in item.get("secrets", [])}
    assert used == set(declared)


def test_the_workers_serve_the_queues_of_the_dags_and_one_alone_writes_duckdb(compose):
    workers = compose.commands("airflow", "celery", "worker")
    queues = {name: list_queues(words) for name, words in workers.items()}
    assert queues == {"worker-default": {"default"}, "worker-warehouse": {WRITER["queue"]}}
    assert "--concurrency=1" in workers["worker-warehouse"]
    service = compose.services["worker-warehouse"]
    assert not {"deploy", "scale"} & set(service)
    default = service["environment"]["AIRFLOW__OPERATORS__DEFAULT_QUEUE"]
    assert queues["worker-default"] == {default}


def test_all_parts_of_airflow_are_there_once(compose):
    parts = sorted(words[1] for words in compose.commands("airflow").values())
    assert parts == ["api-server", "celery", "celery", "dag-processor", "scheduler", "triggerer"]


def test_ports_are_open_to_this_machine_alone(compose):
    ports = [port for item in compose.services.values() for port in item.get("ports", [])]
    assert ports == ["127.0.0.1:8080:8080", "127.0.0.1:8090:8090"]


def test_all_services_of_ours_share_one_image_one_home_and_one_configuration(compose):
    assert {item["image"] for item in compose.ours.values()} == {"leadloop:0.1.0"}
    mounts = {tuple(item["volumes"]) for item in compose.ours.values()}
    assert mounts == {("home:/var/lib/leadloop", "./config:/etc/leadloop:ro")}


def test_every_volume_and_configuration_is_declared(compose):
    named = {
        mount.split(":")[0]
        for item in compose.services.values()
        for mount in item.get("volumes", [])
        if not mount.startswith((".", "/"))
    }
    assert named == set(compose.content["volumes"])
    configs = {
        part["source"] for item in compose.services.values() for part in item.get("configs", [])
    }
    assert configs == set(compose.content["configs"])


def test_the_migration_job_prepares_what_the_others_use(compose):
    job = (PROJECT_ROOT / "tools" / "prepare_team").read_text(encoding="utf-8")
    assert "leadloop migrate" in job
    assert "airflow db migrate" in job
    assert f"airflow pools set {WRITER['pool']} 1 " in job
    assert compose.services["migrate"]["command"] == ["/opt/leadloop/tools/prepare_team"]


def test_the_databases_named_in_the_addresses_are_those_that_the_server_makes(compose, secrets):
    made = {compose.services["postgres"]["environment"]["POSTGRES_DB"]}
    text = compose.content["configs"]["create_operations"]["content"]
    made |= set(re.findall(r"create database (\w+);", text))
    named = {
        (secrets / name).read_text().strip().rpartition("/")[2]
        for name in ("operations_url", "airflow_database_url")
    }
    assert named == made


def test_commands_of_ours_exist(compose):
    from leadloop.cli import app

    known = {item.name or item.callback.__name__ for item in app.registered_commands}
    for words in compose.commands("leadloop").values():
        assert words[1] in known
    named = re.findall(r"(?<=/opt/leadloop/)tools/\w+", json.dumps(compose.services))
    assert len(set(named)) == 3
    for tool in sorted(set(named)):
        path = PROJECT_ROOT / tool
        assert path.stat().st_mode & 0o111, f"{tool} is not executable"
    assert set(compose.services) >= DATABASES
