"""The gate: no allowed dial breaks a pack, wherever the called party lives and clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from leadloop.actions import ActionError
from leadloop.actions.compliance import Context, Dial, History, OptOut, gate
from leadloop.actions.packs import Pack, load_pack, load_packs
from leadloop.actions.zones import list_candidates
from leadloop.settings import PROJECT_ROOT

CALL = {"type": "reschedule_dials"}
SHANGHAI = ZoneInfo("Asia/Shanghai")
CN = load_pack(PROJECT_ROOT / "config" / "compliance" / "cn.yml")


def at(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def judge(moment, phone="p", region="CN", packs=(CN,), dials=(), opt_outs=None, consent=None):
    history = History({"p": sorted(dials)}, opt_outs or {})
    return gate(CALL, Dial(phone, moment, region, consent), Context(tuple(packs), history))


def make_pack(rules, regions=("CN",), **changes) -> Pack:
    base = {
        "title": {"en": "made"},
        "source": "made for this test",
        "certainty": "own",
        "effective_from": date(2000, 1, 1),
    }
    made = [{**base, "id": f"made-{number}", **rule} for number, rule in enumerate(rules)]
    content = {"id": "made", "title": {"en": "made"}, "regions": regions, "rules": made}
    return Pack.model_validate({**content, "reviewed_on": date(2026, 1, 1), **changes})


@pytest.mark.parametrize(
    ("clock", "verdict", "until"),
    [
        pytest.param("08:59:59", "defer", "2026-04-01T09:00", id="before the morning"),
        pytest.param("09:00:00", "allow", None, id="the morning's first moment"),
        pytest.param("11:59:59", "allow", None, id="the morning's last second"),
        pytest.param("12:00:00", "defer", "2026-04-01T14:00", id="noon"),
        pytest.param("14:00:00", "allow", None, id="afternoon"),
        pytest.param("20:00:00", "defer", "2026-04-02T09:00", id="evening"),
        pytest.param("23:30:00", "defer", "2026-04-02T09:00", id="night"),
    ],
)
def test_calls_are_made_in_the_pack_s_hours_alone(clock, verdict, until):
    decision = judge(at(f"2026-04-01T{clock}"))
    assert decision.verdict == verdict
    assert decision.until == (until and at(until))
    if verdict != "allow":
        assert decision.rule_id == "cn-hours"
        assert "工信部" in decision.source
        assert clock[:5] in decision.reason


def test_the_hours_are_those_of_the_called_party(monkeypatch):
    pack = make_pack([{"kind": "hours", "allow": ["09:00-20:00"]}], regions=("HK", "PT"))
    # 10:00 in Lisbon's winter is 18:00 in Hong Kong; 13:00 there is 21:00.
    morning = at("2026-01-15T10:00", ZoneInfo("Europe/Lisbon"))
    assert judge(morning, region="HK", packs=[pack]).verdict == "allow"
    later = morning + timedelta(hours=3)
    assert judge(later, region="HK", packs=[pack]).reason.startswith("21:00 in Asia/Hong_Kong")


@pytest.mark.parametrize(
    ("dials", "rule_id", "until"),
    [
        pytest.param(["2026-04-01T10:30"], "cn-frequency-gap", "2026-04-01T14:30", id="too soon"),
        pytest.param(["2026-04-01T17:00"], "cn-frequency-gap", "2026-04-02T09:00", id="too near"),
        pytest.param(
            ["2026-04-01T00:30", "2026-04-01T01:00"],
            "cn-frequency-day",
            "2026-04-02T09:00",
            id="third of the day",
        ),
        pytest.param(
            [f"2026-03-{day}T10:00" for day in ("05", "10", "15", "20")],
            "cn-frequency-month",
            "2026-04-04T10:00",
            id="fifth of thirty days",
        ),
    ],
)
def test_a_number_is_not_called_too_often(dials, rule_id, until):
    decision = judge(at("2026-04-01T14:00"), dials=[at(text) for text in dials])
    assert (decision.verdict, decision.rule_id) == ("defer", rule_id)
    assert decision.until == at(until)


def test_four_calls_in_thirty_days_are_not_too_many():
    dials = [at(f"2026-03-{day}T10:00") for day in ("02", "10", "15", "20")]
    # The first lies exactly 30 days before.
    assert judge(at("2026-04-01T10:00"), dials=dials).verdict == "allow"


def test_who_opted_out_is_never_called_and_the_request_is_named():
    asked = {"p": OptOut(at("2025-01-01T10:00"), "outcome of call c1")}
    decision = judge(at("2026-04-01T10:00"), opt_outs=asked)
    assert (decision.verdict, decision.rule_id) == ("deny", "cn-do-not-call")
    assert "2025-01-01" in decision.reason
    assert "outcome of call c1" in decision.reason
    assert "138 号" in decision.source
    # A forbidden hour on top of it does not turn a no into a later.
    assert judge(at("2026-04-01T22:00"), opt_outs=asked).verdict == "deny"


def test_a_list_that_is_kept_for_months_lets_go_afterwards():
    pack = make_pack([{"kind": "do_not_call", "months": 6}])
    asked = {"p": OptOut(at("2026-01-01T00:00"), "list")}
    early = judge(at("2026-06-30T10:00"), packs=[pack], opt_outs=asked)
    assert (early.verdict, early.until) == ("defer", at("2026-07-06T00:00"))
    assert judge(at("2026-07-06T00:00"), packs=[pack], opt_outs=asked).verdict == "allow"


@pytest.mark.parametrize(
    ("changes", "rule_id"),
    [
        pytest.param({"phone": None}, "unknown-number", id="withheld number"),
        pytest.param({"region": None}, "unknown-zone", id="unknown region"),
        pytest.param({"region": "FR"}, "no-pack", id="region without a pack"),
        pytest.param({"packs": ()}, "no-pack", id="no pack at all"),
    ],
)
def test_what_cannot_be_checked_is_refused(changes, rule_id):
    decision = judge(at("2026-04-01T10:00"), **changes)
    assert (decision.verdict, decision.rule_id) == ("deny", rule_id)
    assert decision.source.startswith("leadloop: what cannot be checked is refused")


def test_without_a_history_nothing_is_allowed():
    decision = gate(CALL, Dial("p", at("2026-04-01T10:00"), "CN"), Context((CN,), None))
    assert (decision.verdict, decision.rule_id) == ("deny", "unknown-history")


def test_a_time_without_a_zone_is_refused():
    naive = at("2026-04-01T10:00").replace(tzinfo=None)
    assert judge(naive).rule_id == "unknown-time"


def test_an_action_that_calls_nobody_needs_no_hours():
    decision = gate(
        {"type": "remind_compliance"}, Dial(None, at("2026-04-01T23:00")), Context((), None)
    )
    assert decision.verdict == "allow"


def test_consent_that_is_unknown_is_counted_and_a_refusal_is_a_no():
    assert judge(at("2026-04-01T10:00")).rule_id == "cn-consent"
    assert judge(at("2026-04-01T10:00"), consent=True).rule_id is None
    assert judge(at("2026-04-01T10:00"), consent=False).verdict == "deny"
    strict = make_pack([{"kind": "consent", "unknown": "deny"}])
    assert judge(at("2026-04-01T10:00"), packs=[strict]).verdict == "deny"


def test_a_rule_holds_from_its_first_day_to_its_last():
    rule = {"kind": "hours", "forbid": ["00:00-23:59"]}
    days = {"effective_from": date(2026, 4, 2), "effective_until": date(2026, 4, 3)}
    pack = make_pack([{**rule, **days}])
    verdicts = [judge(at(f"2026-04-0{day}T10:00"), packs=[pack]).verdict for day in (1, 2, 3, 4)]
    assert [verdict == "allow" for verdict in verdicts] == [True, False, False, True]


def test_a_window_past_midnight_is_one_window():
    one = {"zones": {"CN": ("Asia/Shanghai",)}}
    night = make_pack([{"kind": "hours", "allow": ["20:00-02:00"]}], **one)
    hours = [judge(at(f"2026-04-01T{hour:02}:00"), packs=[night]).verdict for hour in range(24)]
    assert [hour for hour in range(24) if hours[hour] == "allow"] == [0, 1, 20, 21, 22, 23]
    quiet = make_pack([{"kind": "hours", "forbid": ["21:00-09:00"]}], **one)
    assert judge(at("2026-04-01T23:00"), packs=[quiet]).until == at("2026-04-02T09:00")


def test_several_zones_allow_only_what_all_of_them_allow():
    pack = make_pack(
        [{"kind": "hours", "allow": ["09:00-20:00"]}],
        regions=("US",),
        zones={"US": ("America/New_York", "America/Los_Angeles")},
    )
    new_york = ZoneInfo("America/New_York")
    assert judge(at("2026-04-01T10:00", new_york), region="US", packs=[pack]).verdict == "defer"
    assert judge(at("2026-04-01T12:00", new_york), region="US", packs=[pack]).verdict == "allow"
    assert judge(at("2026-04-01T20:00", new_york), region="US", packs=[pack]).verdict == "defer"


def test_an_unknown_region_may_be_held_to_every_clock_of_the_pack():
    pack = make_pack(
        [{"kind": "hours", "allow": ["09:00-20:00"]}],
        regions=("CN", "PT"),
        unknown_zone="intersect",
    )
    # 10:00 in Shanghai is the night in Lisbon; 19:00 there is 11:00 or 12:00.
    assert judge(at("2026-04-01T10:00"), region=None, packs=[pack]).verdict == "defer"
    assert judge(at("2026-04-01T19:00"), region=None, packs=[pack]).verdict == "allow"


def test_clocks_that_never_agree_are_a_no():
    pack = make_pack(
        [{"kind": "hours", "allow": ["09:00-10:00"]}],
        zones={"CN": ("Asia/Shanghai", "America/New_York")},
    )
    decision = judge(at("2026-04-01T09:30"), packs=[pack])
    assert (decision.verdict, decision.until) == ("deny", None)


# Zones whose clocks change by an hour, by half an hour, at midnight, or not at all.
REGIONS = ("CN", "US", "AU", "CL", "PT", "IR", "EG", "LB", "BR", "NZ", "PY", "CU")
WINDOWS = st.tuples(st.integers(0, 95), st.integers(0, 95)).filter(lambda pair: pair[0] != pair[1])


def show(pair: tuple[int, int]) -> str:
    return "-".join(f"{edge // 4:02}:{edge % 4 * 15:02}" for edge in pair)


def is_inside(pair: tuple[int, int], clock) -> bool:
    quarter = (clock.hour * 3600 + clock.minute * 60 + clock.second) / 900
    begin, end = pair
    return begin <= quarter < end if begin < end else quarter >= begin or quarter < end


def breaks(limits: dict, zones: tuple[str, ...], moment: datetime, dials: list[datetime]) -> bool:
    """Whether a dial violates the limits, worked out by hand from wall clocks and counts."""
    clocks = [moment.astimezone(ZoneInfo(zone)) for zone in zones]
    if not all(any(is_inside(pair, clock) for pair in limits["allow"]) for clock in clocks):
        return True
    if any(is_inside(limits["forbid"], clock) for clock in clocks):
        return True
    if any(abs(dial - moment) < timedelta(hours=limits["gap"]) for dial in dials):
        return True
    for clock in clocks:
        same = [dial for dial in dials if dial.astimezone(clock.tzinfo).date() == clock.date()]
        if len(same) >= limits["day"]:
            return True
    together = sorted([*dials, moment])
    for begin in together:
        held = [dial for dial in together if begin <= dial < begin + timedelta(days=30)]
        if moment in held and len(held) > limits["month"]:
            return True
    return False


@hypothesis_settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_no_allowed_dial_violates_the_pack_in_any_zone_across_clock_changes(data):
    region = data.draw(st.sampled_from(REGIONS))
    limits = {
        "allow": data.draw(st.lists(WINDOWS, min_size=1, max_size=2)),
        "forbid": data.draw(WINDOWS),
        "gap": data.draw(st.integers(1, 30)),
        "day": data.draw(st.integers(1, 3)),
        "month": data.draw(st.integers(1, 5)),
    }
    pack = make_pack(
        [
            {"kind": "hours", "allow": [show(pair) for pair in limits["allow"]]},
            {"kind": "hours", "forbid": [show(limits["forbid"])]},
            {"kind": "frequency", "min_gap_hours": limits["gap"]},
            {"kind": "frequency", "per_day": limits["day"]},
            {"kind": "frequency", "per_30_days": limits["month"]},
        ],
        regions=(region,),
    )
    start = datetime(2026, 1, 1, tzinfo=UTC)
    minutes = st.integers(0, 366 * 24 * 60)
    moment = start + timedelta(minutes=data.draw(minutes))
    around = st.integers(-40 * 24 * 60, 3 * 24 * 60)
    dials = [moment + timedelta(minutes=shift) for shift in data.draw(st.lists(around, max_size=8))]
    zones = list_candidates(region)
    decision = judge(moment, region=region, packs=[pack], dials=dials)
    assert (decision.verdict == "allow") is not breaks(limits, zones, moment, dials)
    if decision.verdict == "defer":
        assert decision.until > moment
        assert not breaks(limits, zones, decision.until, dials)
        assert judge(decision.until, region=region, packs=[pack], dials=dials).verdict == "allow"


@hypothesis_settings(max_examples=200, deadline=None)
@given(minutes=st.integers(0, 60 * 24 * 60), count=st.integers(1, 12))
def test_a_greedy_dialler_that_obeys_the_gate_keeps_the_chinese_pack(minutes, count):
    """Whoever dials as soon as the gate allows it never breaks a limit of the shipped pack."""
    moment, dials = datetime(2026, 3, 1, tzinfo=UTC) + timedelta(minutes=minutes), []
    for _ in range(count):
        decision = judge(moment, dials=dials)
        moment = moment if decision.verdict == "allow" else decision.until
        if moment is None:
            break
        assert judge(moment, dials=dials).verdict == "allow"
        local = moment.astimezone(SHANGHAI)
        assert local.hour in (9, 10, 11, 14, 15, 16, 17, 18, 19)
        dials.append(moment)
        moment += timedelta(minutes=1)
    gaps = [later - earlier for earlier, later in pairwise(dials)]
    assert all(gap >= timedelta(hours=4) for gap in gaps)
    fifth = zip(dials, dials[4:], strict=False)
    assert all(later - earlier >= timedelta(days=30) for earlier, later in fifth)


def test_the_shipped_pack_enforces_nothing_that_is_known_from_memory_alone(settings):
    for pack in load_packs(settings):
        enforced = [rule for rule in pack.rules if rule.enabled]
        assert all(rule.certainty != "memory" for rule in enforced)
        assert {rule.kind for rule in enforced} == {"hours", "frequency", "do_not_call", "consent"}
        assert all(rule.source and rule.effective_from for rule in pack.rules)


def test_what_is_known_from_memory_cannot_be_enabled():
    rule = {"kind": "consent", "unknown": "deny", "certainty": "memory"}
    with pytest.raises(ValueError, match="known from memory: cite its text"):
        make_pack([rule])
    assert make_pack([{**rule, "enabled": False}]).rules[0].enabled is False


def test_all_mistakes_of_a_pack_are_named_at_once(tmp_path):
    path = tmp_path / "xx.yml"
    path.write_text(
        """
id: xx
title: {en: X}
regions: [XX]
zones: {XX: [Asia/Peking]}
reviewed_on: 2026-01-01
colour: red
rules:
  - {id: d, kind: do_not_call, title: {en: D}, source: s, certainty: own,
     effective_from: 2026-01-01}
  - {id: a, kind: hours, title: {en: A}, source: s, certainty: own, effective_from: 2026-01-01}
  - {id: b, kind: hours, title: {en: B}, source: s, certainty: own, effective_from: 2026-01-01,
     allow: ["9-12"]}
  - {id: c, kind: frequency, title: {en: C}, source: s, certainty: own, effective_from: 2026-01-01}
""",
        encoding="utf-8",
    )
    with pytest.raises(ActionError) as error:
        load_pack(path)
    message = str(error.value)
    for seen in (
        "5 mistake(s)",
        "Asia/Peking",
        "colour",
        "give allow or forbid",
        "09:00-12:00",
        "exactly one of per_day",
    ):
        assert seen in message


def test_a_pack_is_named_after_its_file(tmp_path):
    path = tmp_path / "de.yml"
    shipped = PROJECT_ROOT / "config" / "compliance" / "cn.yml"
    path.write_text(shipped.read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(ActionError, match="holds the pack 'cn'"):
        load_pack(path)


def test_an_own_pack_stands_for_the_shipped_one(settings, tmp_path, monkeypatch):
    own = tmp_path / "own"
    (own / "compliance").mkdir(parents=True)
    text = (PROJECT_ROOT / "config" / "compliance" / "cn.yml").read_text(encoding="utf-8")
    changed = text.replace('"14:00-20:00"', '"14:00-18:00"')
    (own / "compliance" / "cn.yml").write_text(changed, encoding="utf-8")
    from leadloop.settings import load_settings

    monkeypatch.setenv("LEADLOOP_CONFIG", str(own))
    (pack,) = load_packs(load_settings())
    assert str(pack.rules[0].allow[1]) == "14:00-18:00"
