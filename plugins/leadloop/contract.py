"""What may land: the tables of the door, their columns, types and units.

Column names are those of the data contract (seconds as integers, times in UTC). The maps of
`ingest` produce these columns, the staging models of dbt read them; both take names and types
from here. `docs/contract.md` is generated from this module.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import pyarrow as pa

Kind = Literal["text", "integer", "number", "boolean", "timestamp", "date"]
Precision = Literal["second", "day", "month", "none"]

OUTCOMES = (
    "invalid_number",
    "suspended",
    "power_off",
    "no_answer",
    "busy",
    "rejected",
    "network_fail",
    "machine",
    "abandoned",
    "human_short",
    "human_wrong_party",
    "human_refused",
    "human_dnc",
    "human_callback",
    "human_interested",
    "human_won",
    "human_other",
    "served",
    "phantom",
    "test",
    "other",
)
DIRECTIONS = ("outbound", "inbound", "internal")
DIAL_MODES = ("manual", "preview", "progressive", "predictive", "ai")
PRECISIONS: tuple[Precision, ...] = ("second", "day", "month", "none")
SPEAKERS = ("agent", "customer", "ivr", "bot", "unknown")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a landing table; times are UTC, durations whole seconds."""

    name: str
    kind: Kind
    description: str
    required: bool = False
    enum: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """One landing table: its key and its business columns."""

    name: str
    key: tuple[str, ...]
    event_column: str | None
    columns: tuple[Column, ...]
    description: str

    @property
    def all_columns(self) -> tuple[Column, ...]:
        """Business columns followed by the technical columns that every table carries."""
        return self.columns + TECHNICAL

    def get(self, name: str) -> Column | None:
        """Return the column of that name, if the table has it."""
        return next((column for column in self.all_columns if column.name == name), None)


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

CALL = Table(
    name="call",
    key=("source_system", "call_id"),
    event_column="originated_at",
    description="One row per call attempt, outbound or inbound.",
    columns=(
        Column("call_id", "text", "The source's id of the call.", required=True),
        Column("parent_call_id", "text", "Call that this leg belongs to."),
        Column("direction", "text", "Who started it.", True, DIRECTIONS),
        Column("dial_mode", "text", "How the number was dialled.", enum=DIAL_MODES),
        Column("attempt_no", "integer", "Which attempt to this lead, starting at 1."),
        Column("lead_id", "text", "Lead dialled."),
        Column("customer_id", "text", "Customer on the line."),
        Column("campaign_id", "text", "Campaign of the dial."),
        Column("channel_id", "text", "Channel that the lead came from."),
        Column("list_id", "text", "Dial list."),
        Column("queue_id", "text", "Queue or service type."),
        Column("agent_id", "text", "Agent who handled it."),
        Column("phone_hash", "text", "HMAC-SHA256 of the E.164 number; null where withheld."),
        Column("phone_last4", "text", "Last four digits."),
        Column("phone_region", "text", "Region of the number (ISO 3166, e.g. CN)."),
        Column("originated_at", "timestamp", "When the call was started."),
        Column("ring_at", "timestamp", "When it rang."),
        Column("queued_at", "timestamp", "When it entered a queue."),
        Column("answered_at", "timestamp", "When an agent or the called party answered."),
        Column("ended_at", "timestamp", "When it ended."),
        Column("ivr_s", "integer", "Seconds in the voice menu, as the source says (may be wrong)."),
        Column("queue_s", "integer", "Seconds waited in queue."),
        Column("ring_s", "integer", "Seconds of ringing."),
        Column("talk_s", "integer", "Seconds of talk."),
        Column("hold_s", "integer", "Seconds on hold."),
        Column("acw_s", "integer", "Seconds of after-call work."),
        Column("outcome", "text", "How it ended, in the ontology.", True, OUTCOMES),
        Column("outcome_raw", "text", "The source's own code."),
        Column(
            "tells_won", "boolean", "Whether the source's codes can say that a deal was made.", True
        ),
        Column("tells_human", "boolean", "Whether the codes tell a person from no answer.", True),
        Column("hangup_by", "text", "Who hung up.", enum=("agent", "customer", "system")),
        Column("cost_amount", "number", "Cost of the call in the company's currency."),
        Column("recording_uri", "text", "Where the recording is."),
        Column("custom", "text", "Further fields of the source, as a JSON object, masked."),
    ),
)

UTTERANCE = Table(
    name="utterance",
    key=("source_system", "call_id", "version", "seq"),
    event_column="spoken_at",
    description="One row per turn of a transcript; text is masked.",
    columns=(
        Column("call_id", "text", "Call or dialogue the turn belongs to.", required=True),
        Column("version", "integer", "Version of the transcript, starting at 1.", required=True),
        Column("seq", "integer", "Position in the dialogue, starting at 1.", required=True),
        Column("speaker_role", "text", "Who speaks.", True, SPEAKERS),
        Column("begin_ms", "integer", "Start within the call, milliseconds."),
        Column("end_ms", "integer", "End within the call, milliseconds."),
        Column("text_masked", "text", "What was said, with personal data masked.", required=True),
        Column("asr_conf", "number", "Confidence of the recogniser, 0 to 1."),
        Column("spoken_at", "timestamp", "Start of the call, where the source says it."),
    ),
)

ORDER = Table(
    name="order",
    key=("source_system", "order_id"),
    event_column="placed_at",
    description="One row per order of a customer.",
    columns=(
        Column("order_id", "text", "The source's id of the order.", required=True),
        Column("customer_id", "text", "Customer who ordered; the same id as in calls."),
        Column("lead_id", "text", "Lead that the order came from."),
        Column("agent_id", "text", "Agent who made the deal."),
        Column("phone_hash", "text", "HMAC-SHA256 of the E.164 number; null where withheld."),
        Column("phone_last4", "text", "Last four digits."),
        Column("phone_region", "text", "Region of the number (ISO 3166, e.g. CN)."),
        Column("placed_at", "timestamp", "When the order was placed."),
        Column("paid_at", "timestamp", "When it was paid; null where it is not."),
        Column("amount", "number", "What the customer pays, in `currency`."),
        Column("gross_margin", "number", "What is left of the amount, in `currency`."),
        Column("currency", "text", "ISO 4217 code; null means the company's own."),
        Column("is_repeat", "boolean", "Whether the source calls it a repeat order."),
    ),
)

TABLES = {table.name: table for table in (CALL, UTTERANCE, ORDER)}


def arrow_schema(table: Table) -> pa.Schema:
    """Return the Arrow schema of a landing table; times are microseconds in UTC."""
    import pyarrow as pa

    types = {
        "text": pa.string(),
        "integer": pa.int64(),
        "number": pa.float64(),
        "boolean": pa.bool_(),
        "timestamp": pa.timestamp("us", tz="UTC"),
        "date": pa.date32(),
    }
    return pa.schema([pa.field(column.name, types[column.kind]) for column in table.all_columns])
