-- Cases that one look and one decision can be right for: of one product and one
-- kind of infringement as scored ('' where none is), linked by photos, seller or
-- text. A case that was put out of its cluster has one of its own, without keys.
CREATE TABLE clusters (
    id         INTEGER PRIMARY KEY,
    product_id INTEGER NOT NULL REFERENCES products(id),
    kind       TEXT NOT NULL,
    size       INTEGER NOT NULL,
    created_at INTEGER NOT NULL
);

-- What the cases of a cluster have in common with others: a case with one of
-- these keys belongs to it.
CREATE TABLE cluster_keys (
    product_id INTEGER NOT NULL,
    kind       TEXT NOT NULL,
    key        TEXT NOT NULL,
    cluster_id INTEGER NOT NULL REFERENCES clusters(id),
    PRIMARY KEY (product_id, kind, key)
);
CREATE INDEX cluster_keys_cluster ON cluster_keys(cluster_id);

-- NULL: not placed yet.
ALTER TABLE cases ADD COLUMN cluster_id INTEGER REFERENCES clusters(id);
ALTER TABLE cases ADD COLUMN ejected BOOLEAN NOT NULL DEFAULT FALSE;
-- Probability times what one sale costs the owner, in euro: the list price, else
-- the price asked.
ALTER TABLE cases ADD COLUMN worth REAL NOT NULL DEFAULT 0;
-- Whose it is; NULL: whoever comes first.
ALTER TABLE cases ADD COLUMN assigned_to TEXT;

DROP INDEX cases_queue;
CREATE INDEX cases_queue ON cases(state, score DESC, id);
CREATE INDEX cases_worth ON cases(state, worth DESC, id);
CREATE INDEX cases_oldest ON cases(state, created_at, id);
CREATE INDEX cases_cluster ON cases(cluster_id, state, score DESC, id);
CREATE INDEX cases_product ON cases(product_id, state, score DESC, id);
CREATE INDEX cases_unplaced ON cases(id) WHERE cluster_id IS NULL;
CREATE INDEX cases_assigned ON cases(assigned_to, state) WHERE assigned_to IS NOT NULL;
CREATE INDEX cases_state ON cases(state);
-- The same orders for all states together.
CREATE INDEX cases_all_score ON cases(score DESC, id);
CREATE INDEX cases_all_worth ON cases(worth DESC, id);
CREATE INDEX cases_all_oldest ON cases(created_at, id);

-- What queues are narrowed by of a case's listing: small, where the rows of cases
-- and listings are large. `words` are title and seller in lower case.
CREATE TABLE case_facts (
    case_id   INTEGER PRIMARY KEY REFERENCES cases(id),
    source_id INTEGER NOT NULL,
    seller    TEXT,
    price     REAL,
    words     TEXT NOT NULL
);
CREATE INDEX case_facts_seller ON case_facts(seller);
