-- Ids are texts made by the service, money is minor units with a currency, instants are UTC, states are words.
--
-- A row that is written together with its parent has no foreign key to it. PostgreSQL checks such a key by reading the
-- parent's index, and as ids ascend, every transaction that runs reads and writes the same last page of it: under
-- SERIALIZABLE they would all conflict with one another. The write path writes both rows or neither.

CREATE TABLE data_keys (
    id TEXT PRIMARY KEY,
    purpose TEXT NOT NULL CHECK (purpose IN ('sealing', 'fingerprints')),
    wrapped TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);

CREATE TABLE signing_keys (
    id TEXT PRIMARY KEY,
    sealed TEXT NOT NULL,
    public_key TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    signs_from TIMESTAMP NOT NULL
);

-- One row at most: the business clock of a sandbox once it was set (PLT-08).
CREATE TABLE sandbox_clock (
    id BIGINT PRIMARY KEY CHECK (id = 1),
    now TIMESTAMP NOT NULL
);

CREATE TABLE partners (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('directBill', 'indirectProvider', 'indirectReseller')),
    legal_name TEXT NOT NULL,
    country TEXT NOT NULL,
    partner_location_id TEXT UNIQUE,
    state TEXT NOT NULL CHECK (state IN ('draft', 'awaitingEmailProof', 'inReview', 'approved', 'active', 'rejected', 'suspended')),
    version BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL
);

CREATE TABLE api_clients (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('operator', 'enrolment', 'partner', 'customer')),
    name TEXT NOT NULL,
    partner_id TEXT REFERENCES partners (id),
    customer_id TEXT,
    scopes TEXT NOT NULL,
    roles TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    revoked_at TIMESTAMP
);

CREATE TABLE client_secrets (
    id TEXT PRIMARY KEY,
    client_id TEXT NOT NULL REFERENCES api_clients (id),
    hash TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    expires_at TIMESTAMP
);
CREATE INDEX client_secrets_of ON client_secrets (client_id);

-- A claim and its answer are two rows, because rows that are only ever inserted cost least (PLT-02).
CREATE TABLE idempotency_claims (
    subject TEXT NOT NULL,
    operation TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    claimed_at TIMESTAMP NOT NULL,
    PRIMARY KEY (subject, operation, key)
);

CREATE TABLE idempotency_answers (
    subject TEXT NOT NULL,
    operation TEXT NOT NULL,
    key TEXT NOT NULL,
    status BIGINT NOT NULL,
    headers TEXT NOT NULL,
    body TEXT NOT NULL,
    secret BOOLEAN NOT NULL,
    client_id TEXT NOT NULL,
    about TEXT,
    answered_at TIMESTAMP NOT NULL,
    PRIMARY KEY (subject, operation, key)
);
CREATE INDEX idempotency_answers_about ON idempotency_answers (about);

CREATE TABLE jobs (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    due_at TIMESTAMP NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX jobs_due ON jobs (due_at, id);

CREATE TABLE customers (
    id TEXT PRIMARY KEY,
    company_name TEXT NOT NULL,
    country TEXT NOT NULL,
    address TEXT NOT NULL,
    contact TEXT NOT NULL,
    language TEXT NOT NULL,
    version BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL
);

-- Which partner sees which organisation (CUS-05).
CREATE TABLE relationships (
    id TEXT PRIMARY KEY,
    partner_id TEXT NOT NULL REFERENCES partners (id),
    customer_id TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('requested', 'accepted', 'declined', 'withdrawn', 'expired', 'removed')),
    created_at TIMESTAMP NOT NULL,
    UNIQUE (partner_id, customer_id)
);

CREATE TABLE customer_agreements (
    id TEXT PRIMARY KEY,
    customer_id TEXT NOT NULL REFERENCES customers (id),
    partner_id TEXT NOT NULL REFERENCES partners (id),
    kind TEXT NOT NULL CHECK (kind IN ('mca')),
    method TEXT NOT NULL CHECK (method IN ('attested', 'accepted')),
    contact TEXT NOT NULL,
    agreed_at TIMESTAMP NOT NULL,
    created_at TIMESTAMP NOT NULL,
    UNIQUE (customer_id, kind)
);

CREATE TABLE tenants (
    id TEXT PRIMARY KEY,
    customer_id TEXT NOT NULL REFERENCES customers (id),
    domain TEXT NOT NULL UNIQUE,
    directory_id TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL CHECK (state IN ('validating', 'provisioning', 'active', 'awaitingAcceptance', 'failed', 'declined', 'expired', 'unlinked')),
    version BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX tenants_of ON tenants (customer_id);

CREATE TABLE offers (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('software')),
    product_id TEXT NOT NULL,
    name TEXT NOT NULL,
    license TEXT NOT NULL CHECK (license IN ('subscription', 'perpetual')),
    term_months BIGINT,
    price_minor BIGINT NOT NULL CHECK (price_minor >= 0),
    currency TEXT NOT NULL,
    sold_from TIMESTAMP NOT NULL,
    sold_until TIMESTAMP
);

CREATE TABLE product_media (
    id TEXT PRIMARY KEY,
    product_id TEXT NOT NULL,
    version TEXT NOT NULL,
    language TEXT NOT NULL,
    bitness TEXT NOT NULL CHECK (bitness IN ('x86', 'x64', 'arm64')),
    UNIQUE (product_id, version, language, bitness)
);

CREATE TABLE orders (
    id TEXT PRIMARY KEY,
    partner_id TEXT NOT NULL REFERENCES partners (id),
    partner_of_record_id TEXT REFERENCES partners (id),
    customer_id TEXT NOT NULL REFERENCES customers (id),
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    state TEXT NOT NULL CHECK (state IN ('awaitingAcceptance', 'awaitingStock', 'completed', 'cancelled', 'partlyCancelled')),
    channel TEXT NOT NULL,
    total_minor BIGINT NOT NULL,
    currency TEXT NOT NULL,
    version BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX orders_of_partner ON orders (partner_id, id);
CREATE INDEX orders_of_record ON orders (partner_of_record_id, id);
CREATE INDEX orders_of_customer ON orders (customer_id, id);

CREATE TABLE order_lines (
    id TEXT PRIMARY KEY,
    partner_id TEXT NOT NULL REFERENCES partners (id),
    order_id TEXT NOT NULL,
    number BIGINT NOT NULL,
    offer_id TEXT NOT NULL REFERENCES offers (id),
    name TEXT NOT NULL,
    quantity BIGINT NOT NULL CHECK (quantity > 0),
    unit_price_minor BIGINT NOT NULL,
    total_minor BIGINT NOT NULL,
    currency TEXT NOT NULL,
    period_start TEXT,
    period_end TEXT,
    state TEXT NOT NULL CHECK (state IN ('awaitingAcceptance', 'awaitingStock', 'completed', 'cancelled')),
    entitlement_id TEXT NOT NULL,
    UNIQUE (order_id, number)
);

-- On-premises software that a customer owns. The tenant never changes (TEN-06).
CREATE TABLE entitlements (
    id TEXT PRIMARY KEY,
    partner_id TEXT NOT NULL REFERENCES partners (id),
    partner_of_record_id TEXT REFERENCES partners (id),
    customer_id TEXT NOT NULL REFERENCES customers (id),
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    order_id TEXT NOT NULL,
    order_line_id TEXT NOT NULL UNIQUE,
    offer_id TEXT NOT NULL REFERENCES offers (id),
    product_id TEXT NOT NULL,
    name TEXT NOT NULL,
    friendly_name TEXT,
    license TEXT NOT NULL CHECK (license IN ('subscription', 'perpetual')),
    quantity BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('awaitingStock', 'active', 'cancelled')),
    version BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    purchased_at TIMESTAMP,
    cancelled_at TIMESTAMP
);
CREATE INDEX entitlements_of_partner ON entitlements (partner_id, id);
CREATE INDEX entitlements_of_record ON entitlements (partner_of_record_id, id);
CREATE INDEX entitlements_of_customer ON entitlements (customer_id, id);
CREATE INDEX entitlements_of_product ON entitlements (product_id, state);

-- The stock and what was handed out of it. A key is issued once ever: one row, one entitlement (SWK-09).
CREATE TABLE product_keys (
    id TEXT PRIMARY KEY,
    product_id TEXT NOT NULL,
    version TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('mak')),
    sealed TEXT NOT NULL,
    owner TEXT NOT NULL,
    fingerprint TEXT NOT NULL UNIQUE,
    masked TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('inStock', 'assigned', 'revealed', 'revoked')),
    entitlement_id TEXT UNIQUE REFERENCES entitlements (id),
    imported_at TIMESTAMP NOT NULL,
    revealed_at TIMESTAMP,
    revoked_at TIMESTAMP
);
CREATE INDEX product_keys_in_stock ON product_keys (product_id, state, version, id);

CREATE TABLE invoices (
    id TEXT PRIMARY KEY,
    partner_id TEXT NOT NULL REFERENCES partners (id),
    partner_of_record_id TEXT REFERENCES partners (id),
    customer_id TEXT NOT NULL REFERENCES customers (id),
    order_id TEXT NOT NULL,
    total_minor BIGINT NOT NULL,
    currency TEXT NOT NULL,
    issued_at TIMESTAMP NOT NULL
);
CREATE INDEX invoices_of_partner ON invoices (partner_id, id);
CREATE INDEX invoices_of_record ON invoices (partner_of_record_id, id);
CREATE INDEX invoices_of_order ON invoices (order_id);

CREATE TABLE invoice_lines (
    id TEXT PRIMARY KEY,
    partner_id TEXT NOT NULL REFERENCES partners (id),
    invoice_id TEXT NOT NULL,
    order_line_id TEXT NOT NULL,
    name TEXT NOT NULL,
    quantity BIGINT NOT NULL,
    unit_price_minor BIGINT NOT NULL,
    total_minor BIGINT NOT NULL,
    currency TEXT NOT NULL,
    period_start TEXT,
    period_end TEXT
);
CREATE INDEX invoice_lines_of ON invoice_lines (invoice_id);
CREATE INDEX invoice_lines_of_order_line ON invoice_lines (order_line_id);

CREATE TABLE refunds (
    id TEXT PRIMARY KEY,
    partner_id TEXT NOT NULL REFERENCES partners (id),
    partner_of_record_id TEXT REFERENCES partners (id),
    customer_id TEXT NOT NULL REFERENCES customers (id),
    order_id TEXT NOT NULL REFERENCES orders (id),
    order_line_id TEXT NOT NULL REFERENCES order_lines (id),
    entitlement_id TEXT NOT NULL REFERENCES entitlements (id),
    state TEXT NOT NULL CHECK (state IN ('requested', 'inReview', 'approved', 'keyRevoked', 'credited', 'rejected', 'withdrawn')),
    amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
    currency TEXT NOT NULL,
    request TEXT NOT NULL,
    quote TEXT NOT NULL,
    version BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX refunds_of_partner ON refunds (partner_id, id);
CREATE INDEX refunds_of_record ON refunds (partner_of_record_id, id);
-- REF-06: one refund that is open or went through for an order line.
CREATE UNIQUE INDEX refunds_of_line ON refunds (order_line_id) WHERE state NOT IN ('rejected', 'withdrawn');

CREATE TABLE credit_notes (
    id TEXT PRIMARY KEY,
    partner_id TEXT NOT NULL REFERENCES partners (id),
    partner_of_record_id TEXT REFERENCES partners (id),
    customer_id TEXT NOT NULL REFERENCES customers (id),
    order_id TEXT NOT NULL REFERENCES orders (id),
    invoice_id TEXT NOT NULL REFERENCES invoices (id),
    refund_id TEXT NOT NULL UNIQUE,
    total_minor BIGINT NOT NULL,
    currency TEXT NOT NULL,
    issued_at TIMESTAMP NOT NULL
);
CREATE INDEX credit_notes_of_partner ON credit_notes (partner_id, id);
CREATE INDEX credit_notes_of_record ON credit_notes (partner_of_record_id, id);

CREATE TABLE credit_note_lines (
    id TEXT PRIMARY KEY,
    partner_id TEXT NOT NULL REFERENCES partners (id),
    credit_note_id TEXT NOT NULL,
    invoice_line_id TEXT NOT NULL REFERENCES invoice_lines (id),
    quantity BIGINT NOT NULL,
    amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
    currency TEXT NOT NULL
);
CREATE INDEX credit_note_lines_of ON credit_note_lines (credit_note_id);
CREATE INDEX credit_note_lines_of_invoice_line ON credit_note_lines (invoice_line_id);
