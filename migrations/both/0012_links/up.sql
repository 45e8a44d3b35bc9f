-- Links between a provider and a reseller (LNK). The reseller is none while an invitation names nobody but an address.
CREATE TABLE indirect_provider_links (
    id TEXT PRIMARY KEY,
    provider_id TEXT NOT NULL REFERENCES partners (id),
    reseller_id TEXT REFERENCES partners (id),
    state TEXT NOT NULL CHECK (state IN ('invited', 'active', 'declined', 'cancelled', 'expired', 'ended')),
    admin_access TEXT CHECK (admin_access IN ('granted', 'removed')),
    version BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    authorized_at TIMESTAMP,
    ended_at TIMESTAMP,
    -- The partner that ended it.
    ended_by TEXT
);
CREATE INDEX indirect_provider_links_of_provider ON indirect_provider_links (provider_id, id);
CREATE INDEX indirect_provider_links_of_reseller ON indirect_provider_links (reseller_id, id);
-- One live link per pair (LNK-11).
CREATE UNIQUE INDEX indirect_provider_links_live ON indirect_provider_links (provider_id, reseller_id)
    WHERE state = 'active';

-- Every invitation that went out: an old link of a mail must still be told apart from an unknown one (LNK-12).
CREATE TABLE indirect_provider_invitations (
    id TEXT PRIMARY KEY,
    link_id TEXT NOT NULL,
    purpose TEXT NOT NULL CHECK (purpose IN ('newLink', 'restoreAdminAccess')),
    state TEXT NOT NULL CHECK (state IN ('pending', 'accepted', 'declined', 'cancelled', 'expired')),
    -- Of the personal link's secret, which stands in the mail and nowhere else (LNK-01).
    digest TEXT NOT NULL UNIQUE,
    email TEXT NOT NULL,
    message TEXT,
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    answered_at TIMESTAMP,
    -- The API client that answered, and what it consented to, word for word (LNK-02).
    answered_by TEXT,
    consent_version TEXT,
    consent_language TEXT CHECK (consent_language IN ('es', 'en')),
    consent_text TEXT
);
CREATE INDEX indirect_provider_invitations_of ON indirect_provider_invitations (link_id, id);
CREATE INDEX indirect_provider_invitations_due ON indirect_provider_invitations (state, expires_at);

-- What providers say of themselves (LNK-13).
CREATE TABLE provider_directory_entries (
    provider_id TEXT PRIMARY KEY REFERENCES partners (id),
    offers_training BOOLEAN NOT NULL,
    offers_marketing BOOLEAN NOT NULL,
    offers_financing BOOLEAN NOT NULL,
    description TEXT,
    contact_email TEXT,
    contact_phone TEXT,
    website TEXT,
    version BIGINT NOT NULL,
    updated_at TIMESTAMP NOT NULL
);
