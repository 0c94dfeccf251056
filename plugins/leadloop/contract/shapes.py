"""What a landing table and its columns are: kinds, units, classes of personal data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["text", "integer", "number", "boolean", "timestamp", "date"]
Precision = Literal["second", "day", "month", "none"]
# What a column tells of a person: `key` joins the rows of one (a hash, a customer's id), `contact`
# is a part of how to reach them, `text` is free text, masked at the door, `trait` describes them,
# `agent` is about who works here. Erasure goes by `key`, retention by all of them.
Pii = Literal["none", "key", "contact", "text", "trait", "agent"]

PRECISIONS: tuple[Precision, ...] = ("second", "day", "month", "none")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a landing table; times are UTC, durations whole seconds."""

    name: str
    kind: Kind
    description: str
    required: bool = False
    enum: tuple[str, ...] = ()
    pii: Pii = "none"

    @property
    def catch_all(self) -> str | None:
        """The value of its list for a code that nobody knows; None where the list has none.

        >>> Column("status", "text", "", enum=("invalid", "other")).catch_all
        'other'
        """
        return next((word for word in ("other", "unknown") if word in self.enum), None)

    @property
    def unit(self) -> str | None:
        """The unit of the value, which its name carries; None where it has none.

        >>> Column("talk_s", "integer", "Seconds of talk.").unit
        's'
        """
        if self.kind == "timestamp":
            return "UTC"
        if self.kind not in ("integer", "number"):
            return None
        for ending, unit in _UNITS.items():
            if self.name.endswith(ending):
                return unit
        return None


_UNITS = {
    "_ms": "ms",
    "_s": "s",
    "amount": "currency",
    "_margin": "currency",
    "_budget": "currency",
    "mrr": "currency",
    "_rate": "0-1",
    "weight": "0-1",
    "confidence": "0-1",
    "asr_conf": "0-1",
    "_count": "count",
}


@dataclass(frozen=True, slots=True)
class Table:
    """One landing table: its key and its business columns.

    `history_key` names whose states follow one another (a slowly changing dimension of type 2):
    a later row does not correct an earlier one, both were true in their time. Since when is in
    `since`; without it a state holds from its export on. Of what `is_planned` the time may lie
    ahead of the export that tells it.
    """

    name: str
    key: tuple[str, ...]
    event_column: str | None
    columns: tuple[Column, ...]
    description: str
    history_key: tuple[str, ...] = ()
    since: str | None = None
    is_planned: bool = False

    @property
    def things(self) -> str:
        """Its name in the plural, as sources and models have it.

        >>> Table("touch", (), None, (), "").things
        'touches'
        """
        return _PLURALS.get(self.name, f"{self.name}s")

    @property
    def all_columns(self) -> tuple[Column, ...]:
        """Business columns followed by the technical columns that every table carries."""
        return self.columns + TECHNICAL

    def get(self, name: str) -> Column | None:
        """Return the column of that name, if the table has it."""
        return next((column for column in self.all_columns if column.name == name), None)

    def list_pii(self, *classes: Pii) -> tuple[str, ...]:
        """Return the names of the columns of these classes of personal data, in their order."""
        return tuple(column.name for column in self.all_columns if column.pii in classes)


TECHNICAL = (
    Column("tenant_id", "text", "Company the row belongs to.", required=True),
    Column("source_system", "text", "System the row came from; set by the map.", required=True),
    Column("source_pk", "text", "The source's own key of the row; unique in source_system.", True),
    Column("event_at", "timestamp", "Business time of the row, where the source has one."),
    Column(
        "event_date", "date", "Local day of event_at in the company's zone; null without a day."
    ),
    Column("event_month", "date", "First day of the local month; null where no month is known."),
    Column(
        "date_precision", "text", "How exactly the source dates the row.", True, tuple(PRECISIONS)
    ),
    Column("extracted_at", "timestamp", "When the source exported the row; the file's time."),
    Column("ingested_at", "timestamp", "When the row landed.", required=True),
    Column("batch_id", "text", "File and map the row came with; a re-read file keeps it.", True),
    Column("row_hash", "text", "Hash of the business columns; a re-sent row keeps it.", True),
    Column("is_deleted", "boolean", "Whether the source withdrew the row.", required=True),
    Column("source_file", "text", "Name of the file, without its folder.", required=True),
    Column("source_line", "integer", "Line (or row) in the file, starting at 1.", required=True),
)


_PLURALS = {
    "business_calendar": "calendar_days",
    "dnc": "dnc_entries",
    "number_status": "number_statuses",
    "touch": "touches",
}


def list_phone_columns(*, required: bool = False) -> tuple[Column, ...]:
    """Return what is kept of a number: the keyed hash, the last four digits, the region."""
    withheld = "" if required else "; null where withheld"
    text = f"HMAC-SHA256 of the E.164 number{withheld}."
    return (
        Column("phone_hash", "text", text, required, pii="key"),
        Column("phone_last4", "text", "Last four digits.", pii="contact"),
        Column("phone_region", "text", "Region of the number (ISO 3166, e.g. CN).", pii="trait"),
    )
