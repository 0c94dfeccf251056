"""The browser's snippet in a real browser: small, loses nothing, sends nothing unasked."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest

from leadloop.settings import PROJECT_ROOT

SNIPPET = PROJECT_ROOT / "examples" / "events" / "snippet.js"
PAGE = """<!doctype html><title>shop</title><script src="snippet.js"></script>
<script>window.tell = leadloop("{url}", "pk_site");</script>"""


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def shop(tmp_path_factory, run_live):
    """A site with the snippet on it, and the service that it sends to."""
    folder = tmp_path_factory.mktemp("shop")
    http = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=http.serve_forever, daemon=True).start()
    site = f"http://127.0.0.1:{http.server_port}"
    source = {"kind": "events", "name": "site", "public_keys": ["pk_site"], "origins": [site]}
    root = tmp_path_factory.mktemp("live")
    settings, url, process = run_live(root, {"site": source}, "unused")
    (folder / "snippet.js").write_bytes(SNIPPET.read_bytes())
    (folder / "index.html").write_text(PAGE.format(url=url), encoding="utf-8")
    page = SNIPPET.with_name("page.html").read_text(encoding="utf-8")
    page = page.replace("https://live.example.com/v1/events", url).replace("pk_shop", "pk_site")
    (folder / "page.html").write_text(page, encoding="utf-8")

    class Shop:
        address = f"{site}/index.html"
        origin = site

        def __init__(self):
            self.url = url

        def read(self):
            log = settings.home.inbox / "events" / "site" / "funnel_event"
            return [json.loads(line) for f in log.glob(".*.open") for line in f.open()]

        def stop(self):
            os.kill(process.pid, signal.SIGTERM)
            process.wait(20)

        def start(self):
            run_live(root, {"site": source}, "unused", urlsplit(url).port)

        def wait_for(self, *stages):
            for _ in range(150):
                found = [row for row in self.read() if row["data"]["stage"] in stages]
                if len(found) >= len(stages):
                    return found
                time.sleep(0.1)
            raise AssertionError(self.read())

    yield Shop()
    http.shutdown()
    http.server_close()


def test_the_snippet_has_at_most_two_kilobytes():
    assert SNIPPET.stat().st_size <= 2048


def test_what_a_page_tells_arrives_and_nothing_else_does(browser, shop):
    browser.get(shop.address)
    browser.execute_script("tell('lead', 'L1', 'form_sent', {campaign: 'spring'})")
    (row,) = shop.wait_for("form_sent")
    assert row["data"] == {
        "entity_type": "lead", "entity_id": "L1", "stage": "form_sent",
        "custom": {"campaign": "spring"},
    }  # fmt: skip
    assert row["source"] == shop.origin
    assert row["trust"] == "public"
    assert set(row) == {
        "specversion",
        "id",
        "source",
        "type",
        "time",
        "data",
        "trust",
        "receivedat",
    }


def test_an_event_that_is_wrong_stops_none_of_the_others(browser, shop):
    browser.get(shop.address)
    browser.execute_script("tell('lead', 'L2', 'first'); tell('lead', 'L2', ''); "
                           "tell('lead', 'L2', 'third')")  # fmt: skip
    assert [row["data"]["stage"] for row in shop.wait_for("first", "third")] == ["first", "third"]
    for _ in range(50):
        left = browser.execute_script("return localStorage.getItem('leadloop:pk_site')")
        if left == "[]":
            break
        time.sleep(0.1)
    assert left == "[]"


def test_what_could_not_be_sent_is_sent_when_the_service_is_back(browser, shop):
    browser.get(shop.address)
    shop.stop()
    browser.execute_script("tell('lead', 'L3', 'while_away')")
    time.sleep(1)
    browser.get("about:blank")
    shop.start()
    browser.get(shop.address)
    (row,) = shop.wait_for("while_away")
    assert row["data"]["entity_id"] == "L3"


def test_a_key_that_is_not_known_yet_loses_nothing(browser, shop):
    browser.get(shop.address)
    browser.execute_script(
        "var early = leadloop(arguments[0], 'pk_early'); early('lead', 'L4', 'early')", shop.url
    )
    time.sleep(1)
    left = json.loads(browser.execute_script("return localStorage.getItem('leadloop:pk_early')"))
    assert [event["data"]["entity_id"] for event in left] == ["L4"]
    assert not [row for row in shop.read() if row["data"]["entity_id"] == "L4"]


def test_the_page_of_the_example_tells_when_its_form_is_sent(browser, shop):
    browser.get(f"{shop.origin}/page.html")
    browser.execute_script(
        "document.forms[0].order.value = 'L5'; document.forms[0].requestSubmit()"
    )
    for _ in range(100):
        found = [row for row in shop.read() if row["data"]["entity_id"] == "L5"]
        if found:
            break
        time.sleep(0.1)
    assert [row["data"]["stage"] for row in found] == ["form_sent"]
