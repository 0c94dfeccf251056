"""What was published when: numbers, restatements, the files and hashes of each version."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "metric_points",
        sa.Column("grain", sa.String(8), primary_key=True),
        sa.Column("period", sa.String(10), primary_key=True),
        sa.Column("metric", sa.String(100), primary_key=True),
        sa.Column("dims", sa.String(300), primary_key=True),
        sa.Column("snapshot_id", sa.String(40), primary_key=True),
        sa.Column("version", sa.String(16), nullable=False),
        sa.Column("as_of", sa.String(10), nullable=False),
        sa.Column("k", sa.Float),
        sa.Column("n", sa.BigInteger),
        sa.Column("value", sa.Float),
        sa.Column("low", sa.Float),
        sa.Column("high", sa.Float),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("sql_hash", sa.String(16), nullable=False),
    )
    op.create_table(
        "metric_restatements",
        sa.Column("restatement_id", sa.String(32), primary_key=True),
        sa.Column("metric", sa.String(100), nullable=False),
        sa.Column("grain", sa.String(8), nullable=False),
        sa.Column("period", sa.String(10), nullable=False),
        sa.Column("dims", sa.String(300), nullable=False),
        sa.Column("old_k", sa.Float),
        sa.Column("old_n", sa.BigInteger),
        sa.Column("old_value", sa.Float),
        sa.Column("new_k", sa.Float),
        sa.Column("new_n", sa.BigInteger),
        sa.Column("new_value", sa.Float),
        sa.Column("old_as_of", sa.String(10), nullable=False),
        sa.Column("new_as_of", sa.String(10), nullable=False),
        sa.Column("old_snapshot_id", sa.String(40), nullable=False),
        sa.Column("new_snapshot_id", sa.String(40), nullable=False),
        sa.Column("cause", sa.String(20), nullable=False),
        sa.Column("detail", sa.JSON, nullable=False),
        sa.Column("restated_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "publications",
        sa.Column("snapshot_id", sa.String(40), primary_key=True),
        sa.Column("cycle", sa.String(10), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("company", sa.JSON, nullable=False),
        sa.Column("language", sa.JSON, nullable=False),
        sa.Column("definitions", sa.String(16), nullable=False),
        sa.Column("hashes", sa.JSON, nullable=False),
    )
    op.create_index("ix_publications_day", "publications", ["day"])
    op.create_table(
        "published_files",
        sa.Column("file", sa.String(400), primary_key=True),
        sa.Column("snapshot_id", sa.String(40), primary_key=True),
        sa.Column("is_present", sa.Boolean, nullable=False),
    )


def downgrade() -> None:
    """Drop the tables."""
    op.drop_table("published_files")
    op.drop_table("publications")
    op.drop_table("metric_restatements")
    op.drop_table("metric_points")
