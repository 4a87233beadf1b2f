-- Both tables at once, and users first: sign-ups of instances that run lock them in this order.
LOCK TABLE users, outbox IN ACCESS EXCLUSIVE MODE;
-- An e-mail no longer needs its user, and looking each one up was half of the cost of storing it.
ALTER TABLE outbox DROP CONSTRAINT outbox_user_id_fkey;
