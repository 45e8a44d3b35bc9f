-- A client proves itself by a secret of ours, or by tokens of an outside issuer: then by issuer and subject together.
ALTER TABLE api_clients ADD COLUMN issuer TEXT;
ALTER TABLE api_clients ADD COLUMN subject TEXT;
ALTER TABLE api_clients ADD COLUMN version BIGINT NOT NULL DEFAULT 1;
-- A revoked client leaves its place to the next one.
CREATE UNIQUE INDEX api_clients_outside ON api_clients (issuer, subject) WHERE revoked_at IS NULL;
CREATE INDEX api_clients_of_partner ON api_clients (partner_id, id);
