"""What meters sign, and the keys they are known by."""

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, Text

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "signed_value",
        Column("site", Text, primary_key=True),
        *(Column(name, BigInteger, primary_key=True, autoincrement=False) for name in ("epoch", "sequence")),
        Column("session", Text, nullable=False),
        Column("meter", Text),
        *(Column(name, Text, nullable=False) for name in ("at", "digest", "text_hash")),
    )
    op.create_index("signed_value_by_session", "signed_value", ["site", "session"])
    op.create_index("signed_value_by_text", "signed_value", ["site", "text_hash"])
    op.create_table(
        "meter_key",
        *(Column(name, Text, primary_key=True) for name in ("site", "meter")),
        Column("number", Integer, primary_key=True, autoincrement=False),
        *(Column(name, Text, nullable=False) for name in ("key", "state", "at")),
    )
