"""Airflow's environment: all state under the home, secrets kept, other Airflows kept out."""

import json
import stat

from leadloop import airflow_env


def test_every_path_of_airflow_lies_under_the_home_or_the_project(settings):
    env = airflow_env.stack_environment(settings, {})
    paths = {name: value.removeprefix("sqlite:///") for name, value in env.items() if "/" in value}
    outside = {
        name: path
        for name, path in paths.items()
        if not path.startswith((str(settings.home.root), str(settings.project), "http://127.0.0.1"))
    }
    assert outside == {}


def test_a_run_in_one_process_has_a_metadata_database_of_its_own(settings):
    name = "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"
    stack = airflow_env.stack_environment(settings, {})
    alone = airflow_env.process_environment(settings, {})
    assert stack[name] != alone[name]
    assert stack["LEADLOOP_METADATA_URL"] == stack[name]
    assert alone["LEADLOOP_METADATA_URL"] == alone[name]


def test_settings_of_another_airflow_do_not_leak_in(settings):
    foreign = {"AIRFLOW__CORE__EXECUTOR": "CeleryExecutor", "AIRFLOW_CONFIG": "/x", "PATH": "/bin"}
    env = airflow_env.process_environment(settings, foreign)
    assert "AIRFLOW__CORE__EXECUTOR" not in env
    assert "AIRFLOW_CONFIG" not in env
    assert env["PATH"] == "/bin"


def test_byte_code_is_written_though_the_shell_forbids_it(settings):
    env = airflow_env.process_environment(settings, {"PYTHONDONTWRITEBYTECODE": "1"})
    assert "PYTHONDONTWRITEBYTECODE" not in env


def test_the_port_of_the_execution_api_follows_the_setting(settings):
    env = airflow_env.stack_environment(settings, {})
    assert env["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == "http://127.0.0.1:8080/execution/"


def test_secrets_are_made_once_and_readable_by_the_owner_only(settings):
    first = airflow_env.stack_environment(settings, {})
    second = airflow_env.stack_environment(settings, {})
    assert first == second
    for path in settings.home.secrets.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


def test_the_shown_password_is_the_one_in_airflow_s_file(settings):
    password = airflow_env.load_password(settings.home)
    content = json.loads(airflow_env.passwords_file(settings.home).read_text())
    assert content == {"admin": password}
    assert len(password) >= 16
