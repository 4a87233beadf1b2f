-- How often the final dot of this e-mail has gone unanswered. More than delivery.max-unknown: state unconfirmed.
ALTER TABLE outbox ADD COLUMN unknowns INTEGER NOT NULL DEFAULT 0;
