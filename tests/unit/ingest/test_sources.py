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
            {"paging": {"by": "offset", "parameter": "o", "size": 50}},
            "`size` and `size_parameter` together",
            id="a size that is sent nowhere",
        ),
        pytest.param({"url": "https://x.example/{day}"}, "{day} is no placeholder", id="path"),
        pytest.param(
            {"cursor": {"field": "n", "kind": "number", "start": "one"}}, "start: ", id="no number"
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


def test_a_secret_written_where_none_belongs_is_not_shown(declare):
    auth = {"kind": "bearer", "token": "t0p"}
    url = "https://user:t0p@crm.example.com"
    with pytest.raises(UsageError) as error:
        load_sources(declare({**API, "url": url, "auth": auth, "password": "t0p", "retries": 99}))
    lines = str(error.value).splitlines()
    assert lines[0].endswith("crm.yml has 4 mistake(s):")
    assert lines[3].startswith("  retries: ")
    assert lines[3].endswith("(seen: 99)")
    assert "t0p" not in str(error.value)


def test_what_yaml_makes_of_numbers_times_and_truths_is_taken_as_it_is_written(settings, tmp_path):
    path = tmp_path / "sources" / "crm.yml"
    path.parent.mkdir()
    path.write_text(
        "{name: crm, kind: api, map: generic_cn_cdr, url: 'https://crm.example.com/{date}',\n"
        "query: {limit: 50, deleted: true}, ok: {path: success, values: [true, 0]},\n"
        "cursor: {field: at, start: 2026-01-01T00:00:00Z}}\n",
        encoding="utf-8",
    )
    source = find_source(replace(settings, config=tmp_path), "crm")
    assert source.query == {"limit": "50", "deleted": "true"}
    assert source.ok.values == ("true", "0")
    assert source.cursor.start == "2026-01-01T00:00:00+00:00"
