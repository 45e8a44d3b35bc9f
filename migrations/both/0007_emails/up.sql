-- Mail that was asked for. Its words may hold a personal link, so they are sealed; once sent they are forgotten, save in
-- a sandbox, where people look at them instead of at a mailbox.
CREATE TABLE emails (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    recipient TEXT NOT NULL,
    language TEXT NOT NULL CHECK (language IN ('es', 'en')),
    sealed TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'failed')),
    created_at TIMESTAMP NOT NULL,
    sent_at TIMESTAMP
);
CREATE INDEX emails_to ON emails (recipient, id);
