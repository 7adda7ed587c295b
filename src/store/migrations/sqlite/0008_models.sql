-- Fitted weights of the score. Those that ship with the program are in no row.
CREATE TABLE score_models (
    id         INTEGER PRIMARY KEY,
    name       TEXT NOT NULL,
    version    INTEGER NOT NULL,
    weights    TEXT NOT NULL,
    report     TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (name, version)
);

-- Which weights score: the newest row counts. No model stands for the weights
-- that ship; `undoes` names the adoption that a row takes back.
CREATE TABLE model_adoptions (
    id        INTEGER PRIMARY KEY,
    model_id  INTEGER REFERENCES score_models(id),
    before_id INTEGER REFERENCES score_models(id),
    undoes    INTEGER UNIQUE REFERENCES model_adoptions(id),
    actor     TEXT NOT NULL,
    at        INTEGER NOT NULL
);

-- The chance at which a listing under the threshold was drawn into the queue;
-- NULL where the score put it there.
ALTER TABLE cases ADD COLUMN audit_rate REAL;

-- What the lots of that draw follow from.
CREATE TABLE audit_secret (
    id     INTEGER PRIMARY KEY CHECK (id = 1),
    secret TEXT NOT NULL
);
