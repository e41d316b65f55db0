"""Snapshots note the files they were made from beside their content, which is the same for the same rows in any order."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "snapshot",
        sa.Column(
            "dataset_hash",
            sa.Text(),
            server_default="",
            nullable=False,
            comment="SHA-256 over the files of the dataset it was made from; no part of the content",
        ),
    )
    # The contents of earlier snapshots stay as they are, with the hash in them: their own hash is over all of it.
    op.execute("ALTER TABLE snapshot DISABLE TRIGGER snapshot_is_final")
    op.execute("UPDATE snapshot SET dataset_hash = content ->> 'dataset_hash' WHERE content ? 'dataset_hash'")
    op.execute("ALTER TABLE snapshot ENABLE TRIGGER snapshot_is_final")
    op.alter_column("snapshot", "dataset_hash", server_default=None)


def downgrade() -> None:
    op.drop_column("snapshot", "dataset_hash")
