-- delivery.rate, of all instances together: when the next e-mail may be claimed, in microseconds since 1970. One row at
-- the most; without it nothing was claimed yet.
CREATE TABLE rate (
  id      INTEGER PRIMARY KEY,
  next_at BIGINT NOT NULL
);
-- signup.taken-address=hide: when the user was last told that somebody signed up with this address again; null: never.
ALTER TABLE users ADD COLUMN told_at BIGINT;
-- Sign-ups with a taken address and an Idempotency-Key that were answered as if they were new: a repeat gets the same.
CREATE TABLE hidden_signups (
  id              TEXT PRIMARY KEY,
  created_at      BIGINT NOT NULL,
  name            TEXT NOT NULL,
  email           TEXT NOT NULL,
  email_key       TEXT NOT NULL,
  password_hash   TEXT NOT NULL,
  idempotency_key TEXT NOT NULL UNIQUE
);
CREATE INDEX hidden_signups_address ON hidden_signups (email_key); -- for forget
