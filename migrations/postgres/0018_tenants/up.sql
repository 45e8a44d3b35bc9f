-- A tenant that was linked is known by its domain or by its GUID, not always by both; and what was declined, ran out or
-- was unlinked no longer stands in the way of another (TEN-01, TEN-08, TEN-09).
ALTER TABLE tenants DROP CONSTRAINT tenants_domain_key;
ALTER TABLE tenants DROP CONSTRAINT tenants_directory_id_key;
ALTER TABLE tenants ALTER COLUMN domain DROP NOT NULL;
ALTER TABLE tenants ALTER COLUMN directory_id DROP NOT NULL;
-- Who created or linked it.
ALTER TABLE tenants ADD COLUMN partner_id TEXT NOT NULL DEFAULT '';
UPDATE tenants SET partner_id = coalesce(
    (SELECT partner_id FROM relationships WHERE customer_id = tenants.customer_id ORDER BY id LIMIT 1), '');
ALTER TABLE tenants ALTER COLUMN partner_id DROP DEFAULT;
ALTER TABLE tenants ADD COLUMN mode TEXT NOT NULL DEFAULT 'create' CHECK (mode IN ('create', 'link'));
ALTER TABLE tenants ALTER COLUMN mode DROP DEFAULT;
ALTER TABLE tenants ADD COLUMN custom_domain TEXT;
ALTER TABLE tenants ADD COLUMN previous_provider BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE tenants ALTER COLUMN previous_provider DROP DEFAULT;
-- The request by which the customer is asked, and until when it is good (TEN-05).
ALTER TABLE tenants ADD COLUMN request_id TEXT;
ALTER TABLE tenants ADD COLUMN expires_at TIMESTAMP;

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
