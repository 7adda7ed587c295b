-- Who has which card before them, and until when unless they say so again.
CREATE TABLE claims (
    cluster_id INTEGER PRIMARY KEY REFERENCES clusters(id),
    actor      TEXT NOT NULL,
    since      INTEGER NOT NULL,
    until      INTEGER NOT NULL
);
CREATE INDEX claims_actor ON claims(actor, until);

-- Settings that are changed while the program runs: JSON by name.
CREATE TABLE settings (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    actor TEXT NOT NULL,
    at    INTEGER NOT NULL
);

-- What one person likes: keys, blurred pictures. JSON by name.
CREATE TABLE preferences (
    user_name TEXT NOT NULL,
    name      TEXT NOT NULL,
    value     TEXT NOT NULL,
    at        INTEGER NOT NULL,
    PRIMARY KEY (user_name, name)
);

-- Queues that were given a name: the query of the address.
CREATE TABLE saved_filters (
    id         INTEGER PRIMARY KEY,
    name       TEXT NOT NULL UNIQUE,
    query      TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL
);

-- What people write down about a case.
CREATE TABLE case_notes (
    id      INTEGER PRIMARY KEY,
    case_id INTEGER NOT NULL REFERENCES cases(id),
    text    TEXT NOT NULL,
    actor   TEXT NOT NULL,
    at      INTEGER NOT NULL
);
CREATE INDEX case_notes_case ON case_notes(case_id, id);

CREATE INDEX decisions_batch ON decisions(batch, id);
-- The last decisions of a person that were not taken back.
CREATE INDEX decisions_standing ON decisions(actor, id) WHERE undone_by IS NULL;
