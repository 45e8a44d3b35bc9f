-- Files that are handed in with a request, sealed.
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

-- What is credited, line by line, as it was judged at the request (REF-04); none for what was credited before this was kept.
ALTER TABLE refunds ADD COLUMN credits TEXT;
-- Why it was rejected.
ALTER TABLE refunds ADD COLUMN rejected_because TEXT;
-- When it was approved, rejected or withdrawn, and when the steps after an approval were done.
ALTER TABLE refunds ADD COLUMN decided_at TIMESTAMP;
ALTER TABLE refunds ADD COLUMN key_revoked_at TIMESTAMP;
ALTER TABLE refunds ADD COLUMN credited_at TIMESTAMP;

-- REF-06: software is given back once; of seats some may be given back, and later others.
DROP INDEX refunds_of_line;
CREATE UNIQUE INDEX refunds_of_line ON refunds (order_line_id)
    WHERE subscription_id IS NULL AND state NOT IN ('rejected', 'withdrawn');
CREATE UNIQUE INDEX refunds_of_seats ON refunds (subscription_id)
    WHERE subscription_id IS NOT NULL AND state IN ('requested', 'inReview', 'approved', 'keyRevoked');
