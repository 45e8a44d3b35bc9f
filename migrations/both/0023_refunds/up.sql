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
