"""The ledger: alerts, actions, assignments, approvals, proofs, outbox, effects."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

INDEXES = (
    ("alerts", "state"),
    ("actions", "alert_id"),
    ("actions", "state"),
    ("proofs", "action_id"),
    ("outbox", "action_id"),
    ("outbox", "alert_id"),
    ("outbox", "state"),
    ("effects", "action_id"),
)
# Proofs are evidence: a row that was written is never changed or taken away.
REFUSAL = "proofs are append-only"


def upgrade() -> None:
    """Create the tables, their indexes and the guard of the proofs."""
    op.create_table(
        "alerts",
        sa.Column("alert_id", sa.Text, primary_key=True),
        sa.Column("rule_id", sa.Text, nullable=False),
        sa.Column("rule_hash", sa.Text, nullable=False),
        sa.Column("mode", sa.Text, nullable=False),
        sa.Column("severity", sa.Text, nullable=False),
        sa.Column("metric", sa.Text, nullable=False),
        sa.Column("dimensions", sa.JSON, nullable=False),
        sa.Column("grain", sa.Text, nullable=False),
        sa.Column("period", sa.Text, nullable=False),
        sa.Column("k", sa.Integer),
        sa.Column("n", sa.Integer),
        sa.Column("value", sa.Float),
        sa.Column("low", sa.Float),
        sa.Column("high", sa.Float),
        sa.Column("threshold", sa.Float, nullable=False),
        sa.Column("expected", sa.Float),
        sa.Column("money", sa.Float),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("cause", sa.JSON, nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True)),
        sa.Column("acknowledged_by", sa.Text),
        sa.Column("resolved_at", sa.DateTime(timezone=True)),
        sa.Column("owner", sa.Text, nullable=False),
    )
    op.create_table(
        "actions",
        sa.Column("action_id", sa.Text, primary_key=True),
        sa.Column("alert_id", sa.Text),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("payload", sa.JSON, nullable=False),
        sa.Column("target_type", sa.Text, nullable=False),
        sa.Column("target_id", sa.Text, nullable=False),
        sa.Column("mode", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("approver", sa.Text),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.Column("decided_by", sa.Text),
        sa.Column("gate", sa.JSON, nullable=False),
        sa.Column("idempotency_key", sa.Text, nullable=False, unique=True),
        sa.Column("expires_at", sa.DateTime(timezone=True)),
        sa.Column("outcome_window_end", sa.DateTime(timezone=True)),
        sa.Column("cost", sa.Float),
    )
    op.create_table(
        "assignments",
        sa.Column("experiment", sa.Text, primary_key=True),
        sa.Column("unit_id", sa.Text, primary_key=True),
        sa.Column("action_type", sa.Text, nullable=False),
        sa.Column("arm", sa.Text, nullable=False),
        sa.Column("assigned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
    )
    op.create_table(
        "approvals",
        sa.Column("action_id", sa.Text, primary_key=True),
        sa.Column("decision", sa.Text, nullable=False),
        sa.Column("decided_by", sa.Text, nullable=False),
        sa.Column("decided_via", sa.Text, nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "proofs",
        sa.Column("proof_id", sa.Text, primary_key=True),
        sa.Column("action_id", sa.Text, nullable=False),
        sa.Column("stage", sa.Text, nullable=False),
        sa.Column("verdict", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("rule_id", sa.Text),
        sa.Column("source", sa.Text),
        sa.Column("evaluated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("detail", sa.JSON, nullable=False),
    )
    op.create_table(
        "outbox",
        sa.Column("message_id", sa.Text, primary_key=True),
        sa.Column("action_id", sa.Text),
        sa.Column("alert_id", sa.Text),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("target", sa.Text, nullable=False),
        sa.Column("dedupe_key", sa.Text, nullable=False, unique=True),
        sa.Column("body", sa.JSON, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True)),
        sa.Column("last_answer", sa.Text),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True)),
    )
    op.create_table(
        "effects",
        sa.Column("effect_id", sa.Text, primary_key=True),
        sa.Column("action_id", sa.Text),
        sa.Column("experiment", sa.Text),
        sa.Column("metric", sa.Text, nullable=False),
        sa.Column("horizon_days", sa.Integer, nullable=False),
        sa.Column("n_treat", sa.Integer),
        sa.Column("n_holdout", sa.Integer),
        sa.Column("value", sa.Float),
        sa.Column("low", sa.Float),
        sa.Column("high", sa.Float),
        sa.Column("verdict", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("measured_at", sa.DateTime(timezone=True), nullable=False),
    )
    for table, column in INDEXES:
        op.create_index(f"ix_{table}_{column}", table, [column])
    _guard_proofs()


def _guard_proofs() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "create function refuse_change() returns trigger language plpgsql as "
            f"$$ begin raise exception '{REFUSAL}'; end $$"
        )
        op.execute(
            "create trigger proofs_append_only before update or delete on proofs "
            "for each row execute function refuse_change()"
        )
        return
    for change in ("update", "delete"):
        op.execute(
            f"create trigger proofs_no_{change} before {change} on proofs "
            f"begin select raise(abort, '{REFUSAL}'); end"
        )


def downgrade() -> None:
    """Drop the tables; indexes and triggers go with them."""
    for name in (
        "effects",
        "outbox",
        "proofs",
        "approvals",
        "assignments",
        "actions",
        "alerts",
    ):
        op.drop_table(name)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("drop function refuse_change()")
