-- What a capture showed: the results of a search are looked up by it when a scan ends.
CREATE INDEX listings_capture ON listings(capture_id);
