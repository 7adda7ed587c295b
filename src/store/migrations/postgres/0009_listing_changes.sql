-- Which listings changed in which order, for what is derived from them: a row a
-- listing with the number of its last change; a listing that is gone keeps its row.
-- Triggers, so that no way of writing listings can forget it.
CREATE TABLE listing_changes (
    listing_id BIGINT PRIMARY KEY,
    change     BIGINT NOT NULL UNIQUE
);

-- The last change's number. The era tells one database's history from another's.
CREATE TABLE listing_clock (
    id     BIGINT PRIMARY KEY CHECK (id = 1),
    change BIGINT NOT NULL,
    era    BIGINT NOT NULL
);
INSERT INTO listing_clock (id, change, era)
    SELECT 1, COUNT(*), floor(random() * 4e18)::BIGINT FROM listings;
INSERT INTO listing_changes (listing_id, change)
    SELECT id, ROW_NUMBER() OVER (ORDER BY id) FROM listings;

CREATE FUNCTION number_listing_change() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    concerned BIGINT := CASE WHEN TG_OP = 'DELETE' THEN OLD.id ELSE NEW.id END;
    number BIGINT;
BEGIN
    UPDATE listing_clock SET change = change + 1 RETURNING change INTO number;
    INSERT INTO listing_changes (listing_id, change) VALUES (concerned, number)
        ON CONFLICT (listing_id) DO UPDATE SET change = excluded.change;
    RETURN NULL;
END $$;

-- Deferred to the commit: numbers are then in the order of the commits, so that who
-- has read up to one has missed none before it, and the clock's row is held only
-- while the transaction ends.
CREATE CONSTRAINT TRIGGER listing_change
    AFTER INSERT OR DELETE OR UPDATE OF source_id, title, price_amount, price_currency,
        seller, data, last_seen_at ON listings
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION number_listing_change();

-- The product as it was when everything captured was last searched for it: its
-- fingerprint; NULL: never.
ALTER TABLE products ADD COLUMN hunted TEXT;
UPDATE products SET hunted = fingerprint
    WHERE id IN (SELECT product_id FROM reference_photos WHERE hunted_at IS NOT NULL);
