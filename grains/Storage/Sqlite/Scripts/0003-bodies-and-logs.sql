-- Bodies of asynchronous calls: the chunks of one writing share its version; a body is there once Body names that version.
CREATE TABLE Body (
  callId TEXT NOT NULL,
  part TEXT NOT NULL,
  version TEXT NOT NULL,
  length INTEGER NOT NULL,
  createdAt TEXT NOT NULL,
  PRIMARY KEY (callId, part)
) WITHOUT ROWID;

CREATE INDEX Body_Age ON Body (createdAt);

CREATE TABLE BodyChunk (
  callId TEXT NOT NULL,
  part TEXT NOT NULL,
  version TEXT NOT NULL,
  seq INTEGER NOT NULL,
  data BLOB NOT NULL,
  createdAt TEXT NOT NULL,
  PRIMARY KEY (callId, part, version, seq)
);

CREATE INDEX BodyChunk_Age ON BodyChunk (createdAt) WHERE seq = 0;

-- Blocks of log lines. The size stands beside the payload, so that adding up reads no payload.
CREATE TABLE LogBlock (
  deployment TEXT NOT NULL,
  firstSequence INTEGER NOT NULL,
  lines INTEGER NOT NULL,
  size INTEGER NOT NULL,
  payload BLOB NOT NULL,
  PRIMARY KEY (deployment, firstSequence)
);
