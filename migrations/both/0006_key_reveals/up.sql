-- Every time a product key was shown in clear: what the daily limits on reveals are counted by, over all replicas.
CREATE TABLE key_reveals (
    id TEXT PRIMARY KEY,
    product_key_id TEXT NOT NULL REFERENCES product_keys (id),
    client_id TEXT NOT NULL,
    -- None where the customer or the operator looked.
    partner_id TEXT,
    revealed_at TIMESTAMP NOT NULL
);
CREATE INDEX key_reveals_by_client ON key_reveals (client_id, revealed_at);
CREATE INDEX key_reveals_by_partner ON key_reveals (partner_id, revealed_at);
