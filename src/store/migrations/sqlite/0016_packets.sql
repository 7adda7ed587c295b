-- Packets that were written, known by their signature.
CREATE TABLE packets (
    id         INTEGER PRIMARY KEY,
    subject    TEXT NOT NULL,
    path       TEXT,
    manifest   TEXT NOT NULL,
    signature  TEXT NOT NULL UNIQUE,
    key_id     TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL
);

-- Timestamps of their signatures: those that came, and those still to come (no token).
CREATE TABLE packet_stamps (
    id         INTEGER PRIMARY KEY,
    packet_id  INTEGER NOT NULL REFERENCES packets(id),
    authority  TEXT NOT NULL,
    token      BLOB,
    attempts   INTEGER NOT NULL,
    last_error TEXT,
    last_at    INTEGER NOT NULL,
    UNIQUE (packet_id, authority)
);
CREATE INDEX packet_stamps_pending ON packet_stamps (id) WHERE token IS NULL;
