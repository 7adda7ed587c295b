-- Who a user is at an OpenID provider: the subject that the provider will never give to
-- anybody else.
CREATE TABLE identities (
    issuer   TEXT NOT NULL,
    subject  TEXT NOT NULL,
    user_id  BIGINT NOT NULL REFERENCES users(id),
    bound_at BIGINT NOT NULL,
    used_at  BIGINT,
    PRIMARY KEY (issuer, subject)
);
CREATE UNIQUE INDEX identities_user ON identities(user_id, issuer);

-- Somebody who was sent to the provider and is awaited, once. The state comes back in
-- the address, what the browser is known by in its cookie; of both only hashes are kept.
CREATE TABLE provider_visits (
    state_hash   TEXT PRIMARY KEY,
    browser_hash TEXT NOT NULL,
    nonce        TEXT NOT NULL,
    verifier     TEXT NOT NULL,
    next         TEXT NOT NULL,
    again        BOOLEAN NOT NULL,
    expires_at   BIGINT NOT NULL
);
CREATE INDEX provider_visits_end ON provider_visits(expires_at);

-- The issuer by which a session began, none for a password; whether it has asked for a
-- second factor itself; and when it has asked for whatever its users sign in with anew.
ALTER TABLE sessions ADD COLUMN issuer TEXT;
ALTER TABLE sessions ADD COLUMN vouched BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE sessions ADD COLUMN proven_at BIGINT;
ALTER TABLE pending_sign_ins ADD COLUMN issuer TEXT;
ALTER TABLE pending_sign_ins ADD COLUMN proven_at BIGINT;
