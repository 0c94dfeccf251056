"""What a rule finds in a history: a pure walk through time, the same each time it is taken.

Nothing is remembered between runs: state is made again from the windows, so that a day that runs
twice finds the same alerts. Neighbours: `chances` (how sure), `past` (what is usual), `episodes`
(from windows to alerts), `naive` (the bare words beside it).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby
from typing import TYPE_CHECKING

from leadloop.rules import chances
from leadloop.rules.episodes import Episode, Judgement, Watch
from leadloop.rules.naive import find_naive
from leadloop.rules.past import Past, make_numbers
from leadloop.rules.silence import find_silences

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from leadloop.rules.chances import Column, Kind
    from leadloop.rules.episodes import State
    from leadloop.rules.past import Expected
    from leadloop.rules.readings import Instance, Reading, Span
    from leadloop.rules.schema import Rule


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All alerts that a rule would have raised, oldest first, and every window it looked at."""

    episodes: tuple[Episode, ...]
    judgements: tuple[Judgement, ...]


def evaluate(rule: Rule, kind: Kind, readings: Sequence[Reading], span: Span) -> Evaluation:
    """Return what the rule finds in windows that are sorted by time."""
    if rule.mode == "naive":
        return Evaluation(tuple(find_naive(rule, kind, readings)), ())
    past = Past(rule, kind)
    watches: dict[Instance, Watch] = defaultdict(lambda: Watch(rule))
    judgements: list[Judgement] = []
    for day, run in _runs(rule, readings, span):
        judged, expected = _judge(rule, kind, run, past)
        for item in judged:
            watches[item.reading.instance].see(item)
        _end_silent(rule, watches, run, day)
        past.learn(
            (item.reading, usual, _is_fired(item, watches))
            for item, usual in zip(judged, expected, strict=True)
        )
        judgements += judged
    episodes = [episode for watch in watches.values() for episode in watch.episodes]
    if rule.no_data == "alert":
        episodes += find_silences(rule, readings, span)
    return Evaluation(tuple(sorted(episodes, key=_place)), tuple(judgements))


def _is_fired(item: Judgement, watches: dict[Instance, Watch]) -> bool:
    return item.state == "broken" or watches[item.reading.instance].is_firing


def _runs(
    rule: Rule, readings: Sequence[Reading], span: Span
) -> Iterator[tuple[date, list[Reading]]]:
    """Give the windows that are judged together: those of a day, or of a week or month."""
    by_day = {day: list(items) for day, items in groupby(readings, key=lambda item: item.day)}
    if rule.grain in ("week", "month"):
        yield from by_day.items()
        return
    for number in range((span.last - span.first).days + 1):
        day = span.first + timedelta(days=number)
        yield day, by_day.get(day, [])


def _judge(
    rule: Rule, kind: Kind, run: list[Reading], past: Past
) -> tuple[list[Judgement], list[Expected | None]]:
    if not run:
        return [], []
    if rule.when.limit is not None:
        return _judge_limit(rule, kind, run), [None] * len(run)
    if rule.when.drop_vs is not None:
        return _judge_drop(rule, kind, run, past), [None] * len(run)
    return _judge_baseline(rule, kind, run, past)


def _judge_limit(rule: Rule, kind: Kind, run: list[Reading]) -> list[Judgement]:
    limit = rule.when.limit or 0.0
    chance = chances.chance_below(kind, make_numbers(run), limit)
    if rule.when.is_high:
        chance = 1 - chance
    return [
        _decide(rule, item, float(sure), (limit, None))
        if is_enough(rule, kind, item, limit)
        else Judgement(item, "too few", threshold=limit)
        for item, sure in zip(run, chance, strict=True)
    ]


def _judge_drop(rule: Rule, kind: Kind, run: list[Reading], past: Past) -> list[Judgement]:
    import numpy as np

    drop = rule.when.drop_vs
    assert drop is not None  # noqa: S101
    share = 1 - drop.pct / 100
    sums = np.array([past.sum_before(item, drop.days) for item in run])
    before = chances.Numbers(sums[:, 0], sums[:, 1], sums[:, 2])
    chance = chances.chance_dropped(kind, make_numbers(run), before, share)
    judged = []
    for item, sure, usual, base in zip(run, chance, before.value, before.n, strict=True):
        least = rule.min_sample if kind != "count" else 1
        if base < least:
            judged.append(Judgement(item, "no baseline"))
        elif not is_enough(rule, kind, item, float(usual)):
            judged.append(Judgement(item, "too few", expected=float(usual)))
        else:
            judged.append(_decide(rule, item, float(sure), (float(usual) * share, float(usual))))
    return judged


def _judge_baseline(
    rule: Rule, kind: Kind, run: list[Reading], past: Past
) -> tuple[list[Judgement], list[Expected | None]]:
    baseline = rule.when.baseline
    assert baseline is not None  # noqa: S101
    usual = [past.expect(item) for item in run]
    judged: list[Judgement] = []
    ready: list[tuple[int, Reading, Expected]] = []
    for place, (item, known) in enumerate(zip(run, usual, strict=True)):
        if known is None:
            judged.append(Judgement(item, "no baseline"))
            continue
        judged.append(Judgement(item, "too few", None, known.mean, known.mean))
        if is_enough(rule, kind, item, known.mean):
            ready.append((place, item, known))
    if ready:
        tails = _tails(rule, kind, ready, past)
        for (place, item, known), tail, found in zip(
            ready, tails, past.select(tails, baseline.fdr), strict=True
        ):
            state: State = "broken" if found else "quiet"
            judged[place] = Judgement(item, state, 1 - float(tail), known.mean, known.mean)
    return judged, usual


def _tails(
    rule: Rule, kind: Kind, ready: list[tuple[int, Reading, Expected]], past: Past
) -> Column:
    now = make_numbers([item for _, item, _ in ready])
    usual = past.weigh([known for _, _, known in ready])
    if rule.when.is_high:
        now, usual = chances.mirror(kind, now, usual)
    return chances.tail_below(kind, now, usual, past.dispersion)


def is_enough(rule: Rule, kind: Kind, reading: Reading, expected: float) -> bool:
    """Return whether a window can be judged; a count is as large as it is or should be."""
    if kind == "count":
        return max(reading.k, expected) >= rule.min_sample
    return reading.n >= rule.min_sample and (kind == "share" or reading.error is not None)


def _decide(
    rule: Rule, reading: Reading, chance: float, against: tuple[float, float | None]
) -> Judgement:
    state: State = "broken" if chance > rule.confidence else "quiet"
    return Judgement(reading, state, chance, *against)


def _end_silent(rule: Rule, watches: dict[Instance, Watch], run: list[Reading], day: date) -> None:
    """With no_data ok, an open alert ends with the first day of no rows."""
    if rule.no_data != "ok":
        return
    heard = {item.instance for item in run}
    for instance, watch in watches.items():
        if instance not in heard:
            watch.clear(day.isoformat())


def _place(episode: Episode) -> tuple[str, list[str]]:
    return episode.first, [str(value) for _, value in episode.instance]
