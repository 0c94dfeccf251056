"""The scripts of a team's set-up: secrets made once and never shown, health told by exit codes."""

from __future__ import annotations

import json
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet

from leadloop.settings import PROJECT_ROOT, load_settings

CHECK = str(PROJECT_ROOT / "tools" / "check_health")
HEALTH = {
    "metadatabase": {"status": "healthy"},
    "scheduler": {"status": "unhealthy"},
    "triggerer": None,
}


def read(folder):
    return {path.name: path.read_text(encoding="utf-8").strip() for path in folder.iterdir()}


def test_the_addresses_hold_the_passwords_of_their_servers(secrets):
    made = read(secrets)
    url = sa.make_url(made["airflow_database_url"])
    assert (url.drivername, url.host) == ("postgresql+psycopg2", "postgres")
    assert url.password == made["postgres_password"]
    password = made["redis_conf"].removeprefix("requirepass ")
    assert made["broker_url"] == f"redis://:{password}@redis:6379/0"
    assert made["result_url"] == f"redis://:{password}@redis:6379/1"
    settings = load_settings({"LEADLOOP_OPERATIONS_URL_FILE": str(secrets / "operations_url")})
    assert settings.operations_url == made["operations_url"]


def test_keys_are_long_random_and_of_the_form_that_airflow_wants(
    secrets, tmp_path, run_make_secrets
):
    made = read(secrets)
    Fernet(made["airflow_fernet_key"])
    assert list(json.loads(made["airflow_passwords"])) == ["admin"]
    assert all(len(value) >= 20 for value in made.values())
    run_make_secrets(tmp_path / "others")
    others = read(tmp_path / "others")
    assert [name for name in made if made[name] == others[name]] == []
    assert len(set(made.values())) == len(made)


def test_no_secret_ends_in_a_line_end_which_airflow_would_take_as_part_of_it(secrets):
    assert [path.name for path in secrets.iterdir() if path.read_bytes().endswith(b"\n")] == []


def test_making_secrets_again_changes_none(secrets, run_make_secrets):
    before = read(secrets)
    run_make_secrets(secrets)
    assert read(secrets) == before


def test_secrets_are_not_shown_and_others_cannot_get_into_their_folder(tmp_path, run_make_secrets):
    shown = run_make_secrets(tmp_path / "secrets")
    assert [name for name, value in read(tmp_path / "secrets").items() if value in shown] == []
    assert (tmp_path / "secrets").stat().st_mode & 0o077 == 0


@pytest.fixture
def server():
    class Door(BaseHTTPRequestHandler):
        def do_GET(self):
            code = {"/health": 200, "/closed": 401}.get(self.path, 500)
            self.send_response(code)
            self.end_headers()
            self.wfile.write(json.dumps(HEALTH).encode())

        def log_message(self, *_):
            pass

    found = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    threading.Thread(target=found.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{found.server_port}"
    found.shutdown()
    found.server_close()


@pytest.mark.parametrize(
    ("path", "parts", "code", "said"),
    [
        pytest.param("/health", ["metadatabase"], 0, "", id="a healthy part"),
        pytest.param("/health", ["scheduler"], 1, "not healthy: scheduler", id="an ill part"),
        pytest.param("/health", ["triggerer"], 1, "not healthy: triggerer", id="a missing part"),
        pytest.param("/health", [], 0, "", id="an address that answers"),
        pytest.param("/closed", [], 0, "", id="a door that asks for a login"),
        pytest.param("/closed", ["metadatabase"], 1, "answers 401", id="no word on the part"),
        pytest.param("/broken", [], 1, "answers 500", id="an error"),
    ],
)
def test_health_is_told_by_the_exit_code(server, path, parts, code, said):
    done = subprocess.run([CHECK, server + path, *parts], capture_output=True, text=True)
    assert (done.returncode, done.stderr.strip()) == (code, done.stderr.strip())
    assert said in done.stderr


def test_an_address_where_nobody_listens_is_not_healthy():
    done = subprocess.run([CHECK, "http://127.0.0.1:9/health"], capture_output=True, text=True)
    assert done.returncode == 1
    assert "does not answer" in done.stderr
