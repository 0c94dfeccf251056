"""Who was erased: keyed hashes of keys that may not land again, and the proof of each erasure.

Neither table says who a person was. `Registry` is asked by the door about every row that names a
person; `erase` writes both tables.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from leadloop import opstore
from leadloop.keys import load_key

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy as np
    import numpy.typing as npt
    import pyarrow as pa

    from leadloop.settings import Settings

REASON: Final = "erased_person"

erased_keys = sa.Table(
    "erased_keys",
    opstore.metadata,
    sa.Column("key_hash", sa.String(32), primary_key=True),
    sa.Column("kind", sa.String(64), nullable=False),
    sa.Column("erasure_id", sa.String(32), nullable=False, index=True),
)

# One row per erasure that was carried through; the database refuses to change or delete it.
erasures = sa.Table(
    "erasures",
    opstore.metadata,
    sa.Column("erasure_id", sa.String(32), primary_key=True),
    # phone | customer
    sa.Column("asked_for", sa.String(10), nullable=False),
    sa.Column("asked_by", sa.String(100), nullable=False),
    sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("finished_at", sa.DateTime(timezone=True), nullable=False),
    # What was removed: rows or files by place; no value of the person.
    sa.Column("removed", sa.JSON, nullable=False),
    sa.Column("notes", sa.JSON, nullable=False),
)

# What a column of the contract identifies, where its name does not say it.
ALIASES: Final = {
    "parent_call_id": "call_id",
    "source_call_id": "call_id",
    "merged_into_lead_id": "lead_id",
    "merged_into_customer_id": "customer_id",
}
# The keys of a person; all others (a call, an order) are keys of what the person did.
IDENTITY: Final = ("phone_hash", "customer_id", "lead_id", "contact_id")


# The tables whose rows have children in other tables, by the id that these carry.
OWNERS: Final = {
    "call_id": "call",
    "order_id": "order",
    "ticket_id": "ticket",
    "subscription_id": "subscription",
}


class Registry:
    """The keys that may not land; there is none for a company that never erased anybody."""

    def __init__(self, key: bytes, hashes: dict[str, frozenset[str]]) -> None:
        self._key = key
        self._hashes = hashes

    def find(
        self, worked: dict[str, pa.Array], table: str, system: str
    ) -> npt.NDArray[np.bool_] | None:
        """Return which rows of a table name somebody who was erased; None where none can."""
        found: npt.NDArray[np.bool_] | None = None
        for name, array in worked.items():
            kind = ALIASES.get(name, name)
            # Another system's call of the same id is another call; its transcript may be this one.
            kinds = (
                (scope_kind(kind, system),)
                if OWNERS.get(name) == table
                else (
                    kind,
                    scope_kind(kind, system),
                )
            )
            for each in kinds:
                if known := self._hashes.get(each):
                    hits = self._match(array, each, known)
                    found = hits if found is None else found | hits
        return found

    def _match(self, array: pa.Array, kind: str, known: frozenset[str]) -> npt.NDArray[np.bool_]:
        import numpy as np
        import pyarrow.compute as pc

        coded = array.dictionary_encode()
        hits = [
            value is not None and hash_key(self._key, kind, value) in known
            for value in coded.dictionary.to_pylist()
        ]
        places = np.asarray(pc.fill_null(coded.indices, len(hits)))
        marked: npt.NDArray[np.bool_] = np.array([*hits, False], np.bool_)[places]
        return marked


def scope_kind(kind: str, system: str) -> str:
    """Return the kind of an id that only one system's rows carry."""
    return f"{kind}@{system}"


def hash_key(key: bytes, kind: str, value: str) -> str:
    """Return the keyed hash of one id, as 32 hexadecimal digits."""
    text = f"{kind}\x1f{value}".encode("utf-8", "replace")
    return hashlib.blake2b(text, key=key[:64], digest_size=16).hexdigest()


def load_registry(settings: Settings) -> Registry | None:
    """Return the registry, None where nobody was ever erased."""
    # A dry run of the first import makes no store.
    if not opstore.has_store(settings):
        return None
    rows = opstore.read(settings, sa.select(erased_keys.c.kind, erased_keys.c.key_hash))
    if not rows:
        return None
    kinds = {row["kind"] for row in rows}
    hashes = {
        kind: frozenset(row["key_hash"] for row in rows if row["kind"] == kind) for kind in kinds
    }
    return Registry(load_key(settings, "erasure"), hashes)


def register(settings: Settings, erasure_id: str, ids: Iterable[tuple[str, str]]) -> int:
    """Keep ids (kind, value) from landing again; return how many were new."""
    key = load_key(settings, "erasure")
    with opstore.transaction(settings) as connection:
        return sum(
            opstore.insert_new(
                connection,
                erased_keys,
                {"key_hash": hash_key(key, kind, value), "kind": kind, "erasure_id": erasure_id},
            )
            for kind, value in ids
        )
