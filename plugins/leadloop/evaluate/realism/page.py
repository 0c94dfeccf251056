"""The page of realism: each statistic as two curves, with source, sizes and distance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadloop.evaluate.page import render
from leadloop.evaluate.scoreboard import Row
from leadloop.pointer import write_whole

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from leadloop.evaluate.realism.statistic import Statistic

WIDTH, HEIGHT, EDGE = 320, 120, 8
# What no open set tells: Chinese first.
NOT_GROUNDED = (
    "话术文本由一人为本项目写成 · the words: written for this project by one hand, in two pools",
    "主题、话术、顾虑和动作的作用大小 · how much themes, scripts, concerns and actions matter",
    "客户离开之前怎样变冷 · how customers fade before they leave",
    "排班、排队、派单很简单 · queues, shifts and how leads meet agents are simple",
    "售后、标签、咨询、费用只有数量级 · service calls, tags, inquiries, costs: orders of magnitude",
    "号码失效的比例、供应商的对错 · how many numbers are dead, and how right vendors are",
)


def write_realism(path: Path, world: str, statistics: Sequence[Statistic]) -> None:
    """Write the page of a world's statistics."""
    shown = [(item, draw(item)) for item in statistics]
    write_whole(path, render("realism.html", world=world, shown=shown, missing=NOT_GROUNDED) + "\n")


def list_rows(set_: str, statistics: Sequence[Statistic], seed: int) -> list[Row]:
    """Return the rows of the scoreboard: how far each statistic is from the real one."""
    return [
        Row(
            f"realism: {item.name}",
            set_,
            "distance",
            item.distance,
            n=item.n_made,
            seed=seed,
            note=f"{item.measure}; at most {item.tolerance:g}; {item.describe()}; "
            f"{item.source}, n {item.n_real:,}",
        )
        for item in statistics
    ]


def draw(item: Statistic) -> dict[str, str]:
    """Return the points of both curves in a drawing of WIDTH by HEIGHT, left to right."""
    highest = max(*item.made, *item.real) or 1.0
    return {
        side: " ".join(_place(n, value / highest, len(values)) for n, value in enumerate(values))
        for side, values in (("made", item.made), ("real", item.real))
    }


def _place(number: int, height: float, count: int) -> str:
    across = EDGE + number * (WIDTH - 2 * EDGE) / max(count - 1, 1)
    return f"{across:.1f},{HEIGHT - EDGE - height * (HEIGHT - 2 * EDGE):.1f}"
