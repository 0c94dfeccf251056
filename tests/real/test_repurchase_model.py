"""The BG/NBD on the set that its paper used."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from leadloop.scoring.bgnbd import expect_orders, fit, summarise


def test_cdnow_gives_the_papers_parameters(evaluation_data):
    orders = pd.read_csv(evaluation_data / "churn" / "cdnow_sample.csv.gz", dtype=str)
    days = (pd.to_datetime(orders.date) - pd.Timestamp("1997-01-01")).dt.days.to_numpy()
    # Calibration: 39 weeks, 1 January to 30 September 1997; time in weeks.
    weeks = days / 7.0
    columns = summarise(orders.customer_id.to_numpy(str), weeks, 272 / 7)
    found = fit(*columns)
    assert found.n == 2357
    # Fader, Hardie and Lee (2005), table 2.
    assert found.r == pytest.approx(0.2426, abs=0.0006)
    assert found.alpha == pytest.approx(4.4136, abs=0.006)
    assert found.a == pytest.approx(0.7930, abs=0.003)
    assert found.b == pytest.approx(2.4261, abs=0.012)
    assert found.log_likelihood == pytest.approx(-9582.4, abs=0.1)
    expected = expect_orders(found, columns, 39.0)
    later = orders[(weeks > 272 / 7) & (weeks <= 545 / 7)].groupby("customer_id").size().sum()
    assert np.isfinite(expected).all()
    assert expected.sum() == pytest.approx(later, rel=0.2)
