-- TEN-01, TEN-02, ENR-17: the names below onmicrosoft.com are one space, for customers' tenants and for partners' own
-- work accounts. A name is taken once, for ever.
CREATE TABLE taken_domains (
    domain TEXT PRIMARY KEY,
    taken_at TIMESTAMP NOT NULL
);
INSERT INTO taken_domains (domain, taken_at) SELECT domain, created_at FROM tenants;

-- ENR-17: what the operator's directory knows of a company that is in CSP already; it need not say it again.
ALTER TABLE partner_locations ADD COLUMN tenant_id TEXT;
ALTER TABLE partner_locations ADD COLUMN address TEXT;
ALTER TABLE partner_locations ADD COLUMN contact TEXT;
