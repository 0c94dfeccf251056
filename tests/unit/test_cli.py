"""The command line: exit codes, JSON, and messages instead of tracebacks."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from leadloop.cli import check_day
from leadloop.errors import UsageError


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    program = str(Path(sys.executable).with_name("leadloop"))
    return subprocess.run([program, *arguments], capture_output=True, text=True)


def test_wrong_use_leaves_with_2_and_says_what_was_wanted(home: Path):
    result = run("run", "daily", "--date", "2026-02-30")
    assert result.returncode == 2
    assert "'2026-02-30' is not a day" in result.stderr
    assert "Traceback" not in result.stderr
    assert run("run", "hourly", "--date", "2026-02-01").returncode == 2


def test_a_backfill_that_ends_before_it_begins_is_wrong_use(home: Path):
    result = run("backfill", "--from", "2026-02-02", "--to", "2026-02-01")
    assert result.returncode == 2
    assert "lies after" in result.stderr


def test_a_report_before_anything_is_published_leaves_with_1_and_says_what_to_run(home: Path):
    result = run("report")
    assert result.returncode == 1
    assert "leadloop run daily" in result.stderr


def test_doctor_writes_its_checks_as_json(home: Path):
    result = run("doctor", "--json", "-")
    assert result.returncode == 0, result.stderr
    checks = {check["name"]: check for check in json.loads(result.stdout)}
    assert checks["home"] == {"name": "home", "state": "ok", "seen": str(home), "remedy": ""}
    assert checks["published"]["seen"] == "nothing yet"


def test_a_mistake_in_the_company_file_is_shown_without_a_traceback(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "company.yml").write_text("tenant_id: t\n", encoding="utf-8")
    monkeypatch.setenv("LEADLOOP_CONFIG", str(tmp_path))
    result = run("doctor")
    assert result.returncode == 2
    assert "name: Field required" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("text", ["2026-1-31", "20260131", "2026-02-30", "", "yesterday"])
def test_check_day_refuses_what_is_no_calendar_day(text: str):
    with pytest.raises(UsageError, match="YYYY-MM-DD"):
        check_day(text)


def test_check_day_returns_a_calendar_day_as_it_is():
    assert check_day("2024-02-29") == "2024-02-29"


def test_migrate_makes_the_store_and_shows_no_password(store, monkeypatch):
    monkeypatch.setenv("LEADLOOP_OPERATIONS_URL", store.operations_url)
    result = run("migrate")
    assert result.returncode == 0
    assert "is at version" in result.stdout
    assert "secret-of-the-tests" not in result.stdout + result.stderr
