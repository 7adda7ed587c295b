-- Cases whose right answer is known: shown again among the others, to see how
-- sure reviewers are. Their state does not change by it.
CREATE TABLE known_answers (
    case_id  BIGINT PRIMARY KEY REFERENCES cases(id),
    answer   TEXT NOT NULL,
    actor    TEXT NOT NULL,
    at       BIGINT NOT NULL
);

-- What reviewers answered; an answer taken back is gone.
CREATE TABLE known_answer_tries (
    case_id       BIGINT NOT NULL REFERENCES known_answers(case_id),
    actor         TEXT NOT NULL,
    answer        TEXT NOT NULL,
    right_answer  BOOLEAN NOT NULL,
    evidence_hash TEXT NOT NULL,
    at            BIGINT NOT NULL,
    PRIMARY KEY (case_id, actor)
);
