"""The launcher's checks before anything is started; the real start is in tests/integration."""

import dataclasses
import os
import socket

import pytest

from leadloop import launcher


@pytest.fixture
def taken_port():
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        yield holder.getsockname()[1]


def test_a_taken_port_is_refused_with_its_holder_and_the_setting_to_change(taken_port):
    with pytest.raises(launcher.LauncherError) as caught:
        launcher.check_port(taken_port)
    assert f"Port {taken_port} on 127.0.0.1 is taken" in str(caught.value)
    assert f"(process {os.getpid()})" in str(caught.value)
    assert "LEADLOOP_PORT" in str(caught.value)


def test_a_taken_port_stops_the_start_before_anything_is_made(settings, taken_port):
    settings = dataclasses.replace(settings, airflow_port=taken_port)
    with pytest.raises(launcher.LauncherError, match="is taken"):
        launcher.start(settings)
    assert not (settings.home.airflow / "airflow.db").exists()


def test_stopping_what_never_ran_says_so(settings, capsys):
    launcher.stop(settings)
    assert "Nothing was running." in capsys.readouterr().out


def test_the_status_of_a_home_without_airflow_is_that_nothing_runs(settings):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        settings = dataclasses.replace(settings, airflow_port=free.getsockname()[1])
    states = launcher.status(settings)
    assert list(states) == list(launcher.COMPONENTS)
    assert not any(state["is_running"] for state in states.values())
