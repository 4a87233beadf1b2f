-- How often the final dot of this e-mail has gone unanswered. As often as delivery.max-unknown allows: state unconfirmed.
ALTER TABLE outbox ADD COLUMN unknowns INTEGER NOT NULL DEFAULT 0;
