"""What real telesales statistics say, as numbers: the only thing taken from outside.

Every constant names its source; docs/made-company.md shows each beside what a made world gives.
No row of any set is here: these are rates, quantiles and fitted parameters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Connect rate by local hour: Upcall, US B2B outbound, 320 k calls; read off the published chart
# (+-.005). Lunch (12, 13) is on the chart, but a Chinese team does not dial then.
HOURS = np.array([9, 10, 11, 14, 15, 16, 17, 18, 19])
HOUR_SHARES = np.array([0.10, 0.14, 0.13, 0.12, 0.12, 0.12, 0.11, 0.08, 0.08])
HOUR_CONNECT = np.array([0.346, 0.372, 0.407, 0.380, 0.393, 0.351, 0.358, 0.302, 0.398])
# Seconds of a talk at these quantiles, without and with a sale: UCI Bank Marketing (CC BY 4.0),
# 22,022 and 2,755 contacts. A lognormal leaves a distance (KS) of .042, the quantiles under .01.
TALK_QUANTILES = np.array(
    [0.0, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.975, 0.99, 1.0]
)
TALK_UNSOLD = np.array(
    [1, 10, 18, 31, 54, 82, 107, 133, 163, 199, 246, 318, 446, 597, 757, 1006, 3600]
)
TALK_SOLD = np.array(
    [63, 89, 107, 133, 166, 218, 276, 353, 453, 554, 675, 836, 1050, 1276, 1488, 1796, 3631]
)
# Seconds of a talk on a service line, lognormal: a bank's call centre (Brown et al., JASA
# 100:36-50, 2005), 33,344 calls; KS .016. Handling time between its agents: cv .31.
SERVICE_MU, SERVICE_SIGMA = 4.792, 0.944
AGENT_TALK_SIGMA = 0.20
# Dials to one client are about geometric with p = .39, and each further one sells x .88: UCI
# Bank Marketing, 41,188 contacts.
ATTEMPT_SALE = float(np.log(0.88))
# Days from lead to deal, lognormal: Olist's funnel, 842 deals (mu 2.84, median 14.7, p90 163).
# Here until the lead has decided: reaching it then takes days more, so that the lag comes out.
DECIDE_MU, DECIDE_SIGMA = 2.40, 1.55
# Callers of a service line vary more than chance: five-minute counts of a North American bank
# have a variance of 3.1 times their mean at a mean of 180, which is a spread of .108 in the rate.
ARRIVAL_SPREAD = 0.108
# Share of a day's callers by hour, 0 to 23: an Israeli bank's line, Sunday to Thursday (JASA).
ARRIVAL_HOURS = np.array(
    [
        [0.003, 0.001, 0.001, 0.0, 0.0, 0.001, 0.003, 0.027, 0.063, 0.072, 0.083, 0.075],
        [0.062, 0.079, 0.076, 0.075, 0.077, 0.062, 0.055, 0.044, 0.039, 0.041, 0.035, 0.027],
    ]
).ravel()
# Daily volume of the North American bank, weekdays taken out: coefficient of variation .09.
DAY_SPREAD = 0.09
# Callers who wait: 55 %, exponential with a mean of 76 s, .18 give up (the same as SERVICE_MU).
WAIT_SHARE, WAIT_MEAN, GIVE_UP_SHARE = 0.55, 76.0, 0.177
# Repeat orders, BG/NBD in weeks: CDNOW (Fader, Hardie, Lee 2005). Value: lognormal, a wholesaler.
REPEAT_R, REPEAT_ALPHA, REPEAT_A, REPEAT_B = 0.243, 4.414, 0.793, 2.426
VALUE_MU, VALUE_SIGMA = 5.58, 1.07
# Leaving within about a year: .83 after a complaint, .10 without (Iranian telecom, UCI 563).
LEAVE_COMPLAINED, LEAVE_PLAIN = 0.83, 0.10
# Within ten seconds a few hang up at once, on top of the curve's own 1 %.
HANG_UP_SHARE = 0.01


def draw_moments(count: int, generator: np.random.Generator) -> NDArray[np.int64]:
    """Return seconds of a day at which people ask by themselves."""
    hour = generator.choice(24, size=count, p=ARRIVAL_HOURS / ARRIVAL_HOURS.sum())
    return hour * 3600 + generator.integers(0, 3600, count)


def to_logit(share: NDArray[np.float64] | float) -> NDArray[np.float64]:
    """Return log(p / (1 - p))."""
    value = np.asarray(share, dtype=np.float64)
    return np.asarray(np.log(value / (1.0 - value)))


def to_share(logit: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the share that belongs to a logit."""
    return np.asarray(1.0 / (1.0 + np.exp(-np.asarray(logit, dtype=np.float64))))


def read_quantiles(
    seconds: NDArray[np.int64], place: NDArray[np.float64], spread: float = 0.0
) -> NDArray[np.float64]:
    """Return the seconds at these places (0 to 1) of a curve, straight in its logarithm.

    With `spread`, the curve is narrowed about its median so that a lognormal factor of that
    sigma, applied by the caller, brings its width back.
    """
    logs = np.interp(place, TALK_QUANTILES, np.log(seconds))
    middle, width = float(np.log(seconds[8])), float(np.std(logs)) if logs.size > 1 else 1.0
    keep = np.sqrt(max(0.0, 1.0 - (spread / max(width, 0.5)) ** 2))
    return np.asarray(np.exp(middle + (logs - middle) * keep))
