-- Where others want to hear of what happens. The secret is what both sides sign with.
CREATE TABLE webhooks (
    id              INTEGER PRIMARY KEY,
    url             TEXT NOT NULL,
    secret          TEXT NOT NULL,
    events          TEXT NOT NULL,
    shape           TEXT NOT NULL,
    min_probability REAL NOT NULL,
    enabled         BOOLEAN NOT NULL,
    created_by      TEXT NOT NULL,
    created_at      INTEGER NOT NULL
);

-- One row a message and receiver: `event` names what happened, so that nothing is
-- told twice, however often it is looked for.
CREATE TABLE deliveries (
    id          INTEGER PRIMARY KEY,
    webhook_id  INTEGER NOT NULL REFERENCES webhooks(id) ON DELETE CASCADE,
    event       TEXT NOT NULL,
    kind        TEXT NOT NULL,
    body        TEXT NOT NULL,
    state       TEXT NOT NULL,
    attempts    INTEGER NOT NULL,
    next_at     INTEGER NOT NULL,
    last_status INTEGER,
    last_error  TEXT,
    created_at  INTEGER NOT NULL,
    sent_at     INTEGER,
    UNIQUE (webhook_id, event)
);
CREATE INDEX deliveries_due ON deliveries(state, next_at);
