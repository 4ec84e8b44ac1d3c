"""Which keys are trusted is configuration: who can write a table could add one there.

What a record says has changed with the book, so what was sealed before a first release is sealed anew.
"""

import sqlalchemy as sa
from alembic import op

revision = "points_seal_keys"
down_revision = "points_fold"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DELETE FROM seal")
    op.drop_column("seal", "public_key")


def downgrade() -> None:
    op.add_column("seal", sa.Column("public_key", sa.Text(), server_default="", nullable=False))
