"""The door: CSV rows to masked, checked Parquet, beside what a team would write in pandas."""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path
from typing import Any

from measure import run_apart

SIZES = (100_000, 1_000_000)
# What Chinese spreadsheets export may cost beside UTF-8, in CPU seconds.
GB18030_BOUND = 2
# Words that the map knows, in three columns of nearly every row.
CHINESE = {
    "outbound": "呼出",
    "inbound": "呼入",
    "agent": "坐席",
    "customer": "客户",
    "system": "系统",
    "ANSWERED_WON": "成交",
    "EMPTY": "空号",
}


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
    return [*rows, compare_encodings(folder, SIZES[-1])]


def compare_encodings(folder: Path, size: int) -> dict[str, Any]:
    """Return what the same rows cost as UTF-8 and as GB18030, both found out by the door."""
    (plain,) = make_files(folder / f"inbox-{size}", size)
    files = {
        name: [speak_chinese(plain, folder / f"{name}-{size}.csv", encoding)]
        for name, encoding in (("utf8", "utf-8"), ("gb18030", "gb18030"))
    }
    costs = {
        code: run_apart(folder / f"home-{code}-{size}", "import_rows.import_ours", paths)
        for code, paths in files.items()
    }
    ratio = costs["gb18030"].cpu / costs["utf8"].cpu
    row: dict[str, Any] = {"rows": costs["utf8"].result["read"]}
    for code, cost in costs.items():
        row |= {f"{code}_cpu_s": round(cost.cpu, 1), f"{code}_peak_mib": round(cost.peak)}
    same = costs["gb18030"].result == costs["utf8"].result
    bounds = {"bound": GB18030_BOUND, "holds": same and ratio <= GB18030_BOUND}
    return row | {"cpu_ratio": round(ratio, 2), "same_counts": same, **bounds}


def speak_chinese(source: str, target: Path, encoding: str) -> str:
    """Write a file with its codes in Chinese, as mainland diallers do; return its path."""
    with (
        Path(source).open(encoding="utf-8") as before,
        target.open("w", encoding=encoding) as after,
    ):
        for line in before:
            text = line
            for code, word in CHINESE.items():
                text = text.replace(f",{code},", f",{word},")
            after.write(text)
    return str(target)


def make_files(folder: Path, size: int) -> list[str]:
    """Write about `size` made rows as one CSV file; return its path."""
    from leadloop.simulate.make import write_company

    target = folder / "calls.csv"
    if not target.exists():
        write_company(folder, first_day="2026-01-05", days=5, dials=size // 5)
        parts = sorted((folder / "inbox" / "dialler").glob("*.csv"))
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
