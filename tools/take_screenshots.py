#!/usr/bin/env python3
"""Take the pictures of docs/images from a home that `make demo` has filled: report and board.

Usage: take_screenshots.py, with LEADLOOP_HOME as for the demo. Needs Chromium with its driver, as
the browser tests do. The board is served for the time it takes; where `leadloop up` runs in the
home, it is also taken inside Airflow. Look at each picture before you commit it.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.parse
from pathlib import Path
from typing import Any

from leadloop.airflow_env import USER, load_password
from leadloop.console import say
from leadloop.services import read_service
from leadloop.settings import PROJECT_ROOT, load_settings

IMAGES = PROJECT_ROOT / "docs" / "images"
WIDE, PHONE = 1366, 400
TALLEST = 2400


def open_browser(folder: str) -> Any:
    """Return Chromium without a window."""
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    program, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not program or not driver:
        sys.exit("Chromium or its driver is missing: install chromium and chromium-driver.")
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for flag in (
        "--headless=new",
        "--no-sandbox",
        "--hide-scrollbars",
        f"--user-data-dir={folder}",
    ):
        options.add_argument(flag)
    return webdriver.Chrome(options=options, service=Service(driver))


def take(browser: Any, address: str, name: str, width: int = WIDE) -> None:
    """Open an address at a width and keep what is seen, to its whole height."""
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    browser.get("about:blank")
    browser.get(address)
    time.sleep(4)
    height = browser.execute_script("return document.documentElement.scrollHeight")
    size["height"] = min(int(height), TALLEST)
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    time.sleep(1)
    browser.save_screenshot(str(IMAGES / name))
    say(f"{name}: {width} x {size['height']}")


def log_in(browser: Any, base: str, password: str) -> None:
    """Log in to Airflow as a person would."""
    browser.get(f"{base}/")
    time.sleep(6)
    browser.find_element("css selector", "input[name=username]").send_keys(USER)
    browser.find_element("css selector", "input[name=password]").send_keys(password)
    browser.find_element("css selector", "button[type=submit], form button").click()
    time.sleep(4)


def main() -> None:
    """Take every picture that the home has something for."""
    settings = load_settings()
    report = settings.home.out / "report.html"
    if not report.exists():
        sys.exit(f"{report} is not there: run `make demo` first.")
    code = "from leadloop.cli import main; main()"
    board = subprocess.Popen(
        [sys.executable, "-c", code, "board", "--port", "0"], stdout=subprocess.PIPE, text=True
    )
    with tempfile.TemporaryDirectory() as folder:
        browser = open_browser(folder)
        try:
            link = re.findall(r"http\S+", next(iter(board.stdout or ())))[0]
            browser.get(link)
            base = "{0.scheme}://{0.netloc}".format(urllib.parse.urlsplit(link))
            take(browser, f"{report.as_uri()}#zh", "report.png")
            take(browser, f"{report.as_uri()}#en", "report_en.png")
            take(browser, f"{base}/?lang=zh", "board.png")
            take(browser, f"{base}/?lang=en", "board_en.png")
            take(browser, f"{base}/?lang=en", "board-phone.png", PHONE)
            take(browser, f"{base}/?lang=zh", "board-phone_zh.png", PHONE)
            service = read_service(settings.home, "airflow-api-server")
            if service is None or not service.is_running():
                say("Airflow of this home is not up: no picture inside it (`leadloop up`).")
                return
            airflow = f"http://127.0.0.1:{settings.airflow_port}"
            log_in(browser, airflow, load_password(settings.home))
            take(browser, f"{airflow}/leadloop/?lang=en", "board-in-airflow.png")
        finally:
            browser.quit()
            board.terminate()
            board.wait(20)


if __name__ == "__main__":
    Path(IMAGES).mkdir(exist_ok=True)
    main()
