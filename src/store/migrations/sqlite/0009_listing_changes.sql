-- Which listings changed in which order, for what is derived from them: a row a
-- listing with the number of its last change; a listing that is gone keeps its row.
-- Triggers, so that no way of writing listings can forget it.
CREATE TABLE listing_changes (
    listing_id INTEGER PRIMARY KEY,
    change     INTEGER NOT NULL UNIQUE
);

-- The last change's number. The era tells one database's history from another's.
CREATE TABLE listing_clock (
    id     INTEGER PRIMARY KEY CHECK (id = 1),
    change INTEGER NOT NULL,
    era    INTEGER NOT NULL
);
INSERT INTO listing_clock (id, change, era)
    SELECT 1, COUNT(*), abs(random() / 2) FROM listings;
INSERT INTO listing_changes (listing_id, change)
    SELECT id, ROW_NUMBER() OVER (ORDER BY id) FROM listings;

CREATE TRIGGER listing_added AFTER INSERT ON listings BEGIN
    UPDATE listing_clock SET change = change + 1;
    DELETE FROM listing_changes WHERE listing_id = NEW.id;
    INSERT INTO listing_changes (listing_id, change)
        SELECT NEW.id, change FROM listing_clock;
END;

CREATE TRIGGER listing_changed AFTER UPDATE OF source_id, title, price_amount,
        price_currency, seller, data, last_seen_at ON listings BEGIN
    UPDATE listing_clock SET change = change + 1;
    DELETE FROM listing_changes WHERE listing_id = NEW.id;
    INSERT INTO listing_changes (listing_id, change)
        SELECT NEW.id, change FROM listing_clock;
END;

CREATE TRIGGER listing_gone AFTER DELETE ON listings BEGIN
    UPDATE listing_clock SET change = change + 1;
    DELETE FROM listing_changes WHERE listing_id = OLD.id;
    INSERT INTO listing_changes (listing_id, change)
        SELECT OLD.id, change FROM listing_clock;
END;

-- The product as it was when everything captured was last searched for it: its
-- fingerprint; NULL: never.
ALTER TABLE products ADD COLUMN hunted TEXT;
UPDATE products SET hunted = fingerprint
    WHERE id IN (SELECT product_id FROM reference_photos WHERE hunted_at IS NOT NULL);
