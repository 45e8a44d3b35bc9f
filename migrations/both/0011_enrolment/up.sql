-- Enrolment: what a newcomer gathers, who proved its address, how the review goes, what was accepted, and who works
-- there. All but name and country may come later (ENR-02).
ALTER TABLE partners ADD COLUMN language TEXT NOT NULL DEFAULT 'es' CHECK (language IN ('es', 'en'));
ALTER TABLE partners ADD COLUMN address TEXT;
ALTER TABLE partners ADD COLUMN primary_contact TEXT;
ALTER TABLE partners ADD COLUMN support_contact TEXT;
ALTER TABLE partners ADD COLUMN duns TEXT;
ALTER TABLE partners ADD COLUMN tenant_id TEXT;
ALTER TABLE partners ADD COLUMN azure_gcc_tenant_id TEXT;
ALTER TABLE partners ADD COLUMN location_source TEXT CHECK (location_source IN ('directory', 'stated', 'reviewed'));
ALTER TABLE partners ADD COLUMN rejection_reasons TEXT;
ALTER TABLE partners ADD COLUMN suspended_from TEXT;
-- Set while the operator has something to review: the enrolment, or a PartnerID that only the partner vouches for.
ALTER TABLE partners ADD COLUMN review_due_by TIMESTAMP;
ALTER TABLE partners ADD COLUMN review_overdue BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE partners SET location_source = 'reviewed' WHERE partner_location_id IS NOT NULL;
-- ENR-13: one tenant id enrols once.
CREATE UNIQUE INDEX partners_by_tenant ON partners (tenant_id);
CREATE INDEX partners_in_review ON partners (review_due_by, id);

-- ENR-07: links that prove a mail address; only their digests.
CREATE TABLE email_verifications (
    id TEXT PRIMARY KEY,
    partner_id TEXT NOT NULL,
    digest TEXT NOT NULL UNIQUE,
    email TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'used', 'replaced')),
    expires_at TIMESTAMP NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX email_verifications_of_partner ON email_verifications (partner_id, state);

-- ENR-10: who accepted which version, and when.
CREATE TABLE partner_agreements (
    id TEXT PRIMARY KEY,
    partner_id TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('mpa')),
    version TEXT NOT NULL,
    digest TEXT NOT NULL,
    client_id TEXT NOT NULL,
    source_address TEXT NOT NULL,
    accepted_at TIMESTAMP NOT NULL,
    UNIQUE (partner_id, kind, version)
);

-- ENR-12: the people of a partner.
CREATE TABLE partner_users (
    id TEXT PRIMARY KEY,
    partner_id TEXT NOT NULL,
    email TEXT NOT NULL,
    first_name TEXT NOT NULL,
    last_name TEXT NOT NULL,
    roles TEXT NOT NULL,
    version BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    UNIQUE (partner_id, email)
);

-- What the operator imports: PartnerIDs with their type and country (ENR-03), companies by their DUNS (ENR-04).
CREATE TABLE partner_locations (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('location', 'global')),
    country TEXT NOT NULL,
    name TEXT
);
CREATE TABLE companies (
    duns TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    country TEXT NOT NULL,
    address TEXT
);
