-- The language of a marketplace, as its definition says: queues are narrowed by it.
-- NULL: not looked up yet; '' where the definition names none.
ALTER TABLE sources ADD COLUMN language TEXT;
