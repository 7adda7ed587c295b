-- Requests spent of a source's daily quota, a row a UTC day.
CREATE TABLE quota_spent (
    source   TEXT NOT NULL,
    day      TEXT NOT NULL,
    requests BIGINT NOT NULL,
    PRIMARY KEY (source, day)
);

-- Hosts that asked to be left alone, and until when.
CREATE TABLE closed_hosts (
    host     TEXT PRIMARY KEY,
    until_at BIGINT NOT NULL,
    status   BIGINT NOT NULL
);
