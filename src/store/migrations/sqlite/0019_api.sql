-- Personal tokens of the API; hashes only. Scopes are words with commas between.
CREATE TABLE api_tokens (
    id           INTEGER PRIMARY KEY,
    user_id      INTEGER NOT NULL REFERENCES users(id),
    name         TEXT NOT NULL,
    token_hash   TEXT NOT NULL UNIQUE,
    scopes       TEXT NOT NULL,
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    last_used_at INTEGER,
    revoked_at   INTEGER
);
CREATE INDEX api_tokens_user ON api_tokens(user_id, id);

-- Requests that came with a key of their sender's choice, and what was answered: the
-- same key again gives the same answer and does nothing. No status: it is under way.
CREATE TABLE idempotent_answers (
    user_id    INTEGER NOT NULL REFERENCES users(id),
    key        TEXT NOT NULL,
    request    TEXT NOT NULL,
    status     INTEGER,
    kind       TEXT,
    body       BLOB,
    created_at INTEGER NOT NULL,
    PRIMARY KEY (user_id, key)
);
CREATE INDEX idempotent_answers_age ON idempotent_answers(created_at);
