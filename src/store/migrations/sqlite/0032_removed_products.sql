-- A product that was removed from the catalog stays for what rests on it: its cases,
-- notices and the log. Nothing is held against it any more.
ALTER TABLE products ADD COLUMN removed_at INTEGER;
ALTER TABLE products ADD COLUMN removed_by TEXT;
CREATE INDEX products_removed ON products(id) WHERE removed_at IS NOT NULL;
