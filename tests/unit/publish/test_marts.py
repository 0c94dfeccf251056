"""Publishing a day: versions, pointer, retention, and what is refused."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from leadloop import opstore, pointer, warehouse
from leadloop.publish.errors import PublishError
from leadloop.publish.marts import hash_marts, list_versions, publish_day

DAY = "2026-03-05"


def count_published(settings) -> int:
    with warehouse.open_marts(settings.home) as connection:
        return connection.execute("select count(*) from fct_dials").fetchall()[0][0]


def record(settings, step: str, day: str, *, fails: bool = False) -> None:
    def work():
        with opstore.record_step(settings, "daily", day, step):
            if fails:
                raise RuntimeError

    if fails:
        with pytest.raises(RuntimeError):
            work()
    else:
        work()


def test_what_was_built_is_what_readers_get(settings, build):
    build(3)
    content = publish_day(settings, DAY)
    assert content["tables"] == {"dim_outcomes": 1, "fct_dials": 3}
    assert content["data_until"] == "2026-03-05"
    assert count_published(settings) == 3


def test_the_pointer_tells_the_version_and_how_the_run_went(settings, build):
    build()
    publish_day(settings, DAY)
    content = pointer.read_pointer(settings.home)
    assert content["file"] == pointer.read_link(settings.home)
    assert content["file"] == f"marts_{content['version']}.duckdb"
    assert (content["cycle"], content["day"], content["held_loads"]) == ("daily", DAY, [])
    assert content["last_attempt"]["state"] == "published"


def test_publishing_again_makes_a_new_version_with_the_same_rows(settings, build):
    build()
    first = publish_day(settings, DAY)
    second = publish_day(settings, DAY)
    assert first["version"] != second["version"]
    new, old = list_versions(settings.home)
    assert hash_marts(new.path) == hash_marts(old.path)


def test_a_reader_stays_on_the_version_it_opened(settings, build):
    build(3)
    publish_day(settings, DAY)
    with warehouse.open_marts(settings.home) as connection:
        build(5)
        publish_day(settings, DAY)
        assert connection.execute("select count(*) from fct_dials").fetchall() == [(3,)]
    assert count_published(settings) == 5


def test_the_configured_number_of_versions_is_kept(settings, build):
    build()
    for _ in range(5):
        publish_day(settings, DAY)
    assert [version.number for version in list_versions(settings.home)] == [5, 4, 3]
    assert list_versions(settings.home)[0].is_current


def test_a_version_is_readable_by_older_drivers(settings, build):
    build()
    publish_day(settings, DAY)
    header = warehouse.current_marts(settings.home).read_bytes()[:20]
    assert header[8:12] == b"DUCK"
    # Storage number 65 is that of DuckDB 1.2.
    assert int.from_bytes(header[12:20], "little") == 65


def test_nothing_built_is_nothing_published(settings):
    with pytest.raises(PublishError, match="nothing was built"):
        publish_day(settings, DAY)
    (step,) = opstore.read(settings, sa.select(opstore.step_outcomes))
    assert (step["step"], step["state"]) == ("publish", "failed")


def test_what_a_killed_publish_left_is_swept(settings, build):
    build()
    publish_day(settings, DAY)
    marts = settings.home.marts
    (marts / "marts_20260305T000000Z_000002.duckdb.tmp").write_text("half")
    (marts / "marts_20260305T000000Z_000003.duckdb").write_text("never pointed at")
    (marts / ".current.duckdb.123").symlink_to("nowhere")
    publish_day(settings, DAY)
    names = {path.name for path in marts.iterdir()}
    assert names == {
        "current.duckdb",
        "current.json",
        *(version.path.name for version in list_versions(settings.home)),
    }
    assert [version.number for version in list_versions(settings.home)] == [2, 1]


def test_a_build_that_its_gate_stopped_is_not_carried_out_by_a_week(settings, build):
    build()
    record(settings, "build_marts", DAY)
    record(settings, "gate_marts", DAY, fails=True)
    with pytest.raises(PublishError, match="2026-03-05, which gate_marts has not passed"):
        publish_day(settings, "2026-03-02", cycle="weekly")


def test_a_build_that_no_gate_has_judged_since_is_not_published(settings, build):
    build()
    record(settings, "gate_marts", DAY)
    record(settings, "build_marts", DAY)
    with pytest.raises(PublishError, match="has not passed"):
        publish_day(settings, DAY)


def test_a_build_that_its_gate_passed_is_published_by_day_and_week(settings, build):
    build()
    record(settings, "build_marts", DAY)
    record(settings, "gate_marts", DAY)
    publish_day(settings, DAY)
    content = publish_day(settings, "2026-03-02", cycle="weekly")
    assert content["cycle"] == "weekly"


def test_a_day_marks_its_loads_as_built_and_a_week_does_not(settings, build):
    build()
    query = "select count(*) as n from raw.built_batches"
    publish_day(settings, "2026-03-02", cycle="weekly")
    with warehouse.open_warehouse(settings.home) as connection:
        connection.execute(
            "insert into raw.pending_batches values ('call', 'b1', date '2026-03-05', 'x.parquet')"
        )
    publish_day(settings, DAY)
    with warehouse.open_warehouse(settings.home) as connection:
        assert warehouse.read_rows(connection, query) == [{"n": 1}]
        connection.execute("delete from raw.built_batches")
    publish_day(settings, "2026-03-02", cycle="weekly")
    with warehouse.open_warehouse(settings.home) as connection:
        assert warehouse.read_rows(connection, query) == [{"n": 0}]
