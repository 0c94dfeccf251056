"""Every query of docs/bi.md runs against marts that the real steps built and published."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from leadloop.settings import PROJECT_ROOT, Settings, load_settings
from leadloop.warehouse import current_marts, open_marts, read_rows

PAGE = (PROJECT_ROOT / "docs" / "bi.md").read_text(encoding="utf-8")
LAST_DAY = "2026-03-04"


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, flags=re.DOTALL)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Three days of the made company, loaded, gated, built and published."""
    from leadloop import transform
    from leadloop.ingest.collect import collect_day
    from leadloop.publish.marts import publish_day
    from leadloop.quality.gate import run_gate
    from leadloop.simulate.make import write_company

    home = tmp_path_factory.mktemp("bi") / "home"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LEADLOOP_HOME", str(home))
        patch.setenv("LEADLOOP_PHONE_HASH_KEY", "key of the tests")
        settings = load_settings()
        write_company(home, first_day="2026-03-02", days=3, dials=400)
        collect_day(settings, LAST_DAY, since="2026-03-02")
        run_gate(settings, "landing", LAST_DAY)
        for layer in ("core", "marts"):
            transform.build_layer(settings, layer, LAST_DAY)
            run_gate(settings, layer, LAST_DAY)
        publish_day(settings, LAST_DAY)
        yield settings


def test_the_page_has_queries_for_sql_and_python():
    assert len(blocks("sql")) == 3
    assert len(blocks("python")) == 2


@pytest.mark.parametrize("number", range(3), ids=["by hour", "by channel", "how dials end"])
def test_a_sql_query_of_the_page_gives_rows(published: Settings, number: int):
    with open_marts(published.home) as marts:
        rows = read_rows(marts, blocks("sql")[number])
    assert len(rows) >= 4


def test_the_counts_of_the_first_query_are_those_of_the_facts(published: Settings):
    with open_marts(published.home) as marts:
        rows = read_rows(marts, blocks("sql")[0])
        dials = read_rows(marts, "select count(*) as n from fct_dials where is_dial")[0]["n"]
    assert sum(row["dials"] for row in rows) == dials
    assert 1000 < dials < 2000  # three weekdays of about 400, and calls to customers


@pytest.mark.parametrize("number", range(2), ids=["sqlalchemy", "metrics"])
def test_a_python_example_of_the_page_runs_as_it_stands(published: Settings, number: int):
    code = blocks("python")[number].replace(
        "var/marts/current.duckdb", str(published.home.marts / "current.duckdb")
    )
    names: dict[str, object] = {}
    exec(compile(code, "docs/bi.md", "exec"), names)
    assert len(names["result"]) >= 4  # type: ignore[arg-type]


def test_a_reader_by_sqlalchemy_does_not_keep_the_file(published: Settings):
    code = blocks("python")[0].replace(
        "var/marts/current.duckdb", str(published.home.marts / "current.duckdb")
    )
    exec(compile(code, "docs/bi.md", "exec"), {})
    opened = [
        link.resolve()
        for link in Path("/proc/self/fd").iterdir()
        if link.exists() and link.resolve() == current_marts(published.home)
    ]
    assert opened == []


def test_the_engine_parameters_for_superset_are_json():
    assert json.loads(blocks("json")[0])["connect_args"] == {"read_only": True}
