-- The catalogue by dates: `offers` keeps the stable names that orders point at, and every version of an offer is a row
-- of its own. A version is in force from `sold_from` until the next one supersedes it, and is sold until `sold_until`
-- where that comes first.
CREATE TABLE offer_versions (
    offer_id TEXT NOT NULL,
    sold_from TIMESTAMP NOT NULL,
    sold_until TIMESTAMP,
    superseded_at TIMESTAMP,
    version BIGINT NOT NULL,
    catalogue TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('software', 'cloud')),
    product_id TEXT NOT NULL,
    name TEXT NOT NULL,
    -- How software is licensed; none for cloud licences.
    license TEXT CHECK (license IN ('subscription', 'perpetual')),
    gcc BOOLEAN NOT NULL,
    -- Plans of one family stand together on a tenant (CAT-03); none stands beside any.
    family TEXT,
    -- Seats of the plan on one tenant (CAT-02).
    seat_cap BIGINT CHECK (seat_cap > 0),
    currency TEXT NOT NULL,
    -- JSON: the terms with their prices in minor units, the one that an order line takes unasked first; the channels;
    -- and what only people read.
    terms TEXT NOT NULL,
    channels TEXT NOT NULL,
    details TEXT NOT NULL,
    PRIMARY KEY (offer_id, sold_from)
);
CREATE INDEX offer_versions_of_product ON offer_versions (product_id, offer_id);

INSERT INTO offer_versions
SELECT
    id, sold_from, sold_until, NULL, 1, 'sample', kind, product_id, name, license, FALSE, NULL, NULL, currency,
    CASE
        WHEN term_months IS NULL
            THEN '[{"termMonths":null,"billingCycle":"oneTime","price":' || CAST(price_minor AS TEXT)
                || ',"refund":"softwarePerpetual"}]'
        ELSE '[{"termMonths":' || CAST(term_months AS TEXT) || ',"billingCycle":"'
            || CASE WHEN term_months = 12 THEN 'annual' ELSE 'oneTime' END || '","price":'
            || CAST(price_minor AS TEXT) || ',"refund":"softwareSubscription"}]'
    END,
    '["csp"]', '{"features":[]}'
FROM offers;

ALTER TABLE offers DROP COLUMN kind;
ALTER TABLE offers DROP COLUMN product_id;
ALTER TABLE offers DROP COLUMN name;
ALTER TABLE offers DROP COLUMN license;
ALTER TABLE offers DROP COLUMN term_months;
ALTER TABLE offers DROP COLUMN price_minor;
ALTER TABLE offers DROP COLUMN currency;
ALTER TABLE offers DROP COLUMN sold_from;
ALTER TABLE offers DROP COLUMN sold_until;

-- From which plan to which one may upgrade, by dates, and through which channels (CAT-04, CAT-06).
CREATE TABLE upgrade_tables (
    id TEXT NOT NULL,
    valid_from TIMESTAMP NOT NULL,
    valid_until TIMESTAMP,
    superseded_at TIMESTAMP,
    catalogue TEXT NOT NULL,
    channels TEXT NOT NULL,
    PRIMARY KEY (id, valid_from)
);

CREATE TABLE upgrade_pairs (
    table_id TEXT NOT NULL,
    valid_from TIMESTAMP NOT NULL,
    from_product_id TEXT NOT NULL,
    to_product_id TEXT NOT NULL,
    PRIMARY KEY (table_id, valid_from, from_product_id, to_product_id)
);
CREATE INDEX upgrade_pairs_from ON upgrade_pairs (from_product_id);

-- Which plan suits whom, and what sellers look out for (CAT-07, CAT-09).
CREATE TABLE sales_guides (
    catalogue TEXT NOT NULL,
    valid_from TIMESTAMP NOT NULL,
    superseded_at TIMESTAMP,
    guide TEXT NOT NULL,
    PRIMARY KEY (catalogue, valid_from)
);

-- Who is the advisor of whom, and for which share of the first year's sales (EAR-01), in hundredths of a per cent.
CREATE TABLE advisor_agreements (
    id TEXT PRIMARY KEY,
    partner_id TEXT NOT NULL REFERENCES partners (id),
    customer_id TEXT NOT NULL REFERENCES customers (id),
    first_year_rate BIGINT NOT NULL,
    later_years_rate BIGINT NOT NULL,
    starts_on TEXT NOT NULL,
    version BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    UNIQUE (partner_id, customer_id)
);

-- What advisors earn: one row an invoice, one a credit note that takes some of it back (EAR-04). Never edited.
CREATE TABLE earnings (
    id TEXT PRIMARY KEY,
    partner_id TEXT NOT NULL REFERENCES partners (id),
    customer_id TEXT NOT NULL REFERENCES customers (id),
    agreement_id TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('accrual', 'reversal')),
    invoice_id TEXT NOT NULL,
    credit_note_id TEXT,
    year_number BIGINT NOT NULL CHECK (year_number > 0),
    rate BIGINT NOT NULL,
    base_minor BIGINT NOT NULL,
    amount_minor BIGINT NOT NULL,
    currency TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX earnings_of_partner ON earnings (partner_id, id);
CREATE INDEX earnings_of_invoice ON earnings (invoice_id);
CREATE UNIQUE INDEX earnings_of_document ON earnings (agreement_id, invoice_id, coalesce(credit_note_id, ''));
