"""One signal all the way: seen, explained, proposed, allowed, approved, sent, measured, shown.

Every part is the real one: Airflow as `leadloop up` starts it, a receiver that plays the dialler,
a mail server. The tests are one story and run in its order.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import psutil
import pytest
import sqlalchemy as sa
import yaml

from leadloop import launcher, ledger, opstore
from leadloop.actions.approvals import TASK
from leadloop.actions.outbox import DIGEST
from leadloop.airflow_api import call_api, get_token
from leadloop.settings import PROJECT_ROOT, Settings, load_settings, read_yaml
from leadloop.simulate.faults import plant
from leadloop.simulate.make import write_company
from leadloop.warehouse import current_marts, open_marts, read_rows

FIRST = date(2026, 6, 1)
DAYS = 49
LAST = FIRST + timedelta(days=DAYS - 1)
DIALS = 900
FEEDS = ("dialler", "transcripts", "orders")
DEAD_LIST = plant({"kind": "dead_list", "from": -3})


@dataclass
class Story:
    """The company, its partners, and what was learnt on the way."""

    settings: Settings
    receiver: Any
    mails: list[Any]
    token: str
    seen: dict[str, Any] = field(default_factory=dict)

    def call(self, method: str, path: str, body: dict | None = None) -> dict:
        return call_api(self.settings, method, path, body, self.token)

    def read(self, table: sa.Table, **where: Any) -> list[dict[str, Any]]:
        query = sa.select(table).where(*(table.c[name] == value for name, value in where.items()))
        return opstore.read(self.settings, query)

    def run_day(self, day: date, wait_until: Any, **conf: Any) -> None:
        body = {"logical_date": None, "partition_key": str(day), "conf": conf}
        run = self.call("POST", "/api/v2/dags/daily_cycle/dagRuns", body)["dag_run_id"]
        path = f"/api/v2/dags/daily_cycle/dagRuns/{urllib.parse.quote(run, safe='')}"
        wait_until(lambda: self.call("GET", path)["state"] in ("success", "failed"), 420)
        assert self.call("GET", path)["state"] == "success"


@pytest.fixture(scope="module")
def wait_until():
    import time

    def wait(condition: Any, seconds: float) -> None:
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, f"not within {seconds} s"
            time.sleep(0.5)

    return wait


@pytest.fixture(scope="module")
def story(tmp_path_factory, open_mail_server, make_receiver):
    """A company whose short-video list went dead three days ago, under a running Airflow."""
    root = tmp_path_factory.mktemp("story")
    with socket.socket() as free, pytest.MonkeyPatch.context() as patch, open_mail_server() as mail:
        free.bind(("127.0.0.1", 0))
        patch.setenv("LEADLOOP_HOME", str(root / "home"))
        patch.setenv("LEADLOOP_CONFIG", str(root / "config"))
        patch.setenv("LEADLOOP_PORT", str(free.getsockname()[1]))
        free.close()
        settings = load_settings()
        receiver = make_receiver(settings, root)
        (root / "config").mkdir()
        # Seven weeks of calls, words and orders: what the story is about.
        company = read_yaml(PROJECT_ROOT / "config" / "company.yml")
        company["sources"] = [item for item in company["sources"] if item["name"] in FEEDS]
        (root / "config" / "company.yml").write_text(yaml.safe_dump(company), encoding="utf-8")
        (root / "config" / "connections.yml").write_text(
            yaml.safe_dump(connections(receiver.port, mail.server_address[1])), encoding="utf-8"
        )
        write_company(
            settings.home.root, first_day=str(FIRST), days=DAYS, dials=DIALS, faults=DEAD_LIST
        )
        receiver.start()
        command("up")
        try:
            yield Story(settings, receiver, mail.mails, get_token(settings))
        finally:
            launcher.stop(settings)
            receiver.kill()


def command(word: str) -> str:
    """Run `leadloop up` or `down` as a person would; return what it said."""
    code = "from leadloop.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, word], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def connections(receiver_port: int, mail_port: int) -> dict[str, Any]:
    mail = {"kind": "mail", "sender": "loop@example.com", "host": "127.0.0.1", "port": mail_port}
    url = f"http://127.0.0.1:{receiver_port}/dialler"
    return {
        "connections": {
            "mail.ops": {**mail, "to": ["ops@example.com"]},
            "mail.agents": {**mail, "to": ["leads@example.com"]},
            "dialler.hook": {"kind": "webhook", "url": url},
        },
        "deliver": {
            "reschedule_dials": "dialler.hook",
            "smart_redial": "dialler.hook",
            "remind_compliance": "mail.agents",
            "retention_package": "dialler.hook",
        },
    }


def test_seen_a_triggered_cycle_raises_the_alert(story: Story, wait_until):
    story.run_day(LAST, wait_until, since=str(FIRST))
    (alert,) = story.read(ledger.alerts, rule_id="connect-drop")
    assert alert["dimensions"] == {"channel": "short_video"}
    assert alert["value"] < 0.75 * alert["expected"]
    story.seen["alert"] = alert["alert_id"]


def test_explained_the_first_cause_names_the_planted_list(story: Story):
    alert = opstore.find(story.settings, ledger.alerts, story.seen["alert"])
    first = alert["cause"][0]
    assert first["kind"] == "rate"
    assert first["place"] == {"channel": "short_video", "campaign": "spring_retarget"}
    assert first["share"] > 0.5
    assert alert["money"] > 0


def test_proposed_and_allowed_a_plan_with_its_proofs(story: Story):
    (action,) = story.read(ledger.actions, alert_id=story.seen["alert"])
    assert (action["type"], action["mode"], action["state"]) == (
        "reschedule_dials",
        "approve",
        "proposed",
    )
    assert action["gate"]["allowed"] > 0
    proofs = story.read(ledger.proofs, action_id=action["action_id"])
    assert {proof["stage"] for proof in proofs} == {"plan"}
    assert sum(proof["verdict"] == "allow" for proof in proofs) == action["gate"]["allowed"]
    story.seen["action"] = action["action_id"]


def test_nothing_went_to_the_dialler_before_somebody_approved(story: Story):
    assert story.receiver.get("/effects")["effects"] == []


def test_approved_over_the_api_in_the_waiting_run(story: Story, wait_until):
    run = f"approval__{story.seen['action']}"
    task = f"/api/v2/dags/approval/dagRuns/{run}/taskInstances"

    def is_waiting() -> bool:
        found = story.call("GET", task)["task_instances"]
        return any(item["state"] == "awaiting_input" for item in found)

    wait_until(is_waiting, 90)
    answer = {"chosen_options": ["Approve"], "params_input": {}}
    story.call("PATCH", f"{task}/{TASK}/-1/hitlDetails", answer)
    path = f"/api/v2/dags/approval/dagRuns/{run}"
    wait_until(lambda: story.call("GET", path)["state"] == "success", 120)
    (approval,) = story.read(ledger.approvals, action_id=story.seen["action"])
    assert (approval["decision"], approval["decided_via"]) == ("approved", "airflow")


def test_sent_once_to_the_dialler_and_mailed_to_operations(story: Story):
    assert opstore.find(story.settings, ledger.actions, story.seen["action"])["state"] == "sent"
    found = story.receiver.get("/effects")
    (effect,) = found["effects"]
    assert (effect["deliveries"], found["repeats"]) == (1, 0)
    (message,) = story.read(ledger.outbox, alert_id=story.seen["alert"])
    answer = message["last_answer"]
    key = answer.removeprefix(DIGEST) if answer.startswith(DIGEST) else message["message_id"]
    (mail,) = (mail for mail in story.mails if mail["Message-ID"] == f"<{key}@leadloop>")
    assert mail["To"] == "ops@example.com"
    assert message["body"]["subject"] in mail.as_string() or "=?utf-8?" in mail.as_string()
    assert "short_video" in mail.get_payload(decode=True).decode() or "抖音" in (
        mail.get_payload(decode=True).decode()
    )
    sent = {proof["stage"] for proof in story.read(ledger.proofs, action_id=story.seen["action"])}
    assert sent == {"plan", "send"}


def test_measured_the_effect_says_what_can_be_known(story: Story):
    action = opstore.find(story.settings, ledger.actions, story.seen["action"])
    (effect,) = story.read(ledger.effects, effect_id=action["payload"]["experiment"])
    assert (effect["experiment"], effect["metric"]) == ("connect-drop", "reached_rate")
    held = story.read(ledger.assignments, experiment=effect["experiment"], arm="holdout")
    assert effect["n_holdout"] == len(held) > 0
    # The plan is for tomorrow: today nothing can be known, and the row says so.
    assert effect["verdict"] == "cannot be measured"
    assert "window ends" in effect["reason"]


def test_shown_on_the_board_behind_airflows_login(story: Story):
    base = f"http://127.0.0.1:{story.settings.airflow_port}/leadloop/api"
    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(f"{base}/alerts?day={LAST}", timeout=60)
    request = urllib.request.Request(
        f"{base}/alerts?day={LAST}", headers={"Authorization": f"Bearer {story.token}"}
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        shown = json.dumps(json.loads(answer.read()), ensure_ascii=False)
    assert story.seen["alert"] in shown
    assert "spring_retarget" in shown


def test_the_tile_on_the_board_is_the_published_number(story: Story):
    address = f"http://127.0.0.1:{story.settings.airflow_port}/leadloop/api/tiles?day={LAST}"
    request = urllib.request.Request(address, headers={"Authorization": f"Bearer {story.token}"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        tiles = {tile["name"]: tile for tile in json.loads(answer.read())["tiles"]}
    with open_marts(story.settings.home, current_marts(story.settings.home)) as marts:
        table = "select table_schema from information_schema.tables where table_name = 'fct_dials'"
        (place,) = read_rows(marts, table)
        (row,) = read_rows(
            marts,
            f"""select count(*) filter (is_connected) as k, count(is_connected) as n
                from {place["table_schema"]}.fct_dials
                where is_dial and dial_date = ?""",
            [LAST],
        )
    # The last day is a Sunday, on which few are dialled.
    assert row["n"] > 30
    assert tiles["connect_rate"]["value"] == pytest.approx(row["k"] / row["n"])
    assert (tiles["connect_rate"]["k"], tiles["connect_rate"]["n"]) == (row["k"], row["n"])


def test_down_leaves_no_process_and_no_port(story: Story):
    command("down")
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", story.settings.airflow_port)) != 0
    home = str(story.settings.home.root)
    # Whatever its name: all that belongs to this home, but for the dialler that we play.
    left = [
        process.info["cmdline"]
        for process in psutil.process_iter(["cmdline", "status", "environ"])
        if process.info["status"] != psutil.STATUS_ZOMBIE
        and (process.info["environ"] or {}).get("LEADLOOP_HOME") == home
        and "receiver.py" not in " ".join(process.info["cmdline"] or [])
    ]
    assert left == []
