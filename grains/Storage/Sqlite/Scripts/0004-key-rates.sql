-- The rate that a key may have, in lists of keys.

ALTER TABLE KeyIndex ADD COLUMN requestsPerSecond REAL NOT NULL DEFAULT 0;
ALTER TABLE KeyIndex ADD COLUMN requestBurst INTEGER NOT NULL DEFAULT 0;

DROP TRIGGER KeyIndex_Insert;
DROP TRIGGER KeyIndex_Update;
DROP VIEW KeyIndexSource;

CREATE VIEW KeyIndexSource AS
SELECT
  stateRow,
  json_extract(state, '$.hash') AS hash,
  coalesce(json_extract(state, '$.id'), '') AS id,
  coalesce(json_extract(state, '$.deployment'), '') AS deployment,
  coalesce(json_extract(state, '$.name'), '') AS name,
  coalesce(json_extract(state, '$.prefix'), '') AS prefix,
  coalesce(json_extract(state, '$.createdAt'), '0001-01-01T00:00:00.0000000Z') AS createdAt,
  coalesce(json_extract(state, '$.createdBy'), '') AS createdBy,
  json_extract(state, '$.expiresAt') AS expiresAt,
  json_extract(state, '$.revokedAt') AS revokedAt,
  json_extract(state, '$.lastUsedAt') AS lastUsedAt,
  coalesce(json_extract(state, '$.requestsPerSecond'), 0) AS requestsPerSecond,
  coalesce(json_extract(state, '$.requestBurst'), 0) AS requestBurst,
  json_extract(state, '$.dueAt') AS dueAt
FROM StateJson
WHERE grainType = 'key' AND json_extract(state, '$.id') IS NOT NULL AND json_extract(state, '$.hash') IS NOT NULL;

CREATE TRIGGER KeyIndex_Insert AFTER INSERT ON OrleansStorage WHEN NEW.GrainTypeString = 'key'
BEGIN
  INSERT INTO KeyIndex (hash, id, deployment, name, prefix, createdAt, createdBy, expiresAt, revokedAt, lastUsedAt, requestsPerSecond, requestBurst, dueAt)
  SELECT hash, id, deployment, name, prefix, createdAt, createdBy, expiresAt, revokedAt, lastUsedAt, requestsPerSecond, requestBurst, dueAt FROM KeyIndexSource WHERE stateRow = NEW.rowid;
END;

CREATE TRIGGER KeyIndex_Update AFTER UPDATE ON OrleansStorage WHEN NEW.GrainTypeString = 'key'
BEGIN
  DELETE FROM KeyIndex
  WHERE hash = json_extract(CAST(OLD.PayloadBinary AS TEXT), '$.hash')
    AND NOT EXISTS (SELECT 1 FROM KeyIndexSource AS source WHERE stateRow = NEW.rowid AND source.hash = KeyIndex.hash);
  INSERT INTO KeyIndex (hash, id, deployment, name, prefix, createdAt, createdBy, expiresAt, revokedAt, lastUsedAt, requestsPerSecond, requestBurst, dueAt)
  SELECT hash, id, deployment, name, prefix, createdAt, createdBy, expiresAt, revokedAt, lastUsedAt, requestsPerSecond, requestBurst, dueAt FROM KeyIndexSource WHERE stateRow = NEW.rowid
  ON CONFLICT (hash) DO UPDATE SET
    id = excluded.id, deployment = excluded.deployment, name = excluded.name, prefix = excluded.prefix, createdAt = excluded.createdAt,
    createdBy = excluded.createdBy, expiresAt = excluded.expiresAt, revokedAt = excluded.revokedAt, lastUsedAt = excluded.lastUsedAt,
    requestsPerSecond = excluded.requestsPerSecond, requestBurst = excluded.requestBurst, dueAt = excluded.dueAt
  WHERE (id, deployment, name, prefix, createdAt, createdBy, expiresAt, revokedAt, lastUsedAt, requestsPerSecond, requestBurst, dueAt)
    IS NOT (excluded.id, excluded.deployment, excluded.name, excluded.prefix, excluded.createdAt, excluded.createdBy, excluded.expiresAt, excluded.revokedAt, excluded.lastUsedAt, excluded.requestsPerSecond, excluded.requestBurst, excluded.dueAt);
END;
