-- What the searches of a scan under way gave first, in their order: read when it ends.
CREATE TABLE scan_results (
    scan_id INTEGER NOT NULL REFERENCES scans(id),
    query   TEXT NOT NULL,
    place   INTEGER NOT NULL,
    entries TEXT NOT NULL,
    PRIMARY KEY (scan_id, query, place)
);
