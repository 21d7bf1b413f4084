-- Labels of deployments, from the configuration of the current revision, for the filter of lists.

ALTER TABLE DeploymentIndex ADD COLUMN labels text COLLATE "C" NOT NULL DEFAULT '{}';

CREATE TABLE DeploymentLabel (
  key text COLLATE "C" NOT NULL,
  value text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  PRIMARY KEY (key, value, name)
);

CREATE INDEX DeploymentLabel_Name ON DeploymentLabel (name);

CREATE OR REPLACE FUNCTION DeploymentIndexRow(payload bytea) RETURNS DeploymentIndex LANGUAGE sql STABLE AS $$
  SELECT
    "name",
    coalesce("title", ''),
    coalesce("status", 'PENDING'),
    coalesce("image", ''),
    coalesce("createdAt", '0001-01-01T00:00:00.0000000Z'),
    coalesce("updatedAt", '0001-01-01T00:00:00.0000000Z'),
    "deletedAt",
    coalesce("isActive", false)::integer,
    "dueAt",
    SearchText("name" || E'\n' || coalesce("title", '')),
    coalesce("revisions" -> -1 -> 'configuration' ->> 'labels', '{}')
  FROM json_to_record(StateJson(payload)) AS state("name" text, "title" text, "status" text, "image" text, "createdAt" text, "updatedAt" text, "deletedAt" text, "isActive" boolean, "dueAt" text, "revisions" json)
  WHERE "name" IS NOT NULL
$$;

CREATE OR REPLACE FUNCTION DeploymentIndex_Follow() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  wanted DeploymentIndex := DeploymentIndexRow(NEW.PayloadBinary);
  present DeploymentIndex;
BEGIN
  SELECT * INTO present FROM DeploymentIndex WHERE name = wanted.name;
  IF present.name IS NOT NULL THEN
    IF present IS DISTINCT FROM wanted THEN
      UPDATE DeploymentIndex SET
        (title, status, image, createdAt, updatedAt, deletedAt, isActive, dueAt, search, labels) =
        (wanted.title, wanted.status, wanted.image, wanted.createdAt, wanted.updatedAt, wanted.deletedAt, wanted.isActive, wanted.dueAt, wanted.search, wanted.labels)
      WHERE name = wanted.name;
    END IF;
    RETURN NULL;
  END IF;
  IF TG_OP = 'UPDATE' THEN
    DELETE FROM DeploymentIndex WHERE name = (DeploymentIndexRow(OLD.PayloadBinary)).name;
  END IF;
  IF wanted.name IS NOT NULL THEN
    INSERT INTO DeploymentIndex SELECT wanted.*;
  END IF;
  RETURN NULL;
END
$$;

CREATE FUNCTION DeploymentLabel_Follow() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' AND NEW.labels = '{}' OR TG_OP = 'DELETE' AND OLD.labels = '{}' THEN
    RETURN NULL;
  END IF;
  IF TG_OP <> 'INSERT' THEN
    DELETE FROM DeploymentLabel WHERE name = OLD.name;
  END IF;
  IF TG_OP <> 'DELETE' THEN
    INSERT INTO DeploymentLabel (key, value, name) SELECT label.key, label.value, NEW.name FROM json_each_text(NEW.labels::json) AS label;
  END IF;
  RETURN NULL;
END
$$;

CREATE TRIGGER DeploymentLabel_InsertOrDelete AFTER INSERT OR DELETE ON DeploymentIndex FOR EACH ROW EXECUTE FUNCTION DeploymentLabel_Follow();
CREATE TRIGGER DeploymentLabel_Update AFTER UPDATE OF labels ON DeploymentIndex FOR EACH ROW WHEN (OLD.labels IS DISTINCT FROM NEW.labels) EXECUTE FUNCTION DeploymentLabel_Follow();
