-- Bodies of asynchronous calls: the chunks of one writing share its version; a body is there once Body names that version.
CREATE TABLE Body (
  callId text COLLATE "C" NOT NULL,
  part text COLLATE "C" NOT NULL,
  version text COLLATE "C" NOT NULL,
  length bigint NOT NULL,
  createdAt text COLLATE "C" NOT NULL,
  PRIMARY KEY (callId, part)
) WITH (autovacuum_vacuum_scale_factor = 0.02);

CREATE INDEX Body_Age ON Body (createdAt);

CREATE TABLE BodyChunk (
  callId text COLLATE "C" NOT NULL,
  part text COLLATE "C" NOT NULL,
  version text COLLATE "C" NOT NULL,
  seq bigint NOT NULL,
  data bytea NOT NULL,
  createdAt text COLLATE "C" NOT NULL,
  PRIMARY KEY (callId, part, version, seq)
) WITH (autovacuum_vacuum_scale_factor = 0.02, toast.autovacuum_vacuum_scale_factor = 0.02);

-- Pictures, sound and the like are compressed already: to try again would only take time from the writes.
ALTER TABLE BodyChunk ALTER COLUMN data SET STORAGE EXTERNAL;

CREATE INDEX BodyChunk_Age ON BodyChunk (createdAt) WHERE seq = 0;

-- Of two that show the same body at once, neither sees the other's yet when it drops what is shown; whoever comes second drops the first one's here.
CREATE FUNCTION Body_Replaced() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM BodyChunk WHERE callId = OLD.callId AND part = OLD.part AND version = OLD.version;
  RETURN NULL;
END
$$;

CREATE TRIGGER Body_Replace AFTER UPDATE ON Body FOR EACH ROW
WHEN (OLD.version <> NEW.version) EXECUTE FUNCTION Body_Replaced();

-- Blocks of log lines. The size stands beside the payload, so that adding up reads no payload.
CREATE TABLE LogBlock (
  deployment text COLLATE "C" NOT NULL,
  firstSequence bigint NOT NULL,
  lines integer NOT NULL,
  size bigint NOT NULL,
  payload bytea NOT NULL,
  PRIMARY KEY (deployment, firstSequence)
) WITH (autovacuum_vacuum_scale_factor = 0.05, toast.autovacuum_vacuum_scale_factor = 0.05);
