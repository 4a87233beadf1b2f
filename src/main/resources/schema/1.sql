-- Instants are milliseconds since 1970 by the database's clock. Ids are made in Java.
CREATE TABLE users (
  id              TEXT PRIMARY KEY,
  created_at      BIGINT NOT NULL,
  name            TEXT NOT NULL,
  email           TEXT NOT NULL,
  email_key       TEXT NOT NULL UNIQUE, -- normalised in Java: one address, one user
  password_hash   TEXT NOT NULL,
  idempotency_key TEXT UNIQUE
);

-- state: due | sent | refused | exhausted. A due row with an owner is claimed.
-- due_at: when it may be claimed. For a claimed row that is the end of its lease.
CREATE TABLE outbox (
  id         TEXT PRIMARY KEY, -- the Message-ID
  user_id    TEXT NOT NULL REFERENCES users (id),
  created_at BIGINT NOT NULL,
  state      TEXT NOT NULL,
  due_at     BIGINT NOT NULL,
  owner      TEXT,
  attempts   INTEGER NOT NULL,
  last_error TEXT,
  ended_at   BIGINT
);

CREATE INDEX outbox_due ON outbox (due_at) WHERE state = 'due';

CREATE INDEX outbox_owned ON outbox (owner) WHERE owner IS NOT NULL;
