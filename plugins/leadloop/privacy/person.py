"""Whom an erasure is about: every key of the person, found in landing by following ids.

Starting from a phone or a customer id, rows that name the person give further keys (a lead, a
second number), rows of calls and orders give the ids under which transcripts and payments hang.
The result is a `Plan`: what to look for everywhere else. Neighbour: `erase`, which removes it.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, field
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
# Columns of the models that hold a system and an id in one.
_JOINED: Final = ("dial_id", "transcript_id", *OWNERS)
# What is kept of a row that was found.
_KEPT: Final = {
    *IDENTITY,
    *ALIASES,
    *OWNERS,
    *("source_system", "event_date", "load_date", "filename", "text_masked"),
}


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
    # Words that only this person's calls have, days, the number as it may be written.
    texts: list[str] = field(default_factory=list)
    dates: list[str] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    # Rows and files of landing by table; what each finished step removed outlives a kill.
    landed: dict[str, int] = field(default_factory=dict)
    files: dict[str, list[str]] = field(default_factory=dict)
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

    @property
    def joined(self) -> list[str]:
        """Ids of what the person did as the models write them: system:id."""
        return [
            f"{system}:{value}"
            for systems in self.doings.values()
            for system, ids in systems.items()
            for value in ids
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
        if name in _JOINED:
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


@dataclass(slots=True)
class _Landed:
    """One landing table that has files: its columns, its rows as SQL, what was found in them.

    `hits` is a small table of the person's rows, `condition` what they were found by.
    """

    name: str
    columns: frozenset[str]
    rows: str
    hits: str
    condition: str | None = None


def complete_plan(home: Home, plan: Plan, *, follow: bool) -> None:
    """Fill in all that landing knows of the person.

    Without `follow` only rows that carry a key of the plan are the person's, and what hangs on
    them.
    """
    with warehouse.open_memory() as connection:
        tables = [_open_table(connection, home, name) for name in contract.TABLES]
        present = [table for table in tables if table is not None]
        _find_rows(connection, present, plan, follow=follow)
        for table in present:
            if table.condition is not None:
                _note_rows(connection, table, plan)


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
    return _Landed(name, frozenset(row[0] for row in found), rows, f'"hits_{name}"')


def _find_rows(
    connection: duckdb.DuckDBPyConnection, tables: list[_Landed], plan: Plan, *, follow: bool
) -> None:
    """Look until no row found gives a key or an id by which more rows are found."""
    by_name = {table.name: table for table in tables}
    known = -1
    while known != (known := len(plan.list_keys())):
        for table in tables:
            condition = find_condition(plan, table.columns)
            if condition is None or condition == table.condition:
                continue
            table.condition = condition
            kept = sorted(table.columns & _KEPT)
            connection.execute(
                f"create or replace temp table {table.hits} as "  # noqa: S608
                f"select {', '.join(kept)} from {table.rows} where {condition}"
            )
            if follow:
                _add_keys(connection, table, plan)
            _add_doings(connection, table, plan)
        for kind, owner in OWNERS.items():
            taken = _list_taken(connection, by_name.get(owner), plan, kind)
            ids = {value for ids in plan.doings.get(kind, {}).values() for value in ids}
            plan.loose[kind] = sorted(ids - taken)


def _add_keys(connection: duckdb.DuckDBPyConnection, table: _Landed, plan: Plan) -> None:
    """Add the keys that stand beside known ones."""
    names = [name for name in sorted(table.columns) if ALIASES.get(name, name) in IDENTITY]
    for name in names:
        values = plan.identity.setdefault(ALIASES.get(name, name), [])
        query = f"select distinct {name} from {table.hits}"  # noqa: S608
        for (value,) in connection.execute(f"{query} order by all").fetchall():
            _add(values, value)
    if (known := sum(map(len, plan.identity.values()))) > MOST_KEYS:
        message = (
            f"Following the keys has reached {known} of them, more than one person has: the number "
            "may be a switchboard's or a test's. Use --exact, which takes only rows that carry "
            "what you gave, or erase by --customer."
        )
        raise ErasureError(message)


def _add_doings(connection: duckdb.DuckDBPyConnection, table: _Landed, plan: Plan) -> None:
    """Add the ids of calls, orders and the like that stand in rows of the person."""
    for kind in OWNERS if table.name not in MENTIONS else ():
        if kind in table.columns:
            rows = connection.execute(
                f"select distinct source_system, {kind} from {table.hits} "  # noqa: S608
                f"where {kind} is not null order by all"
            ).fetchall()
            for system, value in rows:
                _add(plan.doings.setdefault(kind, {}).setdefault(system, []), value)


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


def _list_taken(
    connection: duckdb.DuckDBPyConnection, owner: _Landed | None, plan: Plan, kind: str
) -> set[str]:
    """Return the ids that another person's row carries too, in another system."""
    if owner is None or not plan.doings.get(kind):
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


def _note_rows(connection: duckdb.DuckDBPyConnection, table: _Landed, plan: Plan) -> None:
    """Add how many rows there are, their files, their days, and words that nobody else said."""
    rows = connection.execute(
        "select filename, coalesce(event_date, load_date)::varchar, count(*) "  # noqa: S608
        f"from {table.hits} group by all order by all"
    ).fetchall()
    if not rows:
        return
    plan.files[table.name] = list(dict.fromkeys(path for path, _, _ in rows))
    plan.landed[table.name] = sum(count for _, _, count in rows)
    if table.name not in MENTIONS:
        plan.dates = sorted({*plan.dates, *(day for _, day, _ in rows)})
    if table.name == "utterance":
        plan.texts = _list_own_texts(connection, table)


def _list_own_texts(connection: duckdb.DuckDBPyConnection, table: _Landed) -> list[str]:
    said = f"select distinct text_masked from {table.hits} where text_masked is not null"  # noqa: S608
    rows = connection.execute(
        f"{said} except select text_masked from {table.rows} "  # noqa: S608
        f"where text_masked in ({said}) and not {table.condition} order by all"
    ).fetchall()
    return [text for (text,) in rows]


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
