-- What an operator chose of a definition's settings: a JSON object of name to value.
ALTER TABLE sources ADD COLUMN settings TEXT NOT NULL DEFAULT '{}';
-- Where the other records of a capture stand in its WARC file: a JSON list of offset
-- and length.
ALTER TABLE captures ADD COLUMN warc_beside TEXT;
-- What belongs to the capture of a rendered page: its parts, the document it became,
-- its screenshot. A part that pages share is captured once.
CREATE TABLE capture_parts (
    page_id INTEGER NOT NULL REFERENCES captures(id),
    part_id INTEGER NOT NULL REFERENCES captures(id),
    PRIMARY KEY (page_id, part_id)
);
