"""Nightly jobs: what is past its time goes, what is not stays, twice is as once."""

from __future__ import annotations

import os
import sqlite3
import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from leadloop import opstore
from leadloop.maintenance import (
    MaintenanceError,
    apply_retention,
    back_up,
    clean_metadata,
    remove_older,
)

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def write_aged(path: Path, days: int) -> Path:
    """Write a file last changed so many days before NOW."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x", encoding="utf-8")
    moment = (NOW - timedelta(days=days)).timestamp()
    os.utime(path, (moment, moment))
    return path


def read_step(settings) -> dict:
    (step,) = opstore.read(settings, sa.select(opstore.step_outcomes))
    return step


def test_each_kind_goes_after_its_own_time(settings):
    home = settings.home
    old = [
        write_aged(home.logs / "airflow" / "dag_id=x" / "1.log", 31),
        write_aged(home.dbt / "logs" / "dbt.log.1", 31),
        write_aged(home.quarantine / "call" / "load_date=2026-02-01" / "b.parquet", 91),
        write_aged(home.data_docs / "2026-02-01_core.html", 91),
    ]
    young = [
        write_aged(home.logs / "airflow" / "2.log", 29),
        write_aged(home.quarantine / "call" / "load_date=2026-05-01" / "b.parquet", 89),
        write_aged(home.data_docs / "2026-05-01_core.html", 89),
        write_aged(home.landing / "call" / "load_date=2020-01-01" / "a.parquet", 2000),
    ]
    detail = apply_retention(settings, now=NOW)
    assert detail == {"logs": 2, "quarantine": 1, "data_docs": 1, "marts_versions": 0}
    assert not any(path.exists() for path in old)
    assert all(path.exists() for path in young)


def test_the_index_of_gate_pages_no_longer_lists_what_went(settings):
    write_aged(settings.home.data_docs / "2026-02-01_core.html", 91)
    write_aged(settings.home.data_docs / "2026-05-01_core.html", 1)
    apply_retention(settings, now=NOW)
    index = (settings.home.data_docs / "index.html").read_text(encoding="utf-8")
    assert "2026-05-01_core.html" in index
    assert "2026-02-01_core.html" not in index


def test_a_second_night_finds_nothing_to_delete(settings):
    write_aged(settings.home.logs / "1.log", 31)
    apply_retention(settings, now=NOW)
    assert set(apply_retention(settings, now=NOW).values()) == {0}
    assert read_step(settings)["state"] == "done"


def test_folders_that_lost_their_last_file_go_and_others_stay(tmp_path):
    write_aged(tmp_path / "a" / "b" / "old", 9)
    write_aged(tmp_path / "a" / "c" / "young", 1)
    (tmp_path / "just_made").mkdir()
    assert remove_older(tmp_path, NOW - timedelta(days=5)) == 1
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a", "c", "just_made", "young"]


def test_without_the_address_of_airflows_database_nothing_is_cleaned(settings):
    detail = clean_metadata(settings, environ={})
    assert "LEADLOOP_METADATA_URL is not set" in detail["skipped"]
    assert read_step(settings)["detail"] == detail


def test_a_clean_up_that_fails_says_how(settings, monkeypatch, tmp_path):
    program = tmp_path / "python"
    program.write_text("#!/bin/sh\necho 'no such table: dag_run' >&2\nexit 3\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    with pytest.raises(MaintenanceError, match="ended with 3: no such table: dag_run"):
        clean_metadata(settings, environ={"LEADLOOP_METADATA_URL": "sqlite:///x.db"})
    assert read_step(settings)["state"] == "failed"


def test_a_clean_up_hands_on_the_address_and_the_time(settings, monkeypatch, tmp_path):
    program = tmp_path / "python"
    program.write_text(
        f'#!/bin/sh\necho "$AIRFLOW__DATABASE__SQL_ALCHEMY_CONN $@" > {tmp_path}/seen\n',
        encoding="utf-8",
    )
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    detail = clean_metadata(settings, environ={"LEADLOOP_METADATA_URL": "sqlite:///x.db"})
    seen = (tmp_path / "seen").read_text(encoding="utf-8").split()
    assert seen[:5] == ["sqlite:///x.db", "-m", "airflow", "db", "clean"]
    age = opstore.now() - datetime.fromisoformat(detail["cleaned_before"])
    assert age.days == 90
    assert detail["cleaned_before"] in seen


def test_a_back_up_holds_what_cannot_be_computed_again(settings):
    with opstore.record_step(settings, "daily", "2026-05-31", "publish"):
        pass
    write_aged(settings.home.landing / "call" / "load_date=2026-05-31" / "a.parquet", 1)
    detail = back_up(settings, environ={})
    folder = settings.home.backups / detail["folder"]
    assert detail["landing_files"] == 1
    assert (folder / "config" / "company.yml").exists()
    assert (folder / "current.json").exists()
    with sqlite3.connect(folder / "operations.db") as copy:
        assert copy.execute("select step from step_outcomes order by step").fetchall() == [
            ("back_up",),
            ("publish",),
        ]


def test_the_configured_number_of_back_ups_is_kept(settings):
    folders = [back_up(settings, environ={})["folder"] for _ in range(5)]
    left = sorted(path.name for path in settings.home.backups.iterdir())
    assert left == folders[2:]
