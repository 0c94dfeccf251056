"""Scores of what was read in words: intents, mood, word lists, against what was really said."""

from __future__ import annotations

from typing import Any

from leadloop.evaluate.scoreboard import Place, Row, pair_rows, share_row
from leadloop.evaluate.truth import read_counts

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
        call_id,
        case $kind
            when 'forbidden' then forbidden
            when 'competitor' then rival is not null or list_contains(concerns, 'competitor')
            else asks_stop or "end" = 'dnc'
        end as is_wanted
    from true_talks
    where pool = $pool
)
select
    sum(is_wanted::int) as wanted,
    sum((hits.call_id is not null)::int) as reported,
    sum((is_wanted and hits.call_id is not null)::int) as correct
from truth
left join hits on hits.call_id = truth.call_id and hits.kind = $kind
"""


def score_language(marts: Any, place: Place) -> list[Row]:
    """Return for each pool precision and coverage of intents, precision and recall of the rest."""
    set_, seed = place
    rows: list[Row] = []
    for pool in ("seen", "held_out"):
        counts = read_counts(marts, INTENTS, [pool])
        name = f"intents ({pool})"
        answered = counts["answered"]
        rows.append(share_row((name, set_, "precision"), counts["correct"], answered, seed))
        rows.append(share_row((name, set_, "coverage"), answered, counts["n"], seed))
        rows += pair_rows(f"mood ({pool})", place, read_counts(marts, MOODS, [pool]))
        for kind, title in LISTS.items():
            counts = read_counts(marts, CALLS, {"kind": kind, "pool": pool})
            rows += pair_rows(f"{title} ({pool})", place, counts)
    return rows
