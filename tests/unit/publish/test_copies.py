"""Copies are whole and proved to be what was built."""

from __future__ import annotations

import os

import pytest

from leadloop import warehouse
from leadloop.publish import copies
from leadloop.publish.errors import PublishError


def test_a_copy_has_every_byte(tmp_path):
    source, target = tmp_path / "a", tmp_path / "b"
    source.write_bytes(os.urandom(300_000))
    copies.copy_file(source, target)
    assert target.read_bytes() == source.read_bytes()


def test_where_blocks_cannot_be_shared_the_copy_is_plain(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError

    monkeypatch.setattr(os, "copy_file_range", refuse, raising=False)
    (tmp_path / "a").write_bytes(b"content")
    copies.copy_file(tmp_path / "a", tmp_path / "b")
    assert (tmp_path / "b").read_bytes() == b"content"


def test_a_copy_with_other_rows_is_refused(settings, build):
    build(3)
    with pytest.raises(PublishError, match="differs from what was built"):
        copies.verify_copy(
            settings.home, settings.home.marts_build, {"dim_outcomes": 1, "fct_dials": 4}
        )


def test_the_last_date_of_the_dials_is_found(settings, build):
    build(3, day="2026-03-09")
    counts = {"dim_outcomes": 1, "fct_dials": 3}
    assert copies.verify_copy(settings.home, settings.home.marts_build, counts) == "2026-03-09"


def test_marts_without_dials_have_no_last_date(settings):
    with warehouse.open_warehouse(settings.home) as connection:
        connection.execute("create table marts_build.dim_outcomes as select 'busy' as outcome")
    assert copies.verify_copy(settings.home, settings.home.marts_build, {"dim_outcomes": 1}) is None


def test_a_file_that_older_drivers_cannot_read_is_refused(settings, build, monkeypatch):
    monkeypatch.setattr(warehouse, "STORAGE_VERSION", "v1.4.0")
    build(3)
    monkeypatch.undo()
    with pytest.raises(PublishError, match=r"storage version v1\.4\.0"):
        copies.verify_copy(
            settings.home, settings.home.marts_build, {"dim_outcomes": 1, "fct_dials": 3}
        )
