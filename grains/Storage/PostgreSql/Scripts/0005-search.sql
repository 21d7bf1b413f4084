-- An index for a part of a name or title, of three characters or more. The extension comes with the server and may be made by the owner of a
-- database; where it is missing, a search reads the whole index of deployments.
DO $$
BEGIN
  CREATE EXTENSION IF NOT EXISTS pg_trgm;
  -- Without a list of what is new: it would be read by each search, and deployments change seldom.
  CREATE INDEX DeploymentIndex_Search ON DeploymentIndex USING gin (search gin_trgm_ops) WITH (fastupdate = off);
EXCEPTION
  WHEN insufficient_privilege OR undefined_file OR feature_not_supported OR undefined_object THEN
    RAISE WARNING 'pg_trgm is not there (%): searches of deployments read all of them', SQLERRM;
END
$$;
