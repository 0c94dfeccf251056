"""Fingerprints say whether anything that a reader sees has changed."""

from __future__ import annotations

import pytest

from leadloop.publish.fingerprints import hash_marts
from leadloop.warehouse import open_memory

ROWS = "create table t as select * from (values (1, 'a'), (2, null)) as rows (n, letter)"


def hash_after(*statements: str, without: tuple[str, ...] | None = None) -> dict[str, str]:
    with open_memory() as connection:
        for statement in statements:
            connection.execute(statement)
        return (
            hash_marts(connection) if without is None else hash_marts(connection, without=without)
        )


@pytest.mark.parametrize(
    "statements",
    [
        ["create table t as select * from (values (2, null), (1, 'a')) as rows (n, letter)"],
        ["create table t as select letter, n from (values (1, 'a'), (2, null)) as r (n, letter)"],
        [ROWS, "alter table t add column batch_id varchar default 'b9'"],
    ],
    ids=["other order of rows", "other order of columns", "a column of the build"],
)
def test_what_no_reader_sees_does_not_change_it(statements):
    assert hash_after(*statements) == hash_after(ROWS)


@pytest.mark.parametrize(
    "statement",
    [
        "update t set letter = 'b' where n = 1",
        "update t set letter = '' where n = 2",
        "insert into t values (1, 'a')",
        "delete from t where n = 2",
        "alter table t rename letter to word",
    ],
    ids=["a value", "null to empty", "a row twice", "a row less", "a renamed column"],
)
def test_what_a_reader_sees_changes_it(statement):
    assert hash_after(ROWS, statement) != hash_after(ROWS)


def test_columns_may_be_left_out_by_name():
    one = hash_after(ROWS, without=("letter",))
    other = hash_after(ROWS, "update t set letter = 'z'", without=("letter",))
    assert one == other


def test_an_empty_table_has_one_too():
    assert set(hash_after("create table t (n integer)")) == {"t"}
