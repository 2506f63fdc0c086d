"""Jobs whose owner died are found without reading the others"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade():
    # While it is built appraisals go on.
    with op.get_context().autocommit_block():
        op.execute("create index concurrently open_jobs on jobs (lease_until) where state = 'running'")


def downgrade():
    with op.get_context().autocommit_block():
        op.execute("drop index concurrently open_jobs")
