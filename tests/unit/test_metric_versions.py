"""The version of a definition changes with what its number is, and with nothing else."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from leadloop.metric_versions import Lineage

MANIFEST: dict[str, Any] = {
    "metadata": {"project_name": "leadloop"},
    "nodes": {
        "model.leadloop.fct_days": {
            "name": "fct_days",
            "resource_type": "model",
            "package_name": "leadloop",
            "raw_code": "select {{ counts() }} from {{ ref('int_dials') }}",
            "depends_on": {
                "nodes": ["model.leadloop.int_dials"],
                "macros": ["macro.leadloop.counts"],
            },
        },
        "model.leadloop.int_dials": {
            "name": "int_dials",
            "resource_type": "model",
            "package_name": "leadloop",
            "raw_code": "select * from {{ ref('codes') }}",
            "depends_on": {"nodes": ["seed.leadloop.codes"], "macros": []},
        },
        "seed.leadloop.codes": {
            "name": "codes",
            "resource_type": "seed",
            "package_name": "leadloop",
            "raw_code": "",
            "checksum": {"checksum": "c1"},
            "depends_on": {"macros": []},
        },
        "model.leadloop.fct_other": {
            "name": "fct_other",
            "resource_type": "model",
            "package_name": "leadloop",
            "raw_code": "select 1 as n",
            "depends_on": {"nodes": [], "macros": []},
        },
    },
    "macros": {
        "macro.leadloop.counts": {
            "name": "counts",
            "resource_type": "macro",
            "package_name": "leadloop",
            "macro_sql": "count(*)",
            "depends_on": {"macros": ["macro.dbt.whatever"]},
        },
        "macro.dbt.whatever": {
            "name": "whatever",
            "resource_type": "macro",
            "package_name": "dbt",
            "macro_sql": "1",
            "depends_on": {"macros": []},
        },
    },
}  # fmt: skip


def hash_after(kind: str, name: str, field: str, value: Any) -> str:
    manifest = copy.deepcopy(MANIFEST)
    manifest[kind][name][field] = value
    return Lineage(manifest).hash_mart("fct_days")


@pytest.mark.parametrize(
    ("kind", "name", "field", "value"),
    [
        pytest.param("nodes", "model.leadloop.fct_days", "raw_code", "select 2", id="the mart"),
        pytest.param("nodes", "model.leadloop.int_dials", "raw_code", "select 2", id="below it"),
        pytest.param("macros", "macro.leadloop.counts", "macro_sql", "sum(n)", id="a macro"),
        pytest.param("nodes", "seed.leadloop.codes", "checksum", {"checksum": "c2"}, id="a seed"),
    ],
)
def test_what_a_number_is_made_of_is_part_of_its_version(kind, name, field, value):
    assert hash_after(kind, name, field, value) != Lineage(MANIFEST).hash_mart("fct_days")


@pytest.mark.parametrize(
    ("kind", "name", "field", "value"),
    [
        pytest.param(
            "nodes", "model.leadloop.int_dials", "raw_code",
            "-- why\nselect *\n    from {{ ref('codes') }} {#- so -#}", id="comments and shape",
        ),
        pytest.param("nodes", "model.leadloop.fct_other", "raw_code", "select 2", id="others"),
        pytest.param("macros", "macro.dbt.whatever", "macro_sql", "2", id="macros of dbt"),
    ],
)  # fmt: skip
def test_what_it_is_not_made_of_is_no_part_of_it(kind, name, field, value):
    assert hash_after(kind, name, field, value) == Lineage(MANIFEST).hash_mart("fct_days")


def test_a_mart_that_is_not_known_has_no_version():
    assert Lineage(MANIFEST).hash_mart("fct_nothing") == ""
