"""First tables: ingest outcomes, gate results, step outcomes, decision records, held loads."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "ingest_outcomes",
        sa.Column("batch_id", sa.String(64), primary_key=True),
        sa.Column("load_date", sa.String(10), primary_key=True),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("map", sa.String(200), nullable=False),
        sa.Column("table_name", sa.String(64), nullable=False),
        sa.Column("file", sa.String(400), nullable=False),
        sa.Column("rows_read", sa.Integer, nullable=False),
        sa.Column("rows_landed", sa.Integer, nullable=False),
        sa.Column("rows_duplicate", sa.Integer, nullable=False),
        sa.Column("rows_quarantined", sa.Integer, nullable=False),
        sa.Column("by_reason", sa.JSON, nullable=False),
        sa.Column("unknown_codes", sa.JSON, nullable=False),
        sa.Column("first_event_date", sa.String(10)),
        sa.Column("last_event_date", sa.String(10)),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "gate_results",
        sa.Column("gate", sa.String(64), primary_key=True),
        sa.Column("day", sa.String(10), primary_key=True),
        sa.Column("suite", sa.String(100), primary_key=True),
        sa.Column("expectation", sa.String(300), primary_key=True),
        sa.Column("severity", sa.String(10), nullable=False),
        sa.Column("is_passed", sa.Boolean, nullable=False),
        sa.Column("observed", sa.JSON, nullable=False),
        sa.Column("examples", sa.JSON, nullable=False),
        sa.Column("notes", sa.Text, nullable=False),
        sa.Column("evaluated_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "step_outcomes",
        sa.Column("cycle", sa.String(64), primary_key=True),
        sa.Column("period", sa.String(10), primary_key=True),
        sa.Column("step", sa.String(100), primary_key=True),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("detail", sa.JSON, nullable=False),
    )
    op.create_table(
        "decision_records",
        sa.Column("cycle", sa.String(64), primary_key=True),
        sa.Column("period", sa.String(10), primary_key=True),
        sa.Column("seen", sa.JSON, nullable=False),
        sa.Column("decided", sa.Text, nullable=False),
        sa.Column("decided_by", sa.String(100), nullable=False),
        sa.Column("expected_effect", sa.Text, nullable=False),
        sa.Column("last_period_review", sa.Text, nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "load_gates",
        sa.Column("load_date", sa.String(10), primary_key=True),
        sa.Column("is_held", sa.Boolean, nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("batches", sa.JSON, nullable=False),
        sa.Column("gated_at", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    """Drop the tables."""
    for name in (
        "load_gates",
        "decision_records",
        "step_outcomes",
        "gate_results",
        "ingest_outcomes",
    ):
        op.drop_table(name)
