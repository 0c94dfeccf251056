"""Leads, agents, callers and customers: how late, how concentrated, how uneven, how loyal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from leadloop.evaluate.realism.statistic import Statistic

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from leadloop.evaluate.realism.made import Made

BANK = "UCI Bank Marketing (CC BY 4.0)"
CDNOW = "CDNOW, 1/10 sample (free for research)"
OLIST = "Olist marketing funnel (CC BY-NC-SA 4.0, to check the method alone)"
LAGS = (1, 3, 7, 14, 30, 60, 90)
JUDGED_LAGS = (7, 14, 30)
DECILES = tuple(number / 10 for number in range(1, 11))
# What makes a customer, and what customers order again and again; renewals have their own clock.
PLAN, REORDERED = "ledger", "printer"
# What the talk before came to, in a lead's last one and in a client's last campaign.
PREVIOUS = ("none", "no interest", "interest")


def compare_company(made: Made, data: Path) -> list[Statistic]:
    """Return what can be said of leads, agents, callers and customers."""
    return [
        compare_lag(made, data),
        compare_agents(made, data),
        compare_weekdays(made, data),
        compare_previous(made, data),
        compare_callers(made, data),
        *compare_orders(made, data),
    ]


def compare_lag(made: Made, data: Path) -> Statistic:
    """Return how many deals come within so many days, of those within ninety."""
    import pandas as pd

    deals = pd.read_csv(data / "funnel" / "olist_deals.csv.gz")
    joined = deals.merge(pd.read_csv(data / "funnel" / "olist_mql.csv.gz"), on="mql_id")
    theirs = _days(joined.first_contact_date, joined.won_date)
    leads = made.leads
    won = leads[(leads["阶段"] == "成交") & (leads["创建时间"] < made.early(90))]
    ours = _days(won["创建时间"], won["转化时间"])
    # Both cut off at ninety days, since younger leads are still open.
    curves = [
        tuple(float((side[side <= 90] <= lag).mean()) for lag in LAGS) for side in (ours, theirs)
    ]
    apart = [abs(curves[0][LAGS.index(lag)] - curves[1][LAGS.index(lag)]) for lag in JUDGED_LAGS]
    return Statistic(
        "days from lead to deal", "从线索到成交的天数", OLIST, tuple(map(str, LAGS)), curves[0],
        curves[1], int((ours <= 90).sum()), int((theirs <= 90).sum()),
        "largest difference of the shares by day 7, 14 and 30", max(apart), 0.12, is_fitted=True,
    )  # fmt: skip


def _days(begin: Any, end: Any) -> NDArray[np.float64]:
    import numpy as np
    import pandas as pd

    passed = pd.to_datetime(end) - pd.to_datetime(begin)
    return np.asarray(passed.dt.total_seconds() / 86_400, np.float64)


def compare_agents(made: Made, data: Path) -> Statistic:
    """Return the Gini coefficient of deals by agent."""
    import numpy as np
    import pandas as pd

    deals = pd.read_csv(data / "funnel" / "olist_deals.csv.gz")
    sides = [
        np.sort(np.asarray(column.value_counts(), np.float64))
        for column in (made.calls[made.calls.won].agent_id, deals.sr_id)
    ]
    ours, theirs = (gini(side) for side in sides)
    curves = [tuple(_lorenz(side)) for side in sides]
    return Statistic(
        "share of deals of the weakest agents", "最弱坐席的成交占比", OLIST,
        tuple(f"{share:.0%}" for share in DECILES), curves[0], curves[1], len(sides[0]),
        len(sides[1]), f"difference of the Gini coefficients ({ours:.2f}, {theirs:.2f})",
        abs(ours - theirs), 0.15, is_fitted=True,
    )  # fmt: skip


def gini(counts: NDArray[np.float64]) -> float:
    """Return the Gini coefficient: 0 where all are equal, near 1 where one has everything.

    >>> import numpy as np
    >>> gini(np.array([0.0, 0.0, 0.0, 8.0]))
    0.75
    """
    import numpy as np

    values = np.sort(counts)
    rank = np.arange(1, values.size + 1)
    return float(2 * (rank * values).sum() / (values.size * values.sum()) - 1 - 1 / values.size)


def _lorenz(values: NDArray[np.float64]) -> list[float]:
    import numpy as np

    shares = np.concatenate([[0.0], np.cumsum(values) / values.sum()])
    places = np.linspace(0, 1, shares.size)
    return [float(np.interp(share, places, shares)) for share in DECILES]


def compare_weekdays(made: Made, data: Path) -> Statistic:
    """Return how little the weekday matters to sales: not asked for when the world was made."""
    import pandas as pd

    bank = pd.read_csv(data / "conversion" / "bank_marketing.csv.gz")
    names = ("mon", "tue", "wed", "thu", "fri")
    theirs = [float((bank[bank.day_of_week == name].y == "yes").mean()) for name in names]
    calls = made.calls[made.calls.human]
    weekday = pd.to_datetime(calls.start_time).dt.day_of_week
    ours = [float(calls[weekday == number].won.mean()) for number in range(5)]
    # Levels differ: one sells a deposit, the other software. What is compared is the shape.
    shapes = [[rate / (sum(side) / 5) for rate in side] for side in (ours, theirs)]
    apart = max(abs(first - second) for first, second in zip(*shapes, strict=True))
    return Statistic(
        "sales by weekday, mean 1", "各工作日的成交率（均值为 1）", BANK,
        names, tuple(shapes[0]), tuple(shapes[1]), len(calls), len(bank),
        "largest difference of the shapes", apart, 0.35,
    )  # fmt: skip


def compare_previous(made: Made, data: Path) -> Statistic:
    """Return how much likelier a sale is after an earlier talk: not asked for at making."""
    import numpy as np
    import pandas as pd

    bank = pd.read_csv(data / "conversion" / "bank_marketing.csv.gz")
    named = ("nonexistent", "failure", "success")
    theirs = [float((bank[bank.poutcome == name].y == "yes").mean()) for name in named]
    calls = made.calls[made.calls.human]
    before = calls.groupby("lead_id").status.shift().fillna("none")
    result = before.map({"ANSWERED_INTERESTED": "interest", "none": "none"}).fillna("no interest")
    ours = [float(calls[(result == name) & (before != "ANSWERED_WON")].won.mean())
            for name in PREVIOUS]  # fmt: skip
    # Of a first talk: one sells a deposit, the other software.
    shapes = [tuple(rate / side[0] for rate in side) for side in (ours, theirs)]
    apart = np.abs(np.log(np.divide(shapes[0], shapes[1]))).max()
    return Statistic(
        "sales by result of the talk before, first talk 1", "按上次结果的成交率（首次为 1）", BANK,
        PREVIOUS, shapes[0], shapes[1], len(calls), len(bank),
        "largest ratio of the shapes, logarithm; theirs is the last campaign, ours the last talk",
        float(apart), 1.0,
    )  # fmt: skip


def compare_callers(made: Made, data: Path) -> Statistic:
    """Return how much more callers vary than chance alone: the spread of the rate behind them."""
    import pandas as pd

    slots = pd.read_csv(data / "callcentre" / "nabank_5min_a.csv.gz")
    by_slot = slots.groupby("slot_start").calls
    mean, variance = by_slot.mean(), by_slot.var()
    busy = mean > 50
    theirs = _spread(mean[busy], variance[busy])
    tickets = made.read("service/tickets")
    days = tickets["创建时间"].str[:10].value_counts()
    weeks = days.groupby(pd.to_datetime(days.index).isocalendar().week.to_numpy())
    ours = _spread(weeks.mean(), weeks.var())
    return Statistic(
        "spread of callers beyond chance", "来电量超出随机的波动",
        "a North American bank, 5-minute counts (GPL-3 data)",
        ("spread",), (ours,), (theirs,), len(days), int(busy.sum()),
        "difference of the spreads", abs(ours - theirs), 0.15,
    )  # fmt: skip


def _spread(mean: Any, variance: Any) -> float:
    """Return the median spread s behind counts: at a mean of m their variance is m + (m s)^2."""
    import numpy as np

    return float(np.median(np.sqrt(np.clip((variance - mean) / mean**2, 0, None).dropna())))


def compare_orders(made: Made, data: Path) -> list[Statistic]:
    """Return two figures of a BG/NBD on both sides: how often one orders, and when one stops."""
    import numpy as np
    import pandas as pd

    from leadloop.scoring.bgnbd import fit, summarise

    orders = pd.read_csv(data / "churn" / "cdnow_sample.csv.gz", dtype=str)
    days = (pd.to_datetime(orders.date) - pd.Timestamp("1997-01-01")).dt.days.to_numpy()
    theirs = fit(*summarise(orders.customer_id.to_numpy(str), days / 7, 272 / 7))
    lines = list_cohort(made.read("shop/lines"))
    moment = pd.to_datetime(lines.placed_time)
    weeks = np.asarray((moment - moment.min()).dt.total_seconds() / 604_800, np.float64)
    ours = fit(*summarise(lines.customer_id.to_numpy(str), weeks, float(weeks.max())))
    rates, stops = zip(*((found.r / found.alpha, found.a / (found.a + found.b))
                         for found in (ours, theirs)), strict=True)  # fmt: skip
    return [
        Statistic(
            "orders a week of one who comes again", "老客户每周复购次数", CDNOW, ("r / alpha",),
            rates[:1], rates[1:], ours.n, theirs.n, "ratio of the rates, logarithm",
            float(abs(np.log(rates[0] / rates[1]))), 0.3, is_fitted=True,
        ),
        Statistic(
            "chance to stop after an order", "每次下单后流失的概率", CDNOW, ("a / (a + b)",),
            stops[:1], stops[1:], ours.n, theirs.n, "difference of the chances",
            abs(stops[0] - stops[1]), 0.15, is_fitted=True,
        ),
    ]  # fmt: skip


def list_cohort(lines: pd.DataFrame) -> pd.DataFrame:
    """Return the orders of who became a customer here: the plan bought first, then supplies.

    Older customers would come in through an order alone, and only those who order often.
    """
    import pandas as pd

    first = lines[lines.product_id.str.startswith(PLAN)].drop_duplicates("customer_id")
    again = lines[(lines.product_id == REORDERED) & lines.customer_id.isin(first.customer_id)]
    return pd.concat([first, again])
