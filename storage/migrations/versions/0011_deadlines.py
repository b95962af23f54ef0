"""exceptions to deadlines, and the days off that a decree adds"""

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    pass
