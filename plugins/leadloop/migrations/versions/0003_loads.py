"""Loads: where a file came from, which refused rows were taken in later, the truth of each load."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

ADDED = {"content_hash": sa.String(64), "file_path": sa.Text(), "retry_of": sa.String(64)}


def upgrade() -> None:
    """Create the tables and add what a retry needs to know of a file."""
    for name, kind in ADDED.items():
        op.add_column("ingest_outcomes", sa.Column(name, kind))
    op.create_table(
        "quarantine_retries",
        sa.Column("batch_id", sa.String(64), primary_key=True),
        sa.Column("source_line", sa.Integer, primary_key=True),
        sa.Column("source_part", sa.Integer, primary_key=True),
        sa.Column("became", sa.String(10), nullable=False),
        sa.Column("landed_batch_id", sa.String(64), nullable=False),
        sa.Column("retried_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "load_outcomes",
        sa.Column("source", sa.String(200), primary_key=True),
        sa.Column("table_name", sa.String(64), primary_key=True),
        sa.Column("load_date", sa.String(10), primary_key=True),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("files", sa.Integer, nullable=False),
        sa.Column("rows_read", sa.Integer, nullable=False),
        sa.Column("rows_landed", sa.Integer, nullable=False),
        sa.Column("rows_duplicate", sa.Integer, nullable=False),
        sa.Column("rows_quarantined", sa.Integer, nullable=False),
        sa.Column("by_reason", sa.JSON, nullable=False),
        sa.Column("newest_event_at", sa.DateTime(timezone=True)),
        sa.Column("dated_rows", sa.Integer, nullable=False),
        sa.Column("late_rows", sa.Integer, nullable=False),
        sa.Column("coded_rows", sa.Integer, nullable=False),
        sa.Column("unknown_codes", sa.JSON, nullable=False),
        sa.Column("volume", sa.JSON, nullable=False),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    """Drop the tables and the columns."""
    op.drop_table("load_outcomes")
    op.drop_table("quarantine_retries")
    for name in ADDED:
        op.drop_column("ingest_outcomes", name)
