-- Who accepted whom, since when, and by which request; a relationship that was ended can be accepted again.
ALTER TABLE relationships ADD COLUMN request_id TEXT;
ALTER TABLE relationships ADD COLUMN accepted_at TIMESTAMP;
ALTER TABLE relationships ADD COLUMN ended_at TIMESTAMP;
ALTER TABLE relationships ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
CREATE INDEX relationships_of_customer ON relationships (customer_id, id);

-- An organisation is asked to accept one partner, or a reseller and its provider at once. Its link is kept only as a
-- digest. A request whose time is over stays `requested`: whoever reads it compares the instants.
CREATE TABLE relationship_requests (
    id TEXT PRIMARY KEY,
    partner_id TEXT NOT NULL,
    -- The organisation's record: from the beginning where it was known, else made when it accepts.
    customer_id TEXT,
    organization TEXT NOT NULL,
    include_mca BOOLEAN NOT NULL,
    send_mail BOOLEAN NOT NULL,
    needs_code BOOLEAN NOT NULL,
    digest TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL CHECK (state IN ('requested', 'accepted', 'declined', 'withdrawn')),
    expires_at TIMESTAMP NOT NULL,
    expiry_told BOOLEAN NOT NULL,
    version BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    answered_at TIMESTAMP,
    -- Who answered, from which address and with which browser (CUS-06).
    answered_by TEXT,
    source_address TEXT,
    user_agent TEXT
);

CREATE INDEX relationship_requests_running_out ON relationship_requests (state, expiry_told, expires_at, id);

-- Whom a request asks to accept: each party's acceptance is on record by itself.
CREATE TABLE relationship_request_parties (
    id TEXT PRIMARY KEY,
    request_id TEXT NOT NULL,
    partner_id TEXT NOT NULL,
    relationship_id TEXT,
    accepted_at TIMESTAMP,
    UNIQUE (request_id, partner_id)
);
CREATE INDEX relationship_request_parties_of_partner ON relationship_request_parties (partner_id, request_id);

-- The codes mailed to an organisation's contact. Kept as a keyed digest: six digits are soon guessed otherwise.
CREATE TABLE acceptance_codes (
    id TEXT PRIMARY KEY,
    request_id TEXT NOT NULL,
    recipient TEXT NOT NULL,
    digest TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    used_at TIMESTAMP
);
CREATE INDEX acceptance_codes_of_request ON acceptance_codes (request_id, id);
CREATE INDEX acceptance_codes_to ON acceptance_codes (recipient, created_at);
