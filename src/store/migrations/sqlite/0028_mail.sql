-- A receiver may be a person: `shape` is `mail` then, `url` is `mailto:` and the address,
-- and what is mailed is of the brands that this user sees at that moment.
ALTER TABLE webhooks ADD COLUMN user_id INTEGER REFERENCES users(id);
-- `instant` or `daily`; of mail alone.
ALTER TABLE webhooks ADD COLUMN pace TEXT NOT NULL DEFAULT 'instant';
-- When the last mail was put together.
ALTER TABLE webhooks ADD COLUMN mailed_at INTEGER;

-- What is to be mailed: several of one receiver become one mail. Only what it is about is
-- kept, by its number; the words are made when the mail is sent.
CREATE TABLE mail_items (
    id          INTEGER PRIMARY KEY,
    webhook_id  INTEGER NOT NULL REFERENCES webhooks(id) ON DELETE CASCADE,
    event       TEXT NOT NULL,
    kind        TEXT NOT NULL,
    subject     INTEGER NOT NULL,
    delivery_id INTEGER REFERENCES deliveries(id) ON DELETE CASCADE,
    created_at  INTEGER NOT NULL,
    UNIQUE (webhook_id, event)
);
CREATE INDEX mail_items_waiting ON mail_items(webhook_id, created_at) WHERE delivery_id IS NULL;
CREATE INDEX mail_items_of ON mail_items(delivery_id);
