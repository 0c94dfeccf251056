"""The laws of the models: names, layers, keys, words, rates. The message names file and remedy."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from leadloop import contract, transform
from leadloop.settings import PROJECT_ROOT

PROJECT = PROJECT_ROOT / "dbt_project"
NAMES = {
    "staging": r"stg_[a-z]+__[a-z_]+",
    "intermediate": r"int_[a-z]+(_[a-z]+)*__[a-z_]+",
    "marts": r"(fct|dim|rpt)_[a-z_]+",
}
TAGS = {"core", "history", "events", "marts", "operations", "weekly", "monthly"}
# The words of the field for the time in which a state holds.
VALIDITY = {"valid_from", "valid_to"}
SQL_FILES = sorted((PROJECT / "models").rglob("*.sql"))


@pytest.fixture(scope="module")
def manifest(built) -> dict[str, Any]:
    return json.loads((built.settings.home.dbt / "target" / "manifest.json").read_text())


@pytest.fixture(scope="module")
def models(manifest) -> list[dict[str, Any]]:
    return [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]


def test_names_start_with_their_layer(models):
    for model in models:
        layer = model["fqn"][1]
        path = model["original_file_path"]
        assert re.fullmatch(NAMES[layer], model["name"]), f"{path}: wanted {NAMES[layer]}"


def test_a_layer_reads_only_from_itself_and_the_layer_below(manifest, models):
    below = {
        "staging": {"source"},
        "intermediate": {"staging", "intermediate", "seeds", "source"},
        "marts": {"intermediate", "marts", "seeds", "source"},
    }
    for model in models:
        for parent in model["depends_on"]["nodes"]:
            node = manifest["nodes"].get(parent)
            layer = "source"
            if node is not None:
                layer = "seeds" if node["resource_type"] == "seed" else node["fqn"][1]
            allowed = below[model["fqn"][1]]
            where = model["original_file_path"]
            assert layer in allowed, f"{where} reads {parent}: go through {allowed}"


def test_only_staging_reads_landing_files(models):
    for model in models:
        landed = [name for name in model["depends_on"]["nodes"] if ".landing." in name]
        assert not landed or model["fqn"][1] == "staging", model["original_file_path"]


def test_staging_never_joins_or_filters():
    for path in (PROJECT / "models" / "staging").rglob("*.sql"):
        code = re.sub(r"--.*", "", path.read_text(encoding="utf-8"))
        assert not re.search(r"\b(join|where|qualify|group by)\b", code), f"{path}: do it later"


def test_every_model_says_what_one_row_is(models):
    for model in models:
        last = model["description"].rstrip().rsplit(". ", 1)[-1]
        path = model["original_file_path"]
        assert last.startswith("One row per"), f"{path}: end its description so"


@pytest.mark.parametrize("path", SQL_FILES, ids=lambda path: path.stem)
def test_sql_starts_with_its_grain_and_stays_short(path: Path):
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("-- Grain: one row per "), f"{path}: first line is the grain"
    assert len(lines) <= 110, f"{path} has {len(lines)} lines: split it"


@pytest.mark.parametrize("path", SQL_FILES, ids=lambda path: path.stem)
def test_rates_are_divided_by_the_macro_alone(path: Path):
    code = re.sub(r"--.*", "", path.read_text(encoding="utf-8"))
    # `//` is whole-number division of durations.
    assert not re.search(r"(?<!/)/(?!/)", code), f"{path}: divide through safe_rate"
    assert "distinct on" not in code, path
    assert not re.search(r"select distinct", code), f"{path}: group instead"
    assert not re.search(r"order by \d", code), f"{path}: order by a name"


def test_every_column_of_every_table_is_described_and_no_other(built, models):
    with_columns = {
        (row["schema_name"], row["table_name"]): set(row["names"])
        for row in built.read(
            "select schema_name, table_name, list(column_name) as names from duckdb_columns() "
            "where database_name in ('warehouse', 'marts_build') and not internal group by all"
        )
    }
    for model in models:
        real = with_columns[(model["schema"], model["name"])]
        described = {
            column["name"] for column in model["columns"].values() if column["description"]
        }
        missing, extra = real - described, described - real
        where = f"{model['patch_path']} {model['name']}"
        assert not missing, f"{where}: describe {sorted(missing)}"
        assert not extra, f"{where}: no such column {sorted(extra)}"


def test_every_model_has_a_key_test(manifest, models):
    tested: dict[str, set[str]] = {}
    for node in manifest["nodes"].values():
        if node["resource_type"] == "test" and node.get("test_metadata"):
            tested.setdefault(node["attached_node"], set()).add(node["test_metadata"]["name"])
    for model in models:
        kinds = tested.get(model["unique_id"], set())
        keyed = "unique_key" in kinds or {"unique", "not_null"} <= kinds
        assert keyed, f"{model['patch_path']} {model['name']}: add unique_key"


def test_marts_have_enforced_contracts_and_live_in_the_marts_file(models):
    for model in models:
        if model["fqn"][1] != "marts":
            continue
        where = model["original_file_path"]
        assert model["contract"]["enforced"], f"{where}: contract: {{enforced: true}}"
        assert model["database"] == "marts_build", where
        assert model["schema"] == "main", f"{where}: BI tools read bare names"


def test_every_model_has_exactly_one_tag_that_some_step_builds(models):
    for model in models:
        found = TAGS & set(model["tags"])
        assert len(found) == 1, f"{model['original_file_path']}: one of {sorted(TAGS)}"


def test_column_names_say_what_they_hold(models):
    for model in models:
        for column in model["columns"].values():
            kind = column["data_type"] or ""
            name = column["name"]
            where = f"{model['name']}.{name}"
            if kind == "boolean":
                assert re.match(r"(is|has|tells)_", name), f"{where}: is_ or has_"
            if kind.startswith("timestamp"):
                assert name.endswith("_at") or name in VALIDITY, f"{where}: _at"
            if kind == "double":
                fits = re.search(r"(_(rate|score|hours|ratio)|(^|_)probability)$", name)
                assert fits, f"{where}: _rate, _score, _hours, _ratio, _probability"


def test_the_seed_of_outcomes_covers_the_ontology():
    with (PROJECT / "seeds" / "call_outcomes.csv").open(encoding="utf-8") as file:
        outcomes = [row["outcome"] for row in csv.DictReader(file)]
    assert sorted(outcomes) == sorted(contract.OUTCOMES)


def test_the_report_is_an_exposure_of_what_it_reads(manifest):
    exposure = manifest["exposures"]["exposure.leadloop.daily_report"]
    assert "model.leadloop.fct_dials_hourly" in exposure["depends_on"]["nodes"]


def test_nothing_is_downloaded_or_sent():
    text = (PROJECT / "dbt_project.yml").read_text(encoding="utf-8")
    assert "send_anonymous_usage_stats: false" in text
    assert not (PROJECT / "packages.yml").exists()
    assert not list(PROJECT.rglob("__init__.py")), "dbt would import it as a package"


def test_a_build_writes_nothing_into_the_project(built):
    left = {path.name for path in PROJECT.iterdir()}
    assert not left & {"target", "logs", "dbt_packages", ".user.yml"}, left
    assert (built.settings.home.dbt / "logs" / "dbt.log").exists()


def test_what_duckdb_fixes_at_its_first_query_is_given_when_the_file_is_opened():
    # A `set` of these for each cursor is refused as soon as one query has gone to disk.
    profile = yaml.safe_load(
        (PROJECT_ROOT / "dbt_project" / "profiles.yml").read_text(encoding="utf-8")
    )
    target = profile["leadloop"]["outputs"]["local"]
    assert {"temp_directory", "memory_limit"} <= set(target["config_options"])
    assert set(target["settings"]) == {"TimeZone"}


def test_the_documentation_is_one_page_with_models_metrics_and_readers(built):
    page = transform.build_docs(built.settings).read_text(encoding="utf-8")
    for name in ("rpt_restatements", "connect_rate", "board_numbers"):
        assert name in page, name
    assert '"send_anonymous_usage_stats": true' not in page
