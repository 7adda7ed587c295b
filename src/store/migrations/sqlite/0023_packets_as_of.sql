-- The moment whose state a packet shows, so that one that is still right need not be
-- written again; and the packets of a subject, the last one first.
ALTER TABLE packets ADD COLUMN as_of INTEGER;
CREATE INDEX packets_subject ON packets(subject, id);
