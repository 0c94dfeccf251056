"""What the screens of `leadloop source` show, and what they leave alone."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from leadloop.cli import app

DAY = "2026-01-05"
ORDERS = [
    {"id": "o1", "customer": "C1", "placed_at": "2026-01-05 09:00:00", "amount": "98.50"},
    {"id": "o2", "customer": "C2", "placed_at": "2026-01-05 10:00:00", "amount": "free"},
    {"id": "o3", "customer": "C3", "placed_at": "2026-01-05 11:00:00", "amount": "12"},
]


@pytest.fixture
def run():
    """Run a command of `leadloop source`; return its exit code and what it wrote."""

    def call(*arguments):
        result = CliRunner().invoke(app, ["source", *arguments])
        return result.exit_code, result.output if not result.exception else str(result.exception)

    return call


@pytest.fixture
def shop_api(api, write_source):
    """A source of orders over the server, with a cursor."""
    api.answer = lambda _seen: {"items": ORDERS}
    cursor = {"field": "placed_at", "start": "2026-01-01T00:00:00Z"}
    auth = {"kind": "bearer"}
    return write_source(
        kind="api", url=f"{api.url}/orders", records="items", cursor=cursor, auth=auth
    )


def test_try_shows_what_would_land_and_keeps_nothing(run, shop, shop_api):
    code, text = run("try", "shop", "--date", DAY, "--limit", "2")
    assert code == 0
    assert "through shop_orders into order" in text
    assert "2 rows read: 1 would land, 0 duplicate, 1 refused" in text
    assert "amount_not_a_number" in text
    assert "Nothing was kept." in text
    assert not (shop.home.inbox / "sources").exists()
    assert not shop.home.landing.exists()
    assert json.loads(run("show", "shop", "--json", "-")[1])["pulls"] == []


def test_show_tells_the_settings_the_last_pulls_and_no_secret(run, shop_api):
    assert run("pull", "shop", "--date", DAY)[0] == 0
    code, text = run("show", "shop")
    assert code == 0
    assert "auth: {'kind': 'bearer'}" in text
    assert "retries: 5" in text
    assert "2026-01-05_0001.jsonl.gz" in text
    assert "2026-01-05T11:00:00+00:00" in text
    assert "s3cret" not in text
    found = json.loads(run("show", "shop", "--json", "-")[1])
    assert found["source"]["kind"] == "api"
    assert [(pull["day"], pull["rows_read"]) for pull in found["pulls"]] == [(DAY, 3)]


def test_a_source_with_nothing_to_try_says_so(run, api, shop_api):
    api.answer = lambda _seen: {"items": []}
    assert "shop has nothing for 2026-01-05." in run("try", "shop", "--date", DAY)[1]


def test_what_is_pushed_is_neither_tried_nor_pulled(run, write_source, shop):
    path = shop.config / "sources" / "site.yml"
    path.write_text("{name: site, kind: events}", encoding="utf-8")
    for command in ("try", "pull"):
        code, text = run(command, "site", "--date", DAY)
        assert code != 0
        assert "site is pushed, not pulled" in text


def test_a_day_that_is_none_is_named(run, shop_api):
    assert "'2026-02-30' is not a day" in run("pull", "shop", "--date", "2026-02-30")[1]


def test_list_shows_every_feed_and_where_to_begin_without_any(run, shop, shop_api):
    (shop.config / "sources" / "site.yml").write_text("{name: site, kind: events}")
    run("pull", "shop", "--date", DAY)
    rows = {row["source"]: row for row in json.loads(run("list", "--json", "-")[1])}
    assert rows["shop"]["mark"] == "2026-01-05T11:00:00+00:00"
    assert rows["site.inquiry_event"] == {
        "source": "site.inquiry_event",
        "kind": "events",
        "map": "cloud_inquiry_event",
        "table": "inquiry_event",
        "mark": None,
    }
    for path in (shop.config / "sources").iterdir():
        path.unlink()
    assert "docs/sources.md shows how to add one" in run("list")[1]
