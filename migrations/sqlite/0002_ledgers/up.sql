-- What happened, in the order in which it came to be. Append-only: the database itself refuses a change.

CREATE TABLE audit_records (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
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
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
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

CREATE TRIGGER audit_records_no_update BEFORE UPDATE ON audit_records
BEGIN SELECT RAISE(ABORT, 'audit_records is append-only'); END;

CREATE TRIGGER audit_records_no_delete BEFORE DELETE ON audit_records
BEGIN SELECT RAISE(ABORT, 'audit_records is append-only'); END;

CREATE TRIGGER events_no_update BEFORE UPDATE ON events
BEGIN SELECT RAISE(ABORT, 'events is append-only'); END;

CREATE TRIGGER events_no_delete BEFORE DELETE ON events
BEGIN SELECT RAISE(ABORT, 'events is append-only'); END;
