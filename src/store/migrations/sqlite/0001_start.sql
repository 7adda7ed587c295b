-- Times are UTC milliseconds since 1970; money is a decimal text and an
-- ISO 4217 code; lists and documents are JSON text. The two folders hold the
-- same tables under the same numbers; only the type names differ.

CREATE TABLE products (
    id                 INTEGER PRIMARY KEY,
    sku                TEXT NOT NULL UNIQUE,
    brand              TEXT NOT NULL,
    name               TEXT NOT NULL,
    category           TEXT,
    model_numbers      TEXT NOT NULL,
    aliases            TEXT NOT NULL,
    keywords           TEXT NOT NULL,
    msrp               TEXT,
    currency           TEXT,
    countries          TEXT NOT NULL,
    classification     TEXT,
    released           TEXT,
    authorised_sellers TEXT NOT NULL,
    fingerprint        TEXT NOT NULL,
    created_at         INTEGER NOT NULL,
    updated_at         INTEGER NOT NULL
);

CREATE TABLE rights (
    id           INTEGER PRIMARY KEY,
    product_id   INTEGER NOT NULL REFERENCES products(id),
    kind         TEXT NOT NULL,
    number       TEXT,
    jurisdiction TEXT,
    classes      TEXT NOT NULL,
    owner        TEXT,
    expiry       TEXT
);
CREATE INDEX rights_product ON rights(product_id);

CREATE TABLE reference_photos (
    id         INTEGER PRIMARY KEY,
    product_id INTEGER NOT NULL REFERENCES products(id),
    file_name  TEXT NOT NULL,
    blob       TEXT NOT NULL,
    width      INTEGER NOT NULL,
    height     INTEGER NOT NULL,
    format     TEXT NOT NULL,
    algorithm  TEXT NOT NULL,
    hashes     BLOB NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (product_id, blob)
);

-- One row that counts catalog changes: derived indexes compare it with the
-- value they were built at.
CREATE TABLE catalog_version (
    id      INTEGER PRIMARY KEY CHECK (id = 1),
    version INTEGER NOT NULL
);
INSERT INTO catalog_version (id, version) VALUES (1, 0);

CREATE TABLE sources (
    id         INTEGER PRIMARY KEY,
    name       TEXT NOT NULL UNIQUE,
    definition TEXT NOT NULL,
    base       TEXT,
    queries    TEXT NOT NULL,
    schedule   TEXT,
    time_zone  TEXT NOT NULL,
    enabled    BOOLEAN NOT NULL,
    created_at INTEGER NOT NULL
);

CREATE TABLE scans (
    id          INTEGER PRIMARY KEY,
    source_id   INTEGER NOT NULL REFERENCES sources(id),
    state       TEXT NOT NULL,
    started_by  TEXT NOT NULL,
    started_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL,
    finished_at INTEGER,
    message     TEXT,
    requests    INTEGER NOT NULL DEFAULT 0,
    listings    INTEGER NOT NULL DEFAULT 0,
    new_listings INTEGER NOT NULL DEFAULT 0,
    pictures    INTEGER NOT NULL DEFAULT 0,
    cases       INTEGER NOT NULL DEFAULT 0,
    failures    INTEGER NOT NULL DEFAULT 0,
    queued      INTEGER NOT NULL DEFAULT 0,
    finished    INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX scans_source ON scans(source_id, started_at);

CREATE TABLE captures (
    id           INTEGER PRIMARY KEY,
    scan_id      INTEGER REFERENCES scans(id),
    source_id    INTEGER REFERENCES sources(id),
    kind         TEXT NOT NULL,
    url          TEXT NOT NULL,
    final_url    TEXT NOT NULL,
    status       INTEGER NOT NULL,
    request      TEXT NOT NULL,
    headers      TEXT NOT NULL,
    hops         TEXT NOT NULL,
    peer         TEXT,
    blob         TEXT NOT NULL,
    size         INTEGER NOT NULL,
    fetched_at   INTEGER NOT NULL,
    UNIQUE (scan_id, kind, url)
);

-- One row a URL (or an already extracted listing) a scan still has to do.
CREATE TABLE frontier (
    id           INTEGER PRIMARY KEY,
    scan_id      INTEGER NOT NULL REFERENCES scans(id),
    dedupe       TEXT NOT NULL,
    target       TEXT NOT NULL,
    listing      TEXT,
    capture_id   INTEGER REFERENCES captures(id),
    state        TEXT NOT NULL,
    leased_by    TEXT,
    leased_until INTEGER,
    attempts     INTEGER NOT NULL DEFAULT 0,
    error        TEXT,
    UNIQUE (scan_id, dedupe)
);
CREATE INDEX frontier_todo ON frontier(scan_id, state, id);

CREATE TABLE pictures (
    id         INTEGER PRIMARY KEY,
    blob       TEXT NOT NULL UNIQUE,
    width      INTEGER NOT NULL,
    height     INTEGER NOT NULL,
    format     TEXT NOT NULL,
    algorithm  TEXT NOT NULL,
    hashes     BLOB NOT NULL,
    created_at INTEGER NOT NULL
);

CREATE TABLE listings (
    id            INTEGER PRIMARY KEY,
    source_id     INTEGER NOT NULL REFERENCES sources(id),
    item_id       TEXT NOT NULL,
    url           TEXT NOT NULL,
    title         TEXT NOT NULL,
    price_amount  TEXT,
    price_currency TEXT,
    seller        TEXT,
    data          TEXT NOT NULL,
    capture_id    INTEGER NOT NULL REFERENCES captures(id),
    last_scan_id  INTEGER REFERENCES scans(id),
    times_seen    INTEGER NOT NULL DEFAULT 1,
    first_seen_at INTEGER NOT NULL,
    last_seen_at  INTEGER NOT NULL,
    UNIQUE (source_id, item_id)
);
CREATE INDEX listings_seller ON listings(source_id, seller);

CREATE TABLE listing_pictures (
    listing_id INTEGER NOT NULL REFERENCES listings(id),
    position   INTEGER NOT NULL,
    url        TEXT NOT NULL,
    picture_id INTEGER REFERENCES pictures(id),
    capture_id INTEGER REFERENCES captures(id),
    error      TEXT,
    PRIMARY KEY (listing_id, position)
);
CREATE INDEX listing_pictures_picture ON listing_pictures(picture_id);

CREATE TABLE cases (
    id           INTEGER PRIMARY KEY,
    listing_id   INTEGER NOT NULL REFERENCES listings(id),
    product_id   INTEGER NOT NULL REFERENCES products(id),
    state        TEXT NOT NULL,
    score        REAL NOT NULL,
    kind         TEXT,
    evidence     TEXT NOT NULL,
    evidence_hash TEXT NOT NULL,
    model        TEXT NOT NULL,
    picture_id   INTEGER REFERENCES pictures(id),
    reference_id INTEGER REFERENCES reference_photos(id),
    decided_kind TEXT,
    created_at   INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL,
    UNIQUE (listing_id, product_id)
);
CREATE INDEX cases_queue ON cases(state, score, id);

CREATE TABLE decisions (
    id            INTEGER PRIMARY KEY,
    case_id       INTEGER NOT NULL REFERENCES cases(id),
    action        TEXT NOT NULL,
    from_state    TEXT NOT NULL,
    to_state      TEXT NOT NULL,
    kind          TEXT,
    reason        TEXT,
    batch         TEXT NOT NULL,
    evidence_hash TEXT NOT NULL,
    actor         TEXT NOT NULL,
    at            INTEGER NOT NULL,
    undone_by     INTEGER REFERENCES decisions(id)
);
CREATE INDEX decisions_case ON decisions(case_id, id);
CREATE INDEX decisions_actor ON decisions(actor, id);

CREATE TABLE notices (
    id         INTEGER PRIMARY KEY,
    case_id    INTEGER NOT NULL REFERENCES cases(id),
    right_id   INTEGER REFERENCES rights(id),
    right_kind TEXT NOT NULL,
    channel    TEXT NOT NULL,
    state      TEXT NOT NULL,
    subject    TEXT NOT NULL,
    body       TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (case_id, right_kind, channel)
);

CREATE TABLE notice_events (
    id         INTEGER PRIMARY KEY,
    notice_id  INTEGER NOT NULL REFERENCES notices(id),
    from_state TEXT NOT NULL,
    to_state   TEXT NOT NULL,
    note       TEXT,
    actor      TEXT NOT NULL,
    happened_at INTEGER NOT NULL,
    at         INTEGER NOT NULL
);
CREATE INDEX notice_events_notice ON notice_events(notice_id, id);

CREATE TABLE users (
    id            INTEGER PRIMARY KEY,
    name          TEXT NOT NULL UNIQUE,
    password_hash TEXT NOT NULL,
    role          TEXT NOT NULL,
    created_at    INTEGER NOT NULL
);

CREATE TABLE sessions (
    token_hash TEXT PRIMARY KEY,
    user_id    INTEGER NOT NULL REFERENCES users(id),
    csrf       TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
);

CREATE TABLE login_failures (
    subject      TEXT PRIMARY KEY,
    failures     INTEGER NOT NULL,
    last_at      INTEGER NOT NULL
);

-- A hash chain: each event carries the hash of the one before it.
CREATE TABLE audit_events (
    seq       INTEGER PRIMARY KEY,
    at        INTEGER NOT NULL,
    actor     TEXT NOT NULL,
    action    TEXT NOT NULL,
    subject   TEXT NOT NULL,
    detail    TEXT NOT NULL,
    prev_hash TEXT NOT NULL,
    hash      TEXT NOT NULL
);
CREATE INDEX audit_subject ON audit_events(subject, seq);

CREATE TABLE audit_head (
    id   INTEGER PRIMARY KEY CHECK (id = 1),
    seq  INTEGER NOT NULL,
    hash TEXT NOT NULL
);
INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, '0000000000000000000000000000000000000000000000000000000000000000');
