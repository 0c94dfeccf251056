"""The report in a real browser: opens from disk, asks nobody, fits, speaks two languages."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from leadloop import opstore, pointer
from leadloop.publish.report import write_report
from leadloop.settings import Home, Settings

Open = Callable[..., Any]
SIZES = pytest.mark.parametrize("width", [1366, 390])
LANGUAGES = pytest.mark.parametrize("language", ["zh", "en"])


@SIZES
@LANGUAGES
def test_nothing_is_wrong_on_the_console(open_page: Open, width: int, language: str):
    page = open_page(width, language)
    assert [entry["message"] for entry in page.get_log("browser")] == []


@SIZES
@LANGUAGES
def test_nothing_is_wider_than_the_screen(open_page: Open, width: int, language: str):
    page = open_page(width, language)
    assert page.execute_script("return document.documentElement.scrollWidth") <= width
    wide = page.execute_script(
        "return [...document.querySelectorAll('.tile .value, .tile .label, h2, .pill')]"
        ".filter((item) => item.scrollWidth > item.clientWidth + 1 && item.clientWidth)"
        ".map((item) => item.textContent)"
    )
    assert wide == []


def test_no_host_is_asked_for_anything(open_page: Open, report_file: Path):
    page = open_page()
    asked = [
        message["params"]["request"]["url"]
        for entry in page.get_log("performance")
        if (message := json.loads(entry["message"])["message"])["method"]
        == "Network.requestWillBeSent"
    ]
    outside = [url for url in asked if not url.startswith(("file:", "data:", "about:", "blob:"))]
    assert asked
    assert outside == []
    assert "src=" not in report_file.read_text(encoding="utf-8").split("<body>")[0]


@SIZES
def test_hostile_names_are_shown_and_never_run(open_page: Open, width: int):
    page = open_page(width)
    assert page.execute_script("return window.ran === undefined")
    assert page.execute_script("return document.querySelectorAll('img').length") == 0
    assert "<script>window.ran" in page.execute_script("return document.body.innerText")


def test_a_hostile_name_in_a_hint_does_not_run_either(open_page: Open):
    from selenium.webdriver import ActionChains

    page = open_page()
    marks = page.find_elements("css selector", "[aria-label='各渠道成交率'] svg path")
    for mark in marks[-6:]:
        ActionChains(page).move_to_element(mark).perform()
    assert page.execute_script("return window.ran === undefined")


def test_every_panel_is_drawn(open_page: Open):
    page = open_page()
    drawn = page.execute_script(
        "return [...document.querySelectorAll('.chart')]"
        ".map((box) => box.querySelectorAll('path').length)"
    )
    assert len(drawn) == 8
    assert min(drawn) > 2


def test_the_tiles_say_the_numbers_of_the_day_with_interval_and_sample(open_page: Open):
    page = open_page(language="en")
    text = {
        tile.find_element("class name", "label").text: tile.text
        for tile in page.find_elements("class name", "tile")
    }
    assert "\n300\n" in text["Dials"]
    assert "30.0%" in text["Connect rate"]
    assert "25.1% – 35.4%" in text["Connect rate"]
    assert "n = 300" in text["Connect rate"]
    assert "100 s" in text["Talk time"].replace("\n", " ")
    assert "within noise" in text["Connect rate"]
    assert "same day last week 30.0%" in text["Connect rate"]


def test_the_switch_changes_the_language_and_keeps_the_numbers(open_page: Open):
    page = open_page(language="zh")
    assert "接通率" in page.find_element("tag name", "main").text
    page.find_element("class name", "switch").click()
    main = page.find_element("tag name", "main").text
    assert "Connect rate" in main
    assert "接通率" not in main
    assert "30.0%" in main
    assert page.execute_script("return document.documentElement.lang") == "en"


def test_the_company_decides_the_first_language(open_page: Open, report_file: Path):
    page = open_page(language="")
    assert "接通率" in page.find_element("tag name", "main").text


def test_the_question_mark_opens_formula_interval_and_sql(open_page: Open):
    from selenium.webdriver.support.ui import WebDriverWait

    page = open_page(language="en")
    page.find_elements("class name", "ask")[1].click()
    dialog = page.find_element("tag name", "dialog")
    assert "connect_rate = connect_rate_numerator / connect_rate_denominator" in dialog.text
    assert "Wilson interval" in dialog.text
    dialog.find_element("tag name", "summary").click()
    shown = dialog.find_element("tag name", "pre")
    # A busy machine paints the opened part a moment later.
    WebDriverWait(page, 10).until(lambda _page: shown.is_displayed())
    assert "fct_dials_hourly" in shown.get_attribute("textContent")


def test_what_was_loaded_and_judged_is_on_the_page(open_page: Open):
    page = open_page(language="en")
    text = page.find_element("tag name", "main").text
    assert "2 of 300 rows broken" in text
    assert "Gates passed 0/1" in page.find_element("tag name", "header").text
    assert "303 300 1 2" in text


def test_a_stopped_day_says_why_although_nothing_is_published(
    open_page: Open, settings: Settings, broken_gate: dict[str, Any]
):
    with opstore.transaction(settings) as connection:
        opstore.replace(connection, opstore.gate_results, [broken_gate])
    pointer.note_attempt(settings, ("daily", "2026-04-01"), "stopped")
    page = open_page(language="zh", path=write_report(settings, "2026-04-01"))
    assert [entry["message"] for entry in page.get_log("browser")] == []
    banner = page.find_element("class name", "banner").text
    assert "2026-04-01 已在门禁处停止" in banner
    assert "landing_calls: call_id is never null" in banner
    assert "此前没有发布过任何数据" in banner
    assert "不能" not in banner
    assert "A call with no id" in page.find_element("tag name", "main").text


def test_a_log_without_some_metrics_says_so_in_words(
    open_page: Open, small_home: Settings, tmp_path: Path
):
    quiet = replace(small_home, home=Home(small_home.home.root))
    path = write_report(quiet, "2026-05-05", path=tmp_path / "later.html")
    page = open_page(language="zh", path=path)
    tiles = [tile.text for tile in page.find_elements("class name", "tile")]
    assert len(tiles) == 6
    assert all("暂无数据" in tile for tile in tiles)
    assert "0%" not in "".join(tiles)
    assert (
        "报告日 2026-05-05 晚于数据截止日 2026-03-31" in page.find_element("tag name", "main").text
    )


def test_open_alerts_and_what_waits_are_on_the_report_without_buttons(
    open_page: Open, board_settings: Settings, tmp_path: Path
):
    path = write_report(board_settings, "2026-03-31", path=tmp_path / "report.html")
    page = open_page(language="en", path=path)
    assert [entry["message"] for entry in page.get_log("browser")] == []
    text = page.find_element("class name", "alert").text
    assert "14.5%" in text
    assert "explains 92% of the change" in text
    assert "Hour-slot plan" in page.find_element("class name", "action").text
    assert page.find_elements("class name", "button") == []
    assert page.execute_script("return window.ran === undefined")
