-- GCC-05: since when a partner may deal with customers of the US government cloud.
ALTER TABLE partners ADD COLUMN gcc_qualified_at TIMESTAMP;

-- Files that partners hand in, sealed (`vault.rs`). What they belong to says who sees them.
CREATE TABLE attachments (
    id TEXT PRIMARY KEY,
    -- The thing that it belongs to: its kind and id.
    about_kind TEXT NOT NULL CHECK (about_kind IN ('gccValidation', 'refund')),
    about_id TEXT NOT NULL,
    partner_id TEXT NOT NULL,
    file_name TEXT NOT NULL,
    content_type TEXT NOT NULL CHECK (content_type IN ('application/pdf', 'image/png', 'image/jpeg')),
    bytes BIGINT NOT NULL,
    sha256 TEXT NOT NULL,
    sealed TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX attachments_of ON attachments (about_id, id);

-- Validations of partners and of their customers (GCC-02 to GCC-10). The partner is the transacting one; the partner of
-- record is the reseller that submitted it in its provider's name.
CREATE TABLE gcc_validations (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL CHECK (kind IN ('partner', 'customer')),
    partner_id TEXT NOT NULL,
    partner_of_record_id TEXT,
    customer_id TEXT,
    -- Who is validated, as a name under which only one can be open (GCC-13).
    subject TEXT NOT NULL,
    organization TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('submitted', 'informationNeeded', 'approved', 'denied', 'withdrawn')),
    form TEXT NOT NULL,
    submitter TEXT NOT NULL,
    questions TEXT NOT NULL,
    reason TEXT,
    -- By when an answer is due; the end of all days while nobody waits for one (GCC-04, GCC-09).
    due_at TIMESTAMP NOT NULL,
    is_overdue BOOLEAN NOT NULL,
    -- Business days that are left of the clock that stands still.
    days_left BIGINT,
    code_id TEXT,
    version BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    decided_at TIMESTAMP
);
CREATE INDEX gcc_validations_of_partner ON gcc_validations (partner_id, id);
CREATE INDEX gcc_validations_of_record ON gcc_validations (partner_of_record_id, id);
CREATE INDEX gcc_validations_due ON gcc_validations (kind, due_at, id);
CREATE INDEX gcc_validations_of_customer ON gcc_validations (customer_id, id);
CREATE UNIQUE INDEX gcc_validations_open ON gcc_validations (subject)
    WHERE state IN ('submitted', 'informationNeeded');

-- What an approved organisation without a record is made a customer with (GCC-10, GCC-11).
CREATE TABLE gcc_validation_codes (
    id TEXT PRIMARY KEY,
    partner_id TEXT NOT NULL,
    partner_of_record_id TEXT,
    customer_id TEXT,
    validation_id TEXT NOT NULL,
    organization TEXT NOT NULL,
    -- The name without what people write differently.
    organization_key TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('active', 'withdrawn')),
    max_creates BIGINT NOT NULL,
    remaining_creates BIGINT NOT NULL CHECK (remaining_creates >= 0),
    version BIGINT NOT NULL,
    created_at TIMESTAMP NOT NULL
);
CREATE INDEX gcc_validation_codes_of_partner ON gcc_validation_codes (partner_id, id);
CREATE INDEX gcc_validation_codes_of_record ON gcc_validation_codes (partner_of_record_id, id);

-- A customer holds one qualification (GCC-11).
CREATE TABLE customer_qualifications (
    customer_id TEXT PRIMARY KEY,
    qualification TEXT NOT NULL CHECK (qualification IN ('governmentCommunityCloud')),
    validation_id TEXT NOT NULL,
    -- The code that was used up for it; none where the validation was of the customer itself.
    code_id TEXT,
    -- Who got it for the customer: the transacting partner, and the reseller of record.
    partner_id TEXT NOT NULL,
    partner_of_record_id TEXT,
    version BIGINT NOT NULL,
    granted_at TIMESTAMP NOT NULL
);
