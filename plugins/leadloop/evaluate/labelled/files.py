"""Labelled files: CSV, JSON lines (both also .gz) and Parquet, and how they are split."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from leadloop.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pandas as pd

# Of one file without a test file this share is judged; the rest is learned from.
TEST_SHARE = 0.2
KINDS = "CSV, JSON lines (.jsonl), both also .gz, and Parquet"


@dataclass(frozen=True, slots=True)
class Split:
    """Rows to learn from and rows to be judged on, with the name of the set and remarks."""

    train: pd.DataFrame
    test: pd.DataFrame
    name: str
    note: str = ""


def read_rows(paths: Sequence[Path], needed: Sequence[str]) -> pd.DataFrame:
    """Return the rows of all files, one under the other.

    Raises UsageError for a file that is missing or of another kind, for a column that is not
    there, and where there is no row.
    """
    import pandas as pd

    parts = [_read_file(path) for path in paths]
    for path, part in zip(paths, parts, strict=True):
        if absent := [name for name in needed if name not in part.columns]:
            message = (
                f"{path} has no column {', '.join(absent)}; its columns: "
                f"{', '.join(map(str, part.columns))}. Name them by the command's options."
            )
            raise UsageError(message)
    rows = pd.concat(parts, ignore_index=True)
    if rows.empty:
        message = f"{', '.join(map(str, paths))} holds no row."
        raise UsageError(message)
    return rows


def _read_file(path: Path) -> pd.DataFrame:
    import pandas as pd

    name = path.name.removesuffix(".gz")
    load: Any
    if name.endswith(".csv"):
        load = pd.read_csv
    elif name.endswith((".jsonl", ".ndjson")):
        load = _read_lines
    elif name.endswith(".parquet"):
        load = pd.read_parquet
    else:
        message = f"{path} cannot be told by its name; wanted {KINDS}."
        raise UsageError(message)
    try:
        found: pd.DataFrame = load(path)
    except (OSError, ValueError) as error:
        message = f"{path} cannot be read: {error}"
        raise UsageError(message) from error
    return found


def _read_lines(path: Path) -> pd.DataFrame:
    import pandas as pd

    return pd.read_json(path, lines=True, dtype=False)


def split_by_text(train: Sequence[Path], test: Sequence[Path], columns: tuple[str, str]) -> Split:
    """Return labelled texts split by their files, or of one set by a hash of the text.

    Rows without a text or a label are left out and counted; a text that is on both sides is taken
    from the side that learns.
    """
    text, label = columns
    rows = read_rows(train, columns)
    name = name_set(test or train)
    remarks = []
    if test:
        judged = read_rows(test, columns)
    else:
        chosen = rows[text].astype(str).map(_hash_share) < TEST_SHARE
        rows, judged = rows[~chosen], rows[chosen]
        remarks.append(f"{TEST_SHARE:.0%} by hash of the text judged")
    sides = [side.dropna(subset=[text, label]) for side in (rows, judged)]
    if empty := len(rows) + len(judged) - sum(map(len, sides)):
        remarks.append(f"{empty} rows without text or label left out")
    known = sides[0][text].isin(set(sides[1][text]))
    if known.any():
        remarks.append(f"{int(known.sum())} texts on both sides not learned from")
    learned = sides[0][~known]
    if learned[label].nunique() < 2 or sides[1].empty:
        message = (
            f"{name}: {learned[label].nunique()} kinds of {label} to learn from and "
            f"{len(sides[1])} rows to judge; wanted two kinds at least and a row."
        )
        raise UsageError(message)
    return Split(learned, sides[1], name, "; ".join(remarks))


def split_by_order(
    train: Sequence[Path], test: Sequence[Path], order: str | None, needed: Sequence[str]
) -> Split:
    """Return rows split by their files, or the last three tenths in order for judging.

    Without a column to order by, the order of the file is that of time.
    """
    rows = read_rows(train, [*needed, *([order] if order else [])])
    if test:
        return Split(rows, read_rows(test, needed), name_set(test))
    if order:
        rows = rows.sort_values(order, kind="stable")
    cut = int(0.7 * len(rows))
    note = f"last three tenths by {order or 'order of the file'} judged"
    return Split(rows.iloc[:cut], rows.iloc[cut:], name_set(train), note)


def name_set(paths: Sequence[Path]) -> str:
    """Return what the scoreboard calls files: their names without what comes after the dot."""
    return "+".join(path.name.split(".")[0] for path in paths)


def make_coarse(split: Split, label: str, path: Path) -> Split:
    """Return the split with each label replaced by its coarser one; one without is refused."""
    table = read_rows([path], [])
    coarse = dict(zip(table.iloc[:, 0].astype(str), table.iloc[:, 1].astype(str), strict=True))
    sides = []
    for side in (split.train, split.test):
        if unknown := sorted({*side[label].astype(str)} - coarse.keys()):
            message = f"{path} has no coarser label for {', '.join(unknown[:5])}."
            raise UsageError(message)
        sides.append(side.assign(**{label: side[label].astype(str).map(coarse)}))
    return replace(split, train=sides[0], test=sides[1])


def leave_each_out(split: Split, domain: str) -> list[Split]:
    """Return a split for each domain: it is judged by what the others teach."""
    import pandas as pd

    rows = pd.concat([split.train, split.test], ignore_index=True)
    if domain not in rows.columns or rows[domain].nunique() < 2:
        message = (
            f"Column {domain} does not tell domains apart; columns: {', '.join(rows.columns)}."
        )
        raise UsageError(message)
    note = "judged on a domain that was not learned from"
    found = []
    for kind in sorted(rows[domain].unique()):
        here = rows[domain] == kind
        found.append(Split(rows[~here], rows[here], f"{split.name} without {kind}", note))
    return found


def _hash_share(text: str) -> float:
    digest = hashlib.sha256(text.encode()).digest()
    return int.from_bytes(digest[:4], "big") / 2**32
