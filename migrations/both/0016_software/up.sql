-- The versions that a product of the catalogue comes in, oldest first, and by how many an owner for good may go back
-- (SWK-08).
CREATE TABLE software_products (
    id TEXT PRIMARY KEY,
    versions TEXT NOT NULL,
    downgrade_depth BIGINT NOT NULL CHECK (downgrade_depth IN (0, 1, 2))
);

-- The newest version when it was bought: what downgrades count from. None for what was bought before this was kept.
ALTER TABLE entitlements ADD COLUMN product_version TEXT;

-- What was chosen together with the version.
ALTER TABLE product_keys ADD COLUMN language TEXT;
ALTER TABLE product_keys ADD COLUMN bitness TEXT;
-- The import that brought the key: one that was interrupted goes on where it stood.
ALTER TABLE product_keys ADD COLUMN import_id TEXT;

-- Orders that wait for keys, oldest first (SWK-09).
CREATE INDEX entitlements_waiting ON entitlements (product_id, created_at, id) WHERE state = 'awaitingStock';

-- Imports through the API: the answer of one is kept for its repeats (PLT-02).
CREATE TABLE key_imports (
    id TEXT PRIMARY KEY,
    client_id TEXT NOT NULL,
    report TEXT,
    started_at TIMESTAMP NOT NULL,
    finished_at TIMESTAMP
);

-- Links that show a key to whoever holds them: the token is kept as its digest only (SWK-04).
CREATE TABLE key_shares (
    id TEXT PRIMARY KEY,
    partner_id TEXT NOT NULL,
    partner_of_record_id TEXT,
    customer_id TEXT NOT NULL,
    entitlement_id TEXT NOT NULL,
    digest TEXT NOT NULL UNIQUE,
    reason TEXT NOT NULL,
    language TEXT NOT NULL,
    bitness TEXT NOT NULL,
    openings BIGINT NOT NULL,
    most_openings BIGINT NOT NULL CHECK (most_openings BETWEEN 1 AND 100),
    version BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    last_opened_at TIMESTAMP,
    withdrawn_at TIMESTAMP,
    CHECK (openings BETWEEN 0 AND most_openings)
);
CREATE INDEX key_shares_of ON key_shares (entitlement_id, id);

-- The files that software is downloaded as, by product, version, language and bitness (SWK-05).
CREATE TABLE media_files (
    product_id TEXT NOT NULL,
    version TEXT NOT NULL,
    language TEXT NOT NULL,
    bitness TEXT NOT NULL CHECK (bitness IN ('x86', 'x64', 'arm64')),
    path TEXT NOT NULL,
    size_bytes BIGINT NOT NULL CHECK (size_bytes > 0),
    sha256 TEXT NOT NULL,
    listed_at TIMESTAMP NOT NULL,
    PRIMARY KEY (product_id, version, language, bitness)
);

-- Links under which software is downloaded. The token is signed and not kept.
CREATE TABLE download_links (
    id TEXT PRIMARY KEY,
    partner_id TEXT NOT NULL,
    partner_of_record_id TEXT,
    customer_id TEXT NOT NULL,
    entitlement_id TEXT NOT NULL,
    product_id TEXT NOT NULL,
    product_version TEXT NOT NULL,
    language TEXT NOT NULL,
    bitness TEXT NOT NULL CHECK (bitness IN ('x86', 'x64', 'arm64')),
    downloads BIGINT NOT NULL,
    most_downloads BIGINT NOT NULL CHECK (most_downloads BETWEEN 1 AND 100),
    continuations BIGINT NOT NULL,
    version BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP NOT NULL,
    last_used_at TIMESTAMP,
    withdrawn_at TIMESTAMP,
    CHECK (downloads BETWEEN 0 AND most_downloads)
);
CREATE INDEX download_links_of ON download_links (entitlement_id, id);

-- Which master key wraps a data key; none for those wrapped before this was kept.
ALTER TABLE data_keys ADD COLUMN master_id TEXT;
