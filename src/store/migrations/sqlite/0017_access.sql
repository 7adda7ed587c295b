-- Brands a user may see; a user without a row here sees all.
CREATE TABLE user_brands (
    user_id INTEGER NOT NULL REFERENCES users(id),
    brand   TEXT NOT NULL,
    PRIMARY KEY (user_id, brand)
);
CREATE INDEX products_brand ON products(brand);

-- Since when somebody may not sign in any more.
ALTER TABLE users ADD COLUMN disabled_at INTEGER;

-- What a person sees of a session that is theirs: when it was last used, from where.
ALTER TABLE sessions ADD COLUMN seen_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN address TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN browser TEXT NOT NULL DEFAULT '';
CREATE INDEX sessions_user ON sessions(user_id, created_at);
