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

CREATE FUNCTION note_unsealed_record() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN INSERT INTO unsealed_records VALUES (NEW.seq); RETURN NULL; END $$;
CREATE TRIGGER audit_records_to_seal AFTER INSERT ON audit_records
FOR EACH ROW EXECUTE FUNCTION note_unsealed_record();

CREATE FUNCTION note_unplaced_event() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN INSERT INTO unplaced_events VALUES (NEW.seq); RETURN NULL; END $$;
CREATE TRIGGER events_to_place AFTER INSERT ON events
FOR EACH ROW EXECUTE FUNCTION note_unplaced_event();

CREATE TRIGGER event_positions_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON event_positions
FOR EACH STATEMENT EXECUTE FUNCTION append_only();

CREATE TRIGGER audit_keys_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_keys
FOR EACH STATEMENT EXECUTE FUNCTION append_only();

CREATE TRIGGER audit_seals_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_seals
FOR EACH STATEMENT EXECUTE FUNCTION append_only();

CREATE TRIGGER audit_links_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_links
FOR EACH STATEMENT EXECUTE FUNCTION append_only();
