"""From proposal to delivery: each step once, nothing sent that the gate or a person refused."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa

from leadloop import ledger, opstore
from leadloop.acting import act_day
from leadloop.actions import act, approvals

DAY = "2026-03-31"
LI = ("li", "cli")


def read(settings, table):
    return opstore.read(settings, sa.select(table))


def find(settings, action_id="act-1"):
    return opstore.find(settings, ledger.actions, action_id)


def read_drop(settings):
    (file,) = (settings.home.out / "drop").glob("*.csv")
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_where_there_is_nothing_to_do_nothing_is_done(settings):
    assert act_day(settings, DAY) == {}
    assert not settings.home.out.exists()


def test_a_proposal_is_gated_and_waits_for_a_person(settings, made, missed):
    made.publish(settings, missed)
    made.propose(settings)
    assert act_day(settings, DAY) == {"planned_proposed": 1}
    row = find(settings)
    assert row["state"] == "proposed"
    assert row["gate"]["sentence"] == "0 of 40 will be skipped."
    assert read(settings, ledger.outbox) == []
    assert act_day(settings, DAY) == {}


def test_what_is_approved_reaches_the_dialler_in_the_hour_planned(settings, made, missed):
    made.publish(settings, missed)
    made.propose(settings)
    act_day(settings, DAY)
    approvals.decide(settings, "act-1", "approved", LI)
    assert act_day(settings, DAY) == {
        "queued": 1,
        "sent": 1,
        "effects": {"cannot be measured": 1},
    }
    rows = read_drop(settings)
    assert len(rows) == 40
    assert {row["planned_at"][:13] for row in rows} == {"2026-04-01T10"}
    assert {row["phone_hash"] for row in rows} == {dial["phone_hash"] for dial in missed}
    assert find(settings)["state"] == "sent"
    # The window of three days ends with 3 April in Shanghai.
    assert find(settings)["outcome_window_end"] == datetime(2026, 4, 3, 16, tzinfo=UTC)
    assert act_day(settings, DAY) == {}
    assert len(read(settings, ledger.outbox)) == 1


def test_mode_auto_needs_nobody(settings, made, missed):
    made.publish(settings, missed)
    made.propose(settings, mode="auto")
    act_day(settings, DAY)
    row = find(settings)
    assert (row["state"], row["decided_by"]) == ("sent", "auto")


def test_mode_propose_is_shown_and_goes_nowhere_by_itself(settings, made, missed):
    made.publish(settings, missed)
    made.propose(settings, mode="propose")
    act_day(settings, DAY)
    assert find(settings)["state"] == "proposed"


def test_every_refusal_has_a_proof_with_rule_and_source(settings, made, missed):
    opted_out = made.dial("o", "31 15:00")
    made.publish(
        settings,
        [
            *missed[:5],
            opted_out,
            made.dial("o", "10 10:00", is_connected=True, is_dnc=True),
            made.dial("m", "31 15:00"),
            *(made.dial("m", f"{day} 10:00") for day in (12, 14, 16)),
            made.dial(None, "31 15:00"),
            made.dial("u", "31 15:00", phone_region=None),
            made.dial("f", "31 15:00", phone_region="FR"),
        ],
    )
    made.propose(settings)
    act_day(settings, DAY)
    refused = {
        (row["rule_id"], row["verdict"])
        for row in read(settings, ledger.proofs)
        if row["verdict"] != "allow"
    }
    assert refused == {
        ("cn-do-not-call", "deny"),
        ("cn-frequency-month", "defer"),
        ("unknown-number", "deny"),
        ("unknown-zone", "deny"),
        ("no-pack", "deny"),
    }
    assert all(row["source"] for row in read(settings, ledger.proofs) if row["verdict"] != "allow")
    preview = find(settings)["gate"]
    assert (preview["total"], preview["allowed"], preview["skipped"]) == (10, 5, 5)
    assert preview["sentence"].startswith("5 of 10 will be skipped: ")


def test_who_opts_out_between_approval_and_sending_is_not_sent(settings, made, missed):
    made.publish(settings, missed)
    made.propose(settings)
    act_day(settings, DAY)
    approvals.decide(settings, "act-1", "approved", LI)
    late = missed[0]["phone_hash"]
    made.publish(
        settings,
        missed,
        dim_do_not_call=f"""select '{late}' as phone_hash, 'c9' as call_id,
            timestamptz '2026-03-31 15:05:00+08' as requested_at, 'transcript' as source,
            null::timestamptz as until_at""",
    )
    act_day(settings, DAY)
    assert late not in {row["phone_hash"] for row in read_drop(settings)}
    assert len(read_drop(settings)) == 39
    (proof,) = (
        row
        for row in read(settings, ledger.proofs)
        if row["stage"] == "send" and row["verdict"] == "deny"
    )
    assert proof["rule_id"] == "cn-do-not-call"
    assert "transcript in call c9" in proof["reason"]


def test_a_plan_of_which_nothing_is_allowed_is_denied(settings, made):
    made.publish(settings, [made.dial("f", "31 15:00", phone_region="FR")])
    made.propose(settings)
    act_day(settings, DAY)
    assert find(settings)["state"] == "denied"


def test_a_plan_that_comes_too_soon_is_deferred_to_its_day_and_carried_out_then(settings, made):
    # Two dials on each of two days fill the thirty days; the first leaves them on 10 April.
    dials = [made.dial("m", f"{day} {hour}:00") for day in (11, 31) for hour in (10, 15)]
    made.publish(settings, dials)
    made.propose(settings, expires_at=datetime(2026, 4, 1, 16, tzinfo=UTC))
    act_day(settings, DAY)
    row = find(settings)
    assert row["state"] == "deferred"
    assert row["gate"]["until"] == "2026-04-10T02:00:00+00:00"
    assert row["payload"]["plan_day"] == "2026-04-10"
    assert row["expires_at"] == datetime(2026, 4, 10, 16, tzinfo=UTC)
    act_day(settings, "2026-04-08")
    assert find(settings)["state"] == "deferred"
    # The morning of 10 April: early enough for somebody to approve it before ten.
    assert act_day(settings, "2026-04-09") == {"revived": 1, "planned_proposed": 1}
    assert find(settings)["gate"]["sentence"] == "0 of 1 will be skipped."
    approvals.decide(settings, "act-1", "approved", LI)
    act_day(settings, "2026-04-09")
    assert find(settings)["state"] == "sent"
    assert [row["planned_at"] for row in read_drop(settings)] == ["2026-04-10T10:00:00+08:00"]


def test_a_plan_for_hours_in_which_nobody_may_be_called_is_denied_and_not_put_off(settings, made):
    made.publish(settings, [made.dial("m", "31 15:00")])
    # Noon is forbidden on every day; the gate would open again at two.
    made.propose(settings, payload={"plan_day": "2026-04-01", "to_hours": [12]})
    act_day(settings, DAY)
    assert find(settings)["state"] == "denied"


def test_customers_who_share_a_number_are_called_on_it_once(settings, made):
    payload = {
        "customer_ids": ["C1", "C2"],
        "plan_day": "2026-04-01",
        "package": "stay",
        "eligibility": "all customers",
    }
    dials = [made.dial("shared", f"10 1{n}:00", customer_id=f"C{n}") for n in (1, 2)]
    made.publish(settings, dials)
    made.propose(settings, "retention_package", payload=payload, mode="auto")
    act_day(settings, DAY)
    assert find(settings)["gate"]["sentence"] == "1 of 2 will be skipped: 1 by number-twice."
    (file,) = (settings.home.out / "drop" / "crm").glob("*.csv")
    with file.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    assert [(row["customer_id"], row["phone_hash"]) for row in rows] == [("C1", "shared")]


def test_who_opted_out_on_one_number_is_called_on_none(settings, made):
    made.publish(
        settings,
        [
            made.dial("old", "05 10:00", customer_id="C1", is_dnc=True, is_connected=True),
            made.dial("new", "31 15:00", customer_id="C1"),
            made.dial("home", "06 10:00", lead_id="L9", is_dnc=True, is_connected=True),
            made.dial("work", "31 15:00", lead_id="L9"),
            made.dial("other", "31 15:00"),
        ],
    )
    made.propose(settings, mode="auto")
    act_day(settings, DAY)
    assert [row["phone_hash"] for row in read_drop(settings)] == ["other"]
    refused = [row for row in read(settings, ledger.proofs) if row["verdict"] == "deny"]
    assert {row["rule_id"] for row in refused} == {"cn-do-not-call"}
    assert {row["detail"]["phone_hash"] for row in refused} == {"new", "work"}


def test_dials_without_a_time_count_towards_the_limit(settings, made):
    known = [made.dial("m", f"{day} 15:00") for day in (25, 26, 31)]
    untimed = made.dial("m", "27 15:00", originated_at=None)
    made.publish(settings, known)
    made.propose(settings, action_id="three")
    act_day(settings, DAY)
    assert find(settings, "three")["gate"]["allowed"] == 1
    made.publish(settings, [*known, untimed])
    made.propose(settings, action_id="four")
    act_day(settings, DAY)
    assert find(settings, "four")["gate"]["allowed"] == 0


def test_what_was_sent_for_a_day_that_is_half_loaded_counts_as_dialled(settings, made):
    known = [made.dial("m", f"{day} 15:00") for day in (28, 29, 31)]
    made.publish(settings, known)
    made.propose(settings, action_id="first", mode="auto")
    act_day(settings, DAY)
    assert find(settings, "first")["state"] == "sent"
    # The first hours of 1 April are in the marts: of the dial of ten o'clock nothing is seen yet.
    morning = made.dial("early", "31 09:00", dial_date=date(2026, 4, 1))
    made.publish(settings, [*known, morning])
    payload = {"plan_day": "2026-04-02", "from_hours": [15], "to_hours": [10]}
    made.propose(settings, action_id="second", payload=payload, mode="auto")
    act_day(settings, "2026-04-01")
    assert find(settings, "second")["state"] == "deferred"


def test_an_action_that_cannot_be_carried_out_stops_no_other(settings, made, missed):
    made.publish(settings, missed)
    routes = settings.project / "config" / "connections.yml"
    own = settings.home.root / "config"
    own.mkdir(parents=True)
    text = routes.read_text(encoding="utf-8")
    assert "  remind_compliance:" in text
    kept = [line for line in text.splitlines() if not line.startswith("  remind_compliance:")]
    (own / "connections.yml").write_text("\n".join(kept), encoding="utf-8")
    mine = replace(settings, config=own)
    payload = {"agent_id": "A006", "day": DAY}
    made.propose(mine, "remind_compliance", payload=payload, mode="auto", action_id="a-broken")
    made.propose(mine, mode="auto", action_id="b-good")
    act_day(mine, DAY)
    assert find(mine, "a-broken")["state"] == "failed"
    assert "remind_compliance" in find(mine, "a-broken")["gate"]["error"]
    assert find(mine, "b-good")["state"] == "sent"


def test_two_plans_together_never_call_a_number_too_often(settings, made):
    made.publish(settings, [made.dial("m", f"{day} 15:00") for day in ("28", "29", "31")])
    for name in ("a", "b"):
        made.propose(settings, action_id=name, mode="auto")
        act_day(settings, DAY)
    assert find(settings, "a")["state"] == "sent"
    assert find(settings, "b")["state"] == "deferred"


def test_a_deferred_slot_moves_within_its_day(settings, made):
    made.publish(settings, [made.dial("m", "31 15:00")])
    payload = {"plan_day": "2026-04-01", "to_hours": [12, 14]}
    made.propose(settings, payload=payload, mode="auto")
    act_day(settings, DAY)
    (row,) = read_drop(settings)
    assert row["planned_at"] == "2026-04-01T14:00:00+08:00"


def test_without_hours_the_plan_takes_those_in_which_people_answer(settings, made, missed):
    answered = [
        made.dial(f"a{hour}{number}", f"20 {hour}:00", is_connected=number < good)
        for hour, good in (("09", 5), (10, 20), (11, 15), (16, 10), (18, 3))
        for number in range(40)
    ]
    lucky = [made.dial("x", "20 08:00", is_connected=True)]
    made.publish(settings, [*missed, *answered, *lucky])
    made.propose(settings, payload={"plan_day": "2026-04-01", "from_hours": [15]}, mode="auto")
    act_day(settings, DAY)
    hours = Counter(row["planned_at"][11:13] for row in read_drop(settings))
    assert hours == {"10": 14, "11": 14, "16": 12}


def test_who_was_reached_or_cannot_be_is_left_alone(settings, made, missed):
    made.publish(
        settings,
        [
            *missed[:3],
            made.dial("reached", "30 15:00"),
            made.dial("reached", "31 16:00", is_connected=True),
            made.dial("dead", "31 15:00", is_unworkable=True),
            made.dial("morning", "31 09:00"),
            made.dial("elsewhere", "31 15:00", channel_id="referral"),
        ],
    )
    payload = {"plan_day": "2026-04-01", "from_hours": [15], "to_hours": [10]}
    made.propose(settings, mode="auto", payload={**payload, "place": {"channel": "short_video"}})
    act_day(settings, DAY)
    assert {row["phone_hash"] for row in read_drop(settings)} == {
        dial["phone_hash"] for dial in missed[:3]
    }


def test_a_dead_number_is_left_alone_until_it_may_be_tried_again(settings, made):
    dials = [
        made.dial(name, "31 15:00", is_unworkable=True) for name in ("dead", "again", "doubtful")
    ]
    made.publish(
        settings,
        [*dials, made.dial(None, "31 15:00", is_unworkable=True), made.dial("fine", "31 15:00")],
        dim_numbers_history="""
            select 'dead' as phone_hash, true as is_current,
                timestamptz '2026-04-30 00:00:00+08' as recheck_at
            union all select 'dead', false, null
            union all select 'again', true, timestamptz '2026-03-31 00:00:00+08'
            union all select 'doubtful', true, null""",
    )
    made.propose(settings, mode="auto")
    act_day(settings, DAY)
    # A second day of 空号 is not worth a dial: it comes with one that somebody makes anyway.
    assert {row["phone_hash"] for row in read_drop(settings)} == {"again", "fine"}


def test_a_list_refuses_until_its_entry_ends_and_consent_as_it_holds_on_the_day(settings, made):
    names = ("listed", "ended", "granted", "withdrawn", "expired", "by_mail", "unknown")
    made.publish(
        settings,
        [made.dial(name, "31 15:00") for name in names],
        dim_do_not_call="""
            select phone_hash, null::varchar as call_id, until_at, 'list own' as source,
                timestamptz '2026-01-01 00:00:00+08' as requested_at
            from (values ('listed', null), ('ended', timestamptz '2026-03-31 00:00:00+08'))
                as entries (phone_hash, until_at)""",
        dim_consents_history="""
            select *, timestamptz '2026-01-01 00:00:00+08' as valid_from, false as is_deleted
            from (values
                ('granted', '电话', 'granted', null::timestamptz, null::timestamptz),
                ('withdrawn', 'call', 'granted', timestamptz '2026-03-01 00:00:00+08', null),
                ('withdrawn', 'call', 'withdrawn', null, null),
                ('expired', 'call', 'granted', null, timestamptz '2026-03-01 00:00:00+08'),
                ('by_mail', 'email', 'denied', null, null))
                as states (phone_hash, channel, status, valid_to, expires_at)""",
    )
    made.propose(settings, mode="auto")
    act_day(settings, DAY)
    assert {row["phone_hash"] for row in read_drop(settings)} == {
        "ended", "granted", "expired", "by_mail", "unknown",
    }  # fmt: skip
    refused = {
        row["detail"]["phone_hash"]: row["rule_id"]
        for row in read(settings, ledger.proofs)
        if row["verdict"] == "deny"
    }
    assert refused == {"listed": "cn-do-not-call", "withdrawn": "cn-consent"}
    # Of five that are allowed one has agreed.
    assert find(settings)["gate"]["consent_unknown"] == 4


def test_a_redial_leaves_those_alone_who_were_tried_often_enough(settings, made):
    made.publish(
        settings,
        [made.dial("once", "31 15:00"), *(made.dial("thrice", f"{d} 15:00") for d in (29, 30, 31))],
    )
    payload = {"plan_day": "2026-04-01", "to_hours": [10], "max_attempts": 3}
    made.propose(settings, "smart_redial", payload=payload, mode="auto")
    act_day(settings, DAY)
    assert [row["phone_hash"] for row in read_drop(settings)] == ["once"]


def test_the_held_out_are_stored_and_not_dialled(settings, made, missed, monkeypatch):
    monkeypatch.setenv("LEADLOOP_ASSIGNMENT_KEY", "key of the tests")
    made.publish(settings, missed)
    payload = {"plan_day": "2026-04-01", "from_hours": [15], "to_hours": [10], "holdout": 0.25}
    made.propose(settings, payload=payload, mode="auto")
    act_day(settings, DAY)
    arms = {row["unit_id"]: row["arm"] for row in read(settings, ledger.assignments)}
    sent = {row["phone_hash"] for row in read_drop(settings)}
    assert len(arms) == 40
    assert sent == {unit for unit, arm in arms.items() if arm == "treat"}
    assert 0 < len(sent) < 40
    (effect,) = read(settings, ledger.effects)
    assert effect["verdict"] == "cannot be measured"
    assert effect["reason"].startswith("Not yet: the window ends on 2026-04-03. ")
    assert (effect["n_treat"], effect["n_holdout"]) == (len(sent), 40 - len(sent))


def test_a_reminder_is_mail_to_the_team_and_nobody_is_called(settings, made):
    made.publish(settings, [])
    payload = {"agent_id": "A006", "day": DAY, "value": 0.12, "limit": 0.05, "call_ids": ["c7"]}
    made.propose(settings, "remind_compliance", payload=payload, mode="auto", target_id="A006")
    act_day(settings, DAY)
    (mail,) = (settings.home.out / "mail").glob("*.eml")
    assert "To: team-leads@example.com" in mail.read_text(encoding="utf-8")
    assert find(settings)["state"] == "sent"
    (effect,) = read(settings, ledger.effects)
    assert effect["reason"] == "Nobody was held out, so nothing can be claimed."


def test_a_retention_package_goes_to_the_crm_for_those_who_may_be_called(settings, made):
    made.publish(
        settings,
        [
            made.dial("p1", "10 10:00", customer_id="C1"),
            made.dial("p2", "10 10:00", customer_id="C2", is_dnc=True, is_connected=True),
        ],
    )
    payload = {
        "customer_ids": ["C1", "C2", "C3"],
        "plan_day": "2026-04-01",
        "package": "stay",
        "eligibility": "all customers whose calls fell by half",
    }
    made.propose(settings, "retention_package", payload=payload, mode="auto")
    act_day(settings, DAY)
    (file,) = (settings.home.out / "drop" / "crm").glob("*.csv")
    with file.open(encoding="utf-8", newline="") as lines:
        assert [row["customer_id"] for row in csv.DictReader(lines)] == ["C1"]
    assert find(settings)["gate"]["sentence"].startswith("2 of 3 will be skipped")


@pytest.mark.parametrize(
    ("kind", "payload", "error"),
    [
        pytest.param("open_umbrella", {}, "There is no action 'open_umbrella'", id="type"),
        pytest.param("smart_redial", {"plan_day": "x", "y": 1}, "has 2 mistake", id="payload"),
        pytest.param(
            "reschedule_dials", {"plan_day": "2026-04-01"}, "No hour has enough dials", id="hours"
        ),
    ],
)
def test_a_proposal_that_cannot_be_carried_out_fails_with_the_reason(
    settings, made, kind, payload, error
):
    made.publish(settings, [])
    made.propose(settings, kind, payload=payload)
    act_day(settings, DAY)
    assert find(settings)["state"] == "failed"
    assert error in find(settings)["gate"]["error"]


def test_without_published_dials_a_plan_fails_and_says_so(settings, made):
    made.propose(settings)
    act_day(settings, DAY)
    assert "fct_dials is not published" in find(settings)["gate"]["error"]


def test_what_nobody_decided_in_time_expires(settings, made, missed):
    made.publish(settings, missed)
    made.propose(settings, expires_at=datetime(2026, 4, 1, 16, tzinfo=UTC))
    act_day(settings, DAY)
    assert find(settings)["state"] == "proposed"
    # The morning after 1 April in Shanghai lies behind 16:00 UTC of that day.
    assert act_day(settings, "2026-04-01")["expired"] == 1
    assert find(settings)["state"] == "expired"


def test_a_slot_that_has_passed_is_not_sent(settings, made, missed):
    made.publish(settings, missed)
    made.propose(settings)
    act_day(settings, DAY)
    approvals.decide(settings, "act-1", "approved", LI)
    assert act_day(settings, "2026-04-02")["dead"] == 1
    assert find(settings)["state"] == "denied"
    (message,) = read(settings, ledger.outbox)
    assert message["last_answer"] == "Nothing of it may be sent any more."


def test_only_the_demo_lives_on_the_days_of_its_data(settings):
    # 02:30 in Shanghai is 18:30 in UTC of the day before.
    assert act.acting_time(settings, DAY) == datetime(2026, 3, 31, 18, 30, tzinfo=UTC)
    company = settings.company.model_copy(update={"tenant_id": "acme"})
    real = act.acting_time(replace(settings, company=company), DAY)
    assert abs((real - opstore.now()).total_seconds()) < 5


def test_the_first_decision_holds_and_the_second_learns_of_it(settings, made, missed):
    made.publish(settings, missed)
    made.propose(settings)
    act_day(settings, DAY)
    first = approvals.decide(settings, "act-1", "approved", LI)
    second = approvals.decide(settings, "act-1", "rejected", ("wang", "board"))
    assert (first.is_first, second.is_first) == (True, False)
    assert second.describe().startswith("act-1 was decided before by li on ")
    assert find(settings)["state"] == "approved"
    (entry,) = read(settings, ledger.approvals)
    assert (entry["decision"], entry["decided_by"], entry["decided_via"]) == (
        "approved",
        "li",
        "cli",
    )


def test_what_is_not_gated_cannot_be_approved(settings, made):
    made.propose(settings)
    with pytest.raises(act.ActionError, match="has not passed the gate yet"):
        approvals.decide(settings, "act-1", "approved", LI)


def test_an_expired_proposal_takes_no_decision(settings, made, missed):
    made.publish(settings, missed)
    # The demo's now is 18:30 UTC of its last day.
    made.propose(settings, expires_at=datetime(2026, 3, 31, 18, 31, tzinfo=UTC))
    act_day(settings, DAY)
    made.propose(
        settings,
        action_id="late",
        gate={"allowed": 1},
        expires_at=datetime(2026, 3, 31, tzinfo=UTC),
    )
    for verdict in ("approved", "rejected"):
        with pytest.raises(act.ActionError, match="late expired at 2026-03-31 00:00 UTC"):
            approvals.decide(settings, "late", verdict, LI)
    assert read(settings, ledger.approvals) == []
    assert approvals.decide(settings, "act-1", "approved", LI).is_first


def test_where_a_role_has_people_nobody_else_decides_for_it(settings, made, missed):
    made.publish(settings, missed)
    for name in ("a", "b"):
        made.propose(settings, action_id=name)
    act_day(settings, DAY)
    company = settings.company.model_copy(update={"roles": {"ops_manager": ("wang",)}})
    ours = replace(settings, company=company)
    with pytest.raises(act.ActionError, match=r"a is decided by ops_manager \(wang\), not by li"):
        approvals.decide(ours, "a", "approved", LI)
    assert find(ours, "a")["state"] == "proposed"
    assert approvals.decide(ours, "a", "approved", ("wang", "board")).is_first
    # A role that is not listed is anybody's who may decide at all.
    other = company.model_copy(update={"roles": {"retention_lead": ("chen",)}})
    assert approvals.decide(replace(settings, company=other), "b", "approved", LI).is_first


def test_an_action_waits_where_a_key_is_missing_and_the_others_go_on(
    settings, made, missed, monkeypatch, tmp_path
):
    made.publish(settings, missed)
    payload = {"plan_day": "2026-04-01", "from_hours": [15], "to_hours": [10], "holdout": 0.25}
    made.propose(settings, payload=payload, mode="auto", action_id="a-drawn")
    reminder = {"agent_id": "A006", "day": DAY}
    made.propose(settings, "remind_compliance", payload=reminder, mode="auto", action_id="b-mail")
    monkeypatch.setenv("LEADLOOP_ASSIGNMENT_KEY_FILE", str(tmp_path / "gone"))
    assert act_day(settings, DAY)["postponed"] == 1
    assert find(settings, "b-mail")["state"] == "sent"
    assert find(settings, "a-drawn")["state"] == "approved"
    monkeypatch.delenv("LEADLOOP_ASSIGNMENT_KEY_FILE")
    act_day(settings, DAY)
    assert find(settings, "a-drawn")["state"] == "sent"


def test_the_beginning_of_an_id_is_enough_if_it_fits_one(settings, made):
    made.propose(settings, action_id="abc1")
    made.propose(settings, action_id="abd2")
    assert approvals.find_action(settings, "abc")["action_id"] == "abc1"
    with pytest.raises(act.ActionError, match="fits several"):
        approvals.find_action(settings, "ab")
    with pytest.raises(act.ActionError, match="is no action"):
        approvals.find_action(settings, "%")


def test_a_rejected_plan_is_never_sent(settings, made, missed):
    made.publish(settings, missed)
    made.propose(settings)
    act_day(settings, DAY)
    approvals.decide(settings, "act-1", "rejected", LI)
    assert act_day(settings, DAY) == {}
    assert act.carry_out(settings, "act-1")["state"] == "rejected"
    assert read(settings, ledger.outbox) == []


def test_what_a_rule_approves_by_itself_is_gated_all_the_same(settings, made, missed):
    refused = made.dial("f", "31 15:00", phone_region="FR")
    made.publish(settings, [*missed, refused])
    made.propose(settings, mode="auto", state="approved", decided_by="rule:low-connect")
    act_day(settings, DAY)
    row = find(settings)
    assert (row["state"], row["decided_by"]) == ("sent", "rule:low-connect")
    assert row["gate"]["sentence"] == "1 of 41 will be skipped: 1 by no-pack."
    assert len(read_drop(settings)) == 40
