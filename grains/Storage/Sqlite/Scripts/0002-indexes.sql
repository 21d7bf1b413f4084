-- Indexes over what grains store. Triggers write them in the transaction that writes the state, so that a list never shows what is not so.
-- Each has a view that reads its columns from the state's JSON and forgives fields that are not there; a row exists once the state has its id.
-- They go by the id in the JSON: the columns of a grain's key hold it in other forms (call ids as a GUID's halves, hexadecimal names as a number).
-- An update that changes nothing here leaves them alone: most of them do, and their pages are what an update costs.
-- To add a column: see README.md in Storage/.

CREATE VIEW StateJson AS
SELECT rowid AS stateRow, GrainTypeString AS grainType, CAST(PayloadBinary AS TEXT) AS state
FROM OrleansStorage;

-- Deployments.

CREATE TABLE DeploymentIndex (
  name TEXT NOT NULL PRIMARY KEY,
  title TEXT NOT NULL,
  status TEXT NOT NULL,
  image TEXT NOT NULL,
  createdAt TEXT NOT NULL,
  updatedAt TEXT NOT NULL,
  deletedAt TEXT NULL,
  isActive INTEGER NOT NULL,
  dueAt TEXT NULL
) WITHOUT ROWID;

CREATE INDEX DeploymentIndex_Newest ON DeploymentIndex (createdAt, name);
CREATE INDEX DeploymentIndex_StatusName ON DeploymentIndex (status, name);
CREATE INDEX DeploymentIndex_StatusNewest ON DeploymentIndex (status, createdAt, name);
CREATE INDEX DeploymentIndex_Active ON DeploymentIndex (name) WHERE isActive = 1;
CREATE INDEX DeploymentIndex_Due ON DeploymentIndex (dueAt) WHERE dueAt IS NOT NULL;

CREATE VIEW DeploymentIndexSource AS
SELECT
  stateRow,
  json_extract(state, '$.name') AS name,
  coalesce(json_extract(state, '$.title'), '') AS title,
  coalesce(json_extract(state, '$.status'), 'PENDING') AS status,
  coalesce(json_extract(state, '$.image'), '') AS image,
  coalesce(json_extract(state, '$.createdAt'), '0001-01-01T00:00:00.0000000Z') AS createdAt,
  coalesce(json_extract(state, '$.updatedAt'), '0001-01-01T00:00:00.0000000Z') AS updatedAt,
  json_extract(state, '$.deletedAt') AS deletedAt,
  coalesce(json_extract(state, '$.isActive'), 0) AS isActive,
  json_extract(state, '$.dueAt') AS dueAt
FROM StateJson
WHERE grainType = 'deployment' AND json_extract(state, '$.name') IS NOT NULL;

CREATE TRIGGER DeploymentIndex_Insert AFTER INSERT ON OrleansStorage WHEN NEW.GrainTypeString = 'deployment'
BEGIN
  INSERT INTO DeploymentIndex (name, title, status, image, createdAt, updatedAt, deletedAt, isActive, dueAt)
  SELECT name, title, status, image, createdAt, updatedAt, deletedAt, isActive, dueAt FROM DeploymentIndexSource WHERE stateRow = NEW.rowid;
END;

CREATE TRIGGER DeploymentIndex_Update AFTER UPDATE ON OrleansStorage WHEN NEW.GrainTypeString = 'deployment'
BEGIN
  DELETE FROM DeploymentIndex
  WHERE name = json_extract(CAST(OLD.PayloadBinary AS TEXT), '$.name')
    AND NOT EXISTS (SELECT 1 FROM DeploymentIndexSource AS source WHERE stateRow = NEW.rowid AND source.name = DeploymentIndex.name);
  INSERT INTO DeploymentIndex (name, title, status, image, createdAt, updatedAt, deletedAt, isActive, dueAt)
  SELECT name, title, status, image, createdAt, updatedAt, deletedAt, isActive, dueAt FROM DeploymentIndexSource WHERE stateRow = NEW.rowid
  ON CONFLICT (name) DO UPDATE SET
    title = excluded.title, status = excluded.status, image = excluded.image, createdAt = excluded.createdAt, updatedAt = excluded.updatedAt,
    deletedAt = excluded.deletedAt, isActive = excluded.isActive, dueAt = excluded.dueAt
  WHERE (title, status, image, createdAt, updatedAt, deletedAt, isActive, dueAt)
    IS NOT (excluded.title, excluded.status, excluded.image, excluded.createdAt, excluded.updatedAt, excluded.deletedAt, excluded.isActive, excluded.dueAt);
END;

CREATE TRIGGER DeploymentIndex_Delete AFTER DELETE ON OrleansStorage WHEN OLD.GrainTypeString = 'deployment'
BEGIN
  DELETE FROM DeploymentIndex WHERE name = json_extract(CAST(OLD.PayloadBinary AS TEXT), '$.name');
END;

-- Keys.

CREATE TABLE KeyIndex (
  hash TEXT NOT NULL PRIMARY KEY,
  id TEXT NOT NULL,
  deployment TEXT NOT NULL,
  name TEXT NOT NULL,
  prefix TEXT NOT NULL,
  createdAt TEXT NOT NULL,
  createdBy TEXT NOT NULL,
  expiresAt TEXT NULL,
  revokedAt TEXT NULL,
  lastUsedAt TEXT NULL,
  dueAt TEXT NULL
) WITHOUT ROWID;

CREATE INDEX KeyIndex_Deployment ON KeyIndex (deployment, createdAt, id);
CREATE INDEX KeyIndex_Due ON KeyIndex (dueAt) WHERE dueAt IS NOT NULL;

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
  json_extract(state, '$.dueAt') AS dueAt
FROM StateJson
WHERE grainType = 'key' AND json_extract(state, '$.id') IS NOT NULL AND json_extract(state, '$.hash') IS NOT NULL;

CREATE TRIGGER KeyIndex_Insert AFTER INSERT ON OrleansStorage WHEN NEW.GrainTypeString = 'key'
BEGIN
  INSERT INTO KeyIndex (hash, id, deployment, name, prefix, createdAt, createdBy, expiresAt, revokedAt, lastUsedAt, dueAt)
  SELECT hash, id, deployment, name, prefix, createdAt, createdBy, expiresAt, revokedAt, lastUsedAt, dueAt FROM KeyIndexSource WHERE stateRow = NEW.rowid;
END;

CREATE TRIGGER KeyIndex_Update AFTER UPDATE ON OrleansStorage WHEN NEW.GrainTypeString = 'key'
BEGIN
  DELETE FROM KeyIndex
  WHERE hash = json_extract(CAST(OLD.PayloadBinary AS TEXT), '$.hash')
    AND NOT EXISTS (SELECT 1 FROM KeyIndexSource AS source WHERE stateRow = NEW.rowid AND source.hash = KeyIndex.hash);
  INSERT INTO KeyIndex (hash, id, deployment, name, prefix, createdAt, createdBy, expiresAt, revokedAt, lastUsedAt, dueAt)
  SELECT hash, id, deployment, name, prefix, createdAt, createdBy, expiresAt, revokedAt, lastUsedAt, dueAt FROM KeyIndexSource WHERE stateRow = NEW.rowid
  ON CONFLICT (hash) DO UPDATE SET
    id = excluded.id, deployment = excluded.deployment, name = excluded.name, prefix = excluded.prefix, createdAt = excluded.createdAt,
    createdBy = excluded.createdBy, expiresAt = excluded.expiresAt, revokedAt = excluded.revokedAt, lastUsedAt = excluded.lastUsedAt,
    dueAt = excluded.dueAt
  WHERE (id, deployment, name, prefix, createdAt, createdBy, expiresAt, revokedAt, lastUsedAt, dueAt)
    IS NOT (excluded.id, excluded.deployment, excluded.name, excluded.prefix, excluded.createdAt, excluded.createdBy, excluded.expiresAt, excluded.revokedAt, excluded.lastUsedAt, excluded.dueAt);
END;

CREATE TRIGGER KeyIndex_Delete AFTER DELETE ON OrleansStorage WHEN OLD.GrainTypeString = 'key'
BEGIN
  DELETE FROM KeyIndex WHERE hash = json_extract(CAST(OLD.PayloadBinary AS TEXT), '$.hash');
END;

-- Asynchronous calls.

CREATE TABLE AsyncCallIndex (
  id TEXT NOT NULL PRIMARY KEY,
  deployment TEXT NOT NULL,
  status TEXT NOT NULL,
  errorCode TEXT NULL,
  createdAt TEXT NOT NULL,
  endedAt TEXT NULL,
  dueAt TEXT NULL
) WITHOUT ROWID;

CREATE INDEX AsyncCallIndex_Newest ON AsyncCallIndex (deployment, createdAt, id);
CREATE INDEX AsyncCallIndex_Status ON AsyncCallIndex (deployment, status, createdAt, id);
CREATE INDEX AsyncCallIndex_Error ON AsyncCallIndex (deployment, errorCode, createdAt, id) WHERE errorCode IS NOT NULL;
CREATE INDEX AsyncCallIndex_Open ON AsyncCallIndex (deployment, id) WHERE status = 'QUEUED';
CREATE INDEX AsyncCallIndex_Due ON AsyncCallIndex (dueAt) WHERE dueAt IS NOT NULL;

CREATE VIEW AsyncCallIndexSource AS
SELECT
  stateRow,
  json_extract(state, '$.id') AS id,
  coalesce(json_extract(state, '$.deployment'), '') AS deployment,
  coalesce(json_extract(state, '$.status'), 'QUEUED') AS status,
  json_extract(state, '$.errorCode') AS errorCode,
  coalesce(json_extract(state, '$.createdAt'), '0001-01-01T00:00:00.0000000Z') AS createdAt,
  json_extract(state, '$.endedAt') AS endedAt,
  json_extract(state, '$.dueAt') AS dueAt
FROM StateJson
WHERE grainType = 'asyncCall' AND json_extract(state, '$.id') IS NOT NULL;

CREATE TRIGGER AsyncCallIndex_Insert AFTER INSERT ON OrleansStorage WHEN NEW.GrainTypeString = 'asyncCall'
BEGIN
  INSERT INTO AsyncCallIndex (id, deployment, status, errorCode, createdAt, endedAt, dueAt)
  SELECT id, deployment, status, errorCode, createdAt, endedAt, dueAt FROM AsyncCallIndexSource WHERE stateRow = NEW.rowid;
END;

CREATE TRIGGER AsyncCallIndex_Update AFTER UPDATE ON OrleansStorage WHEN NEW.GrainTypeString = 'asyncCall'
BEGIN
  DELETE FROM AsyncCallIndex
  WHERE id = json_extract(CAST(OLD.PayloadBinary AS TEXT), '$.id')
    AND NOT EXISTS (SELECT 1 FROM AsyncCallIndexSource AS source WHERE stateRow = NEW.rowid AND source.id = AsyncCallIndex.id);
  INSERT INTO AsyncCallIndex (id, deployment, status, errorCode, createdAt, endedAt, dueAt)
  SELECT id, deployment, status, errorCode, createdAt, endedAt, dueAt FROM AsyncCallIndexSource WHERE stateRow = NEW.rowid
  ON CONFLICT (id) DO UPDATE SET
    deployment = excluded.deployment, status = excluded.status, errorCode = excluded.errorCode, createdAt = excluded.createdAt,
    endedAt = excluded.endedAt, dueAt = excluded.dueAt
  WHERE (deployment, status, errorCode, createdAt, endedAt, dueAt)
    IS NOT (excluded.deployment, excluded.status, excluded.errorCode, excluded.createdAt, excluded.endedAt, excluded.dueAt);
END;

CREATE TRIGGER AsyncCallIndex_Delete AFTER DELETE ON OrleansStorage WHEN OLD.GrainTypeString = 'asyncCall'
BEGIN
  DELETE FROM AsyncCallIndex WHERE id = json_extract(CAST(OLD.PayloadBinary AS TEXT), '$.id');
END;
