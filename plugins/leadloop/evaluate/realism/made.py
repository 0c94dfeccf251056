"""What a made world exports, read as text: nothing of the code that wrote it takes part."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

# Transcripts of so many days are enough for the lengths of turns.
TRANSCRIPT_DAYS = 40


@dataclass(frozen=True)
class Made:
    """The raw exports of a world."""

    folder: Path

    def read(self, feed: str, **options: str) -> pd.DataFrame:
        """Return all rows of a feed's CSV files as text, broken lines left out."""
        import pandas as pd

        load: Any = pd.read_csv
        parts = [
            load(path, dtype=str, keep_default_na=False, on_bad_lines="skip", **options)
            for path in sorted(self.folder.glob(f"inbox/{feed}_*.csv"))
        ]
        rows: pd.DataFrame = pd.concat(parts, ignore_index=True)
        return rows

    @cached_property
    def calls(self) -> pd.DataFrame:
        """The newest record of every dial to a lead, second legs left out, in order of time."""
        rows = self.read("dialler/calls")
        rows = rows[(rows.export_time != "") & ~rows.start_time.str.contains(r"\?")]
        rows = rows[(rows.parent_call_id == "") & (rows.customer_id == "")]
        rows = rows.sort_values("export_time", kind="stable").drop_duplicates(
            "call_id", keep="last"
        )
        rows["human"] = rows.status.str.startswith(("ANSWERED", "成交"))
        rows["won"] = rows.status.isin(["ANSWERED_WON", "成交"])
        rows["seconds"] = rows.bill_seconds.astype(int)
        return rows.sort_values("start_time", kind="stable")

    @cached_property
    def leads(self) -> pd.DataFrame:
        """The newest state of every lead."""
        rows = self.read("crm/leads", encoding="gb18030")
        return rows.drop_duplicates("线索编号", keep="last").set_index("线索编号")

    @cached_property
    def turn_lengths(self) -> list[int]:
        """Characters of each turn that was written down."""
        return [
            len(turn["text"])
            for path in sorted(self.folder.glob("inbox/transcripts/*.jsonl"))[:TRANSCRIPT_DAYS]
            for line in path.read_text(encoding="utf-8").splitlines()
            for turn in json.loads(line)["turns"]
        ]

    def early(self, days: int) -> str:
        """Return a date so many days before the last one: what began before it is over."""
        from datetime import date, timedelta

        last = date.fromisoformat(self.calls.start_time.iloc[-1][:10])
        return str(last - timedelta(days=days))
