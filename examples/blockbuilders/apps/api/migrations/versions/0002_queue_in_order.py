"""The queue is read in its order"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # While it is built people go on asking for backtests.
    with op.get_context().autocommit_block():
        op.execute("create index concurrently backtests_queue on backtests (asked_at, id) where state = 'queued'")


def downgrade() -> None:
    with op.get_context().autocommit_block():
        op.execute("drop index concurrently backtests_queue")
