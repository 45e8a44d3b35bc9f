-- What an organisation is registered as, in the countries where it must say so (CUS-03).
ALTER TABLE customers ADD COLUMN organization_registration_number TEXT;
