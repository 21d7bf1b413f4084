-- What Microsoft.Orleans.Persistence.AdoNet reads and writes. The packages ship no SQLite script: the table and the queries are ours.

CREATE TABLE OrleansQuery (
  QueryKey TEXT NOT NULL PRIMARY KEY,
  QueryText TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE OrleansStorage (
  GrainIdHash INTEGER NOT NULL,
  GrainIdN0 INTEGER NOT NULL,
  GrainIdN1 INTEGER NOT NULL,
  GrainTypeHash INTEGER NOT NULL,
  GrainTypeString TEXT NOT NULL,
  GrainIdExtensionString TEXT NOT NULL DEFAULT '',
  ServiceId TEXT NOT NULL,
  PayloadBinary BLOB NULL,
  ModifiedOn INTEGER NOT NULL,
  Version INTEGER NOT NULL,
  PRIMARY KEY (GrainIdHash, GrainTypeHash, GrainIdN0, GrainIdN1, GrainIdExtensionString, GrainTypeString, ServiceId)
);

-- Without a version the row must be new, with one it must have that version. A row comes back when it was written and none when not, which
-- Orleans takes for a conflict. One statement: of many first writers exactly one succeeds.
INSERT INTO OrleansQuery VALUES ('WriteToStorageKey', '
INSERT INTO OrleansStorage (
  GrainIdHash, GrainIdN0, GrainIdN1, GrainTypeHash, GrainTypeString, GrainIdExtensionString, ServiceId, PayloadBinary, ModifiedOn, Version)
SELECT @GrainIdHash, @GrainIdN0, @GrainIdN1, @GrainTypeHash, @GrainTypeString, ifnull(@GrainIdExtensionString, ''''), @ServiceId, @PayloadBinary, unixepoch(), 1
WHERE @GrainStateVersion IS NULL OR EXISTS (
  SELECT 1 FROM OrleansStorage
  WHERE GrainIdHash = @GrainIdHash AND GrainTypeHash = @GrainTypeHash AND GrainIdN0 = @GrainIdN0 AND GrainIdN1 = @GrainIdN1
    AND GrainIdExtensionString = ifnull(@GrainIdExtensionString, '''') AND GrainTypeString = @GrainTypeString AND ServiceId = @ServiceId)
ON CONFLICT (GrainIdHash, GrainTypeHash, GrainIdN0, GrainIdN1, GrainIdExtensionString, GrainTypeString, ServiceId)
DO UPDATE SET PayloadBinary = excluded.PayloadBinary, ModifiedOn = excluded.ModifiedOn, Version = Version + 1
  WHERE Version = @GrainStateVersion
RETURNING Version AS NewGrainStateVersion');

INSERT INTO OrleansQuery VALUES ('ReadFromStorageKey', '
SELECT PayloadBinary, Version FROM OrleansStorage
WHERE GrainIdHash = @GrainIdHash AND GrainTypeHash = @GrainTypeHash AND GrainIdN0 = @GrainIdN0 AND GrainIdN1 = @GrainIdN1
  AND GrainIdExtensionString = ifnull(@GrainIdExtensionString, '''') AND GrainTypeString = @GrainTypeString AND ServiceId = @ServiceId');

INSERT INTO OrleansQuery VALUES ('ClearStorageKey', '
UPDATE OrleansStorage SET PayloadBinary = NULL, ModifiedOn = unixepoch(), Version = Version + 1
WHERE GrainIdHash = @GrainIdHash AND GrainTypeHash = @GrainTypeHash AND GrainIdN0 = @GrainIdN0 AND GrainIdN1 = @GrainIdN1
  AND GrainIdExtensionString = ifnull(@GrainIdExtensionString, '''') AND GrainTypeString = @GrainTypeString AND ServiceId = @ServiceId
  AND Version = @GrainStateVersion
RETURNING Version AS NewGrainStateVersion');

INSERT INTO OrleansQuery VALUES ('DeleteStorageKey', '
DELETE FROM OrleansStorage
WHERE GrainIdHash = @GrainIdHash AND GrainTypeHash = @GrainTypeHash AND GrainIdN0 = @GrainIdN0 AND GrainIdN1 = @GrainIdN1
  AND GrainIdExtensionString = ifnull(@GrainIdExtensionString, '''') AND GrainTypeString = @GrainTypeString AND ServiceId = @ServiceId
  AND Version = @GrainStateVersion
RETURNING Version + 1 AS NewGrainStateVersion');
