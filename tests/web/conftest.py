"""A browser without a screen, and the page it opens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from leadloop import ledger, opstore
from leadloop.settings import Home, Settings

DAY = "2026-03-31"
# As the test's conftest writes it into the marts.
HOSTILE = "</script><script>window.ran = 1</script><img src=x onerror='window.ran = 1'>"
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def report_file(small_home: Settings) -> Path:
    """The report on the last day of the small home, with hostile names in gates and loads too."""
    from leadloop.publish.report import write_report

    hostile = HOSTILE
    gate = {
        "gate": "landing",
        "day": DAY,
        "suite": "calls",
        "expectation": hostile,
        "severity": "warning",
        "is_passed": False,
        "observed": {"rows": 300, "judged": 300, "broken": 2, "error": hostile},
        "examples": [],
        "notes": hostile,
        "evaluated_at": opstore.now(),
    }
    load = {
        "batch_id": "b1",
        "load_date": DAY,
        "source": "dialler",
        "map": "generic_cn_cdr",
        "table_name": "call",
        "file": hostile,
        "rows_read": 303,
        "rows_landed": 300,
        "rows_duplicate": 1,
        "rows_quarantined": 2,
        "by_reason": {hostile: 2},
        "unknown_codes": {hostile: 1},
        "finished_at": opstore.now(),
    }
    with opstore.transaction(small_home) as connection:
        opstore.replace(connection, opstore.gate_results, [gate])
        opstore.replace(connection, opstore.ingest_outcomes, [load])
    return write_report(small_home, DAY)


@pytest.fixture(scope="session")
def browser(
    tmp_path_factory: pytest.TempPathFactory, find_command: Callable[[str, str], str]
) -> Iterator[Any]:
    """Chromium, driven by selenium; it is closed with the session."""
    program = find_command("chromium", "chromium")
    driver = find_command("chromedriver", "chromium-driver")
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = program
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    chromium = webdriver.Chrome(options=options, service=Service(driver))
    yield chromium
    chromium.quit()


@pytest.fixture
def open_page(browser: Any, report_file: Path) -> Callable[..., Any]:
    """Open the report at a width and in a language; give the browser."""

    def open_at(width: int = 1366, language: str = "zh", path: Path = report_file) -> Any:
        browser.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False},
        )
        browser.get("about:blank")
        browser.get_log("browser")
        browser.get_log("performance")
        browser.get(f"{path.as_uri()}#{language}")
        return browser

    return open_at


def make_alert(alert_id: str, **changes: Any) -> dict[str, Any]:
    """An alert as `decide` writes it: connect rate of one channel, with a cause."""
    now = opstore.now()
    cause = {
        "kind": "rate",
        "place": {"campaign": "spring"},
        "share": 0.92,
        "money": 1690.0,
        "evidence": {"k0": 212, "n0": 640, "k1": 14, "n1": 160},
    }
    row = {
        "rule_id": "low-connect",
        "rule_hash": "abc",
        "mode": "guarded",
        "severity": "critical",
        "metric": "connect_rate",
        "dimensions": {"channel": "referral"},
        "grain": "day",
        "period": "2026-03-31",
        "k": 31,
        "n": 214,
        "value": 31 / 214,
        "low": 0.104,
        "high": 0.198,
        "threshold": 0.2,
        "expected": 0.331,
        "money": 1840.0,
        "state": "open",
        "cause": [cause],
        "first_seen_at": now,
        "last_seen_at": now,
        "owner": "ops_manager",
    }
    return {"alert_id": alert_id, **row, **changes}


def make_action(action_id: str, **changes: Any) -> dict[str, Any]:
    """An action that waits for its approver until tomorrow."""
    now = opstore.now()
    row = {
        "alert_id": "a1",
        "type": "reschedule_dials",
        "payload": {"leads": 412},
        "target_type": "channel",
        "target_id": "referral",
        "mode": "approve",
        "state": "proposed",
        "approver": "ops_manager",
        "proposed_at": now,
        "gate": {
            "total": 412,
            "allowed": 371,
            "skipped": 41,
            "by_reason": [{"count": 41, "reason": "Called twice today.", "source": "pack"}],
        },
        "idempotency_key": action_id,
        "expires_at": now + timedelta(days=1),
    }
    return {"action_id": action_id, **row, **changes}


@pytest.fixture
def board_settings(small_home: Settings, tmp_path: Path) -> Settings:
    """The small home's marts over an operations store of its own: two alerts, three actions.

    The second alert and the second action have names that a page must not run.
    """
    url = f"sqlite:///{tmp_path / 'operations.db'}"
    settings = replace(small_home, operations_url=url)
    names = {"dimensions": {"channel": HOSTILE}, "owner": HOSTILE, "rule_id": HOSTILE}
    cause = {"kind": HOSTILE, "place": {HOSTILE: HOSTILE}, "share": 0.5, "money": None}
    hostile = {**names, "severity": "warning", "money": None, "cause": [cause]}
    payload = {"type": HOSTILE, "target_id": HOSTILE, "payload": {HOSTILE: HOSTILE}}
    # The demo's now is the morning after its last day.
    past = datetime(2026, 3, 31, tzinfo=UTC)
    with opstore.transaction(settings) as connection:
        alerts = [make_alert("a1"), make_alert("a2", **hostile)]
        alerts.append(make_alert("gone", state="resolved"))
        opstore.append(connection, ledger.alerts, alerts)
        actions = [make_action("x1"), make_action("x2", **payload, gate={HOSTILE: HOSTILE})]
        actions.append(make_action("late", expires_at=past))
        actions.append(make_action("raw", gate={}))
        opstore.append(connection, ledger.actions, actions)
    return settings


@pytest.fixture
def open_board() -> Callable[..., Any]:
    """Make a client of the board over some settings, logged in as an operator or a viewer."""
    from fastapi.testclient import TestClient

    from leadloop.web.app import create_app
    from leadloop.web.viewers import Viewer

    def open_as(settings: Settings, *, may_decide: bool = True) -> TestClient:
        app = create_app(settings, lambda: Viewer("wang", may_decide))
        return TestClient(app, base_url="http://board.test")

    return open_as


@pytest.fixture
def empty_settings(settings: Settings) -> Settings:
    """A home in which nothing was ever run."""
    return replace(settings, home=Home(settings.home.root))


@pytest.fixture
def broken_gate() -> dict[str, Any]:
    """A critical expectation that one of ten rows of 1 April broke."""
    return {
        "gate": "landing",
        "day": "2026-04-01",
        "suite": "landing_calls",
        "expectation": "call_id is never null",
        "severity": "critical",
        "is_passed": False,
        "observed": {"rows": 10, "judged": 10, "broken": 1},
        "examples": [],
        "notes": "A call with no id cannot be joined to its lead.",
        "evaluated_at": opstore.now(),
    }
