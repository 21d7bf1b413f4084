-- What a queue of calls holds, and the names that callers give their requests.

ALTER TABLE AsyncCallIndex ADD COLUMN requestBytes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE AsyncCallIndex ADD COLUMN idempotencyKey TEXT NULL;

-- One call for each name: of many writers under one exactly one succeeds.
CREATE UNIQUE INDEX AsyncCallIndex_Idempotency ON AsyncCallIndex (deployment, idempotencyKey) WHERE idempotencyKey IS NOT NULL;

-- The length stands in it, so that adding up reads no row.
DROP INDEX AsyncCallIndex_Open;
CREATE INDEX AsyncCallIndex_Open ON AsyncCallIndex (deployment, id, requestBytes) WHERE status = 'QUEUED';

DROP TRIGGER AsyncCallIndex_Insert;
DROP TRIGGER AsyncCallIndex_Update;
DROP VIEW AsyncCallIndexSource;

CREATE VIEW AsyncCallIndexSource AS
SELECT
  stateRow,
  json_extract(state, '$.id') AS id,
  coalesce(json_extract(state, '$.deployment'), '') AS deployment,
  coalesce(json_extract(state, '$.status'), 'QUEUED') AS status,
  json_extract(state, '$.errorCode') AS errorCode,
  coalesce(json_extract(state, '$.createdAt'), '0001-01-01T00:00:00.0000000Z') AS createdAt,
  json_extract(state, '$.endedAt') AS endedAt,
  coalesce(json_extract(state, '$.requestBytes'), 0) AS requestBytes,
  json_extract(state, '$.idempotencyKey') AS idempotencyKey,
  json_extract(state, '$.dueAt') AS dueAt
FROM StateJson
WHERE grainType = 'asyncCall' AND json_extract(state, '$.id') IS NOT NULL;

CREATE TRIGGER AsyncCallIndex_Insert AFTER INSERT ON OrleansStorage WHEN NEW.GrainTypeString = 'asyncCall'
BEGIN
  INSERT INTO AsyncCallIndex (id, deployment, status, errorCode, createdAt, endedAt, requestBytes, idempotencyKey, dueAt)
  SELECT id, deployment, status, errorCode, createdAt, endedAt, requestBytes, idempotencyKey, dueAt FROM AsyncCallIndexSource WHERE stateRow = NEW.rowid;
END;

CREATE TRIGGER AsyncCallIndex_Update AFTER UPDATE ON OrleansStorage WHEN NEW.GrainTypeString = 'asyncCall'
BEGIN
  DELETE FROM AsyncCallIndex
  WHERE id = json_extract(CAST(OLD.PayloadBinary AS TEXT), '$.id')
    AND NOT EXISTS (SELECT 1 FROM AsyncCallIndexSource AS source WHERE stateRow = NEW.rowid AND source.id = AsyncCallIndex.id);
  INSERT INTO AsyncCallIndex (id, deployment, status, errorCode, createdAt, endedAt, requestBytes, idempotencyKey, dueAt)
  SELECT id, deployment, status, errorCode, createdAt, endedAt, requestBytes, idempotencyKey, dueAt FROM AsyncCallIndexSource WHERE stateRow = NEW.rowid
  ON CONFLICT (id) DO UPDATE SET
    deployment = excluded.deployment, status = excluded.status, errorCode = excluded.errorCode, createdAt = excluded.createdAt,
    endedAt = excluded.endedAt, requestBytes = excluded.requestBytes, idempotencyKey = excluded.idempotencyKey, dueAt = excluded.dueAt
  WHERE (deployment, status, errorCode, createdAt, endedAt, requestBytes, idempotencyKey, dueAt)
    IS NOT (excluded.deployment, excluded.status, excluded.errorCode, excluded.createdAt, excluded.endedAt, excluded.requestBytes, excluded.idempotencyKey, excluded.dueAt);
END;
