"""Scores of what was read in words: intents, mood, word lists, against what was really said."""

from __future__ import annotations

from typing import Any

from leadloop.evaluate.scoreboard import Row, share_row
from leadloop.warehouse import read_rows

Place = tuple[str, int]
# Kind of hit -> its name. Hits count by call.
LISTS = {
    "forbidden": "forbidden words",
    "competitor": "competitor mentions",
    "do_not_call": "do-not-call requests",
}
INTENTS = """
select
    count(*) as n,
    sum((not said.is_abstained)::int) as answered,
    sum((not said.is_abstained and said.label = true_turns.intent)::int) as correct
from fct_annotations as said
join true_turns on said.call_id = true_turns.call_id and said.seq = true_turns.seq
where said.kind = 'intent' and true_turns.intent is not null and true_turns.pool = ?
"""
MOODS = """
with said as (
    select call_id, seq, max(case label when 'negative' then -1 else 1 end) as mood
    from fct_annotations where kind = 'sentiment' group by all
)
select
    sum((true_turns.polarity <> 0)::int) as wanted,
    sum((said.mood is not null)::int) as reported,
    sum((true_turns.polarity <> 0 and said.mood = true_turns.polarity)::int) as correct
from true_turns
left join said on said.call_id = true_turns.call_id and said.seq = true_turns.seq
where true_turns.speaker = 'customer' and true_turns.pool = ?
"""
CALLS = """
with hits as (
    select distinct call_id, kind from fct_annotations
    where not coalesce(is_negated, false) and coalesce(severity, 2) > 1
),
truth as (
    select
        call_id, pool,
        forbidden as is_forbidden,
        rival is not null or list_contains(concerns, 'competitor') as is_competitor,
        asks_stop or "end" = 'dnc' as is_stop
    from true_talks
)
select
    sum((case $kind when 'forbidden' then is_forbidden when 'competitor' then is_competitor
        else is_stop end)::int) as wanted,
    sum((hits.call_id is not null)::int) as reported,
    sum((hits.call_id is not null and case $kind when 'forbidden' then is_forbidden
        when 'competitor' then is_competitor else is_stop end)::int) as correct
from truth
left join hits on hits.call_id = truth.call_id and hits.kind = $kind
where truth.pool = $pool
"""


def score_language(marts: Any, place: Place) -> list[Row]:
    """Return for each pool precision and coverage of intents, precision and recall of the rest."""
    set_, seed = place
    rows: list[Row] = []
    for pool in ("seen", "held_out"):
        counts = _count(marts, INTENTS, [pool])
        name = f"intents ({pool})"
        answered = counts["answered"]
        rows.append(share_row((name, set_, "precision"), counts["correct"], answered, seed))
        rows.append(share_row((name, set_, "coverage"), answered, counts["n"], seed))
        rows += pair_rows(f"mood ({pool})", place, _count(marts, MOODS, [pool]))
        for kind, title in LISTS.items():
            counts = _count(marts, CALLS, {"kind": kind, "pool": pool})
            rows += pair_rows(f"{title} ({pool})", place, counts)
    return rows


def pair_rows(name: str, place: Place, counts: dict[str, int]) -> list[Row]:
    """Return recall and precision from what was wanted, reported, and both."""
    set_, seed = place
    return [
        share_row((name, set_, "recall"), counts["correct"], counts["wanted"], seed),
        share_row((name, set_, "precision"), counts["correct"], counts["reported"], seed),
    ]


def _count(marts: Any, sql: str, parameters: Any) -> dict[str, int]:
    (row,) = read_rows(marts, sql, parameters)
    return {name: int(value or 0) for name, value in row.items()}
