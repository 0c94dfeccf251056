"""Erasures: keyed hashes of keys that may not land again, and the proof of each erasure."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

REFUSAL = "erasures are append-only"


def upgrade() -> None:
    """Create both tables and the guard of the proof."""
    op.create_table(
        "erased_keys",
        sa.Column("key_hash", sa.String(32), primary_key=True),
        sa.Column("kind", sa.String(64), nullable=False),
        sa.Column("erasure_id", sa.String(32), nullable=False),
    )
    op.create_index("ix_erased_keys_erasure_id", "erased_keys", ["erasure_id"])
    op.create_table(
        "erasures",
        sa.Column("erasure_id", sa.String(32), primary_key=True),
        sa.Column("asked_for", sa.String(10), nullable=False),
        sa.Column("asked_by", sa.String(100), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed", sa.JSON, nullable=False),
        sa.Column("notes", sa.JSON, nullable=False),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "create function refuse_erasure_change() returns trigger language plpgsql as "
            f"$$ begin raise exception '{REFUSAL}'; end $$"
        )
        op.execute(
            "create trigger erasures_append_only before update or delete on erasures "
            "for each row execute function refuse_erasure_change()"
        )
        return
    for change in ("update", "delete"):
        op.execute(
            f"create trigger erasures_no_{change} before {change} on erasures "
            f"begin select raise(abort, '{REFUSAL}'); end"
        )


def downgrade() -> None:
    """Drop the tables; indexes and triggers go with them."""
    op.drop_table("erasures")
    op.drop_table("erased_keys")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("drop function refuse_erasure_change()")
