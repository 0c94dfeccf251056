"""Back-ups are whole, cheap to make again, and say what is missing."""

from __future__ import annotations

import hashlib
import os
import subprocess
from dataclasses import replace

import pytest

from leadloop import backups, opstore


def land(settings, name: str, content: bytes = b"rows") -> None:
    path = settings.home.landing / "call" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


@pytest.fixture
def store(settings) -> None:
    with opstore.transaction(settings):
        pass


def test_the_list_has_size_and_checksum_of_each_landing_file(settings):
    land(settings, "a.parquet", b"rows")
    (entry,) = backups.list_landed_files(settings.home, {}).values()
    assert entry["size"] == 4
    assert entry["sha256"] == hashlib.sha256(b"rows").hexdigest()


def test_a_file_that_has_not_changed_is_not_read_again(settings):
    land(settings, "a.parquet")
    first = backups.list_landed_files(settings.home, {})
    first["call/a.parquet"]["sha256"] = "as noted before"
    assert backups.list_landed_files(settings.home, first) == first


def test_a_file_that_was_rewritten_is_read_again(settings):
    land(settings, "a.parquet")
    first = backups.list_landed_files(settings.home, {})
    land(settings, "a.parquet", b"erased")
    (entry,) = backups.list_landed_files(settings.home, first).values()
    assert entry["sha256"] == hashlib.sha256(b"erased").hexdigest()


def test_a_half_made_back_up_is_swept_and_never_listed(settings, store):
    draft = settings.home.backups / "20260101T000000000000Z.draft"
    draft.mkdir(parents=True)
    assert backups.list_backups(settings.home) == []
    folder, _ = backups.write_backup(settings, {})
    assert not draft.exists()
    assert backups.list_backups(settings.home) == [folder]


def test_a_store_on_postgresql_without_pg_dump_is_said_to_be_left_out(tmp_path):
    url = "postgresql+psycopg2://me:secret@db/operations"
    with pytest.raises(backups.BackupError, match="pg_dump is not installed") as error:
        backups.copy_operations(url, tmp_path, {"PATH": str(tmp_path)})
    assert "secret" not in str(error.value)


def test_a_store_on_postgresql_is_dumped_without_its_password_in_sight(tmp_path):
    program = tmp_path / "pg_dump"
    program.write_text(f'#!/bin/sh\necho "$PGPASSWORD $@" > {tmp_path}/seen\n', encoding="utf-8")
    program.chmod(0o755)
    url = "postgresql+psycopg2://me:secret@db/operations"
    backups.copy_operations(url, tmp_path, {"PATH": str(tmp_path)})
    password, *arguments = (tmp_path / "seen").read_text(encoding="utf-8").split()
    assert password == "secret"
    assert "--dbname=postgresql://me@db/operations" in arguments


def test_a_dump_that_fails_says_what_pg_dump_said(tmp_path):
    program = tmp_path / "pg_dump"
    program.write_text("#!/bin/sh\necho 'no such database' >&2\nexit 1\n", encoding="utf-8")
    program.chmod(0o755)
    with pytest.raises(backups.BackupError, match="no such database"):
        backups.copy_operations("postgresql://me@db/x", tmp_path, {"PATH": str(tmp_path)})


def test_a_real_server_is_dumped_with_the_tables_of_the_store(
    settings, postgres_url, tmp_path, find_command
):
    restore = find_command("pg_restore", "postgresql-client")
    with opstore.transaction(replace(settings, operations_url=postgres_url)):
        pass
    dump = backups.copy_operations(postgres_url, tmp_path, dict(os.environ))
    listed = subprocess.run([restore, "--list", dump], capture_output=True, text=True, check=True)
    assert "TABLE DATA public step_outcomes" in listed.stdout
