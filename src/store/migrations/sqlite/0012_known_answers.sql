-- Cases whose right answer is known: shown again among the others, to see how
-- sure reviewers are. Their state does not change by it.
CREATE TABLE known_answers (
    case_id  INTEGER PRIMARY KEY REFERENCES cases(id),
    answer   TEXT NOT NULL,
    actor    TEXT NOT NULL,
    at       INTEGER NOT NULL
);

-- What reviewers answered; an answer taken back is gone.
CREATE TABLE known_answer_tries (
    case_id       INTEGER NOT NULL REFERENCES known_answers(case_id),
    actor         TEXT NOT NULL,
    answer        TEXT NOT NULL,
    right_answer  BOOLEAN NOT NULL,
    evidence_hash TEXT NOT NULL,
    at            INTEGER NOT NULL,
    PRIMARY KEY (case_id, actor)
);
