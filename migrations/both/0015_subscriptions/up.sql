-- Cloud plans: subscriptions, the batches their seats came in, and what their renewals cost (SUB, REN).
--
-- Days are texts (YYYY-MM-DD). A period is kept as the months that passed from the anchor, the day on which everything
-- began, so that what began on a 31st renews on the last day of shorter months and on the 31st of longer ones.
CREATE TABLE subscriptions (
    id TEXT PRIMARY KEY,
    partner_id TEXT NOT NULL REFERENCES partners (id),
    partner_of_record_id TEXT REFERENCES partners (id),
    customer_id TEXT NOT NULL REFERENCES customers (id),
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    order_id TEXT NOT NULL,
    order_line_id TEXT NOT NULL,
    -- The subscription that an upgrade of some of its seats has split this one from.
    split_from TEXT,
    -- The one that was split from this one last.
    split_into TEXT,
    offer_id TEXT NOT NULL REFERENCES offers (id),
    product_id TEXT NOT NULL,
    family TEXT,
    name TEXT NOT NULL,
    friendly_name TEXT,
    channel TEXT NOT NULL,
    quantity BIGINT NOT NULL CHECK (quantity > 0),
    -- Of one seat for one billing cycle, as sold, upgraded or renewed last.
    unit_price_minor BIGINT NOT NULL,
    currency TEXT NOT NULL,
    term_months BIGINT NOT NULL CHECK (term_months > 0),
    billing_cycle TEXT NOT NULL,
    refund TEXT NOT NULL,
    anchor TEXT NOT NULL,
    term_passed BIGINT NOT NULL,
    period_passed BIGINT NOT NULL,
    -- Whether the present period is a month of an extended term.
    is_extended BOOLEAN NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('active', 'suspended', 'extended', 'expired', 'cancelled')),
    suspended_because TEXT CHECK (suspended_because IN ('requested', 'renewalPaymentOverdue')),
    end_of_term TEXT NOT NULL CHECK (end_of_term IN ('renew', 'cancel', 'extend')),
    -- How many seats there are from the end of the term on.
    scheduled_quantity BIGINT CHECK (scheduled_quantity > 0),
    version BIGINT NOT NULL,
    purchased_at TIMESTAMP NOT NULL,
    ended_at TIMESTAMP
);
CREATE INDEX subscriptions_of_partner ON subscriptions (partner_id, id);
CREATE INDEX subscriptions_of_record ON subscriptions (partner_of_record_id, id);
CREATE INDEX subscriptions_of_customer ON subscriptions (customer_id, id);
CREATE INDEX subscriptions_of_tenant ON subscriptions (tenant_id, state);
CREATE INDEX subscriptions_of_line ON subscriptions (order_line_id);

CREATE TABLE seat_batches (
    id TEXT PRIMARY KEY,
    subscription_id TEXT NOT NULL,
    seats BIGINT NOT NULL CHECK (seats >= 0),
    added_at TIMESTAMP NOT NULL,
    window_closes_at TIMESTAMP NOT NULL,
    -- The invoice's line that covers its seats now.
    invoice_line_id TEXT NOT NULL
);
CREATE INDEX seat_batches_of ON seat_batches (subscription_id, id);

CREATE TABLE renewals (
    id TEXT PRIMARY KEY,
    partner_id TEXT NOT NULL REFERENCES partners (id),
    partner_of_record_id TEXT REFERENCES partners (id),
    customer_id TEXT NOT NULL REFERENCES customers (id),
    subscription_id TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('scheduled', 'paymentPending', 'paid', 'overdue', 'cancelled')),
    -- Whether a term ends with it, or only a billing cycle inside one.
    ends_term BOOLEAN NOT NULL,
    renews_on TEXT NOT NULL,
    opens_at TIMESTAMP NOT NULL,
    due_at TIMESTAMP NOT NULL,
    grace_ends_at TIMESTAMP NOT NULL,
    period_start TEXT,
    period_end TEXT,
    quantity BIGINT,
    amount_minor BIGINT,
    currency TEXT,
    invoice_id TEXT,
    notices_sent BIGINT NOT NULL,
    -- When something happens to it next by itself; none once nothing does.
    next_at TIMESTAMP,
    paid_at TIMESTAMP,
    failed_at TIMESTAMP,
    version BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX renewals_of_partner ON renewals (partner_id, id);
CREATE INDEX renewals_of_record ON renewals (partner_of_record_id, id);
CREATE INDEX renewals_of_subscription ON renewals (subscription_id, state);
CREATE INDEX renewals_next ON renewals (next_at, id);
-- At most one renewal of a subscription lies ahead.
CREATE UNIQUE INDEX renewals_ahead ON renewals (subscription_id) WHERE state = 'scheduled';

CREATE TABLE renewal_payments (
    id TEXT PRIMARY KEY,
    partner_id TEXT NOT NULL REFERENCES partners (id),
    partner_of_record_id TEXT REFERENCES partners (id),
    customer_id TEXT NOT NULL REFERENCES customers (id),
    -- One payment settles a renewal.
    renewal_id TEXT NOT NULL UNIQUE,
    amount_minor BIGINT NOT NULL CHECK (amount_minor > 0),
    currency TEXT NOT NULL,
    method TEXT NOT NULL,
    reference TEXT,
    recorded_at TIMESTAMP NOT NULL
);

CREATE TABLE renewal_payment_failures (
    id TEXT PRIMARY KEY,
    partner_id TEXT NOT NULL REFERENCES partners (id),
    partner_of_record_id TEXT REFERENCES partners (id),
    customer_id TEXT NOT NULL REFERENCES customers (id),
    renewal_id TEXT NOT NULL,
    method TEXT NOT NULL,
    reason TEXT NOT NULL,
    recorded_at TIMESTAMP NOT NULL
);
CREATE INDEX renewal_payment_failures_of ON renewal_payment_failures (renewal_id, id);

-- A line brings software or a subscription.
ALTER TABLE order_lines ADD COLUMN granted_entitlement_id TEXT;
UPDATE order_lines SET granted_entitlement_id = entitlement_id;
ALTER TABLE order_lines DROP COLUMN entitlement_id;
ALTER TABLE order_lines RENAME COLUMN granted_entitlement_id TO entitlement_id;
ALTER TABLE order_lines ADD COLUMN subscription_id TEXT;
ALTER TABLE order_lines ADD COLUMN product_id TEXT;
ALTER TABLE order_lines ADD COLUMN family TEXT;
ALTER TABLE order_lines ADD COLUMN term_months BIGINT;
ALTER TABLE order_lines ADD COLUMN billing_cycle TEXT;
ALTER TABLE order_lines ADD COLUMN refund TEXT;

ALTER TABLE orders ADD COLUMN cancelled_because TEXT;
ALTER TABLE orders ADD COLUMN cancelled_at TIMESTAMP;
CREATE INDEX orders_of_tenant ON orders (tenant_id, state);

ALTER TABLE invoices ADD COLUMN reason TEXT NOT NULL DEFAULT 'order'
    CHECK (reason IN ('order', 'seatChange', 'upgrade', 'renewal'));
ALTER TABLE invoices ADD COLUMN subscription_id TEXT;
ALTER TABLE invoices ADD COLUMN renewal_id TEXT;

-- Money is given back for refunds, for seats and for upgrades; a refund of a subscription may credit several invoices.
CREATE TABLE credit_notes_2 (
    id TEXT PRIMARY KEY,
    partner_id TEXT NOT NULL REFERENCES partners (id),
    partner_of_record_id TEXT REFERENCES partners (id),
    customer_id TEXT NOT NULL REFERENCES customers (id),
    order_id TEXT NOT NULL REFERENCES orders (id),
    invoice_id TEXT NOT NULL REFERENCES invoices (id),
    refund_id TEXT,
    reason TEXT NOT NULL CHECK (reason IN ('refund', 'seatChange', 'upgrade')),
    subscription_id TEXT,
    total_minor BIGINT NOT NULL,
    currency TEXT NOT NULL,
    issued_at TIMESTAMP NOT NULL,
    UNIQUE (refund_id, invoice_id)
);
INSERT INTO credit_notes_2
SELECT
    id, partner_id, partner_of_record_id, customer_id, order_id, invoice_id, refund_id, 'refund', NULL, total_minor,
    currency, issued_at
FROM credit_notes;
DROP TABLE credit_notes;
ALTER TABLE credit_notes_2 RENAME TO credit_notes;
CREATE INDEX credit_notes_of_partner ON credit_notes (partner_id, id);
CREATE INDEX credit_notes_of_record ON credit_notes (partner_of_record_id, id);

-- A refund is of software or of a subscription.
DROP INDEX refunds_of_line;
ALTER TABLE refunds ADD COLUMN refunded_entitlement_id TEXT;
UPDATE refunds SET refunded_entitlement_id = entitlement_id;
ALTER TABLE refunds DROP COLUMN entitlement_id;
ALTER TABLE refunds RENAME COLUMN refunded_entitlement_id TO entitlement_id;
ALTER TABLE refunds ADD COLUMN subscription_id TEXT;
CREATE UNIQUE INDEX refunds_of_line ON refunds (order_line_id, coalesce(subscription_id, ''))
    WHERE state NOT IN ('rejected', 'withdrawn');
