"""Talks and dials: how long, how often answered, how often tried."""

from __future__ import annotations

import gzip
import json
from itertools import pairwise
from typing import TYPE_CHECKING

from leadloop.evaluate.realism.statistic import Statistic

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from leadloop.evaluate.realism.made import Made

JD = "JD customer service, CSDS (research)"
BANK = "UCI Bank Marketing (CC BY 4.0)"
QUANTILES = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95)
STEPS = (0, 60, 120, 300, 600, 3600)
ATTEMPTS = (1, 2, 3, 4)
# Read off the published chart of an outbound dialler; lunch and evening left out.
UPCALL = {9: 0.346, 10: 0.372, 11: 0.407, 14: 0.380, 15: 0.393, 16: 0.351, 17: 0.358, 18: 0.302}


def compare_talks(made: Made, data: Path) -> list[Statistic]:
    """Return what can be said of talks and dials."""
    bank = read_bank(data)
    return [
        *(compare_length(made, bank, sold=sold) for sold in (False, True)),
        *(compare_spread(made, bank, sold=sold) for sold in (False, True)),
        compare_sales(made, bank),
        compare_attempts(made, bank),
        compare_slope(made, bank),
        compare_hours(made),
        *compare_turns(made, data),
    ]


def read_bank(data: Path) -> pd.DataFrame:
    """Return the contacts of a bank's phone campaign."""
    import pandas as pd

    return pd.read_csv(data / "conversion" / "bank_marketing.csv.gz")


def _seconds(made: Made, bank: pd.DataFrame, *, sold: bool) -> tuple[NDArray[np.float64], ...]:
    calls = made.calls
    ours = calls[calls.human & (calls.won == sold)].seconds
    theirs = bank[bank.y == ("yes" if sold else "no")].duration
    return ours.to_numpy(float), theirs.to_numpy(float)


def compare_length(made: Made, bank: pd.DataFrame, *, sold: bool) -> Statistic:
    """Return the distance of the lengths of talks."""
    import numpy as np
    from scipy import stats

    ours, theirs = _seconds(made, bank, sold=sold)
    return Statistic(
        f"talk seconds, {'sold' if sold else 'not sold'}",
        f"通话秒数（{'成交' if sold else '未成交'}）",
        BANK,
        tuple(f"{share:.0%}" for share in QUANTILES),
        tuple(np.quantile(ours, QUANTILES).tolist()),
        tuple(np.quantile(theirs, QUANTILES).tolist()),
        len(ours),
        len(theirs),
        "largest distance of the distributions (KS)",
        float(stats.ks_2samp(ours, theirs).statistic),
        0.05,
        is_fitted=True,
    )


def compare_spread(made: Made, bank: pd.DataFrame, *, sold: bool) -> Statistic:
    """Return the difference of the spread of the logarithm of seconds."""
    import numpy as np

    sides = _seconds(made, bank, sold=sold)
    ours, theirs = (float(np.log(side.clip(min=1)).std(ddof=1)) for side in sides)
    return Statistic(
        f"spread of log seconds, {'sold' if sold else 'not sold'}",
        f"通话秒数的离散（{'成交' if sold else '未成交'}）",
        BANK,
        ("sd",),
        (ours,),
        (theirs,),
        len(sides[0]),
        len(sides[1]),
        "difference of the standard deviations",
        abs(ours - theirs),
        0.12,
    )


def compare_sales(made: Made, bank: pd.DataFrame) -> Statistic:
    """Return whether a sale is likelier the longer the talk, over the same steps of seconds."""
    import pandas as pd

    calls = made.calls[made.calls.human]

    def rates(seconds: pd.Series[int], sold: pd.Series[bool]) -> tuple[float, ...]:
        return tuple(sold.groupby(pd.cut(seconds, list(STEPS)), observed=False).mean().tolist())

    ours, theirs = rates(calls.seconds, calls.won), rates(bank.duration, bank.y == "yes")
    falls = sum(after < before for before, after in pairwise(ours))
    falls += sum(after < before for before, after in pairwise(theirs))
    places = tuple(f"{low}-{high}" for low, high in pairwise(STEPS))
    return Statistic(
        "sales by talk seconds", "不同通话时长的成交率", BANK, places, ours, theirs,
        len(calls), len(bank), "steps at which the rate falls, both sides", float(falls), 0.0,
    )  # fmt: skip


def compare_attempts(made: Made, bank: pd.DataFrame) -> Statistic:
    """Return how often a lead is dialled once more, up to ten times."""
    calls = made.calls
    first = set(calls[calls.start_time < made.early(90)].lead_id)
    counts = calls[calls.lead_id.isin(first)].groupby("lead_id").size().clip(upper=10)
    contacts = bank.campaign.clip(upper=10)
    ours, theirs = (float(1 - 1 / side.mean()) for side in (counts, contacts))
    places = tuple(str(number) for number in range(1, 11))
    shares = [
        side.value_counts(normalize=True).reindex(range(1, 11), fill_value=0.0).tolist()
        for side in (counts, contacts)
    ]
    return Statistic(
        "dials to one lead", "每条线索的外呼次数", BANK, places, tuple(shares[0]), tuple(shares[1]),
        len(counts), len(contacts), "difference of the chance to be dialled once more",
        abs(ours - theirs), 0.08, is_fitted=True,
    )  # fmt: skip


def compare_slope(made: Made, bank: pd.DataFrame) -> Statistic:
    """Return how much less each further attempt sells."""
    import numpy as np

    calls = made.calls
    answered = calls[calls.human].drop_duplicates("lead_id")
    bought, attempt = set(calls[calls.won].lead_id), answered.attempt_no.astype(int)
    ours = [float(answered[attempt == n].lead_id.isin(bought).mean()) for n in ATTEMPTS]
    theirs = [float((bank[bank.campaign == n].y == "yes").mean()) for n in ATTEMPTS]
    slopes = [float(np.polyfit(range(len(ATTEMPTS)), np.log(s), 1)[0]) for s in (ours, theirs)]
    return Statistic(
        "sales by attempt", "第几次接触的成交率", BANK, tuple(map(str, ATTEMPTS)), tuple(ours),
        tuple(theirs), len(answered), len(bank), "difference of the slopes of the logarithm",
        abs(slopes[0] - slopes[1]), 0.10, is_fitted=True,
    )  # fmt: skip


def compare_hours(made: Made) -> Statistic:
    """Return how well the connect rate by hour follows the published curve."""
    import numpy as np

    # Strangers, whose hour the dialler chooses: other leads are dialled when they come in.
    calls = made.calls[made.calls.channel_id == "cold_list"]
    hour = calls.start_time.str[11:13].astype(int)
    ours = [float(calls[hour == clock].human.mean()) for clock in UPCALL]
    theirs = list(UPCALL.values())
    return Statistic(
        "connect rate by hour", "各时段接通率", "Upcall, published chart, read by eye (+-.005)",
        tuple(map(str, UPCALL)), tuple(ours), tuple(theirs), len(calls), 320_000,
        "1 - correlation of the curves", float(1 - np.corrcoef(ours, theirs)[0, 1]), 0.4,
        is_fitted=True,
    )  # fmt: skip


def compare_turns(made: Made, data: Path) -> list[Statistic]:
    """Return mean and spread of the logarithm of characters a turn."""
    import numpy as np

    lengths: list[int] = []
    path = data / "dialogue" / "csds_jd_key_turns.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            lengths += [len(turn["text"]) for turn in json.loads(line)["turns"]]
    sides = [_positive(made.turn_lengths), _positive(lengths)]
    curves = [tuple(np.quantile(side, QUANTILES).tolist()) for side in sides]
    logs = [np.log(side) for side in sides]
    places = tuple(f"{share:.0%}" for share in QUANTILES)
    judged = (
        ("characters a turn", "每句话的字数", "means", float(logs[0].mean() - logs[1].mean()), 0.5),
        (
            "spread of characters",
            "字数的离散",
            "spreads",
            float(logs[0].std() - logs[1].std()),
            0.35,
        ),
    )
    return [
        Statistic(name, zh, JD, places, curves[0], curves[1], len(sides[0]), len(sides[1]),
                  f"difference of the {what} of the logarithm", abs(apart), most)
        for name, zh, what, apart, most in judged
    ]  # fmt: skip


def _positive(lengths: Sequence[int]) -> NDArray[np.float64]:
    import numpy as np

    values = np.asarray(lengths, float)
    return values[values > 0]
