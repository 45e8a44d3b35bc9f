-- A tenant that was linked is known by its domain or by its GUID, not always by both; and what was declined, ran out or
-- was unlinked no longer stands in the way of another (TEN-01, TEN-08, TEN-09). SQLite cannot loosen a column: the table
-- is made anew, with its name, so that whatever refers to it still does.
CREATE TABLE tenants_anew (
    id TEXT PRIMARY KEY,
    customer_id TEXT NOT NULL REFERENCES customers (id),
    -- Who created or linked it.
    partner_id TEXT NOT NULL,
    mode TEXT NOT NULL CHECK (mode IN ('create', 'link')),
    domain TEXT,
    custom_domain TEXT,
    directory_id TEXT,
    previous_provider BOOLEAN NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('validating', 'provisioning', 'active', 'awaitingAcceptance', 'failed', 'declined', 'expired', 'unlinked')),
    -- The request by which the customer is asked, and until when it is good (TEN-05).
    request_id TEXT,
    expires_at TIMESTAMP,
    version BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
INSERT INTO tenants_anew
SELECT
    id, customer_id,
    coalesce((SELECT partner_id FROM relationships WHERE customer_id = tenants.customer_id ORDER BY id LIMIT 1), ''),
    'create', domain, NULL, directory_id, FALSE, state, NULL, NULL, version, created_at
FROM tenants;
DROP TABLE tenants;
ALTER TABLE tenants_anew RENAME TO tenants;
CREATE INDEX tenants_of ON tenants (customer_id);

-- One organisation has it (TEN-08).
CREATE UNIQUE INDEX tenants_by_domain ON tenants (domain) WHERE state = 'active';
CREATE UNIQUE INDEX tenants_by_custom_domain ON tenants (custom_domain) WHERE state = 'active';
CREATE UNIQUE INDEX tenants_by_directory ON tenants (directory_id) WHERE state = 'active';
CREATE INDEX tenants_of_domain ON tenants (domain);
CREATE INDEX tenants_of_custom_domain ON tenants (custom_domain);
CREATE INDEX tenants_of_directory ON tenants (directory_id);

-- The tenant that a request is about.
ALTER TABLE relationship_requests ADD COLUMN tenant_id TEXT;

-- The first administrator of a new directory: sealed until it is shown, once; then forgotten (TEN-04).
CREATE TABLE tenant_credentials (
    tenant_id TEXT PRIMARY KEY,
    partner_id TEXT NOT NULL,
    user_name TEXT NOT NULL,
    sealed TEXT,
    created_at TIMESTAMP NOT NULL,
    revealed_at TIMESTAMP
);

CREATE INDEX entitlements_on_tenant ON entitlements (tenant_id, state);
