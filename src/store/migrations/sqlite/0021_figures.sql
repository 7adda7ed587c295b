-- What figures are counted from: a small row a case, where the rows of cases are
-- large. Kept by triggers, so that no way of deciding can forget it. `found` is
-- whether the score opened it rather than the lot; what is decided is what stands.
CREATE TABLE case_figures (
    case_id      INTEGER PRIMARY KEY REFERENCES cases(id) ON DELETE CASCADE,
    product_id   INTEGER NOT NULL,
    source_id    INTEGER NOT NULL,
    seller       TEXT,
    state        TEXT NOT NULL,
    found        BOOLEAN NOT NULL,
    opened_at    INTEGER NOT NULL,
    decided_at   INTEGER,
    confirmed    BOOLEAN,
    -- Milliseconds from the opening to that first decision.
    deciding     INTEGER,
    submitted_at INTEGER,
    removed_at   INTEGER,
    -- Milliseconds from the first submission to the first removal.
    removing     INTEGER
);
INSERT INTO case_figures (case_id, product_id, source_id, seller, state, found, opened_at)
    SELECT c.id, c.product_id, l.source_id, l.seller, c.state,
        EXISTS (SELECT 1 FROM audit_events a
                WHERE a.subject = 'case ' || c.id AND a.action = 'case.open'),
        c.created_at
    FROM cases c JOIN listings l ON l.id = c.listing_id;
UPDATE case_figures SET
    decided_at = (SELECT d.at FROM decisions d WHERE d.case_id = case_figures.case_id
        AND d.action IN ('confirm', 'reject') AND d.undone_by IS NULL ORDER BY d.id LIMIT 1),
    confirmed = (SELECT d.action = 'confirm' FROM decisions d
        WHERE d.case_id = case_figures.case_id AND d.action IN ('confirm', 'reject')
          AND d.undone_by IS NULL ORDER BY d.id DESC LIMIT 1),
    submitted_at = (SELECT e.happened_at FROM notice_events e
        WHERE e.case_id = case_figures.case_id AND e.to_state = 'submitted' ORDER BY e.id LIMIT 1),
    removed_at = (SELECT e.happened_at FROM notice_events e
        WHERE e.case_id = case_figures.case_id AND e.to_state = 'removed' ORDER BY e.id LIMIT 1);
UPDATE case_figures SET deciding = decided_at - opened_at, removing = removed_at - submitted_at;

CREATE INDEX case_figures_opened ON case_figures(opened_at, found, product_id, source_id);
CREATE INDEX case_figures_decided
    ON case_figures(decided_at, confirmed, deciding, found, product_id, source_id)
    WHERE decided_at IS NOT NULL;
CREATE INDEX case_figures_deciding
    ON case_figures(deciding, decided_at, found, product_id, source_id)
    WHERE deciding IS NOT NULL;
CREATE INDEX case_figures_submitted
    ON case_figures(submitted_at, removed_at, removing, found, product_id, source_id)
    WHERE submitted_at IS NOT NULL;
CREATE INDEX case_figures_removed ON case_figures(removed_at, found, product_id, source_id)
    WHERE removed_at IS NOT NULL;
CREATE INDEX case_figures_removing
    ON case_figures(removing, submitted_at, found, product_id, source_id)
    WHERE removing IS NOT NULL;
CREATE INDEX case_figures_waiting ON case_figures(state, opened_at, product_id, source_id);
CREATE INDEX case_figures_product ON case_figures(product_id, state);
-- Sellers are ranked by one count each, so each has an index that holds what it needs.
CREATE INDEX case_figures_seller ON case_figures(source_id, seller, product_id, opened_at,
    state, confirmed, removed_at) WHERE seller IS NOT NULL;
CREATE INDEX case_figures_confirmed ON case_figures(source_id, seller, decided_at, product_id)
    WHERE confirmed AND seller IS NOT NULL;
CREATE INDEX case_figures_open ON case_figures(source_id, seller, product_id)
    WHERE state = 'open' AND seller IS NOT NULL;

CREATE TRIGGER case_figures_opened AFTER INSERT ON cases BEGIN
    INSERT INTO case_figures (case_id, product_id, source_id, seller, state, found, opened_at)
        SELECT NEW.id, NEW.product_id, l.source_id, l.seller, NEW.state,
            NEW.audit_rate IS NULL, NEW.created_at
        FROM listings l WHERE l.id = NEW.listing_id;
END;

CREATE TRIGGER case_figures_state AFTER UPDATE OF state ON cases
        WHEN NEW.state <> OLD.state BEGIN
    UPDATE case_figures SET state = NEW.state WHERE case_id = NEW.id;
END;

CREATE TRIGGER case_figures_seller AFTER UPDATE OF seller ON listings
        WHEN NEW.seller IS NOT OLD.seller BEGIN
    UPDATE case_figures SET seller = NEW.seller
        WHERE case_id IN (SELECT id FROM cases WHERE listing_id = NEW.id);
END;

CREATE TRIGGER case_figures_decided AFTER INSERT ON decisions
        WHEN NEW.action IN ('confirm', 'reject') BEGIN
    UPDATE case_figures SET decided_at = COALESCE(decided_at, NEW.at),
        deciding = COALESCE(deciding, NEW.at - opened_at), confirmed = NEW.action = 'confirm'
        WHERE case_id = NEW.case_id;
END;

CREATE TRIGGER case_figures_undone AFTER UPDATE OF undone_by ON decisions
        WHEN NEW.action IN ('confirm', 'reject') BEGIN
    UPDATE case_figures SET
        decided_at = (SELECT d.at FROM decisions d WHERE d.case_id = NEW.case_id
            AND d.action IN ('confirm', 'reject') AND d.undone_by IS NULL ORDER BY d.id LIMIT 1),
        confirmed = (SELECT d.action = 'confirm' FROM decisions d WHERE d.case_id = NEW.case_id
            AND d.action IN ('confirm', 'reject') AND d.undone_by IS NULL
            ORDER BY d.id DESC LIMIT 1)
        WHERE case_id = NEW.case_id;
    UPDATE case_figures SET deciding = decided_at - opened_at WHERE case_id = NEW.case_id;
END;

CREATE TRIGGER case_figures_noticed AFTER INSERT ON notice_events
        WHEN NEW.to_state IN ('submitted', 'removed') BEGIN
    UPDATE case_figures SET
        submitted_at = CASE WHEN NEW.to_state = 'submitted'
            THEN COALESCE(submitted_at, NEW.happened_at) ELSE submitted_at END,
        removed_at = CASE WHEN NEW.to_state = 'removed'
            THEN COALESCE(removed_at, NEW.happened_at) ELSE removed_at END
        WHERE case_id = NEW.case_id;
    UPDATE case_figures SET removing = removed_at - submitted_at WHERE case_id = NEW.case_id;
END;

-- A seller's listings in the order they were first captured.
DROP INDEX listings_seller;
CREATE INDEX listings_seller ON listings(source_id, seller, id);

-- Somebody wants a source to be scanned now: the scheduler takes it up. What came in
-- the way of the last such wish.
ALTER TABLE sources ADD COLUMN run_asked_by TEXT;
ALTER TABLE sources ADD COLUMN run_asked_at INTEGER;
ALTER TABLE sources ADD COLUMN run_refused TEXT;

CREATE INDEX audit_actor ON audit_events(actor, seq);
CREATE INDEX audit_action ON audit_events(action, seq);
