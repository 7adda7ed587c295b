-- Ordinary offers that are like no other case stand together: `ordinary` says which
-- they are, `alone` whose key it is. Who comes with such a key takes that case away
-- to a cluster of likes.
ALTER TABLE clusters ADD COLUMN ordinary TEXT;
ALTER TABLE cluster_keys ADD COLUMN alone INTEGER REFERENCES cases(id);
CREATE INDEX clusters_ordinary ON clusters(product_id, kind, ordinary, id) WHERE ordinary IS NOT NULL;
CREATE INDEX cluster_keys_alone ON cluster_keys(alone) WHERE alone IS NOT NULL;

-- Those that are alone today are put in their places again.
DELETE FROM cluster_keys WHERE cluster_id IN
    (SELECT k.id FROM clusters k JOIN cases c ON c.cluster_id = k.id
     WHERE k.size = 1 AND k.kind IN ('trademark_misuse', 'grey_market') AND NOT c.ejected
       AND c.reference_id IS NULL AND c.state NOT IN ('confirmed', 'rejected'));
UPDATE cases SET cluster_id = NULL WHERE NOT ejected AND reference_id IS NULL
    AND state NOT IN ('confirmed', 'rejected')
    AND cluster_id IN (SELECT id FROM clusters
        WHERE size = 1 AND kind IN ('trademark_misuse', 'grey_market'));
UPDATE clusters SET size = 0 WHERE size = 1 AND kind IN ('trademark_misuse', 'grey_market')
    AND NOT EXISTS (SELECT 1 FROM cases c WHERE c.cluster_id = clusters.id);
