"""Who orders again: a BG/NBD fitted up to a day, judged on what came after it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from leadloop.errors import UsageError
from leadloop.evaluate.labelled.figures import drawn_row
from leadloop.evaluate.scoreboard import Row

if TYPE_CHECKING:
    import pandas as pd

WEEK = 604_800


def score_repurchase(
    rows: pd.DataFrame, columns: tuple[str, str], until: str | None, set_: str
) -> list[Row]:
    """Return the parameters, and how well the orders of the time after `until` are foretold.

    Without `until` the first half of the time is learned from. The baseline says of everybody that
    the time after brings as many orders as the time before, in proportion.
    """
    import numpy as np
    import pandas as pd

    from leadloop.scoring import bgnbd

    customer, weeks, begin = _read_orders(rows, columns)
    end = _read_end(until, begin, weeks)
    ahead = float(weeks.max()) - end
    seen = bgnbd.summarise(customer, weeks, end)
    try:
        found = bgnbd.fit(*seen)
    except ValueError as error:
        raise UsageError(str(error)) from error
    inside, later = weeks <= end, pd.Series(customer[weeks > end]).value_counts()
    names = np.unique(customer[inside])
    came = later.reindex(names, fill_value=0).to_numpy(float)
    expected = bgnbd.expect_orders(found, seen, ahead)
    plain = seen[0] * ahead / np.maximum(seen[2], 1e-9)
    place = ("repurchase", set_)
    note = f"{found.n:,} customers, {end:.0f} weeks seen, {ahead:.0f} judged"
    parameters = {"r": found.r, "alpha": found.alpha, "a": found.a, "b": found.b,
                  "log_likelihood": found.log_likelihood}  # fmt: skip
    rows_found = [
        Row(*place, name, value, n=found.n, note=note) for name, value in parameters.items()
    ]
    for name, foretold in (("repurchase", expected), ("repurchase (baseline)", plain)):
        rows_found += _describe((name, set_), came, foretold)
    return rows_found


def _describe(place: tuple[str, str], came: Any, foretold: Any) -> list[Row]:
    import numpy as np

    from leadloop.scoring.judgement import compute_auc

    again = came > 0

    def ratio(rows: Any) -> float:
        return float(foretold[rows].sum() / max(came[rows].sum(), 1.0))

    figures = {
        "auc": lambda rows: compute_auc(again[rows], foretold[rows]),
        "mean_error": lambda rows: float(np.abs(foretold - came)[rows].mean()),
        "total_ratio": ratio,
    }
    return [drawn_row((*place, metric), len(came), figure) for metric, figure in figures.items()]


def _read_orders(rows: pd.DataFrame, columns: tuple[str, str]) -> Any:
    import numpy as np
    import pandas as pd

    names, times = (rows[name] for name in columns)
    text = times.astype(str).str.replace(r"\.0$", "", regex=True)
    compact = text.str.fullmatch(r"\d{8}").all()
    moment = pd.to_datetime(text, format="%Y%m%d" if compact else None, errors="coerce")
    whole = names.notna() & moment.notna()
    if not whole.any():
        message = f"Column {columns[1]} holds no day such as 2026-01-31; seen {text.iloc[0]!r}."
        raise UsageError(message)
    days = moment[whole].dt.normalize()
    weeks = (days - days.min()).dt.total_seconds() / WEEK
    return np.asarray(names[whole].astype(str), str), np.asarray(weeks, float), days.min()


def _read_end(until: str | None, begin: Any, weeks: Any) -> float:
    import pandas as pd

    if until is None:
        return float(weeks.max()) / 2
    try:
        end = (pd.Timestamp(until) - begin).total_seconds() / WEEK
    except ValueError as error:
        message = f"--until {until} is no day; wanted one such as 2026-01-31."
        raise UsageError(message) from error
    if not 0 < end < weeks.max():
        message = f"--until {until} is not within the orders, which begin on {begin:%Y-%m-%d}."
        raise UsageError(message)
    return float(end)
