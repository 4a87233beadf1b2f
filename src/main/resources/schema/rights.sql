-- Run at each start. They change nothing, and fail where the user lacks a right that the service needs later.
UPDATE schema_version SET version = version WHERE 1 = 0;
INSERT INTO users SELECT * FROM users WHERE 1 = 0;
INSERT INTO outbox SELECT * FROM outbox WHERE 1 = 0;
UPDATE outbox SET state = state WHERE 1 = 0;
DELETE FROM outbox WHERE 1 = 0;
INSERT INTO attempts SELECT * FROM attempts WHERE 1 = 0;
UPDATE attempts SET tries = tries WHERE 1 = 0;
DELETE FROM attempts WHERE 1 = 0;
INSERT INTO pause SELECT * FROM pause WHERE 1 = 0;
DELETE FROM pause WHERE 1 = 0;
INSERT INTO instances SELECT * FROM instances WHERE 1 = 0;
UPDATE instances SET state = state WHERE 1 = 0;
DELETE FROM instances WHERE 1 = 0;
