"""Migrations of the operations store, run by alembic without an ini file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlalchemy as sa

HEAD = "0006"
# Any number that no other program uses on the same database.
_LOCK = 5_126_004


def upgrade(engine: sa.Engine, revision: str = HEAD) -> None:
    """Bring the schema to a version (the newest); does nothing where it is already there."""
    import sqlalchemy as sa
    from alembic import command
    from alembic.config import Config

    # A read first: the usual case takes no lock and does not import the migrations.
    if sa.inspect(engine).has_table("alembic_version"):
        with engine.connect() as connection:
            if connection.scalar(sa.text("select version_num from alembic_version")) == revision:
                return
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            # Services of a team start together: the first migrates, the others find it done.
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
