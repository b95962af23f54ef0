"""people: approval, leave and stand-ins, invitations that are taken back"""

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    pass
