"""Every expectation in expectations/ fires on a planted bad row and is quiet on a clean one."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from leadloop.quality.reads import READS, read_parts
from leadloop.quality.scope import open_scope
from leadloop.quality.suites import Suite, load_suites
from leadloop.quality.validation import Verdict, evaluate_suite, make_context
from leadloop.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from leadloop.settings import Settings

DAY = "2026-03-05"
SUITES = {suite.name: suite for suite in load_suites(load_settings({}))}
EVERY = [(suite.name, item.sentence) for suite in SUITES.values() for item in suite.expectations]

LANDED_CALLS: dict[str, dict[str, Any]] = {
    "source_pk is never empty": {"source_pk": None},
    "call_id is never empty": {"call_id": None},
    # The clean row 1 lands a second time.
    "source_system, source_pk, row_hash are unique": {
        "source_pk": f"c-{DAY}-1",
        "row_hash": f"h-c-{DAY}-1",
    },
    "outcome is one of the contract's outcomes": {"outcome": "paused"},
    "direction is one of the contract's directions": {"direction": "sideways"},
    "date_precision is one of the contract's precisions": {"date_precision": "hour"},
    # 18:30 UTC is 02:30 of the next day in Shanghai.
    "event_date equals event_date_in_zone": {"event_at": datetime(2026, 3, 5, 18, 30, tzinfo=UTC)},
    "days_ahead is at most 1": {
        "event_at": datetime(2999, 3, 5, 2, tzinfo=UTC),
        "event_date": date(2999, 3, 5),
    },
    "talk_s is between 0 and 86400": {"talk_s": 86401},
    "ring_s is between 0 and 3600": {"ring_s": -1},
    "queue_s is between 0 and 86400": {"queue_s": -1},
    "ivr_s is at least 0": {"ivr_s": -1},
    "ended_at is at least originated_at": {
        "ended_at": datetime(2026, 3, 5, 1, 59, 59, tzinfo=UTC),
        "answered_at": None,
    },
    "ended_at is at least answered_at": {"answered_at": datetime(2026, 3, 5, 2, 2, tzinfo=UTC)},
}
LANDED_UTTERANCES: dict[str, dict[str, Any]] = {
    "source_pk is never empty": {"source_pk": None},
    "call_id is never empty": {"call_id": None},
    "source_system, source_pk, row_hash are unique": {
        "source_pk": f"c-{DAY}-1/1/1",
        "row_hash": f"h-c-{DAY}-1/1/1",
    },
    "speaker_role is one of the contract's speakers": {"speaker_role": "ghost"},
    "seq is at least 1": {"seq": 0},
    "event_date equals event_date_in_zone": {"event_date": date(2026, 3, 4)},
    "has_phone_number is one of False": {"text_masked": "请打13912345678找我"},
    "text_length is at least 1": {"text_masked": " "},
    "end_ms is at least begin_ms": {"begin_ms": 5000, "end_ms": 4999},
}
CORE_DIALS: dict[str, dict[str, Any]] = {
    "dial_id is never empty": {"dial_id": None},
    "dial_id is unique": {"dial_id": "dialler:1"},
    "has_its_date is one of True": {"dial_date": None},
    "outcome is one of the contract's outcomes": {"outcome": "paused"},
    "flag_conflict is always empty": {"is_answered": False},
    "talk_seconds is between 0 and 86400": {"talk_seconds": -1},
    "handling_seconds is at least talk_seconds": {"handling_seconds": 49},
}
CORE_TRANSCRIPTS: dict[str, dict[str, Any]] = {
    "transcript_id is never empty": {"transcript_id": None},
    "transcript_id is unique": {"transcript_id": "dialler:1"},
    "utterance_count is at least 1": {"utterance_count": 0},
    "utterance_count is at least spoken_count": {"utterance_count": 9},
    "spoken_count is at least 1": {"agent_utterance_count": 0, "customer_utterance_count": 0},
}
HOURS: dict[str, dict[str, Any]] = {
    "row_count is at least dial_count": {"dial_count": 101},
    "connect_base_count is at least connected_count": {"connected_count": 101},
    "offered_count is at least served_count": {"served_count": 11},
    "talk_count is at least short_talk_count": {"short_talk_count": 41},
    "conversion_base_count is at least won_count": {"won_count": 41},
    "connect_rate is between 0 and 1": {"connect_rate": 1.01},
    "served_rate is between 0 and 1": {"served_rate": -0.01},
    "short_talk_rate is between 0 and 1": {"short_talk_rate": 1.01},
    "conversion_rate is between 0 and 1": {"conversion_rate": 1.01},
}
# What is done to the clean marts of one day with 100 dials.
DAYS: dict[str, str] = {
    "fact_count equals core_count": "delete from marts_build.fct_dials where dial_id = 'dialler:1'",
    "hourly_count equals fact_count": "update marts_build.fct_dials_hourly set row_count = 99",
    "hourly_talk_seconds equals talk_seconds": (
        "update marts_build.fct_dials_hourly set talk_seconds = 4999"
    ),
    "fact_count is at least agent_count": "update marts_build.fct_agents_daily set row_count = 101",
    "days_ahead is at most 0": (
        "update raw.touched_dates set event_date = '2999-01-01'; "
        "update intermediate.int_dials__flagged set dial_date = '2999-01-01'; "
        "update marts_build.fct_dials set dial_date = '2999-01-01'"
    ),
}


def judge(settings: Settings, suite: Suite) -> dict[str, Verdict]:
    with open_scope(settings, suite.gate, (DAY, DAY)) as (connection, scope):
        parameters = {**scope.parameters, **suite.parameters}
        parts = read_parts(connection, READS[suite.read], suite.columns, parameters)
        verdicts = evaluate_suite(make_context(), suite, parts)
    return {verdict.expectation: verdict for verdict in verdicts}


def list_broken(settings: Settings, name: str) -> set[str]:
    verdicts = judge(settings, SUITES[name]).values()
    return {verdict.expectation for verdict in verdicts if not verdict.is_passed}


LANDED_ORDERS: dict[str, dict[str, Any]] = {
    "source_pk is never empty": {"source_pk": None},
    "source_system, source_pk, row_hash are unique": {
        "source_pk": f"o-{DAY}-1",
        "row_hash": f"h-o-{DAY}-1",
    },
    "amount is never empty": {"amount": None},
    "event_date equals event_date_in_zone": {"event_at": datetime(2026, 3, 5, 18, 30, tzinfo=UTC)},
    "amount is at least 0": {"amount": -1.0, "gross_margin": None},
    "amount is at least gross_margin": {"gross_margin": 365.01},
}
LANDED_TABLES: dict[str, dict[str, Any]] = {
    "source_pk is never empty": {"source_pk": None},
    "table_name, source_system, source_pk, row_hash, exported_at are unique": {
        "source_pk": "L1",
        "row_hash": "h-L1",
    },
    "missing_columns is always empty": {"lead_id": None},
    "unknown_columns is always empty": {"segment": "alien"},
}
# What is done to the clean scores of a hundred customers.
SCORES = {
    "customer_id is never empty": "update raw.churn_scores set customer_id = null "
    "where customer_id = 'K100'",
    "score_date, customer_id are unique": "update raw.churn_scores set customer_id = 'K1' "
    "where customer_id = 'K100'",
    "probability is between 0 and 1": "update raw.churn_scores set probability = 1.01 "
    "where customer_id = 'K100'",
    "fall_chance is between 0 and 1": "update raw.churn_scores set fall_chance = -0.01 "
    "where customer_id = 'K100'",
    "has_known_model is one of True": "update raw.churn_scores set model_version = 'm2' "
    "where customer_id = 'K100'",
}
SCORE_DAYS = {
    "modelled_share is one of 0.0, 1.0": "update raw.churn_scores set probability = null, "
    "model_version = null where customer_id = 'K100'",
    "flagged_share is at most 0.25": "update raw.churn_scores set is_rule_flagged = true "
    "where length(customer_id) = 3",
}


# --- landing -------------------------------------------------------------------------------


@pytest.mark.parametrize("sentence", LANDED_CALLS)
def test_a_bad_call_fires_its_expectation(settings, landing, make_call, sentence):
    landing([make_call(1), make_call(2), make_call(3, **LANDED_CALLS[sentence])])
    assert sentence in list_broken(settings, "landing_calls")


@pytest.mark.parametrize("sentence", LANDED_UTTERANCES)
def test_a_bad_turn_fires_its_expectation(settings, landing, make_turn, sentence):
    turns = [make_turn(1), make_turn(2), make_turn(3, **LANDED_UTTERANCES[sentence])]
    landing(turns, table="utterance")
    assert sentence in list_broken(settings, "landing_utterances")


@pytest.mark.parametrize("sentence", LANDED_ORDERS)
def test_a_bad_order_fires_its_expectation(settings, landing, make_order, sentence):
    landing([make_order(1), make_order(2), make_order(3, **LANDED_ORDERS[sentence])], table="order")
    assert list_broken(settings, "landing_orders") == {sentence}


@pytest.mark.parametrize("sentence", LANDED_TABLES)
def test_a_bad_lead_fires_its_expectation(settings, landing, make_lead, sentence):
    landing([make_lead(1), make_lead(2), make_lead(3, **LANDED_TABLES[sentence])], table="lead")
    assert sentence in list_broken(settings, "landing_tables")


def test_clean_leads_are_quiet_and_so_is_a_company_without_any(settings, landing, make_lead):
    assert list_broken(settings, "landing_tables") == set()
    landing([make_lead(1), make_lead(2, segment="company")], table="lead")
    assert list_broken(settings, "landing_tables") == set()


def test_clean_orders_are_quiet_and_so_is_a_company_without_any(settings, landing, make_order):
    assert list_broken(settings, "landing_orders") == set()
    landing([make_order(1, gross_margin=None), make_order(2)], table="order")
    assert list_broken(settings, "landing_orders") == set()


def test_clean_landed_rows_are_quiet(settings, landing, make_call, make_turn):
    landing([make_call(number) for number in range(1, 101)])
    landing([make_turn(number) for number in range(1, 21)], table="utterance")
    assert list_broken(settings, "landing_calls") == set()
    assert list_broken(settings, "landing_utterances") == set()
    assert list_broken(settings, "landing_loads") == set()


def test_rows_without_a_day_are_quiet(settings, landing, make_call):
    undated = {"event_at": None, "event_date": None, "originated_at": None, "answered_at": None}
    month = make_call(1, **undated, ended_at=None, date_precision="month")
    landing([month, make_call(2, **undated, event_month=None, date_precision="none")])
    assert list_broken(settings, "landing_calls") == set()


@pytest.mark.parametrize(
    ("unknown", "fires"),
    [pytest.param(20, False, id="a fifth"), pytest.param(21, True, id="over a fifth")],
)
def test_a_flood_of_unknown_codes_fires(settings, landing, make_call, unknown, fires):
    rows = [make_call(n, outcome="other" if n <= unknown else "busy") for n in range(1, 101)]
    landing(rows)
    broken = list_broken(settings, "landing_loads")
    assert ("other_share is at most 0.2" in broken) is fires


def test_a_dialler_that_falls_silent_does_not_hide_behind_another(settings, landing, make_call):
    for weeks in range(4):
        day = (date.fromisoformat(DAY) - timedelta(weeks=weeks)).isoformat()
        rows = [make_call(number, day) for number in range(100)]
        if weeks:
            rows += [make_call(n, day, source_system="second") for n in range(40)]
        landing(rows, day=day, batch=f"b{weeks}")
    # 100 of the usual 140 calls came: the day as a whole is as usual.
    assert list_broken(settings, "landing_loads") == {"volume_ratio is between 0.5 and 2"}


def test_a_share_of_too_few_calls_is_not_judged(settings, landing, make_call):
    landing([make_call(number, outcome="other") for number in range(1, 50)])
    assert "other_share is at most 0.2" not in list_broken(settings, "landing_loads")


def test_a_load_without_calls_fires(settings):
    assert list_broken(settings, "landing_loads") == {"call_count is at least 1"}


@pytest.mark.parametrize(
    ("today", "fires"),
    [
        pytest.param(100, False, id="as usual"),
        pytest.param(49, True, id="less than half"),
        pytest.param(201, True, id="more than twice"),
    ],
)
def test_an_unusual_volume_fires(settings, landing, make_call, today, fires):
    for weeks, count in ((0, today), (1, 90), (2, 100), (3, 110)):
        day = (date.fromisoformat(DAY) - timedelta(weeks=weeks)).isoformat()
        landing([make_call(number, day) for number in range(count)], day=day, batch=f"b{weeks}")
    # A Wednesday of another size is no measure for a Thursday.
    landing([make_call(n, "2026-03-04") for n in range(5)], day="2026-03-04", batch="b9")
    broken = list_broken(settings, "landing_loads")
    assert ("volume_ratio is between 0.5 and 2" in broken) is fires


def test_a_volume_with_one_week_of_history_is_not_judged(settings, landing, make_call):
    landing([make_call(1)])
    landing([make_call(n, "2026-02-26") for n in range(90)], day="2026-02-26", batch="b2")
    assert "volume_ratio is between 0.5 and 2" not in list_broken(settings, "landing_loads")


# --- core and marts ------------------------------------------------------------------------


@pytest.mark.parametrize("sentence", CORE_DIALS)
def test_a_bad_dial_fires_its_expectation(settings, core, sentence):
    core(dial=CORE_DIALS[sentence])
    assert sentence in list_broken(settings, "core_dials")


@pytest.mark.parametrize("sentence", CORE_TRANSCRIPTS)
def test_a_bad_transcript_fires_its_expectation(settings, core, sentence):
    core(transcript=CORE_TRANSCRIPTS[sentence])
    assert sentence in list_broken(settings, "core_transcripts")


@pytest.mark.parametrize(
    ("sentence", "change"),
    [
        (
            "landed_count is at least kept_count",
            "update intermediate.int_dials__landed_counted set landed_count = 99",
        ),
        ("kept_count is at least 1", "delete from intermediate.int_dials__newest_kept"),
        (
            "short_talk_share is between 0.005 and 0.6",
            "update intermediate.int_dials__flagged set is_short_talk = true",
        ),
    ],
)
def test_a_bad_day_of_the_core_fires(settings, core, sentence, change):
    core(then=change)
    assert list_broken(settings, "core_days") == {sentence}


@pytest.mark.parametrize("sentence", HOURS)
def test_a_bad_hour_fires_its_expectation(settings, core, sentence):
    core(hour=HOURS[sentence])
    assert sentence in list_broken(settings, "marts_hours")


@pytest.mark.parametrize("sentence", DAYS)
def test_a_bad_day_of_the_marts_fires(settings, core, sentence):
    core(then=DAYS[sentence])
    assert sentence in list_broken(settings, "marts_days")


@pytest.mark.parametrize("sentence", SCORES)
def test_a_bad_score_fires_its_expectation(settings, core, sentence):
    core(then=SCORES[sentence])
    assert list_broken(settings, "scores_churn") == {sentence}


@pytest.mark.parametrize("sentence", SCORE_DAYS)
def test_a_bad_day_of_scores_fires(settings, core, sentence):
    core(then=SCORE_DAYS[sentence])
    assert list_broken(settings, "scores_days") == {sentence}


def test_a_company_without_customers_has_quiet_scores(settings, core):
    core(then="delete from raw.churn_scores")
    assert list_broken(settings, "scores_churn") == list_broken(settings, "scores_days") == set()


@pytest.mark.parametrize("name", [name for name in SUITES if not name.startswith("landing")])
def test_clean_core_and_marts_are_quiet(settings, core, name):
    core()
    assert list_broken(settings, name) == set()


@pytest.mark.parametrize(
    "rates",
    [{"connect_rate": None, "connected_count": None, "served_rate": None, "served_count": None}],
)
def test_a_count_that_is_not_available_is_quiet(settings, core, rates):
    core(hour=rates)
    assert list_broken(settings, "marts_hours") == set()


def test_rows_of_dates_that_are_not_rebuilt_are_not_judged(settings, core):
    core(dial={"scope_date": "2026-03-04", "dial_date": "2026-03-04", "talk_seconds": -5})
    assert list_broken(settings, "core_dials") == set()


# --- every one of them ---------------------------------------------------------------------

ELSEWHERE = {
    ("landing_loads", "other_share is at most 0.2"): test_a_flood_of_unknown_codes_fires,
    ("landing_loads", "call_count is at least 1"): test_a_load_without_calls_fires,
    ("landing_loads", "volume_ratio is between 0.5 and 2"): test_an_unusual_volume_fires,
    ("core_days", "landed_count is at least kept_count"): test_a_bad_day_of_the_core_fires,
    ("core_days", "kept_count is at least 1"): test_a_bad_day_of_the_core_fires,
    ("core_days", "short_talk_share is between 0.005 and 0.6"): test_a_bad_day_of_the_core_fires,
}
PLANTED: set[tuple[str, str]] = {
    *(("landing_calls", sentence) for sentence in LANDED_CALLS),
    *(("landing_utterances", sentence) for sentence in LANDED_UTTERANCES),
    *(("landing_orders", sentence) for sentence in LANDED_ORDERS),
    *(("landing_tables", sentence) for sentence in LANDED_TABLES),
    *(("core_dials", sentence) for sentence in CORE_DIALS),
    *(("core_transcripts", sentence) for sentence in CORE_TRANSCRIPTS),
    *(("scores_churn", sentence) for sentence in SCORES),
    *(("scores_days", sentence) for sentence in SCORE_DAYS),
    *(("marts_hours", sentence) for sentence in HOURS),
    *(("marts_days", sentence) for sentence in DAYS),
    *ELSEWHERE,
}


@pytest.mark.parametrize(("suite", "sentence"), EVERY)
def test_every_expectation_has_a_planted_case(suite: str, sentence: str):
    assert (suite, sentence) in PLANTED, (
        f"expectations/{suite}.yml: {sentence!r} has never been seen to fire; "
        "plant a bad row for it in this file"
    )


def test_no_planted_case_is_left_over():
    assert set(EVERY) == PLANTED


def test_a_value_that_is_wrong_is_not_shown_with_its_person(
    settings: Settings, landing: Callable[..., None], make_call: Callable[..., dict[str, Any]]
):
    landing([make_call(1, talk_s=-7, phone_last4="5678")])
    verdict = judge(settings, SUITES["landing_calls"])["talk_s is between 0 and 86400"]
    (example,) = verdict.examples
    assert example["talk_s"] == -7
    assert example["source_line"] == 1
    assert example["source_pk"].startswith("#")
    assert "5678" not in str(example)
    assert verdict.observed == {"rows": 1, "judged": 1, "broken": 1}
