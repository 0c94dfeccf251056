"""docs/sources.md: its examples are right as they stand."""

from __future__ import annotations

import re
from dataclasses import replace

import yaml

from leadloop.ingest.sources import load_sources
from leadloop.settings import PROJECT_ROOT


def test_the_examples_of_sources_are_right(settings, tmp_path):
    text = (PROJECT_ROOT / "docs" / "sources.md").read_text(encoding="utf-8")
    (tmp_path / "sources").mkdir()
    for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL):
        name = yaml.safe_load(block)["name"]
        (tmp_path / "sources" / f"{name}.yml").write_text(block, encoding="utf-8")
    found = load_sources(replace(settings, config=tmp_path))
    assert {source.kind for source in found} == {"api", "database", "events"}


def test_no_source_is_active_as_shipped(settings):
    assert load_sources(settings) == []
