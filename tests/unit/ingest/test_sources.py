"""Sources in YAML: every mistake is named with its file and place, all at once."""

from __future__ import annotations

from dataclasses import replace

import pytest
import yaml

from leadloop.errors import UsageError
from leadloop.ingest.sources import find_source, load_source_secret, load_sources

API = {"kind": "api", "name": "crm", "map": "generic_cn_cdr", "url": "https://crm.example.com/v1"}


@pytest.fixture
def declare(settings, tmp_path):
    """Write sources as files of config/sources and return the settings that read them."""
    folder = tmp_path / "config" / "sources"
    folder.mkdir(parents=True)

    def write(*sources, names=()):
        for place, source in enumerate(sources):
            name = names[place] if names else source["name"]
            (folder / f"{name}.yml").write_text(yaml.safe_dump(source), encoding="utf-8")
        return replace(settings, config=tmp_path / "config")

    return write


@pytest.mark.parametrize(
    ("changes", "seen"),
    [
        pytest.param({"url": "ftp://x"}, "url", id="no HTTP"),
        pytest.param({"url": "https://user@x"}, "url", id="a login in the address"),
        pytest.param({"methd": "GET"}, "methd", id="an unknown word"),
        pytest.param({"query": {"a": "{begin}"}}, "{begin} is no placeholder", id="placeholder"),
        pytest.param(
            {"url": "http://crm.example.com", "auth": {"kind": "bearer"}},
            "use https",
            id="open line",
        ),
        pytest.param({"body": {"a": 1}}, "GET has no body", id="a body for a GET"),
        pytest.param({"paging": {"by": "page"}}, "needs `parameter`", id="page without parameter"),
        pytest.param(
            {"paging": {"by": "cursor", "parameter": "c"}}, "exactly one of", id="cursor nowhere"
        ),
        pytest.param(
            {"paging": {"by": "offset", "parameter": "o"}}, "needs `size`", id="offset without size"
        ),
        pytest.param(
            {"cursor": {"field": "t", "start": "2026-01-01"}}, "has no zone", id="start of no zone"
        ),
        pytest.param({"zone": "Beijing"}, "not an IANA time zone", id="unknown zone"),
        pytest.param(
            {"auth": {"kind": "hmac", "message": "{time}"}}, "{time} is none of", id="signed part"
        ),
    ],
)
def test_a_mistake_in_an_api_source_is_named(declare, changes, seen):
    with pytest.raises(UsageError) as error:
        load_sources(declare({**API, **changes}))
    assert seen in str(error.value)
    assert "crm.yml" in str(error.value)


@pytest.mark.parametrize(
    ("changes", "seen"),
    [
        pytest.param({}, "exactly one of `table`, `select`", id="neither table nor select"),
        pytest.param({"table": "calls"}, "a table needs `day_column`", id="all of a table"),
        pytest.param({"select": "select 1"}, "bounded by :since", id="a select without bounds"),
        pytest.param({"table": "calls; drop", "day_column": "d"}, "table", id="no name of a table"),
    ],
)
def test_a_mistake_in_a_database_source_is_named(declare, changes, seen):
    source = {"kind": "database", "name": "desk", "map": "generic_cn_cdr", **changes}
    with pytest.raises(UsageError) as error:
        load_sources(declare(source))
    assert seen in str(error.value)


def test_all_mistakes_of_all_files_are_told_at_once(declare):
    events = {"kind": "events", "name": "site", "public_keys": ["k"]}
    with pytest.raises(UsageError) as error:
        load_sources(declare({**API, "method": "PUT"}, events))
    assert "crm.yml" in str(error.value)
    assert "public_keys need `origins`" in str(error.value)


def test_a_file_is_named_like_its_source_and_no_name_is_taken_twice(declare):
    with pytest.raises(UsageError, match="wanted 'other', like the file"):
        load_sources(declare(API, names=["other"]))


def test_a_name_of_company_yml_is_taken(declare):
    with pytest.raises(UsageError, match="has a source 'dialler' already"):
        load_sources(declare({**API, "name": "dialler"}))


def test_a_source_that_is_not_there_is_answered_with_those_that_are(declare):
    with pytest.raises(UsageError, match=r"no source 'x' .* known: crm"):
        find_source(declare(API), "x")


def test_a_secret_comes_from_the_environment_or_a_file_and_its_lack_names_both(settings, tmp_path):
    path = tmp_path / "secret"
    path.write_text("from a file\n", encoding="utf-8")
    assert load_source_secret(settings, "crm", {"LEADLOOP_SECRET_CRM": "direct"}) == "direct"
    found = load_source_secret(settings, "crm", {"LEADLOOP_SECRET_CRM_FILE": str(path)})
    assert found == "from a file"
    with pytest.raises(UsageError, match="set LEADLOOP_SECRET_CRM, or LEADLOOP_SECRET_CRM_FILE"):
        load_source_secret(settings, "crm", {})
