-- The secret that a user's authenticator app shares with the program. It counts from
-- `confirmed_at` on; `last_step` is the step of the last code that was taken, so that
-- none is taken twice.
CREATE TABLE second_factors (
    user_id      BIGINT PRIMARY KEY REFERENCES users(id),
    secret       BYTEA NOT NULL,
    created_at   BIGINT NOT NULL,
    confirmed_at BIGINT,
    last_step    BIGINT NOT NULL DEFAULT 0
);

-- What stands in for a lost app, each once; hashes only.
CREATE TABLE recovery_codes (
    user_id   BIGINT NOT NULL REFERENCES users(id),
    code_hash TEXT NOT NULL,
    used_at   BIGINT,
    PRIMARY KEY (user_id, code_hash)
);

-- Somebody who has given the right password and still owes a code.
CREATE TABLE pending_sign_ins (
    token_hash TEXT PRIMARY KEY,
    user_id    BIGINT NOT NULL REFERENCES users(id),
    expires_at BIGINT NOT NULL
);
