-- Jobs: a lease says who does one until when, so that several replicas share the work and a killed one's is taken over.
-- The lane keeps one slow receiver from holding up the others. A dead job failed too often; an operator requeues it.
ALTER TABLE jobs ADD COLUMN lane TEXT NOT NULL DEFAULT '';
ALTER TABLE jobs ADD COLUMN attempts BIGINT NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN leased_until TIMESTAMP;
ALTER TABLE jobs ADD COLUMN last_error TEXT;
ALTER TABLE jobs ADD COLUMN dead_at TIMESTAMP;

-- For the purge of claims that nobody repeats any more (PLT-02).
CREATE INDEX idempotency_claims_by_age ON idempotency_claims (claimed_at);

CREATE TABLE webhook_endpoints (
    id TEXT PRIMARY KEY,
    -- The marketplace's own staff where there is none.
    partner_id TEXT REFERENCES partners (id),
    url TEXT NOT NULL,
    description TEXT,
    event_types TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('enabled', 'disabled', 'deleted')),
    disabled_because TEXT CHECK (disabled_because IN ('byCaller', 'gone', 'failing')),
    failing_since TIMESTAMP,
    version BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX webhook_endpoints_of ON webhook_endpoints (partner_id, id);

-- Two are live while a secret is rotated.
CREATE TABLE webhook_secrets (
    id TEXT PRIMARY KEY,
    endpoint_id TEXT NOT NULL,
    sealed TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP
);
CREATE INDEX webhook_secrets_of ON webhook_secrets (endpoint_id);

CREATE TABLE webhook_deliveries (
    id TEXT PRIMARY KEY,
    endpoint_id TEXT NOT NULL,
    event_id TEXT NOT NULL,
    event_type TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'delivered', 'failed')),
    attempts BIGINT NOT NULL,
    next_attempt_at TIMESTAMP,
    finished_at TIMESTAMP,
    created_at TIMESTAMP NOT NULL,
    UNIQUE (endpoint_id, event_id)
);
CREATE INDEX webhook_deliveries_of ON webhook_deliveries (endpoint_id, id);
CREATE INDEX webhook_deliveries_by_age ON webhook_deliveries (created_at);

CREATE TABLE webhook_attempts (
    id TEXT PRIMARY KEY,
    delivery_id TEXT NOT NULL,
    number BIGINT NOT NULL,
    attempted_at TIMESTAMP NOT NULL,
    status BIGINT,
    milliseconds BIGINT NOT NULL,
    error TEXT
);
CREATE INDEX webhook_attempts_of ON webhook_attempts (delivery_id, number);
