"""The grammar of config/sources: every mistake is named with its file and place, no secret is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from leadloop.errors import UsageError
from leadloop.ingest.sources import find_source, load_source_secret, load_sources

API = {"kind": "api", "url": "https://shop.example.com/orders"}
DATABASE = {"kind": "database", "table": "orders", "day_column": "placed_at"}


@pytest.fixture
def write_text(shop):
    """Write a file of config/sources as it is."""

    def write(text, name="shop"):
        (shop.config / "sources" / f"{name}.yml").write_text(text, encoding="utf-8")
        return shop

    return write


@pytest.mark.parametrize(
    ("changes", "place", "reason"),
    [
        pytest.param({"kind": "ftp"}, "(whole file)", "'ftp'", id="kind"),
        pytest.param({"paging": {"by": "page"}}, "paging", "needs `parameter`", id="page"),
        pytest.param(
            {"paging": {"by": "cursor", "parameter": "after"}},
            "paging",
            "exactly one of `path`, `header`",
            id="cursor from nowhere",
        ),
        pytest.param(
            {"paging": {"by": "link", "path": "next", "header": "Link"}},
            "paging",
            "exactly one of `path`, `header`",
            id="link from two places",
        ),
        pytest.param(
            {"paging": {"by": "page", "parameter": "page", "size": 50}},
            "paging",
            "`size` and `size_parameter` together",
            id="size without its parameter",
        ),
        pytest.param({"query": {"from": "{sinc}"}}, "query", "{sinc} is no", id="placeholder"),
        pytest.param({"url": "https://x.example/{day}"}, "url", "{day} is no", id="in the url"),
        pytest.param({"body": {"a": 1}}, "(whole file)", "set method to POST", id="body of GET"),
        pytest.param(
            {"paging": {"by": "page", "parameter": "p", "place": "body"}},
            "(whole file)",
            "needs method POST",
            id="paging in the body of GET",
        ),
        pytest.param({"zone": "Asia/Peking"}, "(whole file)", "'Asia/Peking'", id="zone"),
        pytest.param(
            {"url": "http://shop.example.com", "auth": {"kind": "bearer"}},
            "(whole file)",
            "use https",
            id="secret over an open line",
        ),
        pytest.param(
            {"auth": {"kind": "hmac", "message": "{time}"}}, "auth.hmac", "{time}", id="hmac"
        ),
        pytest.param(
            {"cursor": {"field": "at", "start": "2026-01-01"}}, "cursor", "no zone", id="start"
        ),
        pytest.param(
            {"cursor": {"field": "id", "kind": "number", "start": "one"}},
            "cursor",
            "start: ",
            id="start that is no number",
        ),
        pytest.param({"retries": 99}, "retries", "(seen: 99)", id="retries"),
        pytest.param({"urls": "x"}, "urls", "Extra inputs", id="a key that nobody knows"),
    ],
)
def test_a_mistake_of_an_api_source_is_named_with_file_and_place(
    write_source, changes, place, reason
):
    with pytest.raises(UsageError) as caught:
        write_source(**{**API, **changes})
    first, *lines = str(caught.value).splitlines()
    assert first.endswith("shop.yml has 1 mistake(s):")
    assert len(lines) == 1
    assert lines[0].startswith(f"  {place}: ")
    assert reason in lines[0]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        pytest.param({"select": "select 1"}, "exactly one of `table`, `select`", id="both"),
        pytest.param({"table": None}, "exactly one of `table`, `select`", id="neither"),
        pytest.param({"day_column": None}, "needs `day_column`", id="unbounded table"),
        pytest.param({"table": None, "select": "select 1"}, ":since", id="unbounded select"),
        pytest.param({"table": "orders; drop"}, "table: String should match", id="table"),
        pytest.param(
            {"cursor": {"field": "a.b", "start": "2026-01-01T00:00:00Z"}},
            "must be a column",
            id="cursor inside a column",
        ),
    ],
)
def test_a_mistake_of_a_database_source_is_named(write_source, changes, reason):
    content = {key: value for key, value in {**DATABASE, **changes}.items() if value is not None}
    with pytest.raises(UsageError, match=r"shop\.yml has 1 mistake") as caught:
        write_source(**content)
    assert reason in str(caught.value)


def test_browser_keys_need_the_sites_that_may_use_them(write_text):
    settings = write_text("{name: shop, kind: events, public_keys: [pk]}")
    with pytest.raises(UsageError, match="`origins`"):
        load_sources(settings)


def test_the_mistakes_of_all_files_are_told_at_once(write_text):
    write_text("name: other\nkind: events\n")
    settings = write_text("name: [", "broken")
    with pytest.raises(UsageError) as caught:
        load_sources(settings)
    assert "shop.yml: name is 'other'; wanted 'shop', like the file." in str(caught.value)
    assert "broken.yml cannot be read" in str(caught.value)


def test_a_secret_written_where_none_belongs_is_not_shown(write_source):
    auth = {"kind": "bearer", "token": "t0p"}
    url = "https://user:t0p@shop.example.com"
    with pytest.raises(UsageError) as caught:
        write_source(kind="api", url=url, auth=auth, password="t0p")
    assert "3 mistake(s)" in str(caught.value)
    assert "t0p" not in str(caught.value)


def test_numbers_times_and_truths_that_yaml_makes_are_taken_as_they_are_written(write_text):
    settings = write_text(
        "name: shop\nkind: api\nmap: shop_orders\nurl: https://shop.example.com/o\n"
        "query: {limit: 50, deleted: true, since: '{since}'}\n"
        "ok: {path: success, values: [true, 0]}\n"
        "cursor: {field: at, start: 2026-01-01T00:00:00Z}\n"
    )
    source = find_source(settings, "shop")
    assert source.query == {"limit": "50", "deleted": "true", "since": "{since}"}
    assert source.ok.values == ("true", "0")
    assert source.cursor.start == "2026-01-01T00:00:00+00:00"


def test_a_name_that_a_dropped_source_has_is_taken(settings, shop, write_source):
    write_source("orders", **API)
    with pytest.raises(UsageError, match=r"company\.yml has a source 'orders' already"):
        load_sources(replace(shop, company=settings.company))


def test_a_source_that_is_not_there_is_answered_with_those_that_are(shop, write_source):
    write_source(**API)
    with pytest.raises(UsageError, match=r"no source 'crm' in .*; known: shop"):
        find_source(shop, "crm")


def test_a_secret_comes_from_the_variable_or_the_file_it_names(shop, tmp_path):
    file = tmp_path / "secret"
    file.write_text("from the file\n", encoding="utf-8")
    assert load_source_secret(shop, "shop", {"LEADLOOP_SECRET_SHOP": "direct"}) == "direct"
    found = load_source_secret(shop, "shop", {"LEADLOOP_SECRET_SHOP_FILE": str(file)})
    assert found == "from the file"
    with pytest.raises(UsageError, match="set LEADLOOP_SECRET_SHOP, or LEADLOOP_SECRET_SHOP_FILE"):
        load_source_secret(shop, "shop", {})


def test_events_of_each_type_are_a_feed_of_their_own(shop, write_text):
    write_text("{name: site, kind: events}", "site")
    feeds = find_source(shop, "site").as_files
    assert [(feed.name, feed.map) for feed in feeds] == [
        ("site.funnel_event", "cloud_funnel_event"),
        ("site.inquiry_event", "cloud_inquiry_event"),
    ]
