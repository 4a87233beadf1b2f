-- What operators see, and what they may do. The W3C trace context of the sign-up's request; null if it had none.
ALTER TABLE outbox ADD COLUMN traceparent TEXT;
-- For lists, newest first, and for the few that are kept: refused, exhausted, unconfirmed, cancelled.
CREATE INDEX outbox_created ON outbox (created_at);
CREATE INDEX outbox_kept ON outbox (state, ended_at) WHERE state NOT IN ('due', 'sent');
-- Tries that did not end as sent, a row for each number of an attempt: the last try that had it, and how many had it.
CREATE TABLE attempts (
  mail_id  TEXT NOT NULL,
  attempt  INTEGER NOT NULL,
  tries    INTEGER NOT NULL,
  ended_at BIGINT NOT NULL,
  owner    TEXT NOT NULL,
  state    TEXT NOT NULL, -- what the e-mail was after it
  reason   TEXT NOT NULL,
  PRIMARY KEY (mail_id, attempt)
);
-- One row at the most: until then nothing is claimed.
CREATE TABLE pause (
  id           INTEGER PRIMARY KEY,
  paused_at    BIGINT NOT NULL,
  paused_until BIGINT NOT NULL,
  paused_by    TEXT NOT NULL
);
-- A row for each start. state: serving | stopping | stopped. A process that was killed leaves one of the first two.
CREATE TABLE instances (
  id          TEXT PRIMARY KEY, -- the owner of its claims
  host        TEXT NOT NULL,
  pid         BIGINT NOT NULL,
  version     TEXT NOT NULL,
  started_at  BIGINT NOT NULL,
  seen_at     BIGINT NOT NULL,
  state       TEXT NOT NULL,
  stopping_at BIGINT,
  stop_signal TEXT,
  deadline_at BIGINT,
  phase       TEXT,
  stopped_at  BIGINT,
  status      INTEGER,
  counts      TEXT -- of the stop, as sent=3 released=0
);
CREATE INDEX instances_seen ON instances (seen_at);
