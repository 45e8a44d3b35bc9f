-- What keeps the ledgers quick at millions of rows (PLT-06): every list and every check finds its rows by an index that ends
-- in the place of the chain or of the feed, and reads them in order.

ALTER TABLE audit_links DISABLE TRIGGER audit_links_append_only;
ALTER TABLE audit_seals DISABLE TRIGGER audit_seals_append_only;

-- The links repeat what lists filter by. They are only ever inserted, by the sealer, so a write pays nothing for it.
ALTER TABLE audit_links ADD COLUMN operation TEXT NOT NULL DEFAULT '';
ALTER TABLE audit_links ADD COLUMN client_id TEXT NOT NULL DEFAULT '';
ALTER TABLE audit_links ADD COLUMN outcome TEXT NOT NULL DEFAULT 'done';
-- Between which instants the records of a seal lie; astray where one of them is not near the seal's own instant. So an
-- instant finds its place in the chain by the seals that are not astray, and the few others are looked at one by one.
ALTER TABLE audit_seals ADD COLUMN oldest_at TIMESTAMP NOT NULL DEFAULT '1970-01-01 00:00:00';
ALTER TABLE audit_seals ADD COLUMN newest_at TIMESTAMP NOT NULL DEFAULT '1970-01-01 00:00:00';
ALTER TABLE audit_seals ADD COLUMN astray BOOLEAN NOT NULL DEFAULT TRUE;

UPDATE audit_links SET operation = made.operation, client_id = made.client_id, outcome = made.outcome
FROM audit_records AS made WHERE made.seq = audit_links.record_seq;
UPDATE audit_seals SET oldest_at = span.oldest, newest_at = span.newest
FROM (
    SELECT audit_links.seal AS number, min(audit_records.at) AS oldest, max(audit_records.at) AS newest
    FROM audit_links JOIN audit_records ON audit_records.seq = audit_links.record_seq GROUP BY audit_links.seal
) AS span WHERE span.number = audit_seals.number;
-- A little too often astray costs a look; too seldom would hide a record.
UPDATE audit_seals SET astray = sealed_at - oldest_at > INTERVAL '59 seconds'
    OR newest_at - sealed_at > INTERVAL '59 seconds';

ALTER TABLE audit_links ENABLE TRIGGER audit_links_append_only;
ALTER TABLE audit_seals ENABLE TRIGGER audit_seals_append_only;

CREATE INDEX audit_links_sealed ON audit_links (seal, position);
CREATE INDEX audit_links_by ON audit_links (client_id, position);
CREATE INDEX audit_links_doing ON audit_links (operation, position);
CREATE INDEX audit_links_refused ON audit_links (position) WHERE outcome = 'refused';
-- The same for each partner: one who filters by what is another's must not wait for the other's rows.
CREATE INDEX audit_links_of_about ON audit_links (partner_id, object_id, position) WHERE partner_id IS NOT NULL;
CREATE INDEX audit_links_of_by ON audit_links (partner_id, client_id, position) WHERE partner_id IS NOT NULL;
CREATE INDEX audit_links_of_doing ON audit_links (partner_id, operation, position) WHERE partner_id IS NOT NULL;
CREATE INDEX audit_links_of_refused ON audit_links (partner_id, position) WHERE outcome = 'refused';
CREATE INDEX audit_seals_made ON audit_seals (sealed_at, number);
CREATE INDEX audit_seals_astray ON audit_seals (astray, number);

-- Of the feed: by each owner, and by each owner's types.
CREATE INDEX event_positions_like ON event_positions (topic, position);
CREATE INDEX event_positions_of_partner_like ON event_positions (partner_id, topic, position);
CREATE INDEX event_positions_of_record_like ON event_positions (partner_of_record_id, topic, position)
WHERE partner_of_record_id IS NOT NULL;
CREATE INDEX event_positions_of_customer ON event_positions (customer_id, position) WHERE customer_id IS NOT NULL;
