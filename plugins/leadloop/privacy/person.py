"""Whom an erasure is about: every key of the person, found in landing by following ids.

Starting from a phone or a customer id, rows that name the person give further keys (a lead, a
second number), rows of calls and orders give the ids under which transcripts and payments hang.
The result is a `Plan`: what to look for everywhere else. Neighbour: `erase`, which removes it.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from leadloop import contract, warehouse
from leadloop.errors import LeadloopError, UsageError
from leadloop.privacy.erased import ALIASES, IDENTITY, OWNERS, scope_kind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    import duckdb

    from leadloop.settings import Home

# More keys than one person has: whoever reaches them has met a switchboard or a test number.
MOST_KEYS: Final = 100
# Rows about somebody else that only mention a call: they stay, the mention goes.
MENTIONS: Final = ("agent_state",)
_LETTERS: Final = 8


class ErasureError(LeadloopError):
    """An erasure cannot be carried through as asked."""


@dataclass(slots=True)
class Plan:
    """What an erasure looks for. It is itself personal data: gone when the erasure is done."""

    erasure_id: str
    asked_for: str
    asked_by: str
    asked_at: str
    # Keys of the person, by kind.
    identity: dict[str, list[str]]
    # The system whose customer ids they are; None where ids are the company's own.
    source: str | None = None
    # Ids of what the person did, by kind and source system; `loose` are good in any system.
    doings: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    loose: dict[str, list[str]] = field(default_factory=dict)
    # Ids as the models write them (system:id), words that only this person's calls have, days.
    joined: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    dates: list[str] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    # Rows of landing by table, and what each finished step removed: a killed run keeps its counts.
    landed: dict[str, int] = field(default_factory=dict)
    removed: dict[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values, for JSON."""
        return asdict(self)

    @property
    def text_hashes(self) -> list[str]:
        """The keys under which scores of the person's words are kept."""
        return [
            hashlib.md5(text.encode(), usedforsecurity=False).hexdigest() for text in self.texts
        ]

    def list_keys(self) -> list[tuple[str, str]]:
        """Return (kind, value) of all that may not land again."""
        found = [
            (scope_kind(kind, self.source), value)
            if kind == "customer_id" and self.source
            else (kind, value)
            for kind, values in self.identity.items()
            for value in values
        ]
        for kind, systems in self.doings.items():
            found += [
                (scope_kind(kind, system), value)
                for system, values in systems.items()
                for value in values
            ]
        return found + [(kind, value) for kind, values in self.loose.items() for value in values]

    def list_ids(self) -> list[str]:
        """Return every id and hash of the person and of what they did, each once."""
        doings = [
            value for systems in self.doings.values() for ids in systems.values() for value in ids
        ]
        people = [value for values in self.identity.values() for value in values]
        return list(dict.fromkeys([*people, *doings, *self.joined]))


def find_condition(plan: Plan, columns: Collection[str]) -> str | None:
    """Return the SQL that is true of the person's rows of a table; None if it names nobody."""
    parts = []
    for name in columns:
        kind = ALIASES.get(name, name)
        if kind in IDENTITY:
            parts.append(_match_keys(plan, name, kind, columns))
        elif name == "unit_id":
            parts.append(is_in(name, plan.list_ids()))
        elif name == "entity_id" and "entity_type" in columns:
            parts += [
                f"(entity_type = '{kind.removesuffix('_id')}' and {is_in(name, values)})"
                for kind, values in [*plan.identity.items(), *plan.loose.items()]
            ]
        elif name == "text_hash":
            parts.append(is_in(name, plan.text_hashes))
        elif kind in OWNERS:
            parts += _match_doings(plan, name, kind, "source_system" in columns)
        if name.endswith("_id") and name != "batch_id":
            parts.append(is_in(name, plan.joined))
    return f"coalesce({' or '.join(parts)}, false)" if parts else None


def _match_keys(plan: Plan, name: str, kind: str, columns: Collection[str]) -> str:
    found = is_in(name, plan.identity.get(kind, ()))
    if kind == "customer_id" and plan.source and "source_system" in columns:
        return f"({found} and source_system = {quote(plan.source)})"
    return found


def _match_doings(plan: Plan, name: str, kind: str, has_system: bool) -> list[str]:
    parts = [is_in(name, plan.loose.get(kind, ()))]
    if has_system:
        parts += [
            f"(source_system = {quote(system)} and {is_in(name, ids)})"
            for system, ids in plan.doings.get(kind, {}).items()
        ]
    return parts


def is_in(name: str, values: Iterable[str]) -> str:
    """Return the SQL that a column is one of these values; false for none."""
    listed = ", ".join(quote(value) for value in values)
    return f'"{name}" in ({listed})' if listed else "false"


def quote(text: str) -> str:
    """Return a text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


@dataclass(frozen=True, slots=True)
class _Landed:
    """One landing table that has files: its name, its columns, its rows as SQL."""

    name: str
    columns: frozenset[str]
    rows: str


def complete_plan(home: Home, plan: Plan, *, follow: bool) -> dict[str, int]:
    """Fill in all that landing knows of the person; return the rows found by table.

    Without `follow` only rows that carry a key of the plan are the person's, and what hangs on
    them.
    """
    with warehouse.open_memory() as connection:
        tables = [_open_table(connection, home, name) for name in contract.TABLES]
        present = [table for table in tables if table is not None]
        if follow:
            _follow_keys(connection, present, plan)
        _follow_doings(connection, present, plan)
        _note_rows(connection, present, plan)
        return {
            table.name: count
            for table in present
            if (count := _count(connection, table, find_condition(plan, table.columns)))
        }


def _open_table(connection: duckdb.DuckDBPyConnection, home: Home, name: str) -> _Landed | None:
    paths = [file.path for file in warehouse.list_landing(home, name)]
    if not paths:
        return None
    listed = ", ".join(quote(str(path)) for path in paths)
    rows = (
        f"read_parquet([{listed}], union_by_name = true, filename = true, "
        "hive_partitioning = true, hive_types = {'load_date': date})"
    )
    found = connection.execute(f"describe select * from {rows}").fetchall()  # noqa: S608
    return _Landed(name, frozenset(row[0] for row in found), rows)


def _follow_keys(connection: duckdb.DuckDBPyConnection, tables: list[_Landed], plan: Plan) -> None:
    """Add the keys that stand beside known ones, until no row adds any."""
    known = -1
    while known != (known := sum(map(len, plan.identity.values()))):
        if known > MOST_KEYS:
            message = (
                f"Following the keys has reached {known} of them, more than one person has: the "
                "number may be a switchboard's or a test's. Use --exact, which takes only rows "
                "that carry what you gave, or erase by --customer."
            )
            raise ErasureError(message)
        for table in tables:
            names = [name for name in sorted(table.columns) if ALIASES.get(name, name) in IDENTITY]
            if not names:
                continue
            wanted = " or ".join(
                _match_keys(plan, name, ALIASES.get(name, name), table.columns) for name in names
            )
            listed = ", ".join(names)
            rows = connection.execute(
                f"select distinct {listed} from {table.rows} where {wanted}"  # noqa: S608
            ).fetchall()
            for row in rows:
                for name, value in zip(names, row, strict=True):
                    _add(plan.identity.setdefault(ALIASES.get(name, name), []), value)


def check_one_person(plan: Plan, *, linked: bool) -> None:
    """Raise ErasureError where the keys lead to more than one customer and nobody said so."""
    # The number's hash is one of its ids where a source keys people by their number.
    hashes = set(plan.identity.get("phone_hash", ()))
    count = len(set(plan.identity.get("customer_id", ())) - hashes)
    if count > 1 and not linked:
        message = (
            f"What you gave leads to {count} customer ids (a shared number, or ids that were "
            "merged). Use --linked to erase all of them, or --exact to take only rows that carry "
            "what you gave."
        )
        raise ErasureError(message)


def _follow_doings(
    connection: duckdb.DuckDBPyConnection, tables: list[_Landed], plan: Plan
) -> None:
    """Add the ids of calls, orders and the like of the person, and what hangs on these."""
    by_name = {table.name: table for table in tables}
    known = -1
    while known != (known := len(plan.list_keys())):
        for table in tables:
            if table.name in MENTIONS:
                continue
            kinds = [kind for kind in OWNERS if kind in table.columns]
            condition = find_condition(plan, table.columns)
            for kind in kinds if condition else ():
                rows = connection.execute(
                    f"select distinct source_system, {kind} from {table.rows} "  # noqa: S608
                    f"where {condition} and {kind} is not null"
                ).fetchall()
                for system, value in rows:
                    _add(plan.doings.setdefault(kind, {}).setdefault(system, []), value)
        for kind, owner in OWNERS.items():
            ids = [value for ids in plan.doings.get(kind, {}).values() for value in ids]
            taken = _list_taken(connection, by_name.get(owner), plan, kind) if ids else set()
            plan.loose[kind] = sorted(set(ids) - taken)


def _list_taken(
    connection: duckdb.DuckDBPyConnection, owner: _Landed | None, plan: Plan, kind: str
) -> set[str]:
    """Return the ids that another person's row carries too, in another system."""
    if owner is None:
        return set()
    ids = [value for ids in plan.doings[kind].values() for value in ids]
    mine = " or ".join(
        f"(source_system = {quote(system)} and {is_in(kind, values)})"
        for system, values in plan.doings[kind].items()
    )
    rows = connection.execute(
        f"select distinct {kind} from {owner.rows} "  # noqa: S608
        f"where {is_in(kind, ids)} and not ({mine})"
    ).fetchall()
    return {value for (value,) in rows}


def _note_rows(connection: duckdb.DuckDBPyConnection, tables: list[_Landed], plan: Plan) -> None:
    """Add what the models make of the rows: joined ids, words, days."""
    for table in tables:
        condition = find_condition(plan, table.columns)
        if condition is None or table.name in MENTIONS:
            continue
        rows = connection.execute(
            "select distinct source_system || ':' || source_pk, "  # noqa: S608
            f"coalesce(event_date, load_date)::varchar from {table.rows} where {condition}"
        ).fetchall()
        plan.joined += [row[0] for row in rows]
        plan.dates = sorted({*plan.dates, *(row[1] for row in rows)})
        if table.name == "utterance":
            plan.texts = _list_own_texts(connection, table, condition)
    plan.joined += [
        f"{system}:{value}"
        for systems in plan.doings.values()
        for system, ids in systems.items()
        for value in ids
    ]
    plan.joined = list(dict.fromkeys(plan.joined))


def _list_own_texts(
    connection: duckdb.DuckDBPyConnection, table: _Landed, condition: str
) -> list[str]:
    rows = connection.execute(
        f"select distinct text_masked from {table.rows} where {condition}"  # noqa: S608
    ).fetchall()
    said = [text for (text,) in rows if text]
    others = connection.execute(
        f"select distinct text_masked from {table.rows} "  # noqa: S608
        f"where {is_in('text_masked', said)} and not {condition}"
    ).fetchall()
    return sorted(set(said) - {text for (text,) in others})


def _count(connection: duckdb.DuckDBPyConnection, table: _Landed, condition: str | None) -> int:
    if condition is None:
        return 0
    query = f"select count(*) from {table.rows} where {condition}"  # noqa: S608
    return int((connection.execute(query).fetchone() or (0,))[0])


def list_touched(home: Home, name: str, plan: Plan) -> list[Path]:
    """Return the landing files of a table that hold rows of the person."""
    with warehouse.open_memory() as connection:
        table = _open_table(connection, home, name)
        condition = table and find_condition(plan, table.columns)
        if table is None or not condition:
            return []
        rows = connection.execute(
            f"select distinct filename from {table.rows} where {condition}"  # noqa: S608
        ).fetchall()
    return sorted(Path(path) for (path,) in rows)


def write_numbers(text: str, e164: str) -> list[str]:
    """Return the ways in which a number is commonly written, the one given first.

    >>> write_numbers("138 1234 5678", "+8613812345678")[1:3]
    ['+8613812345678', '8613812345678']
    """
    digits = e164.removeprefix("+")
    forms = [text, e164, digits]
    if e164.startswith("+86") and len(e164) == 14:
        own = e164[3:]
        forms.append(own)
        forms += [f"{own[:3]}{gap}{own[3:7]}{gap}{own[7:]}" for gap in " -"]
        forms.append("0" + own)
    return list(dict.fromkeys(form for form in forms if len(form) >= _LETTERS))


def _add(values: list[str], value: str | None) -> None:
    if value is not None and value not in values:
        values.append(value)


def require_seed(phone: str | None, customer: str | None) -> None:
    """Raise UsageError unless exactly one of both is given."""
    if (phone is None) == (customer is None):
        message = "Say whom to erase: either --phone NUMBER or --customer ID."
        raise UsageError(message)
