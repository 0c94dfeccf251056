"""Erasure in all other files under the home: pages, mails, logs, drops, caches, back-ups.

Every file is looked into by what it is, not by where it lies, so that a place nobody thought of is
found too. What cannot be rewritten is named in the result.
"""

from __future__ import annotations

import gzip
import json
import shutil
import tarfile
import zipfile
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from leadloop import backups, pointer
from leadloop.privacy import vault
from leadloop.privacy.erase_store import erase_sqlite
from leadloop.privacy.erase_tables import ASIDE, filter_parquet, replace_file, rewrite_database

if TYPE_CHECKING:
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

    from leadloop.privacy.person import Plan
    from leadloop.privacy.redaction import Redactor
    from leadloop.settings import Home


@dataclass(slots=True)
class Sweep:
    """What was found in files: rewritten or removed, by folder, and what is left."""

    home: Home
    plan: Plan
    redactor: Redactor
    tombstone: str
    clears_inbox: bool
    changed: Counter[str] = field(default_factory=Counter)
    left: list[str] = field(default_factory=list)


def sweep_home(sweep: Sweep, *, skip: tuple[Path, ...]) -> None:
    """Go through every file under the home but those in `skip`, which are done already."""
    for path in sorted(sweep.home.root.rglob("*")):
        if path.is_symlink() or not path.is_file() or any(path.is_relative_to(s) for s in skip):
            continue
        if path.name.endswith(ASIDE):
            path.unlink()
            continue
        if _clear_file(sweep, path):
            folder = path.relative_to(sweep.home.root).parts[0]
            sweep.changed[folder] += 1


def find_in_home(sweep: Sweep) -> list[str]:
    """Return the files of the inbox that tell of the person, as paths below the home."""
    return [
        str(path.relative_to(sweep.home.root))
        for path in sorted(sweep.home.inbox.rglob("*"))
        if path.is_file() and _holds(sweep.redactor, path)
    ]


def _clear_file(sweep: Sweep, path: Path) -> bool:
    """Return whether the file told of the person; it does not any more, or is named in `left`."""
    is_inbox = path.is_relative_to(sweep.home.inbox)
    if sweep.redactor.is_in(path.name.encode()) and not (is_inbox and not sweep.clears_inbox):
        # A recording or an export that is called by the number is all about the person.
        path.unlink()
        return True
    if is_inbox and not sweep.clears_inbox:
        if _holds(sweep.redactor, path):
            sweep.left.append(str(path.relative_to(sweep.home.root)))
        return False
    with path.open("rb") as file:
        head = file.read(16)
    if head.startswith(b"PAR1"):
        return filter_parquet_words(path, sweep.redactor) > 0
    if head.startswith(b"SQLite format 3"):
        return bool(erase_sqlite(path, sweep.redactor, sweep.tombstone))
    if head[8:12] == b"DUCK":
        return bool(rewrite_database(path, sweep.plan, sweep.redactor))
    if head.startswith(vault.MAGIC):
        # Opened to be looked into, never to be written in the clear.
        words = b"".join(vault.read_chunks(path, vault.load_keys(sweep.home)))
        return sweep.redactor.is_in(words) and _give_up(sweep, path, is_inbox)
    if not _holds(sweep.redactor, path):
        return False
    if zipfile.is_zipfile(path) or tarfile.is_tarfile(path) or _is_binary(path):
        return _give_up(sweep, path, is_inbox)
    return _rewrite_words(sweep, path, is_inbox)


def _holds(redactor: Redactor, path: Path) -> bool:
    """Return whether any byte of a file tells of the person, packed ones included."""
    if redactor.is_in(path.name.encode()):
        return True
    with path.open("rb") as file:
        head = file.read(16)
    if head.startswith(b"PAR1"):
        import pyarrow.parquet as pq

        with pq.ParquetFile(path) as file:
            return any(
                bool(_find_words(file.read_row_group(number), redactor).any())
                for number in range(file.metadata.num_row_groups)
            )
    if head.startswith(b"PK\x03\x04") and zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as packed:
            return any(redactor.is_in(packed.read(name)) for name in packed.namelist())
    data = _unpack(path)
    if redactor.is_in(data):
        return True
    if tarfile.is_tarfile(path):
        with tarfile.open(path) as packed:
            members = [packed.extractfile(item) for item in packed.getmembers()]
            return any(redactor.is_in(member.read()) for member in members if member)
    return False


def _unpack(path: Path) -> bytes:
    data = path.read_bytes()
    if data.startswith(b"\x1f\x8b"):
        try:
            return gzip.decompress(data)
        except (OSError, EOFError):
            return data
    return data


def _is_binary(path: Path) -> bool:
    return b"\0" in _unpack(path)[:8192]


def _rewrite_words(sweep: Sweep, path: Path, is_inbox: bool) -> bool:
    data, times = _unpack(path), path.stat()
    by_line = is_inbox or path.suffix in (".csv", ".jsonl") or path.name.endswith(".csv.gz")
    if by_line and any(line.count(b'"') % 2 for line in data.splitlines()):
        # A field that spans lines: a line without its neighbours would be another row.
        by_line = not is_inbox
        if is_inbox:
            return _give_up(sweep, path, is_inbox)
    cleared = sweep.redactor.drop_lines(data) if by_line else sweep.redactor.redact(data)
    if path.read_bytes()[:2] == b"\x1f\x8b":
        cleared = gzip.compress(cleared)
    aside = path.with_name(f".{path.name}{ASIDE}")
    aside.write_bytes(cleared)
    aside.chmod(times.st_mode & 0o777)
    replace_file(aside, path, times=times)
    return True


def _give_up(sweep: Sweep, path: Path, is_inbox: bool) -> bool:
    """Remove a file of ours that cannot be rewritten; leave and name one that is not ours."""
    if not is_inbox and path.is_relative_to(sweep.home.out):
        path.unlink()
        return True
    sweep.left.append(str(path.relative_to(sweep.home.root)))
    return False


def filter_parquet_words(path: Path, redactor: Redactor) -> int:
    """Return how many rows that tell of the person were taken out of a Parquet file."""
    if not _holds(redactor, path):
        return 0
    return filter_parquet(path, lambda rows, _first: _find_words(rows, redactor))


def _find_words(rows: pa.Table, redactor: Redactor) -> npt.NDArray[np.bool_]:
    import numpy as np
    import pyarrow as pa

    found = np.zeros(rows.num_rows, np.bool_)
    for name in rows.column_names:
        column = rows.column(name)
        if pa.types.is_string(column.type):
            coded = column.combine_chunks().dictionary_encode()
            if isinstance(coded, pa.ChunkedArray):
                coded = coded.combine_chunks()
            hits = [
                value is not None and redactor.tells_of(value)
                for value in coded.dictionary.to_pylist()
            ]
            places = np.asarray(coded.indices.fill_null(len(hits)))
            found |= np.array([*hits, False], np.bool_)[places]
    return found


def erase_backups(sweep: Sweep) -> dict[str, int]:
    """Return what became of the back-ups: cleared, or removed where they cannot be."""
    cleared = removed = 0
    for folder in backups.list_backups(sweep.home):
        if (folder / "operations.dump").exists():
            # A dump of PostgreSQL cannot be changed; the next night makes another.
            shutil.rmtree(folder)
            removed += 1
            continue
        store = folder / "operations.db"
        if store.exists():
            cleared += bool(erase_sqlite(store, sweep.redactor, sweep.tombstone))
        _renew_list(sweep.home, folder)
    return {"cleared": cleared, "removed": removed}


def _renew_list(home: Home, folder: Path) -> None:
    """Let a back-up's list of landing files say what the rewritten ones are now."""
    path = folder / backups.LIST
    if path.exists():
        known = json.loads(path.read_text(encoding="utf-8"))
        fresh = backups.list_landed_files(home, known)
        kept = {name: fresh.get(name, entry) for name, entry in known.items()}
        if kept != known:
            pointer.write_whole(path, json.dumps(kept, indent=1))
