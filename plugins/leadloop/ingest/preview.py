"""What an import would do, without doing it: the dry run.

Drafts go to a folder of their own outside the home, and no lock is taken: not a byte of the home
changes. `commands` shows what comes back.
"""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from leadloop.ingest.load import clear_repeats, make_outcome, open_drafts, read_all
from leadloop.ingest.outcomes import show_row
from leadloop.ingest.plausibility import Picture
from leadloop.settings import read_yaml

if TYPE_CHECKING:
    from leadloop.ingest.load import Job
    from leadloop.ingest.outcomes import ImportOutcome
    from leadloop.ingest.rows import Mapped
    from leadloop.settings import Settings

SAMPLES: Final = 5
REFUSED_OF_A_REASON: Final = 3


@dataclass(slots=True)
class _Seen:
    """What a pass over a file has shown."""

    samples: list[dict[str, Any]] = field(default_factory=list)
    refused: list[dict[str, Any]] = field(default_factory=list)
    shown: Counter[str] = field(default_factory=Counter)
    filled: set[str] = field(default_factory=set)
    picture: Picture | None = None

    def watch(self, mapped: Mapped) -> None:
        """Keep the first rows, the first refusals of each reason, and which columns are filled."""
        table = mapped.table
        if self.picture:
            self.picture.watch(mapped)
        if len(self.samples) < SAMPLES:
            self.samples += table.slice(0, SAMPLES - len(self.samples)).to_pylist()
        for refusal in mapped.refused:
            self.shown[refusal.reason] += 1
            if self.shown[refusal.reason] <= REFUSED_OF_A_REASON:
                row = json.loads(refusal.raw)
                told = {"reason": refusal.reason, "detail": refusal.detail, "row": row}
                self.refused.append({"line": refusal.line, **told})
        self.filled |= {
            name for name in table.column_names if table[name].null_count < table.num_rows
        }


def try_out(job: Job) -> ImportOutcome:
    """Return what an import of the file would leave, with masked samples and what stays empty."""
    picture = Picture(job.settings.company.zone)
    seen = _Seen(picture=picture)
    with (
        tempfile.TemporaryDirectory(prefix="leadloop-dry-run-") as folder,
        open_drafts(job, Path(folder) / "drafts") as tally,
    ):
        read_all(job, tally, seen.watch)
        outcome = make_outcome(job, tally, clear_repeats(job, tally).rows)
    found = job.plan.map
    empty = [column.name for column in found.contract.columns if column.name not in seen.filled]
    told = {"tells_won": found.tells_won, "tells_human": found.tells_human}
    lacking = {*empty, *(name for name, value in told.items() if not value)}
    return replace(
        outcome,
        samples=[show_row(row) for row in seen.samples],
        refused_rows=seen.refused,
        remarks=picture.list_remarks(),
        empty_columns=empty,
        unavailable_metrics=find_unavailable(job.settings, found.table, lacking),
    )


def find_unavailable(settings: Settings, table: str, lacking: set[str]) -> dict[str, list[str]]:
    """Return each metric that needs one of the columns of a landing table, with what it lacks.

    What a metric needs is written with it, as `needs` in dbt_project/models/semantic.
    """
    found = {}
    for path in sorted((settings.dbt_project / "models" / "semantic").glob("*.yml")):
        content = read_yaml(path)
        for metric in content.get("metrics", []):
            needs = metric.get("config", {}).get("meta", {}).get("needs", [])
            lacks = [name for name in needs if name in {f"{table}.{column}" for column in lacking}]
            if lacks:
                found[metric["name"]] = [name.removeprefix(f"{table}.") for name in lacks]
    return found
