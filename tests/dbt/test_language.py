"""From words to marts: scored once, joined to the dial, counted where they count."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime

import pytest

from leadloop import metrics, pointer, transform
from leadloop.language.scoring import annotate_day

MODELS = (
    "fct_annotations",
    "fct_agent_language_daily",
    "fct_analysed_calls",
    "fct_do_not_call_requests",
    "dim_do_not_call",
)
DAY = "2026-01-05"
AT = datetime(2026, 1, 5, 2, tzinfo=UTC)


def call(landing, key: str, agent: str, seconds: int, **changes):
    talked = {"outcome": "human_refused", "talk_s": seconds, "answered_at": AT}
    return landing.call(key, AT, agent_id=agent, phone_hash=f"phone of {key}", **talked | changes)


def words(landing, key: str, *said: str):
    """Turns of one call, agent first, from a recogniser that is not the dialler."""
    return [
        landing.utterance(key, seq, AT, text_masked=text, source_system="asr")
        for seq, text in enumerate(said, 1)
    ]


def land_one_day(landing):
    """Four calls of two agents; A1 promises returns in one of two long ones."""
    calls = [
        call(landing, "promise", "A1", 60),
        call(landing, "denial", "A1", 60),
        call(landing, "short", "A1", 6),
        call(landing, "rival", "A2", 60),
    ]
    said = [
        *words(landing, "promise", "我们稳赚不赔的", "那个多少钱"),
        *words(landing, "denial", "这个不能保证收益", "你们稳赚不赔吗"),
        *words(landing, "short", "您好，稳赚的", "别再打了"),
        *words(landing, "rival", "您考虑得怎么样", "我在用快账通了，太贵了"),
    ]
    landing.land(DAY, "calls", calls)
    landing.land(DAY, "words", said)


def build(landing, *, language: bool = True):
    landing.layer("core", DAY)
    outcome = annotate_day(landing.settings, DAY) if language else {}
    landing.layer("marts", DAY)
    return outcome


@pytest.fixture
def spoken(landing):
    land_one_day(landing)
    landing.outcome = build(landing)
    return landing


def test_forbidden_words_count_on_the_agents_side_of_analysable_calls(spoken):
    rows = spoken.read(
        "select agent_id, transcript_count, analysable_call_count as n, forbidden_call_count as k, "
        "competitor_call_count as rivals, dnc_request_count as asked, source_system "
        "from marts_build.fct_agent_language_daily order by all"
    )
    first = {"agent_id": "A1", "transcript_count": 3, "n": 2, "k": 1, "rivals": 0, "asked": 1}
    second = {"agent_id": "A2", "transcript_count": 1, "n": 1, "k": 0, "rivals": 1, "asked": 0}
    assert rows == [{**row, "source_system": "dialler"} for row in (first, second)]


def test_a_request_in_a_short_call_puts_the_number_on_the_list(spoken):
    assert spoken.read("select phone_hash, call_id, source from marts_build.dim_do_not_call") == [
        {"phone_hash": "phone of short", "call_id": "short", "source": "conversation"}
    ]


def test_a_denied_promise_is_kept_as_a_mention_and_a_customers_promise_is_nothing(spoken):
    rows = spoken.read(
        "select call_id, seq, label, severity, is_negated, evidence "
        "from marts_build.fct_annotations where kind = 'forbidden' order by all"
    )
    assert [(row["call_id"], row["seq"], row["severity"]) for row in rows] == [
        ("denial", 1, 0),
        ("promise", 1, 3),
        ("short", 1, 3),
    ]
    assert [row["is_negated"] for row in rows] == [True, False, False]
    assert rows[1]["evidence"] == "我们稳赚不赔的"


def test_a_short_call_has_no_intent_and_no_feeling(spoken):
    rows = spoken.read(
        "select kind from marts_build.fct_annotations where call_id = 'short' group by all"
    )
    assert {row["kind"] for row in rows} == {"forbidden", "do_not_call"}


def test_the_same_day_again_scores_nothing_and_changes_nothing(spoken):
    before = spoken.content()
    assert spoken.outcome["scored"] == 8
    again = build(spoken)
    assert again["scored"] == 0
    assert spoken.content() == before


def test_without_the_language_step_nothing_is_known_and_nothing_breaks(landing):
    land_one_day(landing)
    build(landing, language=False)
    assert landing.read("select * from marts_build.fct_annotations") == []
    rows = landing.read(
        "select analysable_call_count as n, forbidden_call_count as k, forbidden_word_rate as rate "
        "from marts_build.fct_agent_language_daily"
    )
    assert rows == [{"n": None, "k": None, "rate": None}] * 2


def test_a_company_without_transcripts_has_empty_marts(landing):
    landing.land(DAY, "calls", [call(landing, "a", "A1", 60)])
    outcome = build(landing)
    assert outcome["scored"] == 0
    for mart in ("fct_annotations", "fct_agent_language_daily", "dim_do_not_call"):
        assert landing.read(f"select * from marts_build.{mart}") == []


def test_another_word_list_scores_anew_and_forgets_the_old_scores(spoken, tmp_path, monkeypatch):
    own = tmp_path / "config"
    (own / "lexicons").mkdir(parents=True)
    shipped = spoken.settings.config_file("lexicons", "competitors.yml").read_text("utf-8")
    changed = shipped.replace("[云掌柜,", "[云掌柜, 稳赚,")
    (own / "lexicons" / "competitors.yml").write_text(changed, "utf-8")
    settings = type(spoken.settings)(
        home=spoken.settings.home,
        project=spoken.settings.project,
        config=own,
        company=spoken.settings.company,
        operations_url=spoken.settings.operations_url,
        airflow_port=spoken.settings.airflow_port,
    )
    outcome = annotate_day(settings, DAY)
    assert (outcome["scored"], outcome["texts"]) == (8, 8)
    assert outcome["language_version"] != spoken.outcome["language_version"]


def test_the_rate_is_asked_by_agent_and_day_with_its_interval(spoken):
    home = spoken.settings.home
    home.marts.mkdir(parents=True, exist_ok=True)
    copy = home.marts / "marts_20260106T000000Z_000001.duckdb"
    copy.write_bytes(home.marts_build.read_bytes())
    pointer.swap_link(home, copy)
    values = metrics.query(spoken.settings, ["forbidden_word_rate"], by=["agent", "day"])
    found = {value.dimensions["agent"]: (value.k, value.n) for value in values}
    assert found == {"A1": (1, 2), "A2": (0, 1)}
    assert {value.dimensions["day"] for value in values} == {DAY}


def test_days_built_one_by_one_equal_a_rebuild_of_all(landing):
    land_one_day(landing)
    build(landing)
    transform.mark_built(landing.settings, DAY)
    # The next load brings words of its own day, a corrected turn and a late call of the day before.
    next_day, sent = "2026-01-06", datetime(2026, 1, 9, tzinfo=UTC)
    landing.land(next_day, "more", [call(landing, "late", "A2", 4)])
    corrected = words(landing, "promise", "我们不能保证收益", "那个多少钱")
    for turn in corrected:
        turn |= {"ingested_at": sent, "extracted_at": sent, "row_hash": turn["row_hash"] + "-2"}
    said = [*words(landing, "late", "您好", "以后别打我电话"), *corrected]
    landing.land(next_day, "said", said)
    for layer in ("core", "marts"):
        landing.layer(layer, next_day)
        annotate_day(landing.settings, next_day)
    day_by_day = landing.content()
    asked = landing.read("select call_id from marts_build.dim_do_not_call order by all")
    assert [row["call_id"] for row in asked] == ["late", "short"]
    (rate,) = landing.read(
        "select forbidden_call_count as k from marts_build.fct_agent_language_daily "
        "where agent_id = 'A1'"
    )
    assert rate["k"] == 0
    shutil.rmtree(landing.settings.home.warehouse.parent)
    landing.layer("core", next_day, full=True)
    annotate_day(landing.settings, next_day)
    landing.layer("marts", next_day, full=True)
    assert landing.content() == day_by_day
