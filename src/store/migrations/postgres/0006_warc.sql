-- Where a capture's response stands in the WARC files, the digest of its payload
-- as received, and what the page asks of robots and archives.
ALTER TABLE captures ADD COLUMN warc_file TEXT;
ALTER TABLE captures ADD COLUMN warc_offset BIGINT;
ALTER TABLE captures ADD COLUMN warc_length BIGINT;
ALTER TABLE captures ADD COLUMN warc_record TEXT;
ALTER TABLE captures ADD COLUMN payload TEXT;
ALTER TABLE captures ADD COLUMN directives TEXT;
CREATE INDEX captures_payload ON captures(payload, id);
CREATE INDEX captures_warc ON captures(warc_file, warc_offset);
