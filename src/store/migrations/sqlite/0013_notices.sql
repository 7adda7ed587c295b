-- A notice may be about several listings, each with a way of its own; it is a
-- filled-in form of a channel, attested by a named person, and what leaves is
-- what was attested: its bytes are a blob.
CREATE TABLE notices_new (
    id             INTEGER PRIMARY KEY,
    case_id        INTEGER NOT NULL REFERENCES cases(id),
    right_id       INTEGER REFERENCES rights(id),
    right_kind     TEXT NOT NULL,
    channel        TEXT NOT NULL,
    recipient      TEXT NOT NULL,
    state          TEXT NOT NULL,
    subject        TEXT NOT NULL,
    body           TEXT NOT NULL,
    sheet          TEXT NOT NULL,
    form           TEXT,
    outgoing       TEXT,
    attested_by    TEXT,
    attested_at    INTEGER,
    sent_at        INTEGER,
    external_id    TEXT,
    repeats        INTEGER REFERENCES notices_new(id),
    created_by     TEXT NOT NULL,
    created_at     INTEGER NOT NULL,
    updated_at     INTEGER NOT NULL
);
INSERT INTO notices_new (id, case_id, right_id, right_kind, channel, recipient, state, subject,
        body, sheet, created_by, created_at, updated_at)
    SELECT id, case_id, right_id, right_kind, channel, channel, state, subject, body, 'null',
        created_by, created_at, updated_at FROM notices;

CREATE TABLE notice_events_new (
    id          INTEGER PRIMARY KEY,
    notice_id   INTEGER NOT NULL REFERENCES notices_new(id),
    case_id     INTEGER NOT NULL REFERENCES cases(id),
    from_state  TEXT NOT NULL,
    to_state    TEXT NOT NULL,
    note        TEXT,
    evidence    TEXT,
    actor       TEXT NOT NULL,
    happened_at INTEGER NOT NULL,
    at          INTEGER NOT NULL
);
INSERT INTO notice_events_new (id, notice_id, case_id, from_state, to_state, note, actor,
        happened_at, at)
    SELECT e.id, e.notice_id, n.case_id, e.from_state, e.to_state, e.note, e.actor,
        e.happened_at, e.at
    FROM notice_events e JOIN notices n ON n.id = e.notice_id;

DROP TABLE notice_events;
DROP TABLE notices;
ALTER TABLE notices_new RENAME TO notices;
ALTER TABLE notice_events_new RENAME TO notice_events;
-- One draft at a time; what has left is looked at by the program.
CREATE UNIQUE INDEX notices_draft ON notices(case_id, right_kind, channel) WHERE state = 'draft';
CREATE INDEX notices_state ON notices(state, id);
CREATE INDEX notice_events_notice ON notice_events(notice_id, id);
CREATE INDEX notice_events_case ON notice_events(case_id, id);

CREATE TABLE notice_items (
    notice_id  INTEGER NOT NULL REFERENCES notices(id) ON DELETE CASCADE,
    case_id    INTEGER NOT NULL REFERENCES cases(id),
    position   INTEGER NOT NULL,
    state      TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (notice_id, case_id)
);
INSERT INTO notice_items (notice_id, case_id, position, state, updated_at)
    SELECT id, case_id, 0, state, updated_at FROM notices;
CREATE INDEX notice_items_case ON notice_items(case_id, state);

-- A calendar of deadlines can be asked for by whoever has its token.
CREATE TABLE calendar_tokens (
    token_hash TEXT PRIMARY KEY,
    user_id    INTEGER NOT NULL REFERENCES users(id),
    created_at INTEGER NOT NULL
);
