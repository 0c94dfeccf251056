"""The environment that turns a stock Airflow into this project's: one function, no airflow.cfg.

`cycles` runs DAGs in one process with it, `launcher` starts the four components with it. All of
Airflow's state lies under the home; nothing is read from or written to the user's HOME.
"""

from __future__ import annotations

import base64
import os
import secrets
from typing import TYPE_CHECKING

from leadloop.keys import load_secret

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from leadloop.settings import Home, Settings

USER = "admin"
HOST = "127.0.0.1"


def stack_environment(
    settings: Settings, environ: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return the environment of the four components that `leadloop up` starts."""
    # Its processes write at once: on a busy machine five seconds, the default, are too few to wait.
    database = f"sqlite:///{settings.home.airflow / 'airflow.db'}?timeout=60"
    base = f"http://{HOST}:{settings.airflow_port}"
    return _shared_environment(settings, environ) | {
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": database,
        # Airflow hides its database from tasks; `maintenance` gets the address under our name.
        "LEADLOOP_METADATA_URL": database,
        "AIRFLOW__API__HOST": HOST,
        "AIRFLOW__API__PORT": str(settings.airflow_port),
        "AIRFLOW__API__BASE_URL": base,
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{base}/execution/",
        "AIRFLOW__CORE__PARALLELISM": "4",
        "AIRFLOW__DAG_PROCESSOR__REFRESH_INTERVAL": "5",
        # A scheduler that wins the race against the API server fails a task once, not for good.
        "AIRFLOW__CORE__DEFAULT_TASK_RETRIES": "1",
        "AIRFLOW__CORE__DEFAULT_TASK_RETRY_DELAY": "10",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords_file(settings.home)),
    }


def process_environment(
    settings: Settings, environ: Mapping[str, str] | None = None
) -> dict[str, str]:
    """Return the environment of a DAG that runs in one process.

    Its metadata database is its own, so that no run and no asset event of it is ever seen by a
    scheduler that works in the same home.
    """
    database = f"sqlite:///{settings.home.airflow / 'inprocess.db'}"
    return _shared_environment(settings, environ) | {
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": database,
        "LEADLOOP_METADATA_URL": database,
        # Nobody waits for a second try at a terminal: a failure is shown at once.
        "AIRFLOW__CORE__DEFAULT_TASK_RETRIES": "0",
    }


def load_password(home: Home) -> str:
    """Return the password of the login `admin`, made at random on first use."""
    import json

    path = passwords_file(home)
    content = load_secret(path, json.dumps({USER: secrets.token_urlsafe(12)}))
    return str(json.loads(content)[USER])


def passwords_file(home: Home) -> Path:
    """Return the file of logins that Airflow reads."""
    return home.secrets / "airflow_passwords.json"


def _shared_environment(settings: Settings, environ: Mapping[str, str] | None) -> dict[str, str]:
    home = settings.home
    home.airflow.mkdir(parents=True, exist_ok=True)
    load_password(home)
    env = dict(os.environ if environ is None else environ)
    # Without byte code every Airflow command compiles its libraries again: 2.5 s each, for ever.
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    # Somebody else's Airflow settings would win over ours where we set nothing.
    env = {name: value for name, value in env.items() if not name.startswith("AIRFLOW_")}
    return env | {
        "LEADLOOP_HOME": str(home.root),
        "LEADLOOP_CONFIG": str(settings.config),
        "LEADLOOP_OPERATIONS_URL": settings.operations_url,
        "LEADLOOP_PORT": str(settings.airflow_port),
        "AIRFLOW_HOME": str(home.airflow),
        "AIRFLOW__CORE__DAGS_FOLDER": str(settings.project / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(settings.project / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__FERNET_KEY": load_secret(
            home.secrets / "airflow_fernet.key", _fernet_key()
        ),
        "AIRFLOW__API__SECRET_KEY": load_secret(
            home.secrets / "airflow_session.key", secrets.token_hex(32)
        ),
        "AIRFLOW__API_AUTH__JWT_SECRET": load_secret(
            home.secrets / "airflow_jwt.key", secrets.token_hex(32)
        ),
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(home.logs / "airflow"),
        "AIRFLOW__LOGGING__DAG_PROCESSOR_CHILD_PROCESS_LOG_DIRECTORY": str(
            home.logs / "airflow" / "dag_processor"
        ),
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        "XDG_CACHE_HOME": str(home.cache),
        "XDG_CONFIG_HOME": str(home.cache / "config"),
    }


def _fernet_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode("ascii")
