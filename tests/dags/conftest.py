"""Airflow for the tests of DAG files: settings of the product over an empty home."""

import pytest

from leadloop.airflow_env import process_environment
from leadloop.settings import PROJECT_ROOT, load_settings


@pytest.fixture(scope="session")
def airflow_home(tmp_path_factory):
    """Environment variables of the product's Airflow, set before anything imports it."""
    settings = load_settings({"LEADLOOP_HOME": str(tmp_path_factory.mktemp("dags") / "home")})
    with pytest.MonkeyPatch.context() as patch:
        for name, value in process_environment(settings, {}).items():
            if name.startswith("AIRFLOW"):
                patch.setenv(name, value)
        yield settings


@pytest.fixture(scope="session")
def dags(airflow_home):
    """All DAGs of dags/ by id, read as Airflow reads them; a file that cannot be read fails."""
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(dag_folder=str(PROJECT_ROOT / "dags"))
    assert bag.import_errors == {}
    return bag.dags


@pytest.fixture(autouse=True)
def _airflow(airflow_home):
    """Have every test here see the product's Airflow, whichever it imports first."""
