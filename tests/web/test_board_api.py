"""What the board's API answers: numbers with evidence, alerts, decisions, tables."""

from __future__ import annotations

import csv
import io
import shutil
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from leadloop import ledger, opstore, pointer
from leadloop.actions import outbox
from leadloop.settings import Settings
from leadloop.web.words import WORDS, load_board_words

DAY = "2026-03-31"
SAME = {"origin": "http://board.test"}
PANELS = ("shell", "status", "tiles", "hours", "channels", "alerts", "actions", "gates", "loads")
Open = Callable[..., Any]


@pytest.fixture
def client(open_board: Open, board_settings: Settings) -> Any:
    """The board as an operator sees it."""
    return open_board(board_settings)


def test_a_tile_has_value_interval_sample_and_change(client: Any):
    answer = client.get("/api/tiles", params={"day": DAY}).json()
    tiles = {tile["name"]: tile for tile in answer["tiles"]}
    assert list(tiles)[:3] == ["dials", "connect_rate", "conversion_rate"]
    assert len(tiles) == 5
    # 6 cells of 50 dials; 3 x 20 + 3 x 10 connect.
    assert tiles["dials"]["value"] == 300
    rate = tiles["connect_rate"]
    assert (rate["k"], rate["n"], rate["value"]) == (90, 300, 0.3)
    assert (round(rate["low"], 3), round(rate["high"], 3)) == (0.251, 0.354)
    assert rate["change"]["before"] == 0.3
    assert rate["change"]["is_noise"]
    assert "fct_dials_hourly" in answer["definitions"]["connect_rate"]["sql"]


def test_hours_come_with_the_band_of_the_same_weekday(client: Any):
    answer = client.get("/api/hours", params={"day": DAY}).json()
    assert [point["dial_hour"] for point in answer["points"]] == [9, 10, 11]
    assert {point["mark"] for point in answer["points"]} == {"none"}
    # Tuesdays 10, 17 and 24 March; 100 dials an hour, 30 of them connect.
    band = answer["band"][0]
    assert (band["days"], band["n"], band["value"]) == (3, 300, 0.3)
    assert band["low"] < 0.25 < 0.35 < band["high"]
    assert "weekday" in answer["band_sql"]


def test_channels_are_coloured_only_where_their_interval_clears_the_overall_rate(client: Any):
    answer = client.get("/api/channels", params={"day": DAY}).json()
    rows = {row["code"]: row for row in answer["groups"]}
    assert answer["dimension"] == "channel"
    # 60 of 150 (0.325 to 0.480) against 90 of 300.
    assert rows["referral"]["reached"]["value"] == 0.4
    assert rows["referral"]["reached"]["mark"] == "above"
    assert {row["reached"]["mark"] for row in answer["groups"]} == {"above", "below"}
    assert {row["count"]["mark"] for row in answer["groups"]} == {"none"}
    # 28 days of conversion: 28 x 9 hours-and-calls: 336 of 1,680 and 84 of 840.
    assert rows["referral"]["won"]["n"] == 1680


def test_a_target_is_met_missed_or_unclear_by_its_interval(
    open_board: Open, board_settings: Settings
):
    targets = {"connect_rate": 0.2, "conversion_rate": 0.5, "short_talk_share": 0.13, "dials": 400}
    company = board_settings.company.model_copy(update={"targets": {**targets, "typo": 1}})
    answer = open_board(replace(board_settings, company=company)).get("/api/tiles").json()
    verdicts = {tile["name"]: (tile["target"] or {}).get("verdict") for tile in answer["tiles"]}
    assert verdicts["connect_rate"] == "met"
    assert verdicts["conversion_rate"] == "missed"
    # 12 of 90 is 0.133: whether the limit of 0.13 is kept cannot be told.
    assert verdicts["short_talk_share"] == "unclear"
    # Nobody said whether more dials are better.
    assert verdicts["dials"] is None
    assert answer["unknown_targets"] == ["typo"]


def test_open_alerts_come_with_cause_money_and_evidence(client: Any):
    answer = client.get("/api/alerts").json()
    first, second = answer["alerts"]
    assert [first["alert_id"], second["alert_id"]] == ["a1", "a2"]
    assert answer["currency"] == "CNY"
    assert first["money"] == 1840
    assert first["label"] == {"zh": "接通率", "en": "Connect rate"}
    cause = first["causes"][0]
    assert cause["before"]["value"] == 0.33125
    assert cause["before"]["low"] < 0.33125 < cause["before"]["high"]
    assert (cause["after"]["k"], cause["after"]["n"]) == (14, 160)
    assert set(first["action_ids"]) == {"x1", "x2", "late", "raw"}
    assert "referral" in first["sql"]


def test_the_title_of_an_alert_is_its_rules(client: Any):
    titles = {item["rule_id"]: item["title"] for item in client.get("/api/alerts").json()["alerts"]}
    assert set(titles["low-connect"]) == {"zh", "en"}
    assert [title for name, title in titles.items() if name != "low-connect"] == [None]


def test_an_approval_changes_the_row_once_and_says_who(client: Any, board_settings: Settings):
    answer = client.post("/api/actions/x1/approve", headers=SAME)
    assert answer.status_code == 200
    assert answer.json() == {"action_id": "x1", "state": "approved", "decided_by": "wang"}
    row = opstore.find(board_settings, ledger.actions, "x1")
    assert row is not None
    assert row["decided_by"] == "wang"
    kept = opstore.find(board_settings, ledger.approvals, "x1")
    assert kept is not None
    assert (kept["decision"], kept["decided_via"]) == ("approved", "board")
    late = client.post("/api/actions/x1/reject", headers=SAME)
    assert late.status_code == 409
    assert "decided before by wang" in late.json()["detail"]
    assert opstore.find(board_settings, ledger.approvals, "x1") == kept


def test_the_board_says_how_many_messages_could_not_be_delivered(
    client: Any, board_settings: Settings
):
    assert client.get("/api/status").json()["given_up"] == 0
    outbox.queue_message(board_settings, "gone.hook", "one", {"channel": "webhook", "body": {}})
    outbox.drain(board_settings)
    assert client.get("/api/status").json()["given_up"] == 1


def test_of_many_who_decide_at_once_one_wins(open_board: Open, board_settings: Settings):
    client = open_board(board_settings)
    codes: list[int] = []

    def decide(decision: str) -> None:
        codes.append(client.post(f"/api/actions/x1/{decision}", headers=SAME).status_code)

    threads = [threading.Thread(target=decide, args=(d,)) for d in ("approve", "reject") * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [200, *[409] * 7]


@pytest.mark.parametrize(
    ("path", "headers", "code"),
    [
        pytest.param("late/approve", SAME, 409, id="an expired proposal"),
        pytest.param("raw/approve", SAME, 409, id="one that no gate has seen"),
        pytest.param("x/approve", SAME, 404, id="the beginning of an id"),
        pytest.param("nobody/approve", SAME, 404, id="an unknown action"),
        pytest.param("x1/explode", SAME, 422, id="an unknown decision"),
        pytest.param("x1/approve", {}, 403, id="no origin"),
        pytest.param("x1/approve", {"origin": "null"}, 403, id="an opaque origin"),
        pytest.param("x1/approve", {"origin": "http://evil.test"}, 403, id="another site"),
        pytest.param("x1/approve", {"origin": "http://board.test:81"}, 403, id="another port"),
    ],
)
def test_what_may_not_be_decided_changes_nothing(
    client: Any, board_settings: Settings, path: str, headers: dict[str, str], code: int
):
    assert client.post(f"/api/actions/{path}", headers=headers).status_code == code
    row = opstore.find(board_settings, ledger.actions, "x1")
    assert row is not None
    assert row["state"] == "proposed"
    assert opstore.find(board_settings, ledger.approvals, "x1") is None


def test_a_viewer_sees_actions_and_may_not_decide(open_board: Open, board_settings: Settings):
    viewer = open_board(board_settings, may_decide=False)
    answer = viewer.get("/api/actions").json()
    assert answer["may_decide"] is False
    assert {item["action_id"]: item["is_open"] for item in answer["actions"]} == {
        "late": False,
        "raw": True,
        "x1": True,
        "x2": True,
    }
    assert answer["actions"][1]["label"]["en"]
    assert viewer.post("/api/actions/x1/approve", headers=SAME).status_code == 403


@pytest.mark.parametrize("panel", PANELS)
def test_a_board_without_anything_still_answers(
    open_board: Open, empty_settings: Settings, panel: str
):
    answer = open_board(empty_settings).get(f"/api/{panel}")
    assert answer.status_code == 200
    if panel in {"tiles", "hours", "channels"}:
        assert answer.json()["is_available"] is False


def test_a_stopped_day_says_why(open_board: Open, settings: Settings, broken_gate: dict[str, Any]):
    with opstore.transaction(settings) as connection:
        opstore.replace(connection, opstore.gate_results, [broken_gate])
    pointer.note_attempt(settings, ("daily", "2026-04-01"), "stopped")
    client = open_board(settings)
    status = client.get("/api/status").json()
    assert status["state"] == "stopped"
    assert status["failures"] == ["landing_calls: call_id is never null"]
    assert client.get("/api/gates").json()["gates"][0]["is_passed"] is False


def test_a_day_without_data_is_not_available_and_not_zero(client: Any):
    tiles = client.get("/api/tiles", params={"day": "2026-05-05"}).json()["tiles"]
    assert {tile["value"] for tile in tiles} == {None}
    assert client.get("/api/hours", params={"day": "2026-05-05"}).json()["points"] == []


def test_a_metric_whose_mart_is_not_published_gives_way(client: Any, board_settings: Settings):
    # The small home has two marts; the models define metrics over more.
    from leadloop.metrics import load_catalog

    names = load_catalog(board_settings).names
    shown = [tile["name"] for tile in client.get("/api/tiles").json()["tiles"]]
    assert "forbidden_word_rate" not in shown
    assert set(shown) <= set(names)


@pytest.mark.parametrize("day", ["2026-13-01", "today", "2026-3-1x", "' or 1=1"])
def test_a_day_that_is_none_is_refused(client: Any, day: str):
    for panel in ("tiles", "status"):
        answer = client.get(f"/api/{panel}", params={"day": day})
        assert answer.status_code == 422
        assert "2026-01-31" in answer.json()["detail"]


def test_a_new_version_is_shown_from_the_next_request_on(
    open_board: Open, small_home: Settings, tmp_path: Path
):
    from leadloop.settings import Home
    from leadloop.warehouse import open_memory

    root = tmp_path / "copy"
    shutil.copytree(small_home.home.root, root, symlinks=True)
    settings = replace(small_home, home=Home(root), operations_url=f"sqlite:///{root}/ops.db")
    client = open_board(settings)
    assert client.get("/api/tiles").json()["tiles"][0]["value"] == 300
    old, new = (root / "marts" / f"marts_20260401T000000Z_00000{n}.duckdb" for n in (1, 2))
    shutil.copy(old, new)
    with open_memory() as connection:
        connection.execute(f"attach '{new}' as fresh")
        connection.execute("update fresh.fct_dials_hourly set dial_count = 60")
        connection.execute("detach fresh")
    pointer.swap_link(settings.home, new)
    assert client.get("/api/tiles").json()["tiles"][0]["value"] == 360


@pytest.mark.parametrize(
    ("panel", "columns"),
    [
        ("tiles", {"name", "value", "low", "high", "n", "change_is_noise"}),
        ("hours", {"dial_hour", "value", "band_low", "band_high"}),
        ("channels", {"code", "count_value", "reached_low", "won_high"}),
        ("alerts", {"alert_id", "money", "causes", "title_zh"}),
        ("actions", {"action_id", "state", "payload"}),
        ("gates", set()),
        ("loads", set()),
    ],
)
def test_every_table_is_there_as_csv(client: Any, panel: str, columns: set[str]):
    answer = client.get(f"/csv/{panel}", params={"day": DAY})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert f'filename="leadloop_{panel}_{DAY}.csv"' in answer.headers["content-disposition"]
    assert answer.text.startswith("\ufeff")
    rows = csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff")))
    assert columns <= set(rows.fieldnames or ())


def test_no_cell_of_a_csv_file_is_a_formula(open_board: Open, board_settings: Settings):
    with opstore.transaction(board_settings) as connection:
        row = opstore.find(connection, ledger.actions, "x1") or {}
        bad = {"target_id": "=cmd|' /c calc'!A1", "payload": {"=1+1": 2}}
        opstore.replace(connection, ledger.actions, [{**row, **bad}])
    text = open_board(board_settings).get("/csv/actions").text.lstrip("\ufeff")
    cells = [cell for line in csv.reader(io.StringIO(text)) for cell in line]
    assert "'=cmd|' /c calc'!A1" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


def test_the_boards_words_are_its_own_and_in_both_languages():
    import yaml

    from leadloop.publish.labels import load_words

    own = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    assert not set(own) & set(load_words()), "say it with the report's word"
    assert {frozenset(word) for word in own.values()} == {frozenset({"zh", "en"})}
    assert all(word[language].strip() for word in own.values() for language in ("zh", "en"))


def test_every_word_that_the_board_says_is_known():
    import re

    from leadloop.web.pages import FILES

    names = ("board.js", "loop.js", "pieces.js", "charts.js")
    text = "".join(FILES[name][0].read_text(encoding="utf-8") for name in names)
    said = set(re.findall(r"\bsay\(\"(\w+)\"", text))
    assert said
    assert said <= set(load_board_words())
    own = load_board_words().keys() - _report_words()
    prefixes = tuple(set(re.findall(r"`(\w+_)\$\{", text)))
    unsaid = {key for key in own if f'"{key}"' not in text and not key.startswith(prefixes)}
    assert unsaid == set()


def _report_words() -> set[str]:
    from leadloop.publish.labels import load_words

    return set(load_words())
