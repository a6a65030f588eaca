"""Who took something in a session of somebody else's."""

from alembic import op
from sqlalchemy import BigInteger, Column, Text

revision = "0002"
down_revision = "0001"

_KNOWN = """
INSERT INTO session_part (session, driver, site, started)
SELECT DISTINCT s.key, i.driver, s.site, s.started
FROM session_interval i JOIN session s ON s.key = i.session
WHERE i.driver IS NOT NULL AND i.driver <> COALESCE(s.driver, '')
"""


def upgrade() -> None:
    op.create_table(
        "session_part",
        Column("session", BigInteger, primary_key=True, autoincrement=False),
        Column("driver", Text, primary_key=True),
        Column("site", Text, nullable=False),
        Column("started", BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("part_by_driver", "session_part", ["site", "driver", "started"])
    op.execute(_KNOWN)
