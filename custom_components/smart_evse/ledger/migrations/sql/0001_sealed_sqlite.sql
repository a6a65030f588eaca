-- What is on record is neither changed nor deleted.

CREATE TRIGGER record_keeps BEFORE UPDATE ON record BEGIN SELECT RAISE(ABORT, 'record is append-only'); END;

CREATE TRIGGER record_stays BEFORE DELETE ON record BEGIN SELECT RAISE(ABORT, 'record is append-only'); END;

CREATE TRIGGER period_keeps BEFORE UPDATE ON period BEGIN SELECT RAISE(ABORT, 'period is append-only'); END;

CREATE TRIGGER period_stays BEFORE DELETE ON period BEGIN SELECT RAISE(ABORT, 'period is append-only'); END;

CREATE TRIGGER number_keeps BEFORE UPDATE ON document_number
BEGIN SELECT RAISE(ABORT, 'document_number is append-only'); END;

CREATE TRIGGER number_stays BEFORE DELETE ON document_number
BEGIN SELECT RAISE(ABORT, 'document_number is append-only'); END;
