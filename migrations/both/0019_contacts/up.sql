-- CUS-06: the partner that last put another mail address in the place of a customer's; it is not asked for a code there.
ALTER TABLE customers ADD COLUMN contact_changed_by TEXT;
