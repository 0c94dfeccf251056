"""Suites are readable YAML; every mistake in them is named at once, with its place."""

from __future__ import annotations

import dataclasses

import pytest

from leadloop.errors import UsageError
from leadloop.quality.reads import READS
from leadloop.quality.suites import Expectation, load_suite, load_suites

GOOD = """
name: landing_loads
gate: landing
read: landing_loads
parameters: {minimum_rows: 10, minimum_weeks: 2}
expectations:
  - type: expect_column_values_to_be_between
    kwargs: {column: other_share, max_value: 0.5}
    severity: critical
    notes: More than half of it unknown is no basis for anything.
"""


@pytest.fixture
def write(tmp_path):
    def work(text: str, name: str = "landing_loads.yml"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return work


def test_every_shipped_suite_is_valid_and_every_read_has_one(settings):
    assert {suite.read for suite in load_suites(settings)} == set(READS)


def test_every_read_is_a_query_that_says_its_grain():
    for read in READS.values():
        assert read.sql.startswith("-- Grain: one row"), f"quality/sql/{read.name}.sql"


def test_the_suites_of_one_gate_are_given(settings):
    names = [suite.name for suite in load_suites(settings, "marts")]
    assert names == ["marts_days", "marts_hours"]


def test_a_suite_loads_the_columns_it_looks_at_and_those_that_say_where(write):
    assert load_suite(write(GOOD)).columns == ("load_date", "other_share")


@pytest.mark.parametrize(
    ("good", "bad", "wanted"),
    [
        ("name: landing_loads", "name: loads", "differs from the file's name"),
        ("gate: landing", "gate: core", "belongs to gate landing"),
        ("gate: landing", "gate: lunch", "gate: Input should be 'landing'"),
        ("read: landing_loads", "read: nothing", "read: 'nothing' is not known"),
        ("minimum_weeks: 2", "weeks: 2", "parameters: wanted"),
        ("column: other_share", "column: share", "no column 'share'"),
        ("max_value: 0.5", "maximum: 0.5", "kwargs.maximum: not an argument"),
        ("column: other_share, ", "", "kwargs.column: missing"),
        ("_be_between", "_be_lucky", "'expect_column_values_to_be_lucky' is not known"),
        ("severity: critical", "severity: fatal", "expectations.0.severity"),
        ("severity: critical", "severity: critical\n    reason: x", "expectations.0.reason"),
        ("notes: More than half of it unknown is no basis for anything.", "notes: x", "notes"),
    ],
)
def test_a_mistake_is_named_with_its_place(write, good, bad, wanted):
    assert good in GOOD
    with pytest.raises(UsageError) as error:
        load_suite(write(GOOD.replace(good, bad)))
    assert wanted in str(error.value)
    assert "landing_loads.yml" in str(error.value)


def test_all_mistakes_are_named_at_once(write):
    text = GOOD.replace("name: landing_loads", "name: loads").replace("other_share", "share")
    with pytest.raises(UsageError) as error:
        load_suite(write(text))
    assert "2 mistake(s)" in str(error.value)
    assert "name: 'loads'" in str(error.value)
    assert "no column 'share'" in str(error.value)


def test_the_same_expectation_twice_is_a_mistake(write):
    with pytest.raises(UsageError, match=r"repeats 'other_share is at most 0\.5'"):
        load_suite(write(GOOD + GOOD[GOOD.index("  - type") :]))


def test_a_value_set_of_the_contract_must_exist(write):
    text = GOOD.replace("_be_between", "_be_in_set").replace(
        "max_value: 0.5", 'value_set: "contract:moods"'
    )
    with pytest.raises(UsageError, match="contract:moods"):
        load_suite(write(text))


def test_a_file_that_is_no_yaml_is_named(write):
    with pytest.raises(UsageError, match="cannot be read"):
        load_suite(write("name: [", "broken.yml"))


def test_a_company_replaces_a_suite_by_a_file_of_its_name(settings, tmp_path):
    own = tmp_path / "company" / "expectations"
    own.mkdir(parents=True)
    (own / "landing_loads.yml").write_text(GOOD, encoding="utf-8")
    changed = dataclasses.replace(settings, config=own.parent)
    (suite,) = [item for item in load_suites(changed) if item.name == "landing_loads"]
    assert [item.sentence for item in suite.expectations] == ["other_share is at most 0.5"]


def test_mistakes_of_all_files_come_together(settings, tmp_path):
    own = tmp_path / "company" / "expectations"
    own.mkdir(parents=True)
    for name in ("landing_loads.yml", "core_days.yml"):
        (own / name).write_text("name: x", encoding="utf-8")
    with pytest.raises(UsageError) as error:
        load_suites(dataclasses.replace(settings, config=own.parent))
    assert "landing_loads.yml has" in str(error.value)
    assert "core_days.yml has" in str(error.value)


@pytest.mark.parametrize(
    ("kind", "kwargs", "sentence"),
    [
        ("column_values_to_be_between", {"column": "a", "max_value": 9}, "a is at most 9"),
        (
            "column_values_to_be_between",
            {"column": "a", "min_value": 0, "max_value": 1, "mostly": 0.995},
            "a is between 0 and 1 in at least 99.5% of rows",
        ),
        ("column_values_to_be_in_set", {"column": "a", "value_set": [1, 2]}, "a is one of 1, 2"),
        (
            "column_pair_values_a_to_be_greater_than_b",
            {"column_A": "a", "column_B": "b", "or_equal": False},
            "a is above b",
        ),
        ("compound_columns_to_be_unique", {"column_list": ["a", "b"]}, "a, b are unique"),
        ("column_values_to_match_regex", {"column": "a", "regex": "^x"}, "a looks like ^x"),
    ],
)
def test_an_expectation_reads_as_a_sentence(kind, kwargs, sentence):
    item = Expectation(
        type=f"expect_{kind}", kwargs=kwargs, severity="warning", notes="Twenty letters at least."
    )
    assert item.sentence == sentence


def test_the_contracts_value_sets_are_filled_in():
    item = Expectation(
        type="expect_column_values_to_be_in_set",
        kwargs={"column": "direction", "value_set": "contract:directions"},
        severity="critical",
        notes="Twenty letters at least.",
    )
    assert item.arguments["value_set"] == ["outbound", "inbound", "internal"]
