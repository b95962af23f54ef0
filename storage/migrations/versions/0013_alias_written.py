"""other names of units, as they were written"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.add_column("unit_alias", sa.Column("written", sa.Text()))
    # How those of before were written is not known any more.
    op.execute("UPDATE unit_alias SET written = folded")
    with op.batch_alter_table("unit_alias") as unit_alias:
        unit_alias.alter_column("written", nullable=False)
