-- What the sealer makes of the ledgers, after their transactions have committed (PLT-06). A trigger notes each new row;
-- the sealer takes the notes away. So a row whose transaction commits late is never skipped, and the transaction itself
-- waits for nobody.

ALTER TABLE audit_records ADD COLUMN outcome TEXT NOT NULL DEFAULT 'done' CHECK (outcome IN ('done', 'refused'));
ALTER TABLE audit_records ADD COLUMN code TEXT;
ALTER TABLE audit_records ADD COLUMN times BIGINT NOT NULL DEFAULT 1;
ALTER TABLE audit_records ADD COLUMN token_id TEXT NOT NULL DEFAULT '';

CREATE TABLE unsealed_records (seq BIGINT PRIMARY KEY);
INSERT INTO unsealed_records SELECT seq FROM audit_records;
CREATE TABLE unplaced_events (seq BIGINT PRIMARY KEY);
INSERT INTO unplaced_events SELECT seq FROM events;

CREATE TABLE event_positions (
    position BIGINT PRIMARY KEY,
    event_seq BIGINT NOT NULL UNIQUE,
    event_id TEXT NOT NULL UNIQUE,
    topic TEXT NOT NULL,
    partner_id TEXT,
    partner_of_record_id TEXT,
    customer_id TEXT
);
CREATE INDEX event_positions_of_partner ON event_positions (partner_id, position);
CREATE INDEX event_positions_of_record ON event_positions (partner_of_record_id, position);

-- Signs the heads of the chain; sealed under the data keys.
CREATE TABLE audit_keys (
    id TEXT PRIMARY KEY,
    sealed TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);

CREATE TABLE audit_seals (
    number BIGINT PRIMARY KEY,
    sealed_at TIMESTAMP NOT NULL,
    first_position BIGINT NOT NULL,
    last_position BIGINT NOT NULL,
    previous TEXT NOT NULL,
    digest TEXT NOT NULL,
    key_id TEXT NOT NULL,
    signature TEXT NOT NULL
);

CREATE TABLE audit_links (
    position BIGINT PRIMARY KEY,
    seal BIGINT NOT NULL,
    record_seq BIGINT NOT NULL UNIQUE,
    record_id TEXT NOT NULL,
    digest TEXT NOT NULL,
    partner_id TEXT,
    object_id TEXT
);
CREATE INDEX audit_links_of ON audit_links (partner_id, position);
CREATE INDEX audit_links_about ON audit_links (object_id, position);

CREATE TRIGGER audit_records_to_seal AFTER INSERT ON audit_records
BEGIN INSERT INTO unsealed_records VALUES (NEW.seq); END;

CREATE TRIGGER events_to_place AFTER INSERT ON events
BEGIN INSERT INTO unplaced_events VALUES (NEW.seq); END;

CREATE TRIGGER event_positions_no_update BEFORE UPDATE ON event_positions
BEGIN SELECT RAISE(ABORT, 'event_positions is append-only'); END;

CREATE TRIGGER event_positions_no_delete BEFORE DELETE ON event_positions
BEGIN SELECT RAISE(ABORT, 'event_positions is append-only'); END;

CREATE TRIGGER audit_keys_no_update BEFORE UPDATE ON audit_keys
BEGIN SELECT RAISE(ABORT, 'audit_keys is append-only'); END;

CREATE TRIGGER audit_keys_no_delete BEFORE DELETE ON audit_keys
BEGIN SELECT RAISE(ABORT, 'audit_keys is append-only'); END;

CREATE TRIGGER audit_seals_no_update BEFORE UPDATE ON audit_seals
BEGIN SELECT RAISE(ABORT, 'audit_seals is append-only'); END;

CREATE TRIGGER audit_seals_no_delete BEFORE DELETE ON audit_seals
BEGIN SELECT RAISE(ABORT, 'audit_seals is append-only'); END;

CREATE TRIGGER audit_links_no_update BEFORE UPDATE ON audit_links
BEGIN SELECT RAISE(ABORT, 'audit_links is append-only'); END;

CREATE TRIGGER audit_links_no_delete BEFORE DELETE ON audit_links
BEGIN SELECT RAISE(ABORT, 'audit_links is append-only'); END;
