"""The door: CSV rows to masked, checked Parquet, beside what a team would write in pandas."""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path
from typing import Any

from measure import run_apart

SIZES = (100_000, 1_000_000)


def run(folder: Path) -> list[dict[str, Any]]:
    """Return one row a size: our cost, pandas', and how memory grows with the file."""
    rows = []
    for size in SIZES:
        files = make_files(folder / f"inbox-{size}", size)
        ours = run_apart(folder / f"home-{size}", "import_rows.import_ours", files)
        theirs = run_apart(folder / f"pandas-{size}", "import_rows.import_pandas", files)
        rows.append(
            {
                "rows": ours.result["read"],
                "cpu_s": round(ours.cpu, 1),
                "peak_mib": round(ours.peak),
                "pandas_cpu_s": round(theirs.cpu, 1),
                "pandas_peak_mib": round(theirs.peak),
                "cpu_ratio": round(ours.cpu / theirs.cpu, 2),
                "peak_ratio": round(ours.peak / theirs.peak, 2),
                "kept": ours.result["landed"],
                "refused": ours.result["quarantined"],
                "pandas_kept": theirs.result["kept"],
            }
        )
    return rows


def make_files(folder: Path, size: int) -> list[str]:
    """Write about `size` made rows as one CSV file; return its path."""
    from leadloop.simulate.sample import write_sample

    target = folder / "calls.csv"
    if not target.exists():
        write_sample(folder, first_day="2026-01-05", days=5, dials_per_day=size // 5)
        parts = sorted((folder / "dialler").glob("*.csv"))
        with target.open("wb") as whole:
            for number, part in enumerate(parts):
                lines = part.read_bytes().split(b"\n", 1)
                whole.write(part.read_bytes() if number == 0 else lines[1])
    return [str(target)]


def import_ours(files: list[str]) -> dict[str, int]:
    """Import the files through the door."""
    from leadloop.ingest.load import import_files
    from leadloop.settings import load_settings

    (outcome,) = import_files(
        load_settings(), [Path(file) for file in files], "generic_cn_cdr", load_date="2026-01-31"
    )
    return {
        "read": outcome.read,
        "landed": outcome.landed,
        "quarantined": outcome.quarantined,
    }


def import_pandas(files: list[str]) -> dict[str, int]:
    """Do the same the usual way: read_csv, drop bad lines silently, apply, to_parquet."""
    import os

    import pandas as pd

    frame = pd.concat(
        pd.read_csv(file, dtype=str, on_bad_lines="skip", engine="c") for file in files
    )
    for name in ("start_time", "ring_time", "answer_time", "end_time", "export_time"):
        local = pd.to_datetime(frame[name], errors="coerce")
        zoned = local.dt.tz_localize("Asia/Shanghai", ambiguous="NaT", nonexistent="NaT")
        frame[name] = zoned.dt.tz_convert("UTC")
    for name in ("ring_seconds", "bill_seconds", "hold_seconds", "wrapup_seconds", "attempt_no"):
        frame[name] = pd.to_numeric(frame[name], errors="coerce").astype("Int64")
    key = b"benchmark"
    frame["phone_hash"] = frame["callee"].map(
        lambda number: hmac.new(key, str(number).encode(), hashlib.sha256).hexdigest()
    )
    frame = frame.drop(columns=["caller", "callee"]).drop_duplicates()
    frame["event_date"] = frame["start_time"].dt.tz_convert("Asia/Shanghai").dt.date
    frame.to_parquet(os.environ["LEADLOOP_HOME"] + "/calls.parquet", compression="zstd")
    return {"kept": len(frame)}
