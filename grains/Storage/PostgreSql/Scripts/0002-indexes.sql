-- Indexes over what grains store. Triggers write them in the transaction that writes the state, so that a list never shows what is not so.
-- For each index a function reads its row from the state's JSON and forgives fields that are not there; a row exists once the state has its id.
-- An update that changes nothing here leaves them alone: most of them do, and their pages are what an update costs.
-- To add a column: see README.md in Storage/.

-- A state as JSON, {} where there is none. A text of a state may hold the character U+0000, which no text of PostgreSQL can: the index would
-- make the state unwritable. What stands in its place is seen by lists alone. (A backslash that stands before 'u0000' as itself is one of two;
-- what is put in leaves both in order.) JSON and not JSONB: each state is read once, in one pass.
CREATE FUNCTION StateJson(payload bytea) RETURNS json LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN json_typeof(state) = 'object' THEN state ELSE '{}' END
  FROM (SELECT coalesce(replace(convert_from(payload, 'UTF8'), '\u0000', '\ufffd'), '{}')::json AS state) AS text
$$;

-- Deployments.

-- What a search looks into and looks for, without regard to case, in every alphabet where the server knows more than its own language's.
-- A sigma at the end of a word is one like the others: what is looked for may end in the middle.
DO $$
BEGIN
  IF EXISTS (SELECT 1 FROM pg_collation WHERE collname = 'und-x-icu' AND collnamespace = 'pg_catalog'::regnamespace) THEN
    CREATE FUNCTION SearchText(text text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
      'SELECT replace(lower(text COLLATE "und-x-icu"), ''ς'', ''σ'')';
  ELSE
    CREATE FUNCTION SearchText(text text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
      'SELECT replace(lower(text COLLATE "default"), ''ς'', ''σ'')';
  END IF;
END
$$;

CREATE TABLE DeploymentIndex (
  name text COLLATE "C" NOT NULL PRIMARY KEY,
  title text COLLATE "C" NOT NULL,
  status text COLLATE "C" NOT NULL,
  image text COLLATE "C" NOT NULL,
  createdAt text COLLATE "C" NOT NULL,
  updatedAt text COLLATE "C" NOT NULL,
  deletedAt text COLLATE "C" NULL,
  isActive integer NOT NULL,
  dueAt text COLLATE "C" NULL,
  search text COLLATE "C" NOT NULL
) WITH (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.05);

CREATE INDEX DeploymentIndex_Newest ON DeploymentIndex (createdAt, name);
CREATE INDEX DeploymentIndex_StatusName ON DeploymentIndex (status, name);
CREATE INDEX DeploymentIndex_StatusNewest ON DeploymentIndex (status, createdAt, name);
CREATE INDEX DeploymentIndex_Active ON DeploymentIndex (name) WHERE isActive = 1;
CREATE INDEX DeploymentIndex_Due ON DeploymentIndex (dueAt, name) WHERE dueAt IS NOT NULL;

CREATE FUNCTION DeploymentIndexRow(payload bytea) RETURNS DeploymentIndex LANGUAGE sql STABLE AS $$
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
    SearchText("name" || E'\n' || coalesce("title", ''))
  FROM json_to_record(StateJson(payload)) AS state("name" text, "title" text, "status" text, "image" text, "createdAt" text, "updatedAt" text, "deletedAt" text, "isActive" boolean, "dueAt" text)
  WHERE "name" IS NOT NULL
$$;

CREATE FUNCTION DeploymentIndex_Follow() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  wanted DeploymentIndex := DeploymentIndexRow(NEW.PayloadBinary);
  present DeploymentIndex;
BEGIN
  SELECT * INTO present FROM DeploymentIndex WHERE name = wanted.name;
  IF present.name IS NOT NULL THEN
    IF present IS DISTINCT FROM wanted THEN
      UPDATE DeploymentIndex SET
        (title, status, image, createdAt, updatedAt, deletedAt, isActive, dueAt, search) =
        (wanted.title, wanted.status, wanted.image, wanted.createdAt, wanted.updatedAt, wanted.deletedAt, wanted.isActive, wanted.dueAt, wanted.search)
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

CREATE FUNCTION DeploymentIndex_Forget() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM DeploymentIndex WHERE name = (DeploymentIndexRow(OLD.PayloadBinary)).name;
  RETURN NULL;
END
$$;

CREATE TRIGGER DeploymentIndex_Write AFTER INSERT OR UPDATE ON OrleansStorage FOR EACH ROW
WHEN (NEW.GrainTypeString = 'deployment') EXECUTE FUNCTION DeploymentIndex_Follow();

CREATE TRIGGER DeploymentIndex_Delete AFTER DELETE ON OrleansStorage FOR EACH ROW
WHEN (OLD.GrainTypeString = 'deployment') EXECUTE FUNCTION DeploymentIndex_Forget();

-- Keys.

CREATE TABLE KeyIndex (
  hash text COLLATE "C" NOT NULL PRIMARY KEY,
  id text COLLATE "C" NOT NULL,
  deployment text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  prefix text COLLATE "C" NOT NULL,
  createdAt text COLLATE "C" NOT NULL,
  createdBy text COLLATE "C" NOT NULL,
  expiresAt text COLLATE "C" NULL,
  revokedAt text COLLATE "C" NULL,
  lastUsedAt text COLLATE "C" NULL,
  requestsPerSecond double precision NOT NULL,
  requestBurst integer NOT NULL,
  dueAt text COLLATE "C" NULL
) WITH (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.05);

CREATE INDEX KeyIndex_Deployment ON KeyIndex (deployment, createdAt, id);
CREATE INDEX KeyIndex_Due ON KeyIndex (dueAt, hash) WHERE dueAt IS NOT NULL;

CREATE FUNCTION KeyIndexRow(payload bytea) RETURNS KeyIndex LANGUAGE sql STABLE AS $$
  SELECT
    "hash",
    "id",
    coalesce("deployment", ''),
    coalesce("name", ''),
    coalesce("prefix", ''),
    coalesce("createdAt", '0001-01-01T00:00:00.0000000Z'),
    coalesce("createdBy", ''),
    "expiresAt",
    "revokedAt",
    "lastUsedAt",
    coalesce("requestsPerSecond", 0),
    coalesce("requestBurst", 0),
    "dueAt"
  FROM json_to_record(StateJson(payload)) AS state("hash" text, "id" text, "deployment" text, "name" text, "prefix" text, "createdAt" text, "createdBy" text, "expiresAt" text, "revokedAt" text, "lastUsedAt" text, "requestsPerSecond" double precision, "requestBurst" integer, "dueAt" text)
  WHERE "id" IS NOT NULL AND "hash" IS NOT NULL
$$;

CREATE FUNCTION KeyIndex_Follow() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  wanted KeyIndex := KeyIndexRow(NEW.PayloadBinary);
  present KeyIndex;
BEGIN
  SELECT * INTO present FROM KeyIndex WHERE hash = wanted.hash;
  IF present.hash IS NOT NULL THEN
    IF present IS DISTINCT FROM wanted THEN
      UPDATE KeyIndex SET
        (id, deployment, name, prefix, createdAt, createdBy, expiresAt, revokedAt, lastUsedAt, requestsPerSecond, requestBurst, dueAt) =
        (wanted.id, wanted.deployment, wanted.name, wanted.prefix, wanted.createdAt, wanted.createdBy, wanted.expiresAt, wanted.revokedAt, wanted.lastUsedAt, wanted.requestsPerSecond, wanted.requestBurst, wanted.dueAt)
      WHERE hash = wanted.hash;
    END IF;
    RETURN NULL;
  END IF;
  IF TG_OP = 'UPDATE' THEN
    DELETE FROM KeyIndex WHERE hash = (KeyIndexRow(OLD.PayloadBinary)).hash;
  END IF;
  IF wanted.hash IS NOT NULL THEN
    INSERT INTO KeyIndex SELECT wanted.*;
  END IF;
  RETURN NULL;
END
$$;

CREATE FUNCTION KeyIndex_Forget() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM KeyIndex WHERE hash = (KeyIndexRow(OLD.PayloadBinary)).hash;
  RETURN NULL;
END
$$;

CREATE TRIGGER KeyIndex_Write AFTER INSERT OR UPDATE ON OrleansStorage FOR EACH ROW
WHEN (NEW.GrainTypeString = 'key') EXECUTE FUNCTION KeyIndex_Follow();

CREATE TRIGGER KeyIndex_Delete AFTER DELETE ON OrleansStorage FOR EACH ROW
WHEN (OLD.GrainTypeString = 'key') EXECUTE FUNCTION KeyIndex_Forget();

-- Asynchronous calls.

CREATE TABLE AsyncCallIndex (
  id text COLLATE "C" NOT NULL PRIMARY KEY,
  deployment text COLLATE "C" NOT NULL,
  status text COLLATE "C" NOT NULL,
  errorCode text COLLATE "C" NULL,
  createdAt text COLLATE "C" NOT NULL,
  endedAt text COLLATE "C" NULL,
  requestBytes bigint NOT NULL,
  idempotencyKey text COLLATE "C" NULL,
  dueAt text COLLATE "C" NULL
) WITH (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.05);

CREATE INDEX AsyncCallIndex_Newest ON AsyncCallIndex (deployment, createdAt, id);
CREATE INDEX AsyncCallIndex_Status ON AsyncCallIndex (deployment, status, createdAt, id);
CREATE INDEX AsyncCallIndex_Error ON AsyncCallIndex (deployment, errorCode, createdAt, id) WHERE errorCode IS NOT NULL;
-- The length stands in it, so that adding up reads no row.
CREATE INDEX AsyncCallIndex_Open ON AsyncCallIndex (deployment, id) INCLUDE (requestBytes) WHERE status = 'QUEUED';
CREATE INDEX AsyncCallIndex_Due ON AsyncCallIndex (dueAt, id) WHERE dueAt IS NOT NULL;
-- One call for each name that callers give their requests: of many writers under one exactly one succeeds.
CREATE UNIQUE INDEX AsyncCallIndex_Idempotency ON AsyncCallIndex (deployment, idempotencyKey) WHERE idempotencyKey IS NOT NULL;

CREATE FUNCTION AsyncCallIndexRow(payload bytea) RETURNS AsyncCallIndex LANGUAGE sql STABLE AS $$
  SELECT
    "id",
    coalesce("deployment", ''),
    coalesce("status", 'QUEUED'),
    "errorCode",
    coalesce("createdAt", '0001-01-01T00:00:00.0000000Z'),
    "endedAt",
    coalesce("requestBytes", 0),
    "idempotencyKey",
    "dueAt"
  FROM json_to_record(StateJson(payload)) AS state("id" text, "deployment" text, "status" text, "errorCode" text, "createdAt" text, "endedAt" text, "requestBytes" bigint, "idempotencyKey" text, "dueAt" text)
  WHERE "id" IS NOT NULL
$$;

CREATE FUNCTION AsyncCallIndex_Follow() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  wanted AsyncCallIndex := AsyncCallIndexRow(NEW.PayloadBinary);
  present AsyncCallIndex;
BEGIN
  SELECT * INTO present FROM AsyncCallIndex WHERE id = wanted.id;
  IF present.id IS NOT NULL THEN
    IF present IS DISTINCT FROM wanted THEN
      UPDATE AsyncCallIndex SET
        (deployment, status, errorCode, createdAt, endedAt, requestBytes, idempotencyKey, dueAt) =
        (wanted.deployment, wanted.status, wanted.errorCode, wanted.createdAt, wanted.endedAt, wanted.requestBytes, wanted.idempotencyKey, wanted.dueAt)
      WHERE id = wanted.id;
    END IF;
    RETURN NULL;
  END IF;
  IF TG_OP = 'UPDATE' THEN
    DELETE FROM AsyncCallIndex WHERE id = (AsyncCallIndexRow(OLD.PayloadBinary)).id;
  END IF;
  IF wanted.id IS NOT NULL THEN
    INSERT INTO AsyncCallIndex SELECT wanted.*;
  END IF;
  RETURN NULL;
END
$$;

CREATE FUNCTION AsyncCallIndex_Forget() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM AsyncCallIndex WHERE id = (AsyncCallIndexRow(OLD.PayloadBinary)).id;
  RETURN NULL;
END
$$;

CREATE TRIGGER AsyncCallIndex_Write AFTER INSERT OR UPDATE ON OrleansStorage FOR EACH ROW
WHEN (NEW.GrainTypeString = 'asyncCall') EXECUTE FUNCTION AsyncCallIndex_Follow();

CREATE TRIGGER AsyncCallIndex_Delete AFTER DELETE ON OrleansStorage FOR EACH ROW
WHEN (OLD.GrainTypeString = 'asyncCall') EXECUTE FUNCTION AsyncCallIndex_Forget();
