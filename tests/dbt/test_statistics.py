"""The statistics written in SQL, against hand-computed rows and against statsmodels and lifelines.

The macros are rendered without dbt: they need nothing of it, and this takes milliseconds.
"""

from __future__ import annotations

import math

import jinja2
import numpy as np
import pandas as pd
import pytest
from lifelines import AalenJohansenFitter, KaplanMeierFitter
from scipy import stats
from statsmodels.stats.contingency_tables import StratifiedTable
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint, proportions_ztest

from leadloop import warehouse
from leadloop.intervals import wilson_interval
from leadloop.settings import PROJECT_ROOT

EXACT = {"rel": 1e-9, "abs": 1e-9}
FILES = (
    "benjamini_hochberg", "calls_needed", "exact_sum", "kaplan_meier", "log_mean", "log_odds",
    "mantel_haenszel", "normal_tail", "safe_rate", "same_keys", "shrunken_odds", "slots",
    "two_proportions", "wilson",
)  # fmt: skip
MACROS = "\n".join(
    (PROJECT_ROOT / "dbt_project" / "macros" / f"{name}.sql").read_text(encoding="utf-8")
    for name in FILES
)


def ask(sql: str, **tables: pd.DataFrame) -> list[dict[str, object]]:
    """Return the rows of SQL with macros over frames."""
    query = jinja2.Environment(autoescape=False).from_string(MACROS + sql).render()
    with warehouse.open_memory() as connection:
        for name, frame in tables.items():
            connection.register(name, frame)
        found = connection.execute(query)
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def column(rows, name):
    return [row[name] for row in rows]


def same(found, wanted):
    """Compare numbers in order; nan stands for null."""
    left = [math.nan if value is None else value for value in found]
    return left == pytest.approx(list(wanted), nan_ok=True, **EXACT)


# Wilson


def test_wilson_is_that_of_statsmodels_and_of_the_python_side():
    shares = pd.DataFrame([(k, n) for n in (1, 2, 30, 1000, 250_000) for k in {0, 1, n // 3, n}],
                          columns=["k", "n"])  # fmt: skip
    rows = ask("select k, n, {{ wilson_low('k', 'n') }} as low, {{ wilson_high('k', 'n') }} as high"
               " from shares", shares=shares)  # fmt: skip
    low, high = proportion_confint(shares.k, shares.n, method="wilson")
    assert same(column(rows, "low"), low)
    assert same(column(rows, "high"), high)
    ours = [wilson_interval(k, n) for k, n in shares.itertuples(index=False)]
    assert same(column(rows, "low"), [edge for edge, _ in ours])
    assert same(column(rows, "high"), [edge for _, edge in ours])


def test_no_sample_has_no_interval_and_the_edges_of_none_and_all_are_exact():
    shares = pd.DataFrame({"k": [0, None, 0, 7], "n": [0, None, 7, 7]})
    rows = ask("select {{ wilson_low('k', 'n') }} as low, {{ wilson_high('k', 'n') }} as high"
               " from shares", shares=shares)  # fmt: skip
    assert rows[0] == rows[1] == {"low": None, "high": None}
    assert (rows[2]["low"], rows[3]["high"]) == (0.0, 1.0)


def test_the_tail_of_the_normal_distribution_is_that_of_scipy():
    points = pd.DataFrame({"z": [*np.linspace(-9, 9, 401), 20.0, 37.0, 40.0]})
    rows = ask("select {{ two_sided_probability('z') }} as p from points", points=points)
    assert same(column(rows, "p"), 2 * stats.norm.sf(points.z.abs()))
    near = [row["p"] for row, z in zip(rows, points.z, strict=True) if abs(z) < 7]
    wanted = 2 * stats.norm.sf(points.z.abs())[points.z.abs() < 7]
    # Small probabilities, too: Benjamini and Hochberg rank them.
    assert near == pytest.approx(list(wanted), rel=1e-8, abs=0)


# Kaplan and Meier

CURVE = "{{ kaplan_meier('spells', 'days', 'is_won', ['channel']) }} order by channel, days"
ONE_CURVE = "{{ kaplan_meier('spells', 'days', 'is_won') }} order by days"


def make_spells(seed: int, size: int = 500) -> pd.DataFrame:
    """Leads with many ties: won after whole days, or still open when last seen."""
    draws = np.random.default_rng(seed)
    won, seen = draws.geometric(0.03, size), draws.integers(0, 120, size)
    return pd.DataFrame({
        "channel": draws.choice(["a", "b", "c"], size),
        "days": np.minimum(won, seen),
        "is_won": won <= seen,
    })  # fmt: skip


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_curve_is_that_of_lifelines(seed):
    spells = make_spells(seed)
    rows = pd.DataFrame(ask(CURVE, spells=spells))
    for channel, group in spells.groupby("channel"):
        fit = KaplanMeierFitter().fit(group.days, group.is_won)
        ours = rows[rows.channel == channel].set_index("days")
        times = ours.index
        assert same(ours.survival_rate, fit.survival_function_.loc[times].iloc[:, 0])
        table = fit.event_table.loc[times]
        assert list(ours.event_count) == list(table.observed)
        assert list(ours.at_risk_count) == list(table.at_risk)
        # Where the rate is 1, lifelines gives 1 to 1; we give none.
        told = ours[(ours.survival_rate < 1) & (ours.survival_rate > 0)]
        low, high = (fit.confidence_interval_.loc[told.index].iloc[:, side] for side in (0, 1))
        assert same(told.survival_low_rate, low)
        assert same(told.survival_high_rate, high)
        error = told.survival_rate * np.sqrt(fit._cumulative_sq_.loc[told.index])
        assert same(told.survival_error_rate, error)
        assert ours.survival_low_rate[ours.survival_rate == 1].isna().all()


def test_a_curve_worked_out_by_hand():
    # Five leads: won on day 1, one won and one lost sight of on day 2, won on 3, waiting on 5.
    spells = pd.DataFrame({"days": [1, 2, 2, 3, 5], "is_won": [True, True, False, True, False]})
    rows = ask(ONE_CURVE, spells=spells)
    assert column(rows, "days") == [1, 2, 3, 5]
    assert column(rows, "at_risk_count") == [5, 4, 2, 1]
    assert column(rows, "event_count") == [1, 1, 1, 0]
    assert same(column(rows, "survival_rate"), [4 / 5, 3 / 5, 3 / 10, 3 / 10])
    greenwood = [1 / 20, 1 / 20 + 1 / 12, 1 / 20 + 1 / 12 + 1 / 2, 1 / 20 + 1 / 12 + 1 / 2]
    errors = [s * math.sqrt(v) for s, v in zip([0.8, 0.6, 0.3, 0.3], greenwood, strict=True)]
    assert same(column(rows, "survival_error_rate"), errors)


@pytest.mark.parametrize(
    ("days", "won", "rates"),
    [
        pytest.param([4], [True], [0.0], id="one row, won"),
        pytest.param([4], [False], [1.0], id="one row, waiting"),
        pytest.param([3, 3, 9], [False, False, False], [1.0, 1.0], id="all waiting"),
        pytest.param([3, 3, 3], [True, True, True], [0.0], id="all on one day"),
        pytest.param([0, 0, 7], [True, False, False], [2 / 3, 2 / 3], id="won on day 0"),
        pytest.param([2, None], [True, True], [0.0], id="one without a time"),
    ],
)
def test_curves_at_their_edges(days, won, rates):
    rows = ask(ONE_CURVE, spells=pd.DataFrame({"days": days, "is_won": won}))
    assert same(column(rows, "survival_rate"), rates)
    certain = [row for row in rows if row["survival_rate"] in (0, 1)]
    assert {row["survival_low_rate"] for row in certain} <= {None}


def test_no_spells_have_no_curve():
    empty = pd.DataFrame({"days": pd.Series(dtype=int), "is_won": pd.Series(dtype=bool)})
    assert ask(ONE_CURVE, spells=empty) == []


TIMES = (
    "with curve as ({{ kaplan_meier('spells', 'days', 'is_won', ['channel']) }}) "
    "{{ kaplan_meier_times('curve', 'days', [7, 30, 90], ['channel']) }} order by channel"
)


@pytest.mark.parametrize("seed", [4, 5])
def test_medians_and_shares_by_a_day_are_those_of_lifelines(seed):
    spells = make_spells(seed)
    for row in ask(TIMES, spells=spells):
        group = spells[spells.channel == row["channel"]]
        fit = KaplanMeierFitter().fit(group.days, group.is_won)
        assert row["median_duration"] == fit.median_survival_time_
        assert row["spell_count"] == len(group)
        assert row["event_count"] == group.is_won.sum()
        for day in (7, 30, 90):
            assert same([row[f"by_{day}_rate"]], [1 - fit.predict(day)])
            last = max(time for time in fit.confidence_interval_.index if time <= day)
            low, high = fit.confidence_interval_.loc[last]
            told = [row[f"by_{day}_low_rate"], row[f"by_{day}_high_rate"]]
            assert same(told, [1 - high, 1 - low])


def test_what_was_not_seen_yet_is_not_told():
    spells = pd.DataFrame({
        "channel": ["half", "half", "half", "none", "all", "late"],
        "days": [2, 10, 40, 20, 3, 8],
        "is_won": [True, True, False, False, True, True],
    })  # fmt: skip
    rows = {row["channel"]: row for row in ask(TIMES, spells=spells)}
    names = ("median_duration", "by_7_rate", "by_30_rate", "by_90_rate")
    told = {key: tuple(row[name] for name in names) for key, row in rows.items()}
    # By hand: 1/3 by day 2, 2/3 by day 10, last seen on day 40.
    assert told["half"] == pytest.approx((10, 1 / 3, 2 / 3, None))
    assert told["none"] == (None, 0, None, None)
    # When it has happened to all, nothing is left to see.
    assert told["all"] == (3, 1, 1, 1)
    assert told["late"] == (8, 0, 1, 1)
    assert rows["all"]["by_7_low_rate"] is None


def test_the_median_of_exactly_half_is_the_day_it_is_reached():
    # 0.8, 0.6, 0.5: 1/6 of what is left goes on day 3, which floats write as .50000000000000011.
    days = [1, 1, 2, 2, 3, 9, 9, 9, 9, 9]
    spells = pd.DataFrame({"channel": "a", "days": days, "is_won": [day < 9 for day in days]})
    assert ask(TIMES, spells=spells)[0]["median_duration"] == 3


ENDS = (
    "{{ cumulative_incidence('spells', 'days', 'ending', ['channel']) }} "
    "order by channel, ending, days"
)


def test_the_incidence_of_competing_ends_is_that_of_lifelines():
    draws = np.random.default_rng(6)
    size = 300
    # lifelines shifts ties at random, so times are told apart here; ties are done by hand below.
    ends = draws.choice(["won", "lost", None], size, p=[0.3, 0.4, 0.3])
    spells = pd.DataFrame({"channel": "a", "days": 1 + draws.permutation(size), "ending": ends})
    rows = pd.DataFrame(ask(ENDS, spells=spells))
    codes = spells.ending.map({"won": 1, "lost": 2}).fillna(0).astype(int)
    for code, ending in ((1, "won"), (2, "lost")):
        fit = AalenJohansenFitter(calculate_variance=False)
        fit.fit(spells.days, codes, event_of_interest=code)
        ours = rows[rows.ending == ending].set_index("days").incidence_rate
        assert same(ours, fit.cumulative_density_.iloc[:, 0].loc[ours.index])


def test_the_incidence_of_ends_on_one_day_by_hand():
    # Day 1: one of four won, one lost. Day 2: one of the two left won; the last waits.
    spells = pd.DataFrame({
        "channel": [None] * 4, "days": [1, 1, 2, 3], "ending": ["won", "lost", "won", None],
    })  # fmt: skip
    rows = ask(ENDS, spells=spells.astype({"channel": "string"}))
    assert [(row["ending"], row["days"], row["event_count"]) for row in rows] == [
        ("lost", 1, 1), ("won", 1, 1), ("won", 2, 1),
    ]  # fmt: skip
    assert same(column(rows, "incidence_rate"), [1 / 4, 1 / 4, 1 / 4 + 1 / 2 * 1 / 2])


# Mantel and Haenszel

POOLED = "{{ mantel_haenszel('counts', ['phrase']) }} order by phrase"
ARMS = ["exposed_count", "exposed_won_count", "other_count", "other_won_count"]


def make_counts(seed: int, strata: int) -> pd.DataFrame:
    """Two phrases in many strata, some of them with calls on one side alone."""
    draws = np.random.default_rng(seed)
    size = 2 * strata
    exposed, other = draws.integers(0, 40, size), draws.integers(0, 80, size)
    risk = draws.uniform(0.02, 0.6, size)
    return pd.DataFrame({
        "phrase": np.repeat(["p", "q"], strata),
        "exposed_count": exposed,
        "exposed_won_count": draws.binomial(exposed, np.minimum(1, risk * 1.4)),
        "other_count": other,
        "other_won_count": draws.binomial(other, risk),
    })  # fmt: skip


def tables_of(counts: pd.DataFrame) -> list[np.ndarray]:
    """Tables of won and not won by exposed and not, of strata in which both were seen."""
    rows = counts[ARMS].to_numpy(dtype=float)
    return [np.array([[a, n1 - a], [c, n0 - c]]) for n1, a, n0, c in rows if n1 and n0]


def greenland_robins(tables: list[np.ndarray]) -> tuple[float, float, float]:
    """The pooled risk ratio with its interval, written from the paper, apart from the SQL."""
    spread = above = below = 0.0
    for (a, b), (c, d) in tables:
        n1, n0, m1 = a + b, c + d, a + c
        n = n1 + n0
        spread += (n1 * n0 * m1 - a * c * n) / n**2
        above, below = above + a * n0 / n, below + c * n1 / n
    ratio, half = above / below, stats.norm.ppf(0.975) * math.sqrt(spread / (above * below))
    return ratio, ratio * math.exp(-half), ratio * math.exp(half)


@pytest.mark.parametrize(("seed", "strata"), [(1, 1), (2, 8), (3, 60)])
def test_pooled_ratios_and_their_test_are_those_of_statsmodels(seed, strata):
    counts = make_counts(seed, strata)
    rows = {row["phrase"]: row for row in ask(POOLED, counts=counts)}
    for phrase, group in counts.groupby("phrase"):
        row, tables = rows[phrase], tables_of(group)
        fit = StratifiedTable(tables)
        assert row["stratum_count"] == len(tables)
        odds = [row["odds_ratio"], row["odds_low_ratio"], row["odds_high_ratio"]]
        assert same(odds, [fit.oddsratio_pooled, *fit.oddsratio_pooled_confint()])
        risks = [row["risk_ratio"], row["risk_low_ratio"], row["risk_high_ratio"]]
        assert row["risk_ratio"] == pytest.approx(fit.riskratio_pooled, **EXACT)
        assert same(risks, greenland_robins(tables))
        tested = fit.test_null_odds(correction=False)
        assert same([row["cmh_score"], row["probability"]], [tested.statistic, tested.pvalue])


def test_a_habit_of_a_star_is_not_credited_to_the_phrase():
    # The star says it in 80 of 100 calls and wins half of all; the other in 20 of 100, and a tenth.
    counts = pd.DataFrame([("p", 80, 40, 20, 10), ("p", 20, 2, 80, 8)], columns=["phrase", *ARMS])
    (row,) = ask(POOLED, counts=counts)
    # 42 of 100 with it against 18 of 100 without; within each agent there is no difference at all.
    assert (row["odds_ratio"], row["risk_ratio"]) == pytest.approx((1, 1))
    assert (row["cmh_score"], row["probability"]) == pytest.approx((0, 1))
    assert row["odds_low_ratio"] < 1 < row["odds_high_ratio"]


NOTHING = {
    "odds_ratio": None, "odds_low_ratio": None, "odds_high_ratio": None,
    "risk_ratio": None, "risk_low_ratio": None, "risk_high_ratio": None,
    "cmh_score": None, "probability": None,
}  # fmt: skip


@pytest.mark.parametrize(
    ("strata", "wanted"),
    [
        pytest.param([(9, 3, 0, 0), (0, 0, 9, 3)], None, id="never both in one stratum"),
        pytest.param([(0, 0, 0, 0)], None, id="an empty stratum"),
        pytest.param([(5, 0, 9, 0)], NOTHING | {"stratum_count": 1}, id="nobody won"),
        pytest.param([(5, 5, 9, 9)],
                     NOTHING | {"stratum_count": 1, "risk_ratio": 1.0, "risk_low_ratio": 1.0,
                                "risk_high_ratio": 1.0}, id="everybody won"),
        # Two calls, one won: the difference of 1/2 against a variance of 1/4.
        pytest.param([(1, 1, 1, 0)],
                     NOTHING | {"stratum_count": 1, "cmh_score": 1.0,
                                "probability": 0.31731050786291415}, id="one call each"),
        # Ratios of none with it are 0; their logarithm has no interval. Chi-square by hand:
        # surplus 0 - 10*4/20 = -2, variance 10*10*4*16/(400*19) = 16/19.
        pytest.param([(10, 0, 10, 4)],
                     NOTHING | {"stratum_count": 1, "odds_ratio": 0.0, "risk_ratio": 0.0,
                                "cmh_score": 4.75, "probability": 0.029299}, id="none with it"),
    ],
)  # fmt: skip
def test_strata_that_say_little(strata, wanted):
    rows = ask(POOLED, counts=pd.DataFrame([("p", *row) for row in strata],
                                           columns=["phrase", *ARMS]))  # fmt: skip
    if wanted is None:
        assert rows == []
    else:
        assert set(rows[0]) == {*wanted, "phrase"}
        told = {name: math.nan if value is None else value for name, value in wanted.items()}
        found = {name: math.nan if rows[0][name] is None else rows[0][name] for name in wanted}
        assert found == pytest.approx(told, rel=1e-4, nan_ok=True)


# Log-odds

SCORED = (
    "select word, {{ log_odds_score('k1', 'n1', 'k2', 'n2', 50) }} as z, "
    "{{ log_odds_change('k1', 'n1', 'k2', 'n2', 50) }} as change from words order by word"
)


def test_log_odds_are_those_of_the_paper():
    draws = np.random.default_rng(7)
    words = pd.DataFrame({"word": range(200), "k1": draws.poisson(4, 200),
                          "k2": draws.poisson(6, 200)})  # fmt: skip
    words["n1"], words["n2"] = words.k1.sum(), words.k2.sum()
    rows = ask(SCORED, words=words)
    both = words.k1 + words.k2
    prior = 50 * both / both.sum()
    first, second = words.k1 + prior, words.k2 + prior
    n1, n2 = first.sum(), second.sum()
    with np.errstate(all="ignore"):
        change = np.log(first / (n1 - first)) - np.log(second / (n2 - second))
        z = change / np.sqrt(1 / first + 1 / second)
    assert same(column(rows, "change"), np.where(both > 0, change, np.nan))
    assert same(column(rows, "z"), np.where(both > 0, z, np.nan))


def test_words_in_no_or_in_every_document_tell_nothing():
    words = pd.DataFrame(
        [("a", 0, 9, 0, 7), ("b", 9, 9, 7, 7), ("c", 3, 6, 5, 10), ("d", 1, 0, 0, 0)],
        columns=["word", "k1", "n1", "k2", "n2"],
    )
    rows = ask(SCORED, words=words)
    assert column(rows, "z")[:2] == [None, None]
    # Half of both bodies: the prior is one half as well, and nothing differs.
    assert column(rows, "z")[2] == pytest.approx(0)


def test_habits_differ_by_chi_square_over_its_degrees_of_freedom_and_never_less_than_chance():
    agents = pd.DataFrame(
        [("a", 30, 100, True), ("a", 10, 80, True), ("a", 7, 20, True), ("a", 50, 50, False),
         ("even", 5, 10, True), ("even", 10, 20, True), ("one", 3, 9, True),
         ("all", 9, 9, True), ("all", 8, 8, True), ("nobody", 3, 9, False)],
        columns=["label", "k", "n", "is_rest"],
    )  # fmt: skip
    rows = ask(
        "select label, {{ habit_dispersion('k', 'n', 'is_rest') }} as dispersion "
        "from agents group by label",
        agents=agents,
    )
    found = {row["label"]: row["dispersion"] for row in rows}
    tested = stats.chi2_contingency([[30, 10, 7], [70, 70, 13]], correction=False)
    assert found.pop("a") == pytest.approx(tested.statistic / 2, **EXACT)
    assert found == {"even": 1, "one": 1, "all": 1, "nobody": 1}


# Benjamini and Hochberg

ADJUSTED = "{{ benjamini_hochberg('tests', 'p', 'q') }} order by id"


@pytest.mark.parametrize("size", [1, 2, 50, 1000])
def test_adjusted_probabilities_are_those_of_statsmodels(size):
    draws = np.random.default_rng(size)
    # Rounded, so that there are ties.
    found = np.round(draws.beta(0.5, 2, size), 2)
    rows = ask(ADJUSTED, tests=pd.DataFrame({"id": range(size), "p": found}))
    assert same(column(rows, "q"), multipletests(found, method="fdr_bh")[1])


def test_what_was_not_tested_counts_in_no_family_and_families_are_apart():
    tests = pd.DataFrame({
        "id": range(6), "month": [1, 1, 1, 1, 2, 2], "p": [0.01, 0.04, 0.03, None, 0.04, None],
    })  # fmt: skip
    rows = ask("{{ benjamini_hochberg('tests', 'p', 'q', ['month']) }} order by id", tests=tests)
    # By hand: .01*3/1, .03*3/2 = .045 and .04*3/3 = .04, the lower of which holds for both.
    assert column(rows, "q") == pytest.approx([0.03, 0.04, 0.04, None, 0.04, None])
    assert set(rows[0]) == {"id", "month", "p", "q"}


# Shrunken odds

SHRUNKEN = "{{ shrunken_odds('agents') }} order by agent"


def test_shrunken_odds_are_those_of_the_normal_model():
    draws = np.random.default_rng(8)
    spread = draws.uniform(2, 40, 30)
    surplus = draws.normal(draws.normal(0, 0.4, 30) * spread, np.sqrt(spread))
    agents = pd.DataFrame({"agent": range(30), "surplus": surplus, "spread": spread})
    rows = ask(SHRUNKEN, agents=agents)
    # Written from the model: effects with known errors, their variance by moments, the posterior.
    effect, weight = surplus / spread, spread
    excess = (weight * effect**2).sum() - (len(effect) - 1)
    variance = excess / (weight.sum() - (weight**2).sum() / weight.sum())
    precision = 1 / variance + weight
    mean, error = effect * weight / precision, np.sqrt(1 / precision)
    assert variance > 0
    assert same(column(rows, "odds_ratio"), np.exp(mean))
    half = stats.norm.ppf(0.975) * error
    assert same(column(rows, "odds_low_ratio"), np.exp(mean - half))
    assert same(column(rows, "odds_high_ratio"), np.exp(mean + half))
    assert same(column(rows, "probability"), stats.norm.sf(0, mean, error))


@pytest.mark.parametrize(
    ("surplus", "spread"),
    [
        pytest.param([0.5, -0.5], [9.0, 9.0], id="less apart than chance"),
        pytest.param([3.0], [2.0], id="one agent"),
        pytest.param([0.0, 0.0], [0.0, 0.0], id="nothing to tell them by"),
    ],
)
def test_agents_that_differ_by_chance_alone_are_all_the_same(surplus, spread):
    agents = pd.DataFrame({"agent": range(len(spread)), "surplus": surplus, "spread": spread})
    wanted = {"odds_ratio": 1, "odds_low_ratio": None, "odds_high_ratio": None, "probability": 0.5}
    for row in ask(SHRUNKEN, agents=agents):
        assert {name: row[name] for name in wanted} == wanted


def test_no_lift_of_a_line_is_shown_by_a_hundred_calls():
    shares = pd.DataFrame({"share": [0.05, 0.5, 0.0, None, 0.9]})
    rows = ask("select {{ calls_needed('share', 1.27) }} as n from shares", shares=shares)
    # By hand: 7.848880 * (.05*.95 + .0635*.9365) / .0135**2 and 7.848880 * .481775 / .135**2.
    assert column(rows, "n") == [4607, 208, None, None, None]


# Hours of the week

SLOTS = "with {{ slot_levels() }} select *, " \
    "{{ drawn_towards('k', 'n', 'prior_rate', 'prior_dial_count') }} as rate " \
    "from slots order by dial_hour, weekday, region"  # fmt: skip


def worth(cells: pd.DataFrame, parent: list[str]) -> float:
    """Return how many dials the rate above is worth, by its formula."""
    above = cells.groupby(parent or (lambda _: 0))[["k", "n"]]
    total, count = above.transform("sum"), above.size().to_numpy()
    rate = total.k / total.n
    spread = (cells.n * (cells.k / cells.n - rate) ** 2).sum()
    share = above.sum().k / above.sum().n
    chance = ((count - 1) * share * (1 - share)).sum()
    base = cells.n.sum() - (cells.n**2 / total.n).sum()
    variance, mean = (spread - chance) / base, cells.k.sum() / cells.n.sum()
    return float(np.clip(mean * (1 - mean) / variance - 1, 3, 5000)) if variance > 0 else 5000.0


def test_a_slot_is_drawn_towards_its_hour_of_the_weekday_and_that_towards_its_hour():
    draws = np.random.default_rng(4)
    index = pd.MultiIndex.from_product(
        [[9, 10, 15], range(1, 6), ["A", "B", "C"]], names=["dial_hour", "weekday", "region"]
    )
    cells = pd.DataFrame({"n": draws.integers(20, 400, len(index))}, index=index).reset_index()
    true = 0.35 + 0.1 * (cells.dial_hour == 10) + draws.normal(0, 0.06, len(cells))
    cells["k"] = draws.binomial(cells.n, true)
    rows = pd.DataFrame(ask(SLOTS, cells=cells))
    days = cells.groupby(["dial_hour", "weekday"], as_index=False)[["k", "n"]].sum()
    hours = cells.groupby("dial_hour", as_index=False)[["k", "n"]].sum()
    strength = [
        worth(hours, []),
        worth(days, ["dial_hour"]),
        worth(cells, ["dial_hour", "weekday"]),
    ]
    assert all(3 < value < 5000 for value in strength)
    top = strength[0] * cells.k.sum() / cells.n.sum()
    hours["rate"] = (hours.k + top) / (hours.n + strength[0])
    days = days.merge(hours[["dial_hour", "rate"]])
    days["rate"] = (days.k + strength[1] * days.rate) / (days.n + strength[1])
    wanted = cells.merge(days[["dial_hour", "weekday", "rate"]])
    assert same(rows.prior_rate, wanted.rate)
    assert same(rows.prior_dial_count, [strength[2]] * len(cells))
    assert same(rows.rate, (cells.k + strength[2] * wanted.rate) / (cells.n + strength[2]))


def test_slots_that_differ_by_chance_alone_are_worth_five_thousand_dials_of_their_hour():
    cells = pd.DataFrame({"dial_hour": 10, "weekday": 1, "region": ["A", "B"], "n": 64, "k": 32})
    assert {row["prior_dial_count"] for row in ask(SLOTS, cells=cells)} == {5000}
    # Three quarters against one quarter: the rate of both is worth three dials, the least there is.
    apart = cells.assign(k=[48, 16])
    rows = ask(SLOTS, cells=apart)
    assert column(rows, "rate") == pytest.approx([49.5 / 67, 17.5 / 67])


# Two shares, and the factors of a product


def test_how_far_two_shares_are_apart_is_that_of_statsmodels():
    shares = pd.DataFrame([(40, 100, 20, 200), (3, 50, 9, 60), (7, 7, 1, 9)],
                          columns=["k", "n", "j", "m"])  # fmt: skip
    rows = ask("select {{ two_proportions_score('k', 'n', 'j', 'm') }} as z from shares order by n"
               " desc", shares=shares)  # fmt: skip
    wanted = [proportions_ztest([k, j], [n, m])[0] for k, n, j, m in shares.itertuples(index=False)]
    assert same(column(rows, "z"), wanted)


def test_shares_without_a_base_or_both_of_none_are_not_told_apart():
    shares = pd.DataFrame({"k": [1, 0], "n": [2, 9], "j": [0, 0], "m": [0, 9]})
    rows = ask("select {{ two_proportions_score('k', 'n', 'j', 'm') }} as z from shares",
               shares=shares)  # fmt: skip
    assert column(rows, "z") == [None, None]


def test_what_factors_did_adds_up_to_the_change_of_their_product():
    draws = np.random.default_rng(8).uniform(0.1, 9, (200, 4))
    factors = pd.DataFrame(draws, columns=["a", "b", "c", "d"])
    factors.loc[0] = [2, 3, 3, 2]
    rows = ask("select {{ log_mean_effect('a', 'c', 'a * b', 'c * d') }} as first,"
               " {{ log_mean_effect('b', 'd', 'a * b', 'c * d') }} as second,"
               " a * b - c * d as change from factors", factors=factors)  # fmt: skip
    both = [row["first"] + row["second"] for row in rows]
    assert both == pytest.approx(column(rows, "change"), abs=1e-9)
    # 6 stays 6: what one factor gave, the other took.
    assert (rows[0]["first"], rows[0]["change"]) == (pytest.approx(6 * math.log(2 / 3)), 0)
