-- What happened, in the order in which it came to be. Append-only: the database itself refuses a change.

CREATE TABLE audit_records (
    seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    at TIMESTAMP NOT NULL,
    operation TEXT NOT NULL,
    client_id TEXT NOT NULL,
    partner_id TEXT,
    customer_id TEXT,
    object_kind TEXT,
    object_id TEXT,
    reason TEXT,
    request_id TEXT NOT NULL,
    source_address TEXT NOT NULL
);
CREATE INDEX audit_records_of ON audit_records (partner_id, seq);

CREATE TABLE events (
    seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    topic TEXT NOT NULL,
    partner_id TEXT,
    partner_of_record_id TEXT,
    customer_id TEXT,
    object_id TEXT NOT NULL,
    data TEXT NOT NULL,
    occurred_at TIMESTAMP NOT NULL,
    request_id TEXT NOT NULL
);
CREATE INDEX events_of ON events (partner_id, seq);

CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$;

CREATE TRIGGER audit_records_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_records
FOR EACH STATEMENT EXECUTE FUNCTION append_only();

CREATE TRIGGER events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON events
FOR EACH STATEMENT EXECUTE FUNCTION append_only();
