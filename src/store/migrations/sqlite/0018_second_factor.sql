-- The secret that a user's authenticator app shares with the program. It counts from
-- `confirmed_at` on; `last_step` is the step of the last code that was taken, so that
-- none is taken twice.
CREATE TABLE second_factors (
    user_id      INTEGER PRIMARY KEY REFERENCES users(id),
    secret       BLOB NOT NULL,
    created_at   INTEGER NOT NULL,
    confirmed_at INTEGER,
    last_step    INTEGER NOT NULL DEFAULT 0
);

-- What stands in for a lost app, each once; hashes only.
CREATE TABLE recovery_codes (
    user_id   INTEGER NOT NULL REFERENCES users(id),
    code_hash TEXT NOT NULL,
    used_at   INTEGER,
    PRIMARY KEY (user_id, code_hash)
);

-- Somebody who has given the right password and still owes a code.
CREATE TABLE pending_sign_ins (
    token_hash TEXT PRIMARY KEY,
    user_id    INTEGER NOT NULL REFERENCES users(id),
    expires_at INTEGER NOT NULL
);
