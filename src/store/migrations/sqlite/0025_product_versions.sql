-- The catalog's version at which a product was last changed: what is derived from the
-- catalog reads these alone.
ALTER TABLE products ADD COLUMN version INTEGER NOT NULL DEFAULT 0;
CREATE INDEX products_version ON products(version);
