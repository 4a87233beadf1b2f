-- The row carries all that a send needs. In rows of older versions both are null: there recipient and name are the user's.
ALTER TABLE outbox ADD COLUMN kind TEXT NOT NULL DEFAULT 'welcome';
ALTER TABLE outbox ADD COLUMN recipient TEXT;
ALTER TABLE outbox ADD COLUMN data TEXT; -- what this kind of e-mail says: of a welcome e-mail the name
