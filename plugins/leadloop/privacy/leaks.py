"""Looks for personal numbers where none may be: published marts, landing, reports, logs, store.

Strict classes only (mobile numbers, ID cards and bank cards by their check digits, e-mail, and
numbers that the caller names): what is found here is a leak and not a guess. What was found is
counted, never shown. The inbox and the secrets are left out: they are raw by nature.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from leadloop.privacy.numbers import is_id_card, is_luhn, spell_digits

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    import sqlalchemy as sa

    from leadloop.settings import Settings

_START, _END = r"(?<![A-Za-z0-9_])(?<!\d[.\-])", r"(?![A-Za-z0-9_]|[.\-]\d)"
_MOBILE: Final = re.compile(rf"{_START}(?:\+?86[ \-]?)?1[3-9]\d([ \-]?)\d{{4}}\1\d{{4}}{_END}")
_ID_CARD: Final = re.compile(rf"{_START}[1-9]\d{{5}}(?:19|20)\d{{9}}[\dXx]{_END}")
_CARD: Final = re.compile(
    rf"{_START}(?:62|4\d|5[1-5]|35)\d{{2}}([ \-]?)\d{{4}}\1\d{{4}}\1\d{{4}}(?:\1\d{{1,3}})?{_END}"
)
_EMAIL: Final = re.compile(r"[A-Za-z0-9._%+\-]{1,64}@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)+")
_SPOKEN: Final = re.compile("[零〇○洞一幺二两三四五六拐七八勾九]{11}")
# What a text must hold to be read at all; DuckDB, Arrow and Python read it alike.
_WORTH: Final = r"[0-9](?:[ \-]?[0-9]){9}|@|[零〇○洞一幺二两三四五六拐七八勾九]{11}"
_BINARY: Final = frozenset(
    (".duckdb", ".parquet", ".db", ".png", ".gz", ".zip", ".pyc", ".woff", ".woff2", ".wal")
)
_FOLDERS: Final = ("out", "logs", "airflow/logs", "dbt/logs")


@dataclass(frozen=True, slots=True)
class Leak:
    """How often one class was found in one place (a column or a file)."""

    area: str
    place: str
    kind: str
    count: int


class Detector:
    """Counts what must not be in a text."""

    def __init__(self, phones: Iterable[str] = (), allowed: Iterable[str] = ()) -> None:
        """Look for these numbers too, however they are grouped; let these addresses pass."""
        digits = [re.sub(r"\D", "", phone) for phone in phones]
        self.patterns = [r"[\s\-]?".join(number) for number in digits if number]
        self._named = [re.compile(rf"(?<!\d){pattern}(?!\d)") for pattern in self.patterns]
        self._allowed = frozenset(address.lower() for address in allowed)

    @property
    def worth(self) -> str:
        """The expression that any text with a finding matches."""
        return "|".join((_WORTH, *self.patterns))

    def count(self, text: str) -> Counter[str]:
        """Return how many of each class the text holds.

        >>> dict(Detector().count("打13812345678，或者幺三八一二三四五六七八；单号 20260105001"))
        {'phone': 2}
        """
        found: Counter[str] = Counter()
        found["phone"] = sum(1 for _ in _MOBILE.finditer(text))
        found["phone"] += sum(
            bool(_MOBILE.search(spell_digits(match[0]))) for match in _SPOKEN.finditer(text)
        )
        found["id_card"] = sum(is_id_card(match[0]) for match in _ID_CARD.finditer(text))
        numbers = (re.sub(r"\D", "", match[0]) for match in _CARD.finditer(text))
        found["bank_card"] = sum(is_luhn(number) for number in numbers)
        addresses = (match[0].lower() for match in _EMAIL.finditer(text))
        found["email"] = sum(address not in self._allowed for address in addresses)
        found["given_number"] = sum(len(pattern.findall(text)) for pattern in self._named)
        return +found


def scan_home(
    settings: Settings, phones: Iterable[str] = (), allowed: Iterable[str] = ()
) -> list[Leak]:
    """Return the leaks of a home, by place; addresses that its configuration names are none."""
    detector = Detector(phones, [*allowed, *_read_own_addresses(settings)])
    home = settings.home
    counts: Counter[tuple[str, str, str]] = Counter()
    scans = [
        ("marts", _scan_marts(settings, detector)),
        ("landing", _scan_parquet(home.landing, detector)),
        ("quarantine", _scan_parquet(home.quarantine, detector)),
        ("operations", _scan_store(settings.operations_url, detector)),
        *(
            ("airflow", _scan_store(f"sqlite:///{file}", detector))
            for file in sorted(home.airflow.glob("*.db"))
        ),
        *((name, _scan_files(home.root / name, detector)) for name in _FOLDERS),
    ]
    for area, scan in scans:
        for place, found in scan:
            for kind, count in found.items():
                counts[area, place, kind] += count
    return [Leak(*key, count) for key, count in sorted(counts.items())]


def _scan_marts(settings: Settings, detector: Detector) -> Iterator[tuple[str, Counter[str]]]:
    from leadloop.warehouse import open_marts, read_rows

    for file in sorted(settings.home.marts.glob("*.duckdb")):
        if file.is_symlink():
            continue
        with open_marts(settings.home, file) as connection:
            columns = read_rows(
                connection,
                "select table_schema, table_name, column_name from information_schema.columns "
                "where data_type like '%VARCHAR%' or data_type like '%JSON%' order by all",
            )
            for column in columns:
                schema, table, name = (
                    '"' + column[part].replace('"', '""') + '"'
                    for part in ("table_schema", "table_name", "column_name")
                )
                rows = connection.execute(
                    f"select {name}::varchar from {schema}.{table} "  # noqa: S608 - from the catalogue
                    f"where regexp_matches({name}::varchar, ?)",
                    [detector.worth],
                ).fetchall()
                place = f"{file.stem}: {column['table_name']}.{column['column_name']}"
                for (text,) in rows:
                    yield place, detector.count(text)


def _scan_parquet(folder: Path, detector: Detector) -> Iterator[tuple[str, Counter[str]]]:
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    for path in sorted(folder.rglob("*.parquet")):
        file = pq.ParquetFile(path)
        names = [field.name for field in file.schema_arrow if pa.types.is_string(field.type)]
        for batch in file.iter_batches(columns=names):
            for name in names:
                texts = batch.column(name)
                hits = pc.fill_null(pc.match_substring_regex(texts, detector.worth), False)
                for text in pc.filter(texts, hits).to_pylist():
                    yield f"{path.relative_to(folder)}: {name}", detector.count(text)


def _scan_store(url: str, detector: Detector) -> Iterator[tuple[str, Counter[str]]]:
    """Read every text of a database; one that is not there has none."""
    import sqlalchemy as sa

    address = sa.make_url(url)
    if address.drivername.startswith("sqlite") and not _exists(address):
        return
    engine = sa.create_engine(address, poolclass=sa.NullPool)
    tables = sa.MetaData()
    with engine.connect() as connection:
        tables.reflect(connection)
        for table in tables.sorted_tables:
            texts = [column for column in table.columns if _is_text(column)]
            if not texts:
                continue
            for row in connection.execute(sa.select(*(sa.cast(c, sa.Text) for c in texts))):
                for column, value in zip(texts, row, strict=True):
                    if value:
                        yield f"{table.name}.{column.name}", detector.count(value)


def _exists(address: sa.URL) -> bool:
    from pathlib import Path

    return bool(address.database) and Path(str(address.database)).exists()


def _is_text(column: sa.Column[Any]) -> bool:
    import sqlalchemy as sa

    return isinstance(column.type, sa.String | sa.JSON | sa.types.NullType)


def _scan_files(folder: Path, detector: Detector) -> Iterator[tuple[str, Counter[str]]]:
    worth = re.compile(detector.worth)
    for path in sorted(folder.rglob("*")):
        if path.suffix in _BINARY or not path.is_file() or path.is_symlink():
            continue
        with path.open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                if worth.search(line):
                    yield str(path.relative_to(folder)), detector.count(line)


def _read_own_addresses(settings: Settings) -> set[str]:
    return {
        match[0]
        for path in sorted(settings.config.rglob("*.yml"))
        for match in _EMAIL.finditer(path.read_text(encoding="utf-8", errors="replace"))
    }
