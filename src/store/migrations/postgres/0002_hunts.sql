-- When a reference photo was last searched for through everything captured;
-- NULL: not since it was imported.
ALTER TABLE reference_photos ADD COLUMN hunted_at BIGINT;

-- How far long work has come that the rows themselves do not tell.
CREATE TABLE marks (
    name  TEXT PRIMARY KEY,
    value BIGINT NOT NULL,
    at    BIGINT NOT NULL
);
