-- Versions that no catalogue names any more. They keep their place among the others: downgrades are counted by it.
ALTER TABLE software_products ADD COLUMN retired TEXT NOT NULL DEFAULT '[]';
