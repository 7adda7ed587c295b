-- Hashes of pictures that came without the picture, from a list; `hash` is the
-- 32 bytes in hexadecimal. Evidence keeps a row's label and hash, and its
-- number with a minus sign, so no number is given twice.
CREATE TABLE reference_hashes (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    product_id INTEGER NOT NULL REFERENCES products(id),
    algorithm  TEXT NOT NULL,
    hash       TEXT NOT NULL,
    quality    INTEGER,
    label      TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (product_id, algorithm, hash)
);
