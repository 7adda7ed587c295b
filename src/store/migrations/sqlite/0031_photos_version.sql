-- The catalog's version at which reference photos were last changed: other changes leave
-- the index of the photos as it is.
ALTER TABLE catalog_version ADD COLUMN photos INTEGER NOT NULL DEFAULT 0;
UPDATE catalog_version SET photos = version;
