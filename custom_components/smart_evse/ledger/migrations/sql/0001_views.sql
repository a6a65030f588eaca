-- What people read with SQL tools: times as times, energies in kWh, money in the currency's unit, prices for a kWh.
-- Tables may change from one release to the next, these keep their columns.
-- TIME(column) and TEXT(column, key) stand for what SQLite and PostgreSQL say differently.

CREATE VIEW v_session AS
SELECT s.site, s.id AS session, s.connector, TIME(s.started) AS started, TIME(s.ended) AS ended, s.zone,
  s.driver, s.vehicle, s.card, s.known_by, s.tariff, s.currency,
  s.energy_in * 0.001 AS energy_in_kwh, s.energy_out * 0.001 AS energy_out_kwh,
  s.from_sun * 0.001 AS from_sun_kwh, s.from_battery * 0.001 AS from_battery_kwh,
  s.from_grid * 0.001 AS from_grid_kwh, s.unattributed * 0.001 AS unattributed_kwh,
  s.cost * 0.000000001 AS cost, s.reference * 0.000000001 AS reference, s.unpriced * 0.001 AS unpriced_kwh,
  s.soc_start, s.soc_stop, s.odometer_start, s.odometer_stop, s.marks, s.corrections
FROM session s;

CREATE VIEW v_interval AS
SELECT s.site, s.id AS session, i.number, s.connector, COALESCE(i.driver, s.driver) AS driver, s.vehicle,
  COALESCE(i.tariff, s.tariff) AS tariff, s.currency, TIME(i.start_at) AS started, TIME(i.end_at) AS ended,
  i.energy_in * 0.001 AS energy_in_kwh, i.energy_out * 0.001 AS energy_out_kwh,
  i.from_sun * 0.001 AS from_sun_kwh, i.from_battery * 0.001 AS from_battery_kwh,
  i.from_grid * 0.001 AS from_grid_kwh, i.unattributed * 0.001 AS unattributed_kwh,
  i.mean_power AS mean_power_w, i.peak_power AS peak_power_w, i.vehicle_energy * 0.001 AS vehicle_energy_kwh,
  CAST(i.import_price AS NUMERIC) AS import_price, CAST(i.export_price AS NUMERIC) AS export_price,
  CAST(i.battery_price AS NUMERIC) AS battery_price, i.battery_sun, i.co2 AS co2_g_per_kwh,
  i.cost * 0.000000001 AS cost, i.reference * 0.000000001 AS reference, i.marks
FROM session_interval i JOIN session s ON s.key = i.session;

CREATE VIEW v_month AS
SELECT t.site, t.span AS month, NULLIF(t.driver, '') AS driver, NULLIF(t.vehicle, '') AS vehicle, t.connector,
  NULLIF(t.currency, '') AS currency, t.sessions,
  t.energy_in * 0.001 AS energy_in_kwh, t.energy_out * 0.001 AS energy_out_kwh,
  t.from_sun * 0.001 AS from_sun_kwh, t.from_battery * 0.001 AS from_battery_kwh,
  t.from_grid * 0.001 AS from_grid_kwh, t.unattributed * 0.001 AS unattributed_kwh,
  t.cost * 0.000000001 AS cost, t.reference * 0.000000001 AS reference, t.unpriced * 0.001 AS unpriced_kwh
FROM total t WHERE t.scope = 'each' AND length(t.span) = 7 AND t.sessions + t.energy_in + t.energy_out > 0;

CREATE VIEW v_year AS
SELECT t.site, t.span AS year, NULLIF(t.driver, '') AS driver, NULLIF(t.vehicle, '') AS vehicle, t.connector,
  NULLIF(t.currency, '') AS currency, t.sessions,
  t.energy_in * 0.001 AS energy_in_kwh, t.energy_out * 0.001 AS energy_out_kwh,
  t.from_sun * 0.001 AS from_sun_kwh, t.from_battery * 0.001 AS from_battery_kwh,
  t.from_grid * 0.001 AS from_grid_kwh, t.unattributed * 0.001 AS unattributed_kwh,
  t.cost * 0.000000001 AS cost, t.reference * 0.000000001 AS reference, t.unpriced * 0.001 AS unpriced_kwh
FROM total t WHERE t.scope = 'each' AND length(t.span) = 4 AND t.sessions + t.energy_in + t.energy_out > 0;

CREATE VIEW v_driver AS
SELECT p.id AS driver, TEXT(q.body, name) AS name, TEXT(q.body, role) AS role, p.gone, p.site
FROM party p LEFT JOIN person q ON q.digest = p.digest WHERE p.kind = 'driver';

CREATE VIEW v_period AS
SELECT p.site, p.span, p.at, p.hash, p.totals FROM period p;

CREATE VIEW v_document AS
SELECT n.issuer, n.year, n.number, n.site, r.at, r.kind, r.subject, r.body
FROM document_number n JOIN record r ON r.site = n.site AND r.epoch = n.epoch AND r.sequence = n.sequence;

CREATE VIEW v_record AS
SELECT r.site, r.epoch, r.sequence, r.kind, r.at, r.subject, r.body, r.previous, r.hash FROM record r;
