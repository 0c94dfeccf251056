"""Every mart has a reader, every page and action says what it reads, and nothing is copied.

Read from the files alone, without dbt: together with test_structure these are the checks that
dbt-bouncer would make.
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from leadloop.action_types import TYPES
from leadloop.settings import PROJECT_ROOT
from leadloop.web.pages import Panel

PROJECT = PROJECT_ROOT / "dbt_project"
MODELS = {path.stem: path for path in sorted((PROJECT / "models").rglob("*.sql"))}
REPORT = PROJECT_ROOT / "plugins" / "leadloop" / "publish" / "templates" / "report.js"
REF = re.compile(r"ref\('(\w+)'\)")
# A CTE of so many lines that stands in two models belongs into a model or a macro of its own.
LONGEST_COPY = 6


@cache
def read_all(kind: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for path in sorted((PROJECT / "models").rglob("*.yml")):
        found += yaml.safe_load(path.read_text(encoding="utf-8")).get(kind) or []
    return found


def list_read() -> set[str]:
    """Return the models that another model, a macro, a metric or an exposure reads."""
    sql = [path.read_text(encoding="utf-8") for path in MODELS.values()]
    sql += [path.read_text(encoding="utf-8") for path in (PROJECT / "macros").rglob("*.sql")]
    sql += [model["model"] for model in read_all("semantic_models")]
    sql += [name for exposure in read_all("exposures") for name in exposure["depends_on"]]
    return set(REF.findall("\n".join(sql)))


MARTS = sorted(name for name, path in MODELS.items() if "marts" in path.parts)


@pytest.mark.parametrize("name", MARTS)
def test_a_mart_has_somebody_who_reads_it(name: str):
    place = MODELS[name].relative_to(PROJECT_ROOT)
    assert name in list_read(), f"{place}: no model, metric or exposure reads it; name its reader"


@pytest.mark.parametrize("exposure", read_all("exposures"), ids=lambda item: item["name"])
def test_an_exposure_reads_models_that_are_there(exposure: dict[str, Any]):
    missing = [name for text in exposure["depends_on"] for name in REF.findall(text)
               if name not in MODELS]  # fmt: skip
    assert not missing, f"_exposures.yml {exposure['name']}: no such model {missing}"


def list_named(kind: str) -> list[str]:
    metas = [item.get("config", {}).get("meta", {}) for item in read_all("exposures")]
    return sorted(name for meta in metas for name in meta.get(kind, []))


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        pytest.param("panels", get_args(Panel), id="panels of the board"),
        pytest.param("actions", tuple(TYPES), id="types of actions"),
        pytest.param(
            "cards",
            tuple(set(re.findall(r"\b(\w+Card)\(", REPORT.read_text(encoding="utf-8")))),
            id="cards of the report",
        ),
    ],
)
def test_every_page_and_action_is_an_exposure(kind: str, wanted: tuple[str, ...]):
    assert list_named(kind) == sorted(wanted), f"_exposures.yml: name each in meta.{kind} once"


def test_every_metric_adds_up_a_measure_of_a_mart():
    measures = {
        measure["name"]: REF.findall(model["model"])[0]
        for model in read_all("semantic_models")
        for measure in model["measures"]
    }
    for metric in read_all("metrics"):
        measure = metric["type_params"].get("measure")
        if metric["type"] == "simple":
            assert measures.get(measure) in MARTS, f"metric {metric['name']}: no mart for {measure}"


def test_no_idea_is_written_in_two_models():
    places: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for name, path in MODELS.items():
        for cte, body in read_ctes(path):
            if len(body) >= LONGEST_COPY:
                places[body].append(f"{name}.{cte}")
    copied = [", ".join(found) for found in places.values() if len(found) > 1]
    assert not copied, f"the same CTE: {copied}; make it a model or a macro"


def read_ctes(path: Path) -> list[tuple[str, tuple[str, ...]]]:
    """Return the CTEs of a model with their lines, without comments and the shape of the text."""
    text = re.sub(r"--[^\n]*", "", path.read_text(encoding="utf-8"))
    found = re.findall(r"^(\w+) as \(\n(.*?)^\)", text, re.DOTALL | re.MULTILINE)
    return [(name, tuple(line.strip() for line in body.splitlines() if line.strip()))
            for name, body in found]  # fmt: skip
