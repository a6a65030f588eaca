"""The first tables."""

from pathlib import Path
import re

from alembic import op
from sqlalchemy import BigInteger, Column, Float, Integer, Text

revision = "0001"
down_revision = None

_AMOUNTS = ("energy_in", "energy_out", "from_sun", "from_battery", "from_grid", "unattributed")
_WORTH = ("cost", "reference", "unpriced")

_SCRIPTS = Path(__file__).parents[1] / "sql"

# What the two engines say differently in a view.
_WORDS = {
    "sqlite": (r"strftime('%Y-%m-%dT%H:%M:%fZ', \1 / 1000000.0, 'unixepoch')", r"json_extract(\1, '$.\2')"),
    "postgresql": (r"to_timestamp(\1 / 1000000.0)", r"(CAST(\1 AS json) ->> '\2')"),
}


def upgrade() -> None:
    _truth()
    _parties()
    _sessions()
    _sums()
    _unsealed()
    _replicas()
    dialect = op.get_bind().dialect.name
    _run(f"0001_sealed_{dialect}.sql", dialect)
    _run("0001_views.sql", dialect)


def _text(*names: str, empty: bool = False) -> list[Column[str]]:
    return [Column(name, Text, nullable=empty) for name in names]


def _key(*names: str) -> list[Column[str]]:
    return [Column(name, Text, primary_key=True) for name in names]


def _number(*names: str, key: bool = False, empty: bool = False) -> list[Column[int]]:
    return [Column(name, BigInteger, primary_key=key, autoincrement=False, nullable=empty) for name in names]


def _float(*names: str) -> list[Column[float]]:
    return [Column(name, Float(53)) for name in names]


def _truth() -> None:
    place = _number("epoch", "sequence", key=True)
    op.create_table("record", *_key("site"), *place, *_text("kind", "at", "subject", "body", "previous", "hash"))
    op.create_index("record_by_subject", "record", ["site", "subject", "epoch", "sequence"])


def _parties() -> None:
    op.create_table("person", *_key("digest"), *_text("subject"), *_text("owner", empty=True), *_text("salt", "body"))
    op.create_index("person_by_subject", "person", ["subject"])
    op.create_index("person_by_owner", "person", ["owner"])
    op.create_table(
        "party",
        *_key("kind", "id"),
        *_text("driver", "digest", "gone", empty=True),
        *_text("at", "site"),
        *_number("epoch", "sequence"),
    )


def _sessions() -> None:
    op.create_table(
        "session",
        Column("key", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=True),
        *_text("site", "id", "connector"),
        *_number("started"),
        *_number("ended", empty=True),
        *_text("zone"),
        *_number(*_AMOUNTS, *_WORTH),
        *_float(*(f"{name}_{end}" for name in ("taken", "given", "soc", "odometer") for end in ("start", "stop"))),
        *_text("vehicle", "driver", "card", empty=True),
        *_text("known_by"),
        *_text("tariff", "currency", empty=True),
        *_text("marks"),
        Column("corrections", Integer, nullable=False),
        *_number("epoch", "sequence"),
    )
    op.create_index("session_by_id", "session", ["site", "id"], unique=True)
    op.create_index("session_by_start", "session", ["site", "started"])
    op.create_index("session_by_time", "session", ["started"])
    for name in ("driver", "vehicle", "connector"):
        op.create_index(f"session_by_{name}", "session", ["site", name, "started"])
    op.create_table(
        "session_interval",
        *_number("session", key=True),
        Column("number", Integer, primary_key=True, autoincrement=False),
        *_number("start_at", "end_at", *_AMOUNTS),
        *_float("mean_power", "peak_power"),
        *_number("vehicle_energy", empty=True),
        *_text("import_price", "export_price", empty=True),
        *_float("co2"),
        *_text("battery_price", empty=True),
        *_float("battery_sun"),
        *_text("driver", "tariff", empty=True),
        *_text("marks"),
        *_number("cost", "reference", empty=True),
        sqlite_with_rowid=False,
    )


def _sums() -> None:
    keys = _key("site", "scope", "span", "driver", "vehicle", "connector", "currency")
    op.create_table("total", *keys, *_number("sessions", *_AMOUNTS, *_WORTH), sqlite_with_rowid=False)
    op.create_table("period", *_key("site", "span"), *_text("at", "hash", "totals"))
    op.create_table(
        "document_number",
        *_key("issuer"),
        Column("year", Integer, primary_key=True, autoincrement=False),
        Column("number", Integer, primary_key=True, autoincrement=False),
        *_key("site"),
        *_number("epoch", "sequence"),
    )


def _unsealed() -> None:
    op.create_table("open_state", *_key("site", "connector"), *_text("session", empty=True), *_text("body"))
    number = Column("number", Integer, primary_key=True, autoincrement=False)
    op.create_table("open_interval", *_key("site", "session"), number, *_text("body"))
    op.create_table("marker", *_key("name"), *_text("value"))


def _replicas() -> None:
    op.create_table("outbox", *_key("replica", "site"), *_number("epoch", "sequence"))
    place = _number("epoch", "sequence", key=True)
    op.create_table("conflict", *_key("site"), *place, *_text("ours", "theirs"))


def _run(script: str, dialect: str) -> None:
    """Run a file of statements that are parted by empty lines."""
    time, member = _WORDS[dialect]
    for part in (_SCRIPTS / script).read_text(encoding="utf-8").split("\n\n"):
        statement = re.sub(r"TEXT\(([\w.]+), (\w+)\)", member, re.sub(r"TIME\(([\w.]+)\)", time, part))
        if not statement.startswith("--"):
            op.get_bind().exec_driver_sql(statement.replace("%", "%%") if dialect == "postgresql" else statement)
