-- Cases of a rare kind are found without going through the queue.
CREATE INDEX cases_kind ON cases((COALESCE(decided_kind, kind)), state);
