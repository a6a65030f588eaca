"""What people read with SQL tools: times as times, energies in kWh, money in the currency's unit.

The tables may change from one release to the next, the views keep their columns.
"""

# ruff: noqa: S608 - the names are ours, nobody types them
from alembic import op

_WORDS = {
    "sqlite": {
        "time": "strftime('%Y-%m-%dT%H:%M:%fZ', {0} / 1000000.0, 'unixepoch')",
        "number": "CAST({0} AS REAL)",
        "text": "json_extract({0}, '$.{1}')",
    },
    "postgresql": {
        "time": "to_timestamp({0} / 1000000.0)",
        "number": "CAST({0} AS NUMERIC)",
        "text": "CAST({0} AS JSON) ->> '{1}'",
    },
}

_SPLIT = ("energy_in", "energy_out", "from_sun", "from_battery", "from_grid", "unattributed")


def create_views() -> None:
    words = _WORDS[op.get_bind().dialect.name]
    for name, statement in _views(words).items():
        op.execute(f"CREATE VIEW {name} AS {statement}")


def _kwh(table: str, words: dict[str, str], names: tuple[str, ...] = _SPLIT) -> str:
    return ", ".join(f"{words['number'].format(f'{table}.{name}')} / 1000 AS {name}_kwh" for name in names)


def _money(table: str, words: dict[str, str]) -> str:
    names = ("cost", "reference")
    return ", ".join(f"{words['number'].format(f'{table}.{name}')} / 1000000000 AS {name}" for name in names)


def _views(words: dict[str, str]) -> dict[str, str]:
    time, number, text = (words[name] for name in ("time", "number", "text"))
    started, ended = time.format("s.started"), time.format("s.ended")
    totals = f"""
        SELECT t.site, t.span AS {{span}}, NULLIF(t.driver, '') AS driver, NULLIF(t.vehicle, '') AS vehicle,
          t.connector, NULLIF(t.currency, '') AS currency, t.sessions, {_kwh("t", words)}, {_money("t", words)},
          {number.format("t.unpriced")} / 1000 AS unpriced_kwh
        FROM total t WHERE length(t.span) = {{length}} AND t.sessions + t.energy_in + t.energy_out > 0
        """
    return {
        "v_session": f"""
        SELECT s.site, s.id AS session, s.connector, {started} AS started, {ended} AS ended, s.zone, s.driver,
          s.vehicle, s.card, s.known_by, s.tariff, s.currency, {_kwh("s", words)}, {_money("s", words)},
          {number.format("s.unpriced")} / 1000 AS unpriced_kwh, s.soc_start, s.soc_stop, s.odometer_start,
          s.odometer_stop, s.marks, s.corrections
        FROM session s
        """,
        "v_interval": f"""
        SELECT s.site, s.id AS session, s.connector, s.driver, s.vehicle, s.currency,
          {time.format("i.start_at")} AS started, {time.format("i.end_at")} AS ended, {_kwh("i", words)},
          i.mean_power AS mean_power_w, i.peak_power AS peak_power_w,
          {number.format("i.import_price")} AS import_price, {number.format("i.export_price")} AS export_price,
          i.co2 AS co2_g_per_kwh, {_money("i", words)}, i.marks
        FROM session_interval i JOIN session s ON s.key = i.session
        """,
        "v_month": totals.format(span="month", length=7),
        "v_year": totals.format(span="year", length=4),
        "v_driver": f"""
        SELECT p.id AS driver, {text.format("q.body", "name")} AS name, {text.format("q.body", "role")} AS role,
          p.gone, p.site
        FROM party p LEFT JOIN person q ON q.digest = p.digest WHERE p.kind = 'driver'
        """,
        "v_record": """
        SELECT site, epoch, sequence, kind, at, subject, body, previous, hash FROM record
        """,
        "v_document": """
        SELECT n.issuer, n.year, n.number, n.site, r.at, r.kind, r.subject, r.body
        FROM document_number n JOIN record r ON r.site = n.site AND r.epoch = n.epoch AND r.sequence = n.sequence
        """,
    }
