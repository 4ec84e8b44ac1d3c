"""The check of a statement's entries finds each by its own key, never by all of its community's.

On a book that has grown since it was last analysed, two indexes were put together for each entry: one for the transfer,
and one for every transfer of the community.
"""

from alembic import op

revision = "points_entry_check"
down_revision = "points_seal_keys"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER FUNCTION entries_balance() SET enable_bitmapscan = off")


def downgrade() -> None:
    op.execute("ALTER FUNCTION entries_balance() RESET enable_bitmapscan")
