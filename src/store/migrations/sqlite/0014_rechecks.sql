-- What a capture of an item's page said: there, gone, blocked or unexpected.
CREATE TABLE capture_signals (
    capture_id INTEGER PRIMARY KEY REFERENCES captures(id),
    signal     TEXT NOT NULL,
    why        TEXT NOT NULL
);

-- A listing under notice and when it is looked at again. `asked` is the address
-- it is asked at, `scan_id` the run that last asked, `gone_capture` the first that
-- said it is gone since it was last there.
CREATE TABLE rechecks (
    listing_id   INTEGER PRIMARY KEY REFERENCES listings(id),
    asked        TEXT NOT NULL,
    scan_id      INTEGER REFERENCES scans(id),
    next_at      INTEGER NOT NULL,
    looks        INTEGER NOT NULL,
    judged       BOOLEAN NOT NULL,
    last_signal  TEXT,
    last_at      INTEGER,
    gone_capture INTEGER REFERENCES captures(id),
    gone_at      INTEGER
);
CREATE INDEX rechecks_next ON rechecks(next_at);

-- A listing that came after another one was removed and is the same offer.
CREATE TABLE relistings (
    listing_id   INTEGER NOT NULL REFERENCES listings(id),
    case_id      INTEGER NOT NULL REFERENCES cases(id),
    by_photo     REAL,
    by_seller    BOOLEAN NOT NULL,
    by_text      REAL,
    why          TEXT NOT NULL,
    at           INTEGER NOT NULL,
    PRIMARY KEY (listing_id, case_id)
);
CREATE INDEX relistings_case ON relistings(case_id);
