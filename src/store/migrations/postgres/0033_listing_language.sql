-- The language of a case's listing where its title's script settles another than the
-- marketplace's; '' where that one stays. Titles of before are read at the next start.
ALTER TABLE case_facts ADD COLUMN language TEXT NOT NULL DEFAULT '';
CREATE INDEX case_facts_language ON case_facts(language, source_id);
