-- The party whose work a job is: a partner's id, `operator`, `mail`, or nobody's but the house's own. Its share of the
-- places is bounded, so that one partner's silent receivers hold up nobody else (PLT-06).
ALTER TABLE jobs ADD COLUMN party TEXT NOT NULL DEFAULT '';
-- How many of the attempts the house itself spoilt: by a fault, by a panic, by the end of its process. The others are
-- those that a schedule of retries counts.
ALTER TABLE jobs ADD COLUMN failures BIGINT NOT NULL DEFAULT 0;

UPDATE jobs SET party = 'mail' WHERE kind = 'mail.send';
UPDATE jobs
SET party = coalesce(
    (SELECT partner_id FROM webhook_endpoints WHERE webhook_endpoints.id = jobs.lane), 'operator'
)
WHERE kind = 'webhooks.deliver';

-- Lanes that were slow last: they get a small share of the places, until they are not.
CREATE TABLE slow_lanes (lane TEXT PRIMARY KEY);
INSERT INTO slow_lanes SELECT id FROM webhook_endpoints WHERE state = 'enabled' AND failing_since IS NOT NULL;

-- Dead jobs no longer stand in front of those that are due.
DROP INDEX jobs_due;
CREATE INDEX jobs_due ON jobs (due_at, id, lane) WHERE dead_at IS NULL;
CREATE INDEX jobs_due_of_the_house ON jobs (due_at, id) WHERE dead_at IS NULL AND party IN ('', 'mail');
CREATE INDEX jobs_dead ON jobs (dead_at) WHERE dead_at IS NOT NULL;

-- How far the feed has been told to the endpoints: every event up to this position, and of the next one every endpoint
-- up to this id. It moves with the deliveries, a bounded number in one transaction.
CREATE TABLE webhook_fan_out (
    id BIGINT PRIMARY KEY CHECK (id = 1),
    position BIGINT NOT NULL,
    endpoint_id TEXT NOT NULL
);
INSERT INTO webhook_fan_out SELECT 1, coalesce(max(position), 0), '' FROM event_positions;

CREATE INDEX webhook_deliveries_pending ON webhook_deliveries (id) WHERE state = 'pending';
DROP INDEX webhook_deliveries_by_age;
CREATE INDEX webhook_deliveries_ended ON webhook_deliveries (created_at) WHERE state <> 'pending';
CREATE INDEX webhook_deliveries_in_state ON webhook_deliveries (endpoint_id, state, id);
