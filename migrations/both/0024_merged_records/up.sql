-- Two records of one organisation, or of one tenant, become one: the other says which (TEN-08).
ALTER TABLE customers ADD COLUMN merged_into TEXT;
ALTER TABLE tenants ADD COLUMN merged_into TEXT;
