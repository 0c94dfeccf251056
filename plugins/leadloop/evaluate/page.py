"""The scoreboard as a page that opens from the file: one table a subject, in plain words."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import jinja2

from leadloop.pointer import write_whole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from leadloop.evaluate.scoreboard import Row

# What each metric says, Chinese first.
MEANINGS = {
    "accuracy": ("判对的比例", "share judged right"),
    "precision": ("报出来的有多少是真的", "of what was reported, how much is true"),
    "recall": ("真的有多少被找到", "of what is true, how much was found"),
    "f1": ("准确与召回的调和平均", "harmonic mean of precision and recall"),
    "macro_f1": ("各类 F1 的平均", "mean of the F1 of each class"),
    "coverage": ("敢给出结论的比例", "share in which it dares to answer"),
    "false_alarms_a_week": ("每周误报次数", "alerts a week that no planted trouble explains"),
    "days_to_detect": ("从发生到报警的天数", "days from the start of a trouble to its alert"),
    "coverage_at_precision": (
        "在要求的准确度下能判的比例",
        "share judged at the precision asked for",
    ),
    "calibration_error": ("说的概率与实际的差", "how far what was said is from what came"),
    "brier": ("概率的平方误差", "squared error of probabilities"),
    "lift_top_tenth": (
        "最有把握的一成，是平均的几倍",
        "the surest tenth as a multiple of the mean",
    ),
    "qini": ("比随机排序多出的成效", "outcomes beyond a random order, for each row"),
    "distance": ("模拟与真实之间的距离", "how far the made side is from the real one"),
    "auc": ("排序能力，0.5 为瞎猜", "ranking; 0.5 is guessing"),
}
FOLDER = Path(__file__).with_name("templates")
_PAGES = jinja2.Environment(loader=jinja2.FileSystemLoader(FOLDER), autoescape=True)


def write_page(path: Path, rows: Sequence[Row]) -> None:
    """Write the page of these rows, grouped by name in their order."""
    pooled = {(row.name, row.set, row.metric) for row in rows if row.seed is None}
    groups = []
    for name, found in groupby(rows, key=lambda row: row.name):
        mine = list(found)
        # What was pooled over seeds is read first; the single worlds are folded away.
        single = [row for row in mine if row.seed is not None and
                  (row.name, row.set, row.metric) in pooled]  # fmt: skip
        groups.append((name, [row for row in mine if row not in single], single))
    write_whole(path, render("scoreboard.html", groups=groups, meanings=MEANINGS) + "\n")


def render(template: str, **content: object) -> str:
    """Return a page of this package's templates; whatever it shows is escaped."""
    return _PAGES.get_template(template).render(**content)
