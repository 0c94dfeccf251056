"""What a rule finds: it fires on a planted fault and stays quiet on a clean world."""

import numpy as np
import pytest

from leadloop.rules.evaluate import evaluate
from leadloop.rules.naive import find_naive
from leadloop.rules.readings import Reading

CHANNEL = (("channel", "a"),)


def found(rule, readings, span, kind="share"):
    return [(e.first, e.last, e.cleared) for e in evaluate(rule, kind, readings, span).episodes]


def test_a_rate_surely_below_the_limit_fires_and_one_that_may_be_chance_does_not(
    make_rule, make_days, span_of
):
    days = make_days((40, 400), (18, 100), (120, 400))
    assert found(make_rule(), days, span_of(days)) == [("2026-03-02", "2026-03-02", "2026-03-04")]


def test_a_window_below_the_least_sample_is_never_judged(make_rule, make_days, span_of):
    days = make_days((0, 29))
    evaluation = evaluate(make_rule(), "share", days, span_of(days))
    assert [item.state for item in evaluation.judgements] == ["too few"]
    assert evaluation.episodes == ()
    assert len(find_naive(make_rule(), "share", days)) == 1


def test_an_alert_stays_while_it_is_not_more_likely_over_than_not(make_rule, make_days, span_of):
    # 75 of 400: below .20 with a chance of .73, not enough to fire and too much to clear.
    days = make_days((40, 400), (75, 400), (90, 400), (75, 400))
    assert found(make_rule(), days, span_of(days)) == [("2026-03-02", "2026-03-02", "2026-03-04")]


def test_windows_must_break_it_in_a_row(make_rule, make_days, span_of):
    rule = make_rule(**{"for": 2})
    apart = make_days((40, 400), (120, 400), (40, 400))
    assert found(rule, apart, span_of(apart)) == []
    row = make_days((120, 400), (40, 400), (0, 5), (40, 400))
    assert found(rule, row, span_of(row)) == [("2026-03-03", "2026-03-05", None)]


def test_the_night_ends_a_row_of_hours(make_rule, make_hours, span_of):
    rule = make_rule(grain="hour", **{"for": 2})
    hours = [
        *make_hours("2026-03-02", (120, 400), (40, 400)),
        *make_hours("2026-03-03", (40, 400), (120, 400)),
    ]
    assert found(rule, hours, span_of(hours)) == []


@pytest.mark.parametrize(
    ("cooldown", "alerts"),
    [
        pytest.param("4d", 1, id="the same trouble within the cooldown is the same alert"),
        pytest.param("2d", 2, id="after it, it is another one"),
    ],
)
def test_cooldown(make_rule, make_days, span_of, cooldown, alerts):
    days = make_days((40, 400), (120, 400), (120, 400), (40, 400))
    assert len(found(make_rule(cooldown=cooldown), days, span_of(days))) == alerts


def test_each_instance_is_watched_by_itself(make_rule, make_days, span_of):
    bad = make_days((40, 400), (40, 400), instance=CHANNEL)
    good = make_days((160, 400), (160, 400), instance=(("channel", "b"),))
    days = sorted([*bad, *good], key=lambda item: (item.period, str(item.instance)))
    (episode,) = evaluate(make_rule(by=["channel"]), "share", days, span_of(days)).episodes
    assert episode.instance == CHANNEL


def test_the_same_history_gives_the_same_alerts_wherever_it_ends(make_rule, make_days, span_of):
    sums = [(160, 400)] * 28 + [(80, 400)] * 3
    rule = make_rule(when={"below_baseline": {}})
    firsts = {
        evaluate(rule, "share", days, span_of(days)).episodes[0].first
        for days in (make_days(*sums[:end]) for end in (29, 30, 31))
    }
    assert firsts == {"2026-03-30"}


def test_too_much_fires_where_too_much_is_the_trouble(make_rule, make_days, span_of):
    days = make_days((30, 300), (2, 300))
    assert found(make_rule(when={"above": 0.05}), days, span_of(days)) == [
        ("2026-03-02", "2026-03-02", "2026-03-03")
    ]


def test_a_sunday_is_compared_with_sundays(make_rule, make_days, span_of):
    # Sundays connect a fifth, all other days two fifths: the sixth Sunday is like any.
    week = [(160, 400)] * 6 + [(80, 400)]
    days = make_days(*week * 6)
    rule = make_rule(when={"below_baseline": {"of": "same_weekday", "lookback": 4}})
    assert found(rule, days, span_of(days)) == []
    of_all = make_rule(when={"below_baseline": {"of": "all_days", "lookback": 28}})
    assert len(found(of_all, days, span_of(days))) >= 1


def test_half_of_what_is_usual_fires_though_far_above_any_limit(make_rule, make_days, span_of):
    days = make_days(*[(240, 400)] * 28, (120, 400))
    rule = make_rule(when={"below_baseline": {}})
    (episode,) = evaluate(rule, "share", days, span_of(days)).episodes
    assert episode.first == "2026-03-30"
    assert episode.windows[0].expected == pytest.approx(0.6)


def test_days_that_fired_are_no_baseline(make_rule, make_days, span_of):
    # Five bad Mondays in a row: the fifth is held against what was usual before them.
    weeks = [[(160, 400)] * 7] * 5 + [[(80, 400)] + [(160, 400)] * 6] * 5
    days = make_days(*[day for week in weeks for day in week])
    rule = make_rule(when={"below_baseline": {}})
    firsts = [first for first, _, _ in found(rule, days, span_of(days))]
    assert firsts == ["2026-04-06", "2026-04-13", "2026-04-20", "2026-04-27", "2026-05-04"]


def test_days_that_vary_more_than_chance_are_not_called_a_fall(make_rule, make_days, span_of):
    generator = np.random.default_rng(7)
    rates = generator.beta(0.35 * 30, 0.65 * 30, 120)
    days = make_days(*[(int(generator.binomial(2000, rate)), 2000) for rate in rates])
    guarded = found(make_rule(when={"below_baseline": {}}), days, span_of(days))
    binomial_three_sigma = sum(
        day.k / day.n < 0.35 - 3 * (0.35 * 0.65 / 2000) ** 0.5 for day in days
    )
    assert len(guarded) <= 4
    assert binomial_three_sigma > 20


def test_a_clean_world_of_many_instances_stays_quiet(make_rule, make_days, span_of):
    generator = np.random.default_rng(11)
    days = [
        reading
        for number in range(30)
        for reading in make_days(
            *[(int(generator.binomial(200, 0.3)), 200) for _ in range(90)],
            instance=(("agent", f"A{number}"),),
        )
    ]
    days.sort(key=lambda item: (item.period, item.instance))
    rule = make_rule(by=["agent"], when={"below_baseline": {}})
    # 62 judged days, a false one on at most a tenth of them.
    assert len(found(rule, days, span_of(days))) <= 12
    days[-5] = Reading(days[-5].period, days[-5].instance, 20, 200)
    last = found(rule, days, span_of(days))[-1]
    assert last[0] == days[-1].period


@pytest.mark.parametrize(
    ("kind", "normal", "fallen"),
    [
        pytest.param("count", (200, 200), (60, 60), id="count"),
        pytest.param("mean", (40000, 400), (20000, 400), id="mean"),
    ],
)
def test_counts_and_means_have_baselines_too(make_rule, make_days, span_of, kind, normal, fallen):
    error = 2.0 if kind == "mean" else None
    days = make_days(*[normal] * 28, fallen, error=error)
    rule = make_rule(when={"below_baseline": {}})
    assert [first for first, _, _ in found(rule, days, span_of(days), kind)] == ["2026-03-30"]
    high = make_rule(when={"above_baseline": {}})
    assert found(high, days, span_of(days), kind) == []


@pytest.mark.parametrize(
    ("kind", "normal", "fallen", "kept"),
    [
        pytest.param("share", (160, 400), (40, 400), (130, 400), id="share"),
        pytest.param("count", (100, 100), (20, 20), (70, 70), id="count"),
    ],
)
def test_a_fall_by_half_against_the_week_before(
    make_rule, make_days, span_of, kind, normal, fallen, kept
):
    rule = make_rule(when={"drop_vs": {"window": "7d", "pct": 50}})
    days = make_days(*[normal] * 7, fallen)
    assert [first for first, _, _ in found(rule, days, span_of(days), kind)] == ["2026-03-09"]
    days = make_days(*[normal] * 7, kept)
    assert found(rule, days, span_of(days), kind) == []


def test_without_a_past_nothing_is_called_a_fall(make_rule, make_days, span_of):
    for when in ({"below_baseline": {}}, {"drop_vs": {"window": "7d", "pct": 50}}):
        days = make_days((4, 400))
        evaluation = evaluate(make_rule(when=when), "share", days, span_of(days))
        assert [item.state for item in evaluation.judgements] == ["no baseline"]


def test_a_naive_rule_is_its_words(make_rule, make_days, span_of):
    days = make_days((0, 3), (19, 100), (20, 100))
    rule = make_rule(mode="naive", **{"for": 3})
    assert [first for first, _, _ in found(rule, days, span_of(days))] == [
        "2026-03-02",
        "2026-03-03",
    ]


def test_the_naive_baseline_is_the_mean_less_three_sigma(make_rule, make_days, span_of):
    # Mean .4, deviation about .01: a Sunday at .3 breaks it, every week.
    week = [(156, 400), (164, 400), (156, 400), (164, 400), (156, 400), (164, 400), (120, 400)]
    days = make_days(*week * 2)
    rule = make_rule(when={"below_baseline": {}}, mode="naive")
    assert found(rule, days, span_of(days))[0][0] == "2026-03-08"


def test_the_naive_drop_needs_no_certainty(make_rule, make_days):
    rule = make_rule(when={"drop_vs": {"window": "7d", "pct": 50}})
    days = make_days((4, 10), (1, 10))
    assert [item.first for item in find_naive(rule, "share", days)] == ["2026-03-03"]
    counts = make_days((4, 4), (1, 1))
    assert [item.first for item in find_naive(rule, "count", counts)] == ["2026-03-03"]


class TestSilence:
    """No rows where there were some."""

    def test_an_instance_that_stops_is_an_alert_until_it_comes_back(
        self, make_rule, make_days, span_of
    ):
        gone = make_days(*[(160, 400)] * 14, None, None, (160, 400), instance=CHANNEL)
        here = make_days(*[(160, 400)] * 17, instance=(("channel", "b"),))
        days = sorted([*gone, *here], key=lambda item: (item.period, item.instance))
        rule = make_rule(by=["channel"], no_data="alert")
        (episode,) = evaluate(rule, "share", days, span_of(days)).episodes
        assert (episode.kind, episode.instance) == ("no data", CHANNEL)
        assert (episode.first, episode.last, episode.cleared) == (
            "2026-03-16",
            "2026-03-17",
            "2026-03-18",
        )

    def test_silence_everywhere_is_one_alert(self, make_rule, make_days, span_of):
        days = [
            reading
            for name in "abc"
            for reading in make_days(*[(160, 400)] * 14, instance=(("channel", name),))
        ]
        days.sort(key=lambda item: (item.period, item.instance))
        rule = make_rule(by=["channel"], no_data="alert")
        (episode,) = evaluate(rule, "share", days, span_of(days, "2026-03-16")).episodes
        assert episode.instance == ()

    def test_a_weekend_without_calls_is_no_silence(self, make_rule, make_days, span_of):
        week = [*[(160, 400)] * 5, None, None]
        days = make_days(*week * 4)
        rule = make_rule(no_data="alert")
        assert evaluate(rule, "share", days, span_of(days, "2026-03-29")).episodes == ()

    @pytest.mark.parametrize(
        ("policy", "cleared"), [("ok", "2026-03-03"), ("keep", None)], ids=["ok", "keep"]
    )
    def test_an_open_alert_ends_with_the_data_or_stays(
        self, make_rule, make_days, span_of, policy, cleared
    ):
        days = make_days((40, 400), None)
        rule = make_rule(no_data=policy)
        assert found(rule, days, span_of(days, "2026-03-03")) == [
            ("2026-03-02", "2026-03-02", cleared)
        ]
