"""The contract for machines is one by the standard's own schema, and says what the tables say."""

from __future__ import annotations

import importlib.resources as resources
import json

import jsonschema
import pytest
import yaml

from leadloop.contract import TABLES
from leadloop.settings import PROJECT_ROOT


@pytest.fixture(scope="module")
def odcs():
    path = PROJECT_ROOT / "docs" / "contract.odcs.yaml"
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def validator():
    schema = resources.files("open_data_contract_standard").joinpath("schema.json").read_text()
    return jsonschema.Draft201909Validator(json.loads(schema))


def test_the_export_is_an_open_data_contract(odcs, validator):
    assert [error.message for error in validator.iter_errors(odcs)] == []


def test_the_standards_schema_refuses_what_is_none(odcs, validator):
    broken = {**odcs, "schema": [{**odcs["schema"][0], "propertys": []}], "kind": "Contract"}
    assert len(list(validator.iter_errors(broken))) >= 2


def test_every_table_with_keys_types_and_personal_data_is_in_it(odcs):
    assert [table["name"] for table in odcs["schema"]] == list(TABLES)
    call = odcs["schema"][0]
    columns = {column["name"]: column for column in call["properties"]}
    keys = {name: c["primaryKeyPosition"] for name, c in columns.items() if c["primaryKey"]}
    assert keys == {"source_system": 1, "call_id": 2}
    assert columns["talk_s"]["customProperties"] == [{"property": "unit", "value": "s"}]
    assert columns["phone_hash"]["classification"] == "personal"
    assert columns["phone_hash"]["customProperties"] == [
        {"property": "personalData", "value": "key"}
    ]
    assert columns["direction"]["quality"][0]["arguments"] == {
        "validValues": ["outbound", "inbound", "internal"]
    }
