"""Each check of the doctor is seen to complain, and to be quiet on a sound machine."""

from __future__ import annotations

import os
import socket
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from leadloop import doctor
from leadloop.settings import Settings, load_settings


def test_a_fresh_home_on_a_sound_machine_raises_no_complaint(settings: Settings):
    assert [check for check in doctor.examine(settings) if check.state == "fail"] == []


@pytest.mark.parametrize(
    ("today", "state", "seen"),
    [
        pytest.param(date(2026, 11, 1), "ok", "announced until 2026-12-31", id="60 days left"),
        pytest.param(
            date(2026, 11, 2), "warn", "announced until 2026-12-31: 59 day(s) left", id="59 left"
        ),
        pytest.param(
            date(2027, 1, 4), "warn", "announced until 2026-12-31: 0 day(s) left", id="over"
        ),
    ],
)
def test_the_end_of_the_calendar_is_told_two_months_before(
    settings, monkeypatch, today, state, seen
):
    monkeypatch.setattr("leadloop.calendars.find_last_announced", lambda: date(2026, 12, 31))
    check = doctor.check_calendar(settings, today)
    assert (check.state, check.seen) == (state, seen)
    assert ("2027" in check.remedy) == (state == "warn")


def test_a_company_without_chinese_holidays_needs_no_notice(settings):
    company = settings.company.model_copy(update={"holiday_calendar": "none"})
    check = doctor.check_calendar(replace(settings, company=company), date(2030, 1, 1))
    assert check.state == "ok"


def test_an_old_python_is_refused_with_the_versions_that_work():
    check = doctor.check_python((3, 10))
    assert check.state == "fail"
    assert "3.11 to 3.13" in check.remedy
    assert doctor.check_python((3, 12)).state == "ok"


def test_a_missing_package_is_named():
    assert doctor.check_package("no-such-package").state == "fail"
    assert doctor.check_package("duckdb").state == "ok"


def test_a_home_that_is_a_file_is_a_failure(tmp_path: Path):
    file = tmp_path / "file"
    file.touch()
    check = doctor.check_home(load_settings({"LEADLOOP_HOME": str(file / "home")}))
    assert check.state == "fail"


@pytest.mark.parametrize(
    ("free", "state"),
    [(2**29, "fail"), (2 * 2**30, "warn"), (50 * 2**30, "ok")],
    ids=["half a GiB", "two GiB", "fifty GiB"],
)
def test_a_full_disk_is_seen(settings: Settings, monkeypatch, free: int, state: str):
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _: _Usage(free))
    assert doctor.check_disk(settings).state == state


class _Usage:
    def __init__(self, free: int) -> None:
        self.free = free


def test_a_message_that_was_given_up_is_named_with_the_answer(settings: Settings):
    from leadloop.actions import outbox

    assert doctor.check_outbox(settings).state == "ok"
    outbox.queue_message(settings, "gone.hook", "one", {"channel": "webhook", "body": {}})
    outbox.drain(settings)
    check = doctor.check_outbox(settings)
    assert check.state == "warn"
    assert check.seen.startswith("1 message(s) given up; gone.hook answered")
    assert "leadloop actions resend" in check.remedy


def test_a_port_held_by_another_program_is_a_warning(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        settings = load_settings({"LEADLOOP_HOME": str(tmp_path), "LEADLOOP_PORT": str(port)})
        assert doctor.check_port(settings).state == "warn"
    assert doctor.check_port(settings).state == "ok"


def test_files_from_the_future_mean_a_skewed_clock(settings: Settings):
    settings.home.root.mkdir(parents=True)
    settings.home.operations.touch()
    assert doctor.check_clock(settings).state == "ok"
    ahead = settings.home.operations.stat().st_mtime + 3600
    os.utime(settings.home.operations, (ahead, ahead))
    assert doctor.check_clock(settings).state == "warn"


def test_an_operations_store_of_a_broken_file_is_a_failure(settings: Settings):
    settings.home.root.mkdir(parents=True)
    settings.home.operations.write_bytes(b"not a database" * 100)
    assert doctor.check_operations(settings).state == "fail"
