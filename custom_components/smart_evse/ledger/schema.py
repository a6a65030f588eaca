"""The tables: the records, which are the truth, and what is made of them so that it can be asked quickly.

Times are whole microseconds since 1970, energies whole Wh, money in billionths of the currency's unit: integers add up
to the same on every engine and in every order. Prices are text, exactly as they were told.
"""

from sqlalchemy import BigInteger, Column, Float, Index, Integer, MetaData, Table, Text

METADATA = MetaData()

# SQLite gives a row its number by itself only where the column is called INTEGER.
ROW_NUMBER = BigInteger().with_variant(Integer(), "sqlite")

RECORD = Table(
    "record",
    METADATA,
    Column("site", Text, primary_key=True),
    Column("epoch", BigInteger, primary_key=True, autoincrement=False),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("previous", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Index("record_by_subject", "site", "subject", "epoch", "sequence"),
)

PERSON = Table(
    "person",
    METADATA,
    Column("digest", Text, primary_key=True),
    Column("subject", Text, nullable=False),
    Column("owner", Text),
    Column("salt", Text, nullable=False),
    Column("body", Text, nullable=False),
    Index("person_by_subject", "subject"),
    Index("person_by_owner", "owner"),
)

PARTY = Table(
    "party",
    METADATA,
    Column("kind", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("driver", Text),
    Column("digest", Text),
    Column("gone", Text),  # removed or forgotten
    Column("at", Text, nullable=False),
    Column("site", Text, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("sequence", BigInteger, nullable=False),
)

SPLIT = ("energy_in", "energy_out", "from_sun", "from_battery", "from_grid", "unattributed")
"""Energies of an interval, a session, a month: Wh."""

WORTH = ("cost", "reference", "unpriced")
"""What it cost the site and what the grid alone would have cost, and the Wh nobody knows a price for."""


def _amounts() -> list[Column[int]]:
    return [Column(name, BigInteger, nullable=False) for name in (*SPLIT, *WORTH)]


SESSION = Table(
    "session",
    METADATA,
    Column("key", ROW_NUMBER, primary_key=True, autoincrement=True),
    Column("site", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("connector", Text, nullable=False),
    Column("started", BigInteger, nullable=False),
    Column("ended", BigInteger),
    Column("zone", Text, nullable=False),
    *_amounts(),
    Column("taken_start", Float(53)),
    Column("taken_stop", Float(53)),
    Column("given_start", Float(53)),
    Column("given_stop", Float(53)),
    Column("soc_start", Float(53)),
    Column("soc_stop", Float(53)),
    Column("odometer_start", Float(53)),
    Column("odometer_stop", Float(53)),
    Column("vehicle", Text),
    Column("driver", Text),
    Column("card", Text),
    Column("known_by", Text, nullable=False),
    Column("tariff", Text),
    Column("currency", Text),
    Column("marks", Text, nullable=False),
    Column("corrections", Integer, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Index("session_by_id", "site", "id", unique=True),
    Index("session_by_start", "site", "started"),
    Index("session_by_time", "started"),
    Index("session_by_driver", "site", "driver", "started"),
    Index("session_by_vehicle", "site", "vehicle", "started"),
    Index("session_by_connector", "site", "connector", "started"),
)

INTERVAL = Table(
    "session_interval",
    METADATA,
    Column("session", BigInteger, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("start_at", BigInteger, nullable=False),
    Column("end_at", BigInteger, nullable=False),
    *(Column(name, BigInteger, nullable=False) for name in SPLIT),
    Column("mean_power", Float(53)),
    Column("peak_power", Float(53)),
    Column("vehicle_energy", BigInteger),
    Column("import_price", Text),
    Column("export_price", Text),
    Column("co2", Float(53)),
    Column("battery_price", Text),
    Column("battery_sun", Float(53)),
    Column("demand", Float(53)),
    Column("driver", Text),
    Column("tariff", Text),
    Column("marks", Text, nullable=False),
    Column("cost", BigInteger),
    Column("reference", BigInteger),
    sqlite_with_rowid=False,
)

PART = Table(
    "session_part",
    METADATA,
    Column("session", BigInteger, primary_key=True, autoincrement=False),
    Column("driver", Text, primary_key=True),  # who took something in it and is not the session's own
    Column("site", Text, nullable=False),
    Column("started", BigInteger, nullable=False),
    Index("part_by_driver", "site", "driver", "started"),
    sqlite_with_rowid=False,
)

TOTAL = Table(
    "total",
    METADATA,
    Column("site", Text, primary_key=True),
    Column("scope", Text, primary_key=True),  # whose: the whole site's, a driver's, each one's of all three
    Column("span", Text, primary_key=True),  # a month, 2026-03, or a year, 2026
    Column("driver", Text, primary_key=True),  # empty where nobody is known or all are meant, here and below
    Column("vehicle", Text, primary_key=True),
    Column("connector", Text, primary_key=True),
    Column("currency", Text, primary_key=True),
    Column("sessions", BigInteger, nullable=False),
    *_amounts(),
    sqlite_with_rowid=False,
)

PERIOD = Table(
    "period",
    METADATA,
    Column("site", Text, primary_key=True),
    Column("span", Text, primary_key=True),
    Column("at", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Column("totals", Text, nullable=False),
)

NUMBER = Table(
    "document_number",
    METADATA,
    Column("issuer", Text, primary_key=True),
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("site", Text, primary_key=True),
    Column("epoch", BigInteger, nullable=False),
    Column("sequence", BigInteger, nullable=False),
)

SIGNED_VALUE = Table(
    "signed_value",
    METADATA,
    Column("site", Text, primary_key=True),
    Column("epoch", BigInteger, primary_key=True, autoincrement=False),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("session", Text, nullable=False),
    Column("meter", Text),
    Column("at", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("text_hash", Text, nullable=False),  # of the signature, too: nobody can guess a card from it
    Index("signed_value_by_session", "site", "session"),
    Index("signed_value_by_text", "site", "text_hash"),
)

METER_KEY = Table(
    "meter_key",
    METADATA,
    Column("site", Text, primary_key=True),
    Column("meter", Text, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),  # in the order in which they were met
    Column("key", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("at", Text, nullable=False),
)

STATEMENT = Table(
    "statement",
    METADATA,
    Column("site", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("number", Text),
    Column("kind", Text, nullable=False),
    Column("preset", Text, nullable=False),
    Column("method", Text),
    Column("driver", Text),
    Column("vehicle", Text),
    Column("currency", Text, nullable=False),
    Column("since_at", BigInteger, nullable=False),
    Column("until_at", BigInteger, nullable=False),
    Column("made_on", Text, nullable=False),
    Column("due_on", Text),
    *(Column(name, BigInteger, nullable=False) for name in ("energy", "net", "total", "received", "open")),
    Column("state", Text, nullable=False),
    Column("sent_at", BigInteger),
    Column("paid_at", BigInteger),
    Column("corrects", Text),
    Column("credit_note", Text),
    Column("epoch", BigInteger, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Index("statement_by_driver", "site", "driver"),
)

STATEMENT_PART = Table(
    "statement_part",
    METADATA,
    Column("site", Text, primary_key=True),
    Column("statement", Text, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("session", Text, nullable=False),
    Column("driver", Text),
    *(Column(name, BigInteger, nullable=False) for name in ("start_at", "end_at", "energy", "gross")),
    Column("claim", Text),  # what it may stand on only once
    Index("statement_part_by_session", "site", "session"),
)

OPEN_STATE = Table(
    "open_state",
    METADATA,
    Column("site", Text, primary_key=True),
    Column("connector", Text, primary_key=True),
    Column("session", Text),
    Column("body", Text, nullable=False),
)

OPEN_INTERVAL = Table(
    "open_interval",
    METADATA,
    Column("site", Text, primary_key=True),
    Column("session", Text, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("body", Text, nullable=False),
)

OUTBOX = Table(
    "outbox",
    METADATA,
    Column("replica", Text, primary_key=True),
    Column("site", Text, primary_key=True),
    Column("epoch", BigInteger, nullable=False),
    Column("sequence", BigInteger, nullable=False),
)

CONFLICT = Table(
    "conflict",
    METADATA,
    Column("site", Text, primary_key=True),
    Column("epoch", BigInteger, primary_key=True, autoincrement=False),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("ours", Text, nullable=False),
    Column("theirs", Text, nullable=False),
)

MARKER = Table(
    "marker",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
