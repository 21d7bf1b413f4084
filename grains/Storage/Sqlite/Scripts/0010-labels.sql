-- Labels of deployments, from the configuration of the current revision, for the filter of lists.

ALTER TABLE DeploymentIndex ADD COLUMN labels TEXT NOT NULL DEFAULT '{}';

CREATE TABLE DeploymentLabel (
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  name TEXT NOT NULL,
  PRIMARY KEY (key, value, name)
) WITHOUT ROWID;

CREATE INDEX DeploymentLabel_Name ON DeploymentLabel (name);

DROP TRIGGER DeploymentIndex_Insert;
DROP TRIGGER DeploymentIndex_Update;
DROP VIEW DeploymentIndexSource;

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
  json_extract(state, '$.dueAt') AS dueAt,
  coalesce(json_extract(state, '$.revisions[#-1].configuration.labels'), '{}') AS labels
FROM StateJson
WHERE grainType = 'deployment' AND json_extract(state, '$.name') IS NOT NULL;

CREATE TRIGGER DeploymentIndex_Insert AFTER INSERT ON OrleansStorage WHEN NEW.GrainTypeString = 'deployment'
BEGIN
  INSERT INTO DeploymentIndex (name, title, status, image, createdAt, updatedAt, deletedAt, isActive, dueAt, labels)
  SELECT name, title, status, image, createdAt, updatedAt, deletedAt, isActive, dueAt, labels FROM DeploymentIndexSource WHERE stateRow = NEW.rowid;
END;

CREATE TRIGGER DeploymentIndex_Update AFTER UPDATE ON OrleansStorage WHEN NEW.GrainTypeString = 'deployment'
BEGIN
  DELETE FROM DeploymentIndex
  WHERE name = json_extract(CAST(OLD.PayloadBinary AS TEXT), '$.name')
    AND NOT EXISTS (SELECT 1 FROM DeploymentIndexSource AS source WHERE stateRow = NEW.rowid AND source.name = DeploymentIndex.name);
  INSERT INTO DeploymentIndex (name, title, status, image, createdAt, updatedAt, deletedAt, isActive, dueAt, labels)
  SELECT name, title, status, image, createdAt, updatedAt, deletedAt, isActive, dueAt, labels FROM DeploymentIndexSource WHERE stateRow = NEW.rowid
  ON CONFLICT (name) DO UPDATE SET
    title = excluded.title, status = excluded.status, image = excluded.image, createdAt = excluded.createdAt, updatedAt = excluded.updatedAt,
    deletedAt = excluded.deletedAt, isActive = excluded.isActive, dueAt = excluded.dueAt, labels = excluded.labels
  WHERE (title, status, image, createdAt, updatedAt, deletedAt, isActive, dueAt, labels)
    IS NOT (excluded.title, excluded.status, excluded.image, excluded.createdAt, excluded.updatedAt, excluded.deletedAt, excluded.isActive, excluded.dueAt, excluded.labels);
END;

CREATE TRIGGER DeploymentIndex_LabelInsert AFTER INSERT ON DeploymentIndex WHEN NEW.labels <> '{}'
BEGIN
  INSERT INTO DeploymentLabel (key, value, name) SELECT label.key, label.value, NEW.name FROM json_each(NEW.labels) AS label;
END;

CREATE TRIGGER DeploymentIndex_LabelUpdate AFTER UPDATE OF labels ON DeploymentIndex WHEN OLD.labels <> NEW.labels
BEGIN
  DELETE FROM DeploymentLabel WHERE name = NEW.name;
  INSERT INTO DeploymentLabel (key, value, name) SELECT label.key, label.value, NEW.name FROM json_each(NEW.labels) AS label;
END;

CREATE TRIGGER DeploymentIndex_LabelDelete AFTER DELETE ON DeploymentIndex WHEN OLD.labels <> '{}'
BEGIN
  DELETE FROM DeploymentLabel WHERE name = OLD.name;
END;
