-- What is on record is neither changed nor deleted.

CREATE FUNCTION smart_evse_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$;

CREATE TRIGGER record_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON record
FOR EACH STATEMENT EXECUTE FUNCTION smart_evse_append_only();

CREATE TRIGGER period_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON period
FOR EACH STATEMENT EXECUTE FUNCTION smart_evse_append_only();

CREATE TRIGGER number_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON document_number
FOR EACH STATEMENT EXECUTE FUNCTION smart_evse_append_only();
