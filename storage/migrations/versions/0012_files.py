"""signed links to files, and a month's word of what was received"""

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    pass
