"""Statements: how each stands, and which energy is on it."""

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, Text

revision = "0004"
down_revision = "0003"

# What the two engines say differently in a view.
_TIME = {
    "sqlite": "strftime('%Y-%m-%dT%H:%M:%fZ', {0} / 1000000.0, 'unixepoch')",
    "postgresql": "to_timestamp({0} / 1000000.0)",
}

_VIEW = """
CREATE VIEW v_statement AS
SELECT s.site, s.id AS statement, s.number, s.kind, s.preset, s.method, s.driver, s.vehicle, s.state, s.currency,
  {since} AS since, {until} AS until, s.made_on, s.due_on, s.energy * 0.001 AS energy_kwh,
  s.net * 0.000000001 AS net, s.total * 0.000000001 AS total, s.received * 0.000000001 AS received,
  s.open * 0.000000001 AS open, {sent} AS sent, {paid} AS paid, s.corrects, s.credit_note
FROM statement s
"""


def upgrade() -> None:
    op.create_table(
        "statement",
        *(Column(name, Text, primary_key=True) for name in ("site", "id")),
        Column("number", Text),
        *_text("kind", "preset"),
        *(Column(name, Text) for name in ("method", "driver", "vehicle")),
        *_text("currency"),
        *_number("since_at", "until_at"),
        *_text("made_on"),
        Column("due_on", Text),
        *_number("energy", "net", "total", "received", "open"),
        *_text("state"),
        *(Column(name, BigInteger) for name in ("sent_at", "paid_at")),
        *(Column(name, Text) for name in ("corrects", "credit_note")),
        *_number("epoch", "sequence"),
    )
    op.create_index("statement_by_driver", "statement", ["site", "driver"])
    op.create_table(
        "statement_part",
        *(Column(name, Text, primary_key=True) for name in ("site", "statement")),
        Column("number", Integer, primary_key=True, autoincrement=False),
        *_text("session"),
        Column("driver", Text),
        *_number("start_at", "end_at", "energy", "gross"),
        Column("claim", Text),
    )
    op.create_index("statement_part_by_session", "statement_part", ["site", "session"])
    time = _TIME[op.get_bind().dialect.name]
    told = {name: time.format(f"s.{name}_at") for name in ("since", "until", "sent", "paid")}
    statement = _VIEW.format(**told)
    op.get_bind().exec_driver_sql(statement.replace("%", "%%") if "to_timestamp" in time else statement)


def _text(*names: str) -> list[Column[str]]:
    return [Column(name, Text, nullable=False) for name in names]


def _number(*names: str) -> list[Column[int]]:
    return [Column(name, BigInteger, nullable=False) for name in names]
