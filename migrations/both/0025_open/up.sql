-- The Open programme: agreements with customers, what their orders say beside what every order says, the keys that the
-- orders' lines bring, and their redemption (OPN).
CREATE TABLE open_agreements (
    id TEXT PRIMARY KEY,
    -- Who made it, and orders on it.
    partner_id TEXT NOT NULL REFERENCES partners (id),
    customer_id TEXT NOT NULL REFERENCES customers (id),
    kind TEXT NOT NULL CHECK (kind IN ('openLicense', 'openValue', 'openValueSubscription')),
    state TEXT NOT NULL CHECK (state IN ('awaitingSignature', 'active', 'expired')),
    -- A contact, once it is signed.
    signer TEXT,
    signed_at TIMESTAMP,
    -- None until what it begins with has happened.
    begins_at TIMESTAMP,
    -- Exactly then it is over.
    ends_at TIMESTAMP,
    version BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX open_agreements_of_partner ON open_agreements (partner_id, id);
CREATE INDEX open_agreements_of_customer ON open_agreements (customer_id, id);
CREATE INDEX open_agreements_ending ON open_agreements (ends_at, state);

CREATE TABLE open_orders (
    order_id TEXT PRIMARY KEY,
    agreement_id TEXT NOT NULL REFERENCES open_agreements (id),
    purchase_order_number TEXT NOT NULL,
    -- Contacts (OPN-08).
    customer_contact TEXT NOT NULL,
    reseller_contact TEXT NOT NULL
);
CREATE INDEX open_orders_of_agreement ON open_orders (agreement_id, order_id);

-- One for each line of an Open order.
CREATE TABLE open_keys (
    id TEXT PRIMARY KEY,
    partner_id TEXT NOT NULL REFERENCES partners (id),
    partner_of_record_id TEXT REFERENCES partners (id),
    customer_id TEXT NOT NULL REFERENCES customers (id),
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    agreement_id TEXT NOT NULL REFERENCES open_agreements (id),
    order_id TEXT NOT NULL,
    order_line_id TEXT NOT NULL UNIQUE,
    offer_id TEXT NOT NULL REFERENCES offers (id),
    product_id TEXT NOT NULL,
    name TEXT NOT NULL,
    quantity BIGINT NOT NULL CHECK (quantity > 0),
    state TEXT NOT NULL CHECK (state IN ('ordered', 'available', 'retrieved', 'redeemed', 'cancelled')),
    -- The key of the stock; none while the order waits for one.
    product_key_id TEXT UNIQUE REFERENCES product_keys (id),
    masked TEXT,
    redemption_id TEXT,
    subscription_id TEXT,
    -- When the partner of record is told next that the year comes to its end.
    next_notice_at TIMESTAMP,
    version BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    retrieved_at TIMESTAMP,
    redeemed_at TIMESTAMP,
    cancelled_at TIMESTAMP
);
CREATE INDEX open_keys_of_partner ON open_keys (partner_id, id);
CREATE INDEX open_keys_of_record ON open_keys (partner_of_record_id, id);
CREATE INDEX open_keys_of_customer ON open_keys (customer_id, id);
CREATE INDEX open_keys_of_order ON open_keys (order_id, id);
CREATE INDEX open_keys_of_agreement ON open_keys (agreement_id, state);
CREATE INDEX open_keys_next_notice ON open_keys (next_notice_at, id);

CREATE TABLE open_redemptions (
    id TEXT PRIMARY KEY,
    customer_id TEXT NOT NULL REFERENCES customers (id),
    company_name TEXT NOT NULL,
    address TEXT NOT NULL,
    contact TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX open_redemptions_of_customer ON open_redemptions (customer_id, id);

-- Whether the partner may advise customers (MOSPA); the operator says so (OPN-07).
ALTER TABLE partners ADD COLUMN advisor_enabled BOOLEAN NOT NULL DEFAULT FALSE;

-- Keys of the Open programme are a stock of their own (SWK-06).
ALTER TABLE product_keys ADD COLUMN key_kind TEXT NOT NULL DEFAULT 'mak' CHECK (key_kind IN ('mak', 'open'));
ALTER TABLE product_keys DROP COLUMN kind;
ALTER TABLE product_keys RENAME COLUMN key_kind TO kind;

-- An order that is cancelled before anything of it was used gives its money back without a refund (OPN-06).
ALTER TABLE credit_notes ADD COLUMN because TEXT NOT NULL DEFAULT 'refund'
    CHECK (because IN ('refund', 'seatChange', 'upgrade', 'cancellation'));
UPDATE credit_notes SET because = reason;
ALTER TABLE credit_notes DROP COLUMN reason;
ALTER TABLE credit_notes RENAME COLUMN because TO reason;
