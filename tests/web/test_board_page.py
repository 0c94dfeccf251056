"""The board in a real browser: its own files alone, two languages, two widths, decisions."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from leadloop import ledger, opstore, pointer
from leadloop.settings import Settings

DAY = "2026-03-31"
SIZES = pytest.mark.parametrize("width", [1366, 390])
LANGUAGES = pytest.mark.parametrize("language", ["zh", "en"])
Open = Callable[..., Any]


@pytest.fixture
def serve() -> Iterator[Callable[..., str]]:
    """Serve the board over some settings; give the link that logs in."""
    import uvicorn

    from leadloop.web.app import create_lone_app
    from leadloop.web.commands import listen
    from leadloop.web.login import load_token
    from leadloop.web.viewers import Viewer

    running: list[tuple[Any, threading.Thread]] = []

    def start(settings: Settings, *, may_decide: bool = True) -> str:
        app = create_lone_app(settings, Viewer("wang", may_decide))
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", ws="none"))
        listener = listen("127.0.0.1", 0)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        running.append((server, thread))
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        return f"{address}/login?token={load_token(settings.home)}"

    yield start
    for server, thread in running:
        server.should_exit = True
        thread.join(20)


@pytest.fixture
def show(browser: Any, serve: Callable[..., str]) -> Open:
    """Log in at a width, open the board in a language and wait until it stands."""

    def open_at(settings: Settings, width: int = 1366, query: str = "", **who: Any) -> Any:
        size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        link = serve(settings, **who)
        browser.get("about:blank")
        browser.get_log("browser")
        browser.get_log("performance")
        browser.get(link)
        browser.get(f"{link.split('/login')[0]}/{query}")
        wait_for(browser, "main footer")
        return browser

    return open_at


def wait_for(browser: Any, place: str) -> Any:
    from selenium.webdriver.support.ui import WebDriverWait

    wait = WebDriverWait(browser, 30)
    return wait.until(lambda page: page.find_elements("css selector", place))[0]


def read_console(page: Any) -> list[str]:
    return [entry["message"] for entry in page.get_log("browser")]


@SIZES
@LANGUAGES
def test_the_page_fits_says_nothing_on_the_console_and_runs_no_name(
    show: Open, board_settings: Settings, width: int, language: str
):
    page = show(board_settings, width, f"?lang={language}&day={DAY}")
    for summary in page.find_elements("css selector", "details > summary"):
        summary.click()
    assert read_console(page) == []
    assert page.execute_script("return document.documentElement.scrollWidth") <= width
    assert page.execute_script("return window.ran === undefined")
    assert page.execute_script("return document.querySelectorAll('main img').length") == 0
    assert page.execute_script("return document.scripts.length") == 5
    text = page.execute_script("return document.body.innerText")
    assert text.count("<script>window.ran") >= 6
    assert page.execute_script("return document.documentElement.lang") == language


def test_no_host_but_its_own_is_asked_for_anything(show: Open, board_settings: Settings):
    page = show(board_settings)
    own = page.current_url.split("/")[2]
    messages = [json.loads(entry["message"])["message"] for entry in page.get_log("performance")]
    asked = [
        message["params"]["request"]["url"]
        for message in messages
        if message["method"] == "Network.requestWillBeSent"
    ]
    outside = [
        url for url in asked if not url.startswith((f"http://{own}/", "data:", "about:", "blob:"))
    ]
    assert len(asked) > 10
    assert outside == []


def test_a_tile_says_number_interval_and_sample(show: Open, board_settings: Settings):
    page = show(board_settings, query=f"?lang=en&day={DAY}")
    tiles = [tile.text for tile in page.find_elements("class name", "tile")]
    assert len(tiles) == 5
    assert "30.0%" in tiles[1]
    assert "25.1% – 35.4%" in tiles[1]
    assert "n = 300" in tiles[1]
    assert "within noise" in tiles[1]


def test_every_question_mark_opens_formula_interval_and_sql(show: Open, board_settings: Settings):
    from selenium.webdriver.support.ui import WebDriverWait

    page = show(board_settings, query=f"?lang=en&day={DAY}")
    marks = page.find_elements("class name", "ask")
    # Five tiles, two alerts, the hours, three columns of the channels.
    assert len(marks) == 11
    for mark in marks:
        page.execute_script("arguments[0].click()", mark)
        dialog = page.find_element("css selector", "dialog[open]")
        assert dialog.find_element("class name", "code").text
        assert "interval" in dialog.text
        dialog.find_element("class name", "close").click()
        # A closed dialog leaves the page in a task of its own.
        WebDriverWait(page, 10).until(lambda shown: not shown.find_elements("tag name", "dialog"))


def test_an_alert_says_cause_and_money_in_words(show: Open, board_settings: Settings):
    page = show(board_settings, query=f"?lang=en&day={DAY}")
    text = page.find_element("class name", "alert").text
    assert "Channel Referral" in text
    assert "14.5%" in text
    assert "10.4% – 19.8% · n = 214" in text
    assert "explains 92% of the change" in text
    assert "33.1% (30%–37%, n = 640) → 8.8% (5%–14%, n = 160)" in text
    assert "1,840" in text


def test_an_approval_on_the_page_reaches_the_ledger(show: Open, board_settings: Settings):
    page = show(board_settings, query="?lang=en")
    page.find_element("css selector", ".action .button.main").click()
    page.find_element("css selector", "dialog[open] .sure").click()
    # Approved, then tried at once: what this payload says cannot be carried out, and is shown so.
    wait_for(page, ".action .mark.good, .action .mark.bad")
    (entry,) = opstore.read(board_settings, ledger.approvals.select())
    assert (entry["action_id"], entry["decision"]) == ("x1", "approved")
    assert (entry["decided_by"], entry["decided_via"]) == ("wang", "board")
    assert read_console(page) == []


def test_who_comes_late_learns_who_was_first(show: Open, board_settings: Settings):
    page = show(board_settings, query="?lang=en")
    first = {"state": "rejected", "decided_by": "li", "decided_at": opstore.now()}
    opstore.compare_and_set(board_settings, ledger.actions, "x1", {"state": "proposed"}, first)
    page.find_element("css selector", ".action .button.main").click()
    page.find_element("css selector", "dialog[open] .sure").click()
    problem = page.find_element("css selector", "dialog[open] .problem")
    deadline = time.monotonic() + 20
    while not problem.text and time.monotonic() < deadline:
        time.sleep(0.1)
    assert "decided before by li" in problem.text


def test_a_viewers_buttons_are_off(show: Open, board_settings: Settings):
    page = show(board_settings, query="?lang=zh", may_decide=False)
    buttons = page.find_elements("css selector", ".action .button")
    assert buttons
    assert not any(button.is_enabled() for button in buttons)
    assert "只读" in page.find_element("tag name", "header").text


def test_the_address_keeps_day_and_language(show: Open, board_settings: Settings):
    page = show(board_settings, query=f"?lang=zh&day={DAY}")
    page.find_element("css selector", ".step").click()
    wait_for(page, "input[type=date][value='2026-03-30']")
    assert "day=2026-03-30" in page.current_url
    page.find_element("class name", "switch").click()
    assert "lang=en" in page.current_url
    page.refresh()
    wait_for(page, "main footer")
    assert "Open alerts" in page.find_element("tag name", "main").text
    assert "2026-03-30" in page.find_element("tag name", "header").text
    page.back()
    wait_for(page, f"input[type=date][value='{DAY}']")


def test_the_csv_link_names_panel_and_day(show: Open, board_settings: Settings):
    page = show(board_settings, query=f"?lang=en&day={DAY}")
    links = [item.get_attribute("href") for item in page.find_elements("class name", "csv")]
    assert [link.split("/csv/")[1].split("?")[0] for link in links] == [
        "tiles",
        "alerts",
        "actions",
        "hours",
        "channels",
        "gates",
        "loads",
    ]
    assert all(f"day={DAY}" in link for link in links)


def test_a_home_without_anything_says_what_to_do(show: Open, empty_settings: Settings):
    page = show(empty_settings, query="?lang=zh")
    text = page.find_element("tag name", "main").text
    assert "尚未发布任何数据" in text
    assert "当前没有预警" in text
    assert "没有待批准的行动" in text
    assert read_console(page) == []


def test_a_stopped_day_is_said_at_the_top(show: Open, settings: Settings):
    pointer.note_attempt(settings, ("daily", "2026-04-01"), "stopped")
    page = show(settings, query="?lang=en")
    banner = page.find_element("class name", "banner").text
    assert "2026-04-01 was stopped at a gate" in banner


def test_a_day_that_is_none_is_explained(browser: Any, show: Open, board_settings: Settings):
    page = show(board_settings)
    page.get(page.current_url.split("?")[0] + "?day=yesterday")
    assert "2026-01-31" in wait_for(page, ".problem-page").text
